package ledger

import (
	"context"
	"time"
)

// Also is something that a change brings with it.
type Also struct {
	deletes  bool
	received time.Time
}

// AndDelete notes that the report is now to be deleted in Orthanc: the instance that
// Orthanc received at a time. The note is made in the transaction that ends the
// report's wait, so that from then on nothing else can become of it, and stands
// until EndDeletion, or until the report comes again.
func AndDelete(received time.Time) Also { return Also{true, received} }

// Deletion is a report whose fate is sealed, and that is to be deleted in Orthanc
// or is deleted already without anybody having noted that.
type Deletion struct {
	Report   Report
	Received time.Time // by Orthanc, the instance that is to be deleted
}

// Deletions gives the deletions in a source that are under way, the oldest report
// first.
func (l *Ledger) Deletions(ctx context.Context, source string, limit int) ([]Deletion, error) {
	return read(ctx, l, "read deletions", scanDeletion, `SELECT `+joinedReportColumns+`, x.received
		FROM deletions x JOIN reports r ON r.id = x.report_id WHERE x.source = $1 ORDER BY x.report_id LIMIT $2`, source, limit)
}

func scanDeletion(row scanner) (d Deletion, err error) {
	err = row.Scan(append(d.Report.fields(), (*instant)(&d.Received))...)
	return d, err
}

// EndDeletion crosses the note of a deletion out, and says in the history how it
// ended. Another one may have done it already; then it says nothing.
func (l *Ledger) EndDeletion(ctx context.Context, id, why, by string) error {
	return l.changeReport(ctx, "end deletion", id, func(t *txn, was Report) error {
		n, err := t.crossOut(id)
		if err != nil || n == 0 {
			return err
		}
		return t.event(Event{ReportID: id, From: was.State, To: was.State, Why: why, By: by})
	})
}

// end writes r, which ends the wait of was.
func (t *txn) end(was, r Report, why, by string, also []Also) error {
	if err := t.moveReport(was, r, why, by); err != nil {
		return err
	}
	return t.note(r, also)
}

// note makes the notes that a change brings with it.
func (t *txn) note(r Report, also []Also) error {
	for _, a := range also {
		if !a.deletes {
			continue
		}
		_, err := t.exec(`INSERT INTO deletions (report_id, source, received) VALUES ($1, $2, $3)
			ON CONFLICT (report_id) DO UPDATE SET received = excluded.received`, r.ID, r.Source, instant(a.received))
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) crossOut(id string) (int64, error) {
	return t.exec(`DELETE FROM deletions WHERE report_id = $1`, id)
}

// over says whether nobody waits for the report in Orthanc any more: only then
// may it be deleted there.
func (r Report) over() bool { return r.State == Expired || !r.ClearedAt.IsZero() }
