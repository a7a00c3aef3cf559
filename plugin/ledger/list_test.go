package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// mixed records one report in every state that List shows, one minute apart.
func mixed(b *book) {
	at := start
	add := func(id string, state ledger.State, registries ...string) string {
		s := b.seen(id, state, registries...)
		s.ReceivedAt, at = at, at.Add(time.Minute)
		return b.record(s).ID
	}
	add("queued", ledger.Accepted, "dir")
	must(b.t, b.Delivered(ctx, add("delivered", ledger.Accepted, "dir", "research"), "dir", sent("2.25.1")))
	must(b.t, b.Rejected(ctx, add("rejected", ledger.Accepted, "dir"), "dir", ledger.Sent{}, "the registry refused it"))
	add("held", ledger.Held)
	must(b.t, b.Hold(ctx, add("paused", ledger.Accepted, "dir", "research"), paused, time.Time{}, ledger.BySweep))
	must(b.t, b.Discard(ctx, add("expired", ledger.Held), "not needed", "person:discard"))
	must(b.t, b.Withdraw(ctx, add("withdrawn", ledger.Held), ledger.BySweep))
}

// oneByOne are the rows of all reports, each asked for by itself.
func oneByOne(b *book) (list []string) {
	b.t.Helper()
	last := ""
	must(b.t, b.List(ctx, ledger.Query{}, func(r ledger.Row) error {
		if r.Report.ID == last {
			return nil
		}
		last = r.Report.ID
		rows, err := b.Rows(ctx, r.Report)
		for _, r := range rows {
			list = append(list, fmt.Sprintf("%s %s %s", r.Report.OrthancID, r.Delivery.Registry, r.State))
		}
		return err
	}))
	return list
}

func listed(b *book, q ledger.Query) (list []string) {
	b.t.Helper()
	must(b.t, b.List(ctx, q, func(r ledger.Row) error {
		list = append(list, fmt.Sprintf("%s %s %s", r.Report.OrthancID, r.Delivery.Registry, r.State))
		return nil
	}))
	return list
}

var everything = []string{
	"withdrawn  withdrawn", "expired  expired", "paused dir held", "paused research held", "held  held",
	"rejected dir rejected", "delivered dir delivered", "delivered research queued", "queued dir queued",
}

func TestListShowsWhatHappenedToEveryDelivery(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		mixed(b)
		if got := listed(b, ledger.Query{}); !slices.Equal(got, everything) {
			t.Errorf("listed:\n%q\nwant:\n%q", got, everything)
		}
		if got := oneByOne(b); !slices.Equal(got, everything) {
			t.Errorf("one by one:\n%q\nwant:\n%q", got, everything)
		}
		for _, state := range []ledger.State{ledger.Held, ledger.Queued, ledger.Delivered, ledger.Rejected, ledger.Expired, ledger.Withdrawn} {
			want := slices.DeleteFunc(slices.Clone(everything), func(s string) bool {
				return s[len(s)-len(state):] != string(state)
			})
			if got := listed(b, ledger.Query{State: state}); !slices.Equal(got, want) || len(got) == 0 {
				t.Errorf("%s: listed %q, want %q", state, got, want)
			}
		}
	})
}

func TestListGoesOnAfterACursor(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		mixed(b)
		for _, state := range []ledger.State{ledger.None, ledger.Queued, ledger.Held} {
			whole := listed(b, ledger.Query{State: state})
			for limit := 1; limit <= len(whole); limit++ {
				var got []string
				for q := (ledger.Query{State: state, Limit: limit}); ; {
					n := 0
					must(t, b.List(ctx, q, func(r ledger.Row) error {
						n++
						got = append(got, fmt.Sprintf("%s %s %s", r.Report.OrthancID, r.Delivery.Registry, r.State))
						q.After = r.Cursor()
						return nil
					}))
					if n == 0 {
						break
					}
				}
				if !slices.Equal(got, whole) {
					t.Errorf("%q in pages of %d: %q", state, limit, got)
				}
			}
		}
	})
}

func TestListStopsWhenItsReaderDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		mixed(b)
		stop := errors.New("enough")
		n := 0
		err := b.List(ctx, ledger.Query{}, func(ledger.Row) error { n++; return stop })
		if !errors.Is(err, stop) || n != 1 {
			t.Errorf("%v after %d rows", err, n)
		}
		if err := b.List(ctx, ledger.Query{State: "accepted"}, nil); err == nil {
			t.Error("a state that is never shown was listed")
		}
	})
}

func TestStationsCountTheirReports(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		mixed(b)
		nameless := b.seen("nameless", ledger.Held)
		nameless.StationName, nameless.Input = "", []byte(`{"DeviceObserverName":"room 4"}`)
		b.record(nameless)
		list, err := b.Stations(ctx)
		must(t, err)
		if len(list) != 2 || list[0].Name != "" || string(list[0].LastInput) != string(nameless.Input) || list[0].Counts[ledger.Held] != 1 {
			t.Fatalf("stations: %+v", list)
		}
		ct1 := list[1]
		want := map[ledger.State]int{
			ledger.Held: 2, ledger.Queued: 2, ledger.Delivered: 0, ledger.Rejected: 1, ledger.Expired: 1, ledger.Withdrawn: 1,
		}
		if fmt.Sprint(ct1.Counts) != fmt.Sprint(want) || !ct1.LastReceived.Equal(start.Add(6*time.Minute)) {
			t.Errorf("CT1: %+v", ct1)
		}
	})
}
