package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// counter takes requests of several parts, whose text is their UID, and answers as a
// test says. It keeps how many parts each request had, by its path.
type counter struct {
	*httptest.Server
	mu    sync.Mutex
	parts map[string][]int
}

func newCounter(t *testing.T, answer func(w http.ResponseWriter, uids []string)) *counter {
	c := &counter{parts: make(map[string][]int)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		must(t, err)
		var uids []string
		for parts := multipart.NewReader(r.Body, params["boundary"]); ; {
			part, err := parts.NextPart()
			if errors.Is(err, io.EOF) {
				break
			}
			must(t, err)
			text, err := io.ReadAll(part)
			must(t, err)
			uids = append(uids, string(text))
		}
		c.mu.Lock()
		c.parts[r.URL.Path] = append(c.parts[r.URL.Path], len(uids))
		c.mu.Unlock()
		answer(w, uids)
	}))
	t.Cleanup(c.Close)
	return c
}

// stored answers that all objects are stored, but for those that are refused.
func stored(w http.ResponseWriter, uids []string, refused func(uid string) bool) {
	var good, bad []string
	for _, uid := range uids {
		item := fmt.Sprintf(`{"00081155": {"vr": "UI", "Value": [%q]}`, uid)
		if refused != nil && refused(uid) {
			bad = append(bad, item+`, "00081197": {"vr": "US", "Value": [43264]}}`)
		} else {
			good = append(good, item+"}")
		}
	}
	switch {
	case len(good) == 0:
		w.WriteHeader(http.StatusConflict)
	case len(bad) > 0:
		w.WriteHeader(http.StatusAccepted)
	}
	fmt.Fprintf(w, `{"00081199": {"vr": "SQ", "Value": [%s]}, "00081198": {"vr": "SQ", "Value": [%s]}}`, strings.Join(good, ","), strings.Join(bad, ","))
}

// sendTogether sends objects at the same time, and gives what became of each.
func sendTogether(t *testing.T, r Registry, n int, facility func(i int) string) []error {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			uid := fmt.Sprintf("2.25.%d", i)
			_, errs[i] = r.Send(t.Context(), Object{SOPInstanceUID: uid, File: []byte(uid), Facility: facility(i)})
		})
	}
	all.Wait()
	return errs
}

func nowhere(int) string { return "" }

func TestReportsThatAreSentAtTheSameTimeShareRequests(t *testing.T) {
	c := newCounter(t, func(w http.ResponseWriter, uids []string) { stored(w, uids, nil) })
	r := mustSTOW(t, STOWOptions{URL: c.URL + "/studies", PerRequest: 5})
	for i, err := range sendTogether(t, r, 20, nowhere) {
		if err != nil {
			t.Errorf("report %d: %v", i, err)
		}
	}
	sum := 0
	for _, n := range c.parts["/studies"] {
		sum += n
		if n > 5 {
			t.Errorf("a request has %d reports", n)
		}
	}
	if sum != 20 || len(c.parts["/studies"]) > 10 {
		t.Errorf("the requests have %v", c.parts)
	}
}

func TestOneThatIsRefusedAmongOthersIsSentAloneAndOnlyThatIsRejected(t *testing.T) {
	refused := func(uid string) bool { return uid == "2.25.2" }
	c := newCounter(t, func(w http.ResponseWriter, uids []string) { stored(w, uids, refused) })
	r := mustSTOW(t, STOWOptions{URL: c.URL + "/studies", PerRequest: 5})
	for i, err := range sendTogether(t, r, 5, nowhere) {
		failed, _ := errors.AsType[*Error](err)
		if i == 2 && (failed == nil || failed.Kind != Rejected || failed.Receipt.FailureReason != 43264) || i != 2 && err != nil {
			t.Errorf("report %d: %v", i, err)
		}
	}
}

func TestAnAnswerThatNamesNobodyIsAskedForOneByOne(t *testing.T) {
	for name, unclear := range map[string]func(http.ResponseWriter){
		"nothing":   func(http.ResponseWriter) {},
		"too large": func(w http.ResponseWriter) { w.WriteHeader(http.StatusRequestEntityTooLarge) },
		"bad":       func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) },
	} {
		c := newCounter(t, func(w http.ResponseWriter, uids []string) {
			if len(uids) > 1 {
				unclear(w)
				return
			}
			stored(w, uids, nil)
		})
		r := mustSTOW(t, STOWOptions{URL: c.URL + "/studies", PerRequest: 4})
		for i, err := range sendTogether(t, r, 4, nowhere) {
			if err != nil {
				t.Errorf("%s: report %d: %v", name, i, err)
			}
		}
	}
}

func TestARegistryThatRefusesUsOrIsBrokenSaysSoToAll(t *testing.T) {
	for status, kind := range map[int]Kind{401: Paused, 404: Paused, 503: Transient, 429: Transient} {
		c := newCounter(t, func(w http.ResponseWriter, _ []string) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
		})
		r := mustSTOW(t, STOWOptions{URL: c.URL + "/studies", PerRequest: 4})
		for i, err := range sendTogether(t, r, 4, nowhere) {
			if failed, _ := errors.AsType[*Error](err); failed == nil || failed.Kind != kind || failed.RetryAfter != 7*time.Second {
				t.Errorf("status %d: report %d: %v", status, i, err)
			}
		}
	}
}

func TestReportsOfOtherFacilitiesDoNotShareARequest(t *testing.T) {
	c := newCounter(t, func(w http.ResponseWriter, uids []string) { stored(w, uids, nil) })
	r := mustSTOW(t, STOWOptions{URL: c.URL + "/{facility}/studies", PerRequest: 10})
	for i, err := range sendTogether(t, r, 10, func(i int) string { return fmt.Sprint("F", i%2) }) {
		if err != nil {
			t.Errorf("report %d: %v", i, err)
		}
	}
	for _, path := range []string{"/F0/studies", "/F1/studies"} {
		sum := 0
		for _, n := range c.parts[path] {
			sum += n
		}
		if sum != 5 {
			t.Errorf("%s got %v", path, c.parts[path])
		}
	}
}

func TestWhoGivesUpDoesNotEndTheRequestOfTheOthers(t *testing.T) {
	arrived, answer := make(chan struct{}), make(chan struct{})
	c := newCounter(t, func(w http.ResponseWriter, uids []string) {
		close(arrived)
		<-answer
		stored(w, uids, nil)
	})
	r := mustSTOW(t, STOWOptions{URL: c.URL + "/studies", PerRequest: 2})
	impatient, giveUp := context.WithCancel(t.Context())
	var errs [2]error
	var all sync.WaitGroup
	for i, ctx := range []context.Context{impatient, t.Context()} {
		all.Go(func() {
			uid := fmt.Sprintf("2.25.%d", i)
			if _, errs[i] = r.Send(ctx, Object{SOPInstanceUID: uid, File: []byte(uid)}); i == 0 {
				close(answer)
			}
		})
	}
	<-arrived
	giveUp()
	all.Wait()
	if !errors.Is(errs[0], context.Canceled) || errs[1] != nil {
		t.Errorf("who gave up has %v, the other %v", errs[0], errs[1])
	}
}

func TestARequestThatWasGivenUpTakesNobodyAlong(t *testing.T) {
	c := newCounter(t, func(w http.ResponseWriter, uids []string) { stored(w, uids, nil) })
	r := mustSTOW(t, STOWOptions{URL: c.URL + "/studies", PerRequest: 5})
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := r.Send(stopped, Object{SOPInstanceUID: "2.25.1", File: []byte("2.25.1")}); !errors.Is(err, context.Canceled) {
		t.Errorf("who was stopped has %v", err)
	}
	if _, err := r.Send(t.Context(), Object{SOPInstanceUID: "2.25.2", File: []byte("2.25.2")}); err != nil {
		t.Errorf("who came after has %v", err)
	}
}
