package ledger

import (
	"context"
	"time"
)

// Waits is what waits in the holding area for the same reason.
type Waits struct {
	Source, Station, ReasonCode string
	Reason                      string // of one of them
	Count                       int
	Soonest                     time.Time // when the first of them expires; zero: none does
	Since                       time.Time // the first of them was received
}

// Waits gives what is held by source, station and reason, what never expires
// first, then what expires soonest.
func (l *Ledger) Waits(ctx context.Context) ([]Waits, error) {
	return read(ctx, l, "read the holding area", scanWaits, selectWaits+groupWaits)
}

// Expiring is Waits of what expires before a time alone.
func (l *Ledger) Expiring(ctx context.Context, before time.Time) ([]Waits, error) {
	return read(ctx, l, "read what expires soon", scanWaits, selectWaits+` AND held_until > 0 AND held_until < $1`+groupWaits, instant(before))
}

const (
	selectWaits = `SELECT source, station_name, reason_code, MAX(reason), COUNT(*), MIN(held_until), MIN(received_at)
		FROM reports WHERE state = 'held'`
	groupWaits = ` GROUP BY source, station_name, reason_code
		ORDER BY MIN(held_until), reason_code, station_name, source`
)

func scanWaits(row scanner) (w Waits, err error) {
	err = row.Scan(&w.Source, &w.Station, &w.ReasonCode, &w.Reason, &w.Count, (*instant)(&w.Soonest), (*instant)(&w.Since))
	return w, err
}

// Backlog is the queue of a registry.
type Backlog struct {
	Queued   int
	Oldest   time.Time // when the first of it was queued; zero where there is none
	Attempts int       // at the first of it
	Trouble  string    // of its last attempt, in our words
}

// Backlog gives the queue of a registry as it is now.
func (l *Ledger) Backlog(ctx context.Context, registry string) (Backlog, error) {
	const due = ` FROM deliveries WHERE state = 'queued' AND report_state = 'accepted' AND registry = $1`
	n, _, err := readOne(ctx, l, "read queue", scanInto[int], `SELECT COUNT(*)`+due, registry)
	if err != nil || n == 0 {
		return Backlog{}, err
	}
	b, _, err := readOne(ctx, l, "read queue", func(row scanner) (b Backlog, err error) {
		err = row.Scan((*instant)(&b.Oldest), &b.Attempts, &b.Trouble)
		return b, err
	}, `SELECT queued_at, attempts, last_error`+due+` ORDER BY received_at, report_id LIMIT 1`, registry)
	b.Queued = n
	return b, err
}

// Recent gives the last received reports of a station.
func (l *Ledger) Recent(ctx context.Context, station string, limit int) ([]Report, error) {
	return read(ctx, l, "read reports of a station", scanReport, `SELECT `+reportColumns+` FROM reports WHERE station_name = $1
		ORDER BY received_at DESC, id DESC LIMIT $2`, station, limit)
}

// IgnoredSince gives the sums of what was ignored from a day on, written as in
// 2006-01-02; the day of each is the last on which it came.
func (l *Ledger) IgnoredSince(ctx context.Context, day string) ([]IgnoredCount, error) {
	return read(ctx, l, "read ignored", scanIgnored, `SELECT MAX(day), source, sender, station, sop_class, SUM(count) FROM ignored
		WHERE day >= $1 GROUP BY source, sender, station, sop_class ORDER BY station, source, sender, sop_class`, day)
}

// Version changes with whatever the ledger tells of reports and deliveries.
func (l *Ledger) Version(ctx context.Context) (string, error) {
	last, _, err := readOne(ctx, l, "read the last event", scanInto[string], `SELECT COALESCE(MAX(id), '') FROM events`)
	if err != nil {
		return "", err
	}
	at, err := l.LastWrite(ctx)
	return last + at.UTC().Format("150405"), err
}
