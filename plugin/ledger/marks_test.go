package ledger_test

import (
	"slices"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
)

// unmarked names what still has to be marked in Orthanc.
func (b *book) unmarked() (ids []string, all []ledger.Unmarked) {
	b.t.Helper()
	all, err := b.Unmarked(ctx, "gw", "", 100)
	must(b.t, err)
	for _, u := range all {
		ids = append(ids, u.Report.ID)
	}
	return ids, all
}

func TestEveryChangeOfAReportIsToBeMarkedUntilThatIsDone(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held")
		for _, step := range []struct {
			name string
			do   func() error
		}{
			{"recorded", func() error { return nil }},
			{"held for longer", func() error { return b.Prolong(ctx, id, start.AddDate(0, 0, 30), "asked to", "person:release") }},
			{"accepted", func() error {
				return b.Accept(ctx, id, ledger.Verdict{ReasonCode: "station"}, []string{"dir"}, ledger.BySweep)
			}},
			{"rejected", func() error { return b.Rejected(ctx, id, "dir", ledger.Sent{}, "refused") }},
			{"sent again", func() error { return b.Resend(ctx, id, "dir", false, "person:resend") }},
			{"delivered", func() error { return b.Delivered(ctx, id, "dir", sent("2.25.13")) }},
		} {
			must(t, step.do())
			ids, all := b.unmarked()
			if !slices.Equal(ids, []string{id}) {
				t.Fatalf("%s: to be marked is %v", step.name, ids)
			}
			must(t, b.Marked(ctx, all))
			if ids, _ := b.unmarked(); len(ids) > 0 {
				t.Errorf("%s: %v is to be marked when it is marked", step.name, ids)
			}
		}
	})
}

func TestAReportThatChangesWhileItIsMarkedIsMarkedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		id := b.in("held")
		_, all := b.unmarked()
		must(t, b.Discard(ctx, id, "not needed", "person:discard"))
		must(t, b.Marked(ctx, all))
		if ids, _ := b.unmarked(); !slices.Equal(ids, []string{id}) {
			t.Errorf("to be marked is %v", ids)
		}
	})
}

func TestWhatBearsNoMarksIsNotNoted(t *testing.T) {
	onBoth(t, func(t *testing.T, newBook maker) {
		b := newBook(t)
		must(t, b.Record(ctx, "archive", ledger.Page{Seq: 1, Reports: []ledger.Seen{b.seen("one", ledger.Held)}}))
		all, err := b.Unmarked(ctx, "archive", "", 100)
		must(t, err)
		if len(all) > 0 {
			t.Errorf("%d reports are to be marked", len(all))
		}
	})
}
