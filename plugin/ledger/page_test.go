package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// found lists what a search gives.
func found(b *book, s ledger.Search) (list []string) {
	b.t.Helper()
	must(b.t, b.Search(ctx, s, func(r ledger.Row) error {
		list = append(list, fmt.Sprintf("%s %s %s", r.Report.OrthancID, r.Delivery.Registry, r.State))
		return nil
	}))
	return list
}

func TestASearchFindsWhatTheListHasAndNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		mixed(b)
		other := b.seen("other", ledger.Accepted, "dir")
		other.StationName, other.Kind, other.ReceivedAt = "RF 1", "XA/RF", start.Add(time.Hour)
		b.record(other)
		all := append([]string{"other dir queued"}, everything...)
		for _, c := range []struct {
			search ledger.Search
			keep   func(string) bool
		}{
			{ledger.Search{}, func(string) bool { return true }},
			{ledger.Search{State: ledger.Queued}, func(s string) bool { return has(s, " queued") }},
			{ledger.Search{State: ledger.Queued, Stations: []string{"RF 1"}}, func(s string) bool { return has(s, "other") }},
			{ledger.Search{State: ledger.Held, Stations: []string{"CT1", "RF 1"}}, func(s string) bool { return has(s, " held") }},
			{ledger.Search{Stations: []string{"CT1"}}, func(s string) bool { return !has(s, "other") }},
			{ledger.Search{Stations: []string{""}}, func(string) bool { return false }},
			{ledger.Search{Kind: "XA/RF"}, func(s string) bool { return has(s, "other") }},
			{ledger.Search{Registry: "research"}, func(s string) bool { return has(s, " research ") }},
			{ledger.Search{State: ledger.Delivered, Registry: "dir", Kind: "CT"}, func(s string) bool { return has(s, "dir delivered") }},
			{ledger.Search{From: start.Add(time.Hour)}, func(s string) bool { return has(s, "other") }},
			{ledger.Search{To: start.Add(time.Minute)}, func(s string) bool { return has(s, "queued dir") && !has(s, "other") }},
			{ledger.Search{State: ledger.Queued, From: start.Add(time.Minute), To: start.Add(2 * time.Minute)}, func(s string) bool { return s == "delivered research queued" }},
			{ledger.Search{ReasonCode: paused.ReasonCode}, func(s string) bool { return has(s, "paused") }},
		} {
			want := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !c.keep(s) })
			if got := found(b, c.search); !slices.Equal(got, want) {
				t.Errorf("%+v finds\n%q, want\n%q", c.search, got, want)
			}
			var paged []string
			page := c.search
			for page.Limit = 2; ; {
				var rows []ledger.Row
				must(t, b.Search(ctx, page, func(r ledger.Row) error { rows = append(rows, r); return nil }))
				if len(rows) == 0 {
					break
				}
				for _, r := range rows {
					paged = append(paged, fmt.Sprintf("%s %s %s", r.Report.OrthancID, r.Delivery.Registry, r.State))
				}
				page.After = rows[len(rows)-1].Cursor()
			}
			if !slices.Equal(paged, want) {
				t.Errorf("%+v in pages finds\n%q, want\n%q", c.search, paged, want)
			}
		}
		if err := b.Search(ctx, ledger.Search{State: "lost"}, nil); err == nil {
			t.Error("there is a state lost")
		}
	})
}

func has(s, part string) bool { return strings.Contains(s, part) }

func TestWhatWaitsIsToldByReasonWhatNeverExpiresFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		hold := func(id, station, code string, until time.Duration) {
			s := b.seen(id, ledger.Held)
			s.StationName, s.ReasonCode, s.Reason, s.HeldUntil = station, code, "because of "+code, time.Time{}
			if until > 0 {
				s.HeldUntil = start.Add(until)
			}
			b.record(s)
		}
		hold("a", "CT9", "station_not_configured", 5*time.Hour)
		b.clock.advance(time.Minute)
		hold("b", "CT9", "station_not_configured", 3*time.Hour)
		hold("c", "DX", "station_not_configured", time.Hour)
		hold("d", "CT1", "leak", 0)
		b.record(b.seen("accepted", ledger.Accepted, "dir"))
		waits, err := b.Waits(ctx)
		must(t, err)
		var got []string
		for _, w := range waits {
			got = append(got, fmt.Sprint(w.Source, w.Station, w.ReasonCode, w.Count, w.Soonest.IsZero(), w.Soonest.Sub(start), w.Since.Sub(start), w.Reason))
		}
		want := []string{fmt.Sprint("gw", "CT1", "leak", 1, true, time.Time{}.Sub(start), time.Minute, "because of leak"),
			fmt.Sprint("gw", "DX", "station_not_configured", 1, false, time.Hour, time.Minute, "because of station_not_configured"),
			fmt.Sprint("gw", "CT9", "station_not_configured", 2, false, 3*time.Hour, time.Duration(0), "because of station_not_configured")}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want\n%q", got, want)
		}
	})
}

func TestTheBacklogTellsTheOldestOfTheQueue(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		if log, err := b.Backlog(ctx, "dir"); err != nil || log != (ledger.Backlog{}) {
			t.Errorf("%+v, %v", log, err)
		}
		first := b.record(b.seen("a", ledger.Accepted, "dir"))
		b.clock.advance(time.Hour)
		b.record(b.seen("b", ledger.Accepted, "dir", "research"))
		must(t, b.Retry(ctx, first.ID, "dir", start.Add(2*time.Hour), "nothing answers"))
		log, err := b.Backlog(ctx, "dir")
		if want := (ledger.Backlog{Queued: 2, Oldest: start, Attempts: 1, Trouble: "nothing answers"}); err != nil || log != want {
			t.Errorf("%+v, %v, want %+v", log, err, want)
		}
		must(t, b.Delivered(ctx, first.ID, "dir", sent("2.25.1")))
		if log, err := b.Backlog(ctx, "dir"); err != nil || log.Queued != 1 || !log.Oldest.Equal(start.Add(time.Hour)) {
			t.Errorf("%+v, %v", log, err)
		}
	})
}

func TestAWaitIsOnlyEverProlonged(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		s := b.seen("a", ledger.Held)
		s.HeldUntil = start.Add(time.Hour)
		r := b.record(s)
		must(t, b.Prolong(ctx, r.ID, start.Add(2*time.Hour), "vacation", "person:olga"))
		for what, err := range map[string]error{
			"a shorter wait": b.Prolong(ctx, r.ID, start.Add(time.Hour), "x", "person:olga"),
			"one for ever":   b.Prolong(ctx, r.ID, time.Time{}, "x", "person:olga"),
			"what is queued": b.Prolong(ctx, b.record(b.seen("b", ledger.Accepted, "dir")).ID, start.Add(9*time.Hour), "x", "person:olga"),
			"what never ends": func() error {
				s := b.seen("c", ledger.Held)
				s.HeldUntil = time.Time{}
				return b.Prolong(ctx, b.record(s).ID, start.Add(9*time.Hour), "x", "person:olga")
			}(),
		} {
			if !errors.Is(err, ledger.ErrConflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		now, err := b.Get(ctx, r.ID)
		if err != nil || !now.HeldUntil.Equal(start.Add(2*time.Hour)) || now.State != ledger.Held {
			t.Errorf("%+v, %v", now, err)
		}
		must(t, b.Note(ctx, "", "dir", "paused: it moves", "person:victor"))
		acts, err := b.Acts(ctx, 10)
		must(t, err)
		if len(acts) != 2 || acts[0].Registry != "dir" || acts[0].By != "person:victor" || acts[1].Why != "vacation" || acts[1].ReportID != r.ID {
			t.Errorf("%+v", acts)
		}
	})
}

func TestTheVersionChangesWithEveryChange(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		seen := map[string]bool{}
		next := func(what string) {
			t.Helper()
			v, err := b.Version(ctx)
			must(t, err)
			if seen[v] {
				t.Errorf("%s: the version is that of before", what)
			}
			seen[v] = true
		}
		next("a new ledger")
		r := b.record(b.seen("a", ledger.Accepted, "dir"))
		next("a report")
		must(t, b.Delivered(ctx, r.ID, "dir", sent("2.25.1")))
		next("a delivery")
		b.clock.advance(time.Minute)
		must(t, b.SetSetting(ctx, "x", []byte("y")))
		next("a setting")
		if same, err := b.Version(ctx); err != nil || !seen[same] {
			t.Errorf("it changes by itself: %v", err)
		}
	})
}

func TestIgnoredInstancesAreSummedFromADayOn(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		for i := range 3 {
			b.seq++
			must(t, b.Record(ctx, "gw", ledger.Page{Seq: b.seq, Ignored: []ledger.Ignored{{Seq: b.seq, At: start.Add(time.Duration(i) * 24 * time.Hour), Station: "CT7", SOPClass: "1.2"}}}))
		}
		got, err := b.IgnoredSince(ctx, "2026-03-02")
		if err != nil || len(got) != 1 || got[0].Count != 2 || got[0].Day != "2026-03-03" || got[0].Station != "CT7" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// pageSteps are what the pages ask of a ledger with n reports.
func pageSteps(n int) []step {
	search := func(s ledger.Search) func(*ledger.Ledger) (int, error) {
		return func(l *ledger.Ledger) (rows int, err error) {
			err = l.Search(ctx, s, func(ledger.Row) error { rows++; return nil })
			return rows, err
		}
	}
	return []step{
		{"page: reports of a station", search(ledger.Search{Stations: []string{"CT7"}, Limit: 100})},
		{"page: delivered ones of a station", search(ledger.Search{Stations: []string{"CT7"}, State: ledger.Delivered, Limit: 100})},
		{"page: rejected ones of a station", search(ledger.Search{Stations: []string{"CT7"}, State: ledger.Rejected, Limit: 100})},
		{"page: the one of its kind", search(ledger.Search{Kind: "NM", Limit: 100})},
		{"page: the one delivered of its kind", search(ledger.Search{Kind: "NM", State: ledger.Delivered, Limit: 100})},
		{"page: rejected ones of a kind", search(ledger.Search{Kind: "CT", State: ledger.Rejected, Limit: 100})},
		{"page: of a registry and a month", search(ledger.Search{Registry: "dir", From: ledger.FilledAt(n / 2), To: ledger.FilledAt(n/2).AddDate(0, 1, 0), Limit: 100})},
		{"page: what waits", func(l *ledger.Ledger) (int, error) { w, err := l.Waits(ctx); return len(w), err }},
		{"page: a backlog", func(l *ledger.Ledger) (int, error) { b, err := l.Backlog(ctx, "dir"); return b.Queued, err }},
		{"page: devices of a station", func(l *ledger.Ledger) (int, error) { r, err := l.Recent(ctx, "CT7", 20); return len(r), err }},
		{"page: what persons did", func(l *ledger.Ledger) (int, error) { e, err := l.Acts(ctx, 200); return len(e), err }},
		{"page: has anything changed", func(l *ledger.Ledger) (int, error) { _, err := l.Version(ctx); return 1, err }},
	}
}
