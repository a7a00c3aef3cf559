package chaos

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// outcome is what a client sees of a request, and whether the registry got it.
type outcome struct {
	status int // 0: no answer
	whole  bool
	stored bool
}

func TestEveryFaultIsWhatItIsCalled(t *testing.T) {
	want := map[fault]outcome{
		pass: {200, true, true}, delay: {200, true, true}, stall: {}, cutRequest: {}, cutAnswer: {stored: true},
		halfAnswer: {200, false, true}, swallow: {stored: true}, says500: {500, true, false}, stores500: {500, true, true},
		says503: {503, true, false}, says429: {429, true, false}, says409: {409, true, false}, stores409: {409, true, true},
		says401: {401, true, false}, saysNothing: {200, true, false}, saysGarbage: {200, true, false},
	}
	all := 0
	for _, card := range deck {
		all += card.times
		t.Run(string(card.fault), func(t *testing.T) {
			if got := try(t, card.fault); got != want[card.fault] {
				t.Errorf("%+v, want %+v", got, want[card.fault])
			}
		})
	}
	if all != 200 || len(want) != len(deck) {
		t.Errorf("the deck has %d cards of %d kinds", all, len(deck))
	}
}

// try sends a request through a proxy that has one fault.
func try(t *testing.T, f fault) (o outcome) {
	sent := bytes.Repeat([]byte("x"), 100_000)
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		o.stored = err == nil && bytes.Equal(got, sent) && r.URL.Path == "/studies"
		fmt.Fprint(w, strings.Repeat("y", 1000))
	}))
	defer registry.Close()
	p := newProxy(t, registry.URL, 1, newMarkers())
	p.hand = []fault{f}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/studies", bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return o
	}
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	if retry := resp.Header.Get("Retry-After"); (retry != "") != (f == says429 || f == says503) {
		t.Errorf("Retry-After is %q", retry)
	}
	if p.counts[f] != 1 {
		t.Errorf("counted %v", p.counts)
	}
	o.status, o.whole = resp.StatusCode, err == nil
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	return o
}

func TestAHealedProxyHasNoFaults(t *testing.T) {
	p := newProxy(t, "http://127.0.0.1:1", 1, newMarkers())
	p.hand = []fault{says500}
	p.heal()
	if f := p.next(); f != pass {
		t.Errorf("it has %q", f)
	}
}

func TestTheProxyFindsMarkersInHeadAndBody(t *testing.T) {
	m := newMarkers()
	m.add(marker{1, "id", "zz-93813"}, marker{2, "patient", "wqxalpha"}, marker{3, "patient", "wqxalphb"})
	p := newProxy(t, "http://127.0.0.1:1", 1, m)
	p.heal()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/studies?q=ZZ-93813", strings.NewReader("Wqxalpha"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	p.finish()
	if resp.StatusCode != 502 || len(m.leaks()) != 2 {
		t.Errorf("status %d, found %v", resp.StatusCode, m.leaks())
	}
}
