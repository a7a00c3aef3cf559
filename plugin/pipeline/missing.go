package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// Somebody may delete a report in Orthanc, and it is withdrawn. But when most
// reports are gone, Orthanc has more likely lost its storage, or is another one:
// an empty volume, a restored backup, a wrong address. Then none is withdrawn and
// nothing is deleted, until they are back or a person says that they are lost.

const (
	// manyMissing is how many reports have to be gone, and be most of those that
	// were looked for, that no person is thought to have deleted them. Where Orthanc
	// has another database than before, fewer will do.
	manyMissing = 10
	// missingSample is how many reports are looked for to find that out.
	missingSample = 20
)

// Missing is a source whose reports are gone for the most part.
type Missing struct {
	Since    time.Time `json:"since"`
	Gone     int       `json:"gone"`     // of those looked for
	Looked   int       `json:"looked"`   // for how many
	Database bool      `json:"database"` // it has another database than before
}

// Words say what is missing.
func (m Missing) Words() string {
	words := fmt.Sprintf("%d of %d reports that were looked for are gone", m.Gone, m.Looked)
	if m.Database {
		words += ", and its database is another one"
	}
	return words
}

// errMissing says that a report is gone with most of the others.
var errMissing = fmt.Errorf("%w: it is gone with most of the other reports of its source", errKept)

// What the ledger keeps of a source of which reports are missing, and of one that
// was seen to have another database, until it was looked through.
func missingSetting(source string) string { return "reports missing, " + source }
func otherSetting(source string) string   { return "another database, " + source }

// MissingFrom says whether the reports of a source are gone for the most part, so
// that none is withdrawn.
func MissingFrom(ctx context.Context, l *ledger.Ledger, source string) (Missing, bool, error) {
	var m Missing
	text, ok, err := l.Setting(ctx, missingSetting(source))
	if err != nil || !ok || len(text) == 0 {
		return m, false, err
	}
	return m, true, json.Unmarshal(text, &m)
}

// gone settles a report that its source does not have any more. It is withdrawn, or
// if it is wholly delivered only not looked at any more, since nobody waits for it.
// Where most reports of the source are gone it stays as it is.
func (g *Gate) gone(ctx context.Context, src *Source, r ledger.Report, by string) error {
	_, missing, err := MissingFrom(ctx, g.Ledger, src.Name)
	if err == nil && !missing {
		missing, err = g.mostAreGone(ctx, src, &r)
	}
	if err != nil {
		return err
	}
	if missing {
		return errMissing
	}
	if r.State == ledger.Accepted {
		err := g.Ledger.Clear(ctx, r.ID, "gone from Orthanc by another hand, after it was delivered", by)
		if !errors.Is(err, ledger.ErrConflict) {
			return errors.Join(errKept, err)
		}
	}
	return errors.Join(errKept, g.Ledger.Withdraw(ctx, r.ID, by))
}

// mostAreGone looks for some of the reports that a source should have, beside one
// that it does not, and notes when most of them are gone.
func (g *Gate) mostAreGone(ctx context.Context, src *Source, r *ledger.Report) (bool, error) {
	m, err := g.lookFor(ctx, src, r)
	if err != nil || !m.most() {
		return false, err
	}
	return true, g.noteMissing(ctx, src, m)
}

// noteMissing notes and says it, unless another loop has just done so.
func (g *Gate) noteMissing(ctx context.Context, src *Source, m Missing) error {
	g.noting.Lock()
	defer g.noting.Unlock()
	if _, noted, err := MissingFrom(ctx, g.Ledger, src.Name); err != nil || noted {
		return err
	}
	m.Since = g.Now().UTC()
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	g.Log.Error("reports of the source are missing: none is withdrawn and nothing is deleted until they are back; "+
		"if they are lost, say so with dosegate missing --withdraw", "source", src.Name, "because", m.Words())
	return g.Ledger.SetSetting(ctx, missingSetting(src.Name), text)
}

// review looks again where reports are missing, and where a source was seen to have
// another database.
func (g *Gate) review(ctx context.Context, src *Source) error {
	_, missing, err := MissingFrom(ctx, g.Ledger, src.Name)
	if err != nil {
		return err
	}
	other, _, err := g.Ledger.Setting(ctx, otherSetting(src.Name))
	if err != nil || !missing && len(other) == 0 {
		return err
	}
	m, err := g.lookFor(ctx, src, nil)
	if err != nil {
		return err
	}
	if 2*m.Gone > m.Looked {
		if !missing && m.most() {
			err = g.noteMissing(ctx, src, m)
		}
		return err
	}
	if missing {
		g.Log.Info("the reports of the source are back", "source", src.Name, "looked_for", m.Looked, "gone", m.Gone)
		if err := g.Ledger.SetSetting(ctx, missingSetting(src.Name), nil); err != nil {
			return err
		}
	}
	// As long as nothing of its feed was read, yet another database would not show.
	at, err := newFollower(g, src).position(ctx)
	if err != nil || at.feed == 0 {
		return err
	}
	return g.Ledger.SetSetting(ctx, otherSetting(src.Name), nil)
}

func (g *Gate) forgetMissing(ctx context.Context, source string) error {
	return errors.Join(g.Ledger.SetSetting(ctx, missingSetting(source), nil), g.Ledger.SetSetting(ctx, otherSetting(source), nil))
}

func (m Missing) most() bool { return 2*m.Gone > m.Looked && (m.Gone >= manyMissing || m.Database) }

// lookFor looks for a sample of the reports that a source should have. The one that
// is known to be gone counts.
func (g *Gate) lookFor(ctx context.Context, src *Source, gone *ledger.Report) (m Missing, err error) {
	if m.Database, err = g.otherDatabase(ctx, src); err != nil {
		return m, err
	}
	expected, err := g.expected(ctx, src, sweepPage)
	if err != nil {
		return m, err
	}
	if gone != nil {
		m.Gone, m.Looked = 1, 1
	}
	step := max(1, len(expected)/missingSample)
	for i := 0; i < len(expected); i += step {
		if gone != nil && expected[i].ID == gone.ID {
			continue
		}
		there, err := there(ctx, src, expected[i])
		if err != nil {
			return m, err
		}
		m.Looked++
		if !there {
			m.Gone++
		}
	}
	return m, nil
}

func there(ctx context.Context, src *Source, r ledger.Report) (bool, error) {
	_, err := src.Client.Received(ctx, r.OrthancID)
	if errors.Is(err, orthanc.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// expected are reports that wait in a source, at most so many held and so many
// queued ones; 0: all.
func (g *Gate) expected(ctx context.Context, src *Source, most int) (list []ledger.Report, err error) {
	for _, query := range []reportQuery{g.Ledger.Held, g.Ledger.Waiting} {
		n := 0
		err := everyReport(ctx, query, func(r ledger.Report) error {
			if r.Source == src.Name {
				list = append(list, r)
				n++
			}
			if n == most {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
	}
	return list, nil
}

var errEnough = errors.New("enough")

// otherDatabase says whether a source has another database than before: either that
// was seen, or the loop that reads its feed will see it in the next moment.
func (g *Gate) otherDatabase(ctx context.Context, src *Source) (bool, error) {
	seen, _, err := g.Ledger.Setting(ctx, otherSetting(src.Name))
	if err != nil || len(seen) > 0 {
		return len(seen) > 0, err
	}
	f := newFollower(g, src)
	at, err := f.position(ctx)
	if err != nil {
		return false, err
	}
	same, err := f.same(ctx, at)
	return same == isOther, err
}
