package ledger

import (
	"context"
	"time"
)

// Pause is a registry that refuses not a report but us: its queue waits. It is
// in the ledger so that whoever leads next, or a page, knows of it.
type Pause struct {
	Registry string
	Until    time.Time // of the next attempt
	Refusals int       // in a row
	Why      string    // in our words
}

// Pauses gives the registries that are paused.
func (l *Ledger) Pauses(ctx context.Context) ([]Pause, error) {
	return read(ctx, l, "read pauses", func(row scanner) (p Pause, err error) {
		err = row.Scan(&p.Registry, (*instant)(&p.Until), &p.Refusals, &p.Why)
		return p, err
	}, `SELECT registry, until, refusals, why FROM pauses ORDER BY registry`)
}

// Pause pauses a registry, or pauses it for longer.
func (l *Ledger) Pause(ctx context.Context, p Pause) error {
	return l.change(ctx, "pause registry", func(t *txn) error {
		_, err := t.exec(`INSERT INTO pauses (registry, until, refusals, why) VALUES ($1, $2, $3, $4)
			ON CONFLICT (registry) DO UPDATE SET until = excluded.until, refusals = excluded.refusals, why = excluded.why`,
			p.Registry, instant(p.Until), p.Refusals, p.Why)
		return err
	})
}

// Resume ends a registry's pause, if it has one.
func (l *Ledger) Resume(ctx context.Context, registry string) error {
	return l.change(ctx, "resume registry", func(t *txn) error {
		_, err := t.exec(`DELETE FROM pauses WHERE registry = $1`, registry)
		return err
	})
}
