package ledger

import "context"

// Unmarked is a report that has changed since its marks in Orthanc were written.
type Unmarked struct {
	Report  Report
	changes int64 // so many since the note was made
}

const selectUnmarked = `SELECT ` + joinedReportColumns + `, x.changes FROM unmarked x JOIN reports r ON r.id = x.report_id
	WHERE x.source = $1 AND x.report_id > $2 ORDER BY x.report_id LIMIT $3`

// Unmarked gives the reports of a source whose marks in Orthanc are still to be
// written, those after the id given; "" begins. Only changes of reports in
// [Options.Marked] sources are noted.
func (l *Ledger) Unmarked(ctx context.Context, source, after string, limit int) ([]Unmarked, error) {
	return read(ctx, l, "read marks to write", func(row scanner) (u Unmarked, err error) {
		err = row.Scan(append(u.Report.fields(), &u.changes)...)
		return u, err
	}, selectUnmarked, source, after, limit)
}

// UnmarkedCounts gives how many reports of each source Unmarked would give.
func (l *Ledger) UnmarkedCounts(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	rows, err := l.query(ctx, `SELECT source, COUNT(*) FROM unmarked GROUP BY source`)
	if err == nil {
		err = each(rows, func(row scanner) (t Total, err error) {
			err = row.Scan(&t.Source, &t.Count)
			return t, err
		}, func(t Total) error {
			counts[t.Source] = t.Count
			return nil
		})
	}
	return counts, l.fail("count marks to write", err)
}

// Marked crosses out reports whose marks are written. One that has changed again
// meanwhile stays.
func (l *Ledger) Marked(ctx context.Context, all []Unmarked) error {
	return l.change(ctx, "note marks", func(t *txn) error {
		for _, u := range all {
			if _, err := t.exec(`DELETE FROM unmarked WHERE report_id = $1 AND changes = $2`, u.Report.ID, u.changes); err != nil {
				return err
			}
		}
		return nil
	})
}

// unmark notes that the marks of what has changed in this transaction are to be
// written.
func (t *txn) unmark() error {
	for id := range t.changed {
		_, err := t.exec(`INSERT INTO unmarked (report_id, source, changes) VALUES ($1, $2, 1)
			ON CONFLICT (report_id) DO UPDATE SET changes = unmarked.changes + 1`, id, t.known[id].Source)
		if err != nil {
			return err
		}
	}
	return nil
}
