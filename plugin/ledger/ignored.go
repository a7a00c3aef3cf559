package ledger

import "context"

// IgnoredCount is how many instances of a kind came on a day.
type IgnoredCount struct {
	Day      string // in UTC, 2006-01-02
	Source   string
	Sender   string
	Station  string
	SOPClass string
	Count    int64
}

// Ignored calls fn for every count, the latest day first. An error of fn ends
// it and is returned.
func (l *Ledger) Ignored(ctx context.Context, fn func(IgnoredCount) error) error {
	rows, err := l.query(ctx, `SELECT day, source, sender, station, sop_class, count FROM ignored
		ORDER BY day DESC, source, sender, station, sop_class`)
	if err == nil {
		err = each(rows, scanIgnored, fn)
	}
	return l.fail("read ignored", err)
}

// CountIgnored adds to a count.
func (l *Ledger) CountIgnored(ctx context.Context, c IgnoredCount) error {
	return l.change(ctx, "count what was ignored", func(t *txn) error { return t.countIgnored(c) })
}

func scanIgnored(row scanner) (c IgnoredCount, err error) {
	err = row.Scan(&c.Day, &c.Source, &c.Sender, &c.Station, &c.SOPClass, &c.Count)
	return c, err
}

// ignore counts what lies beyond the position: what lies before was counted
// when the position passed it.
func (t *txn) ignore(source string, position int64, list []Ignored) error {
	counts := map[IgnoredCount]int64{}
	for _, i := range list {
		if i.Seq > position {
			counts[IgnoredCount{i.At.UTC().Format("2006-01-02"), source, i.Sender, i.Station, i.SOPClass, 0}]++
		}
	}
	for c, n := range counts {
		c.Count = n
		if err := t.countIgnored(c); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) countIgnored(c IgnoredCount) error {
	_, err := t.exec(`INSERT INTO ignored (day, source, sender, station, sop_class, count)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (day, source, sender, station, sop_class) DO UPDATE SET count = ignored.count + excluded.count`,
		c.Day, c.Source, c.Sender, c.Station, c.SOPClass, c.Count)
	return err
}
