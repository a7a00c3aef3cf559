package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// FilledAt is when the report of a number came, FilledID its id: one every 90
// seconds, for three years with a million.
func FilledAt(i int) time.Time { return time.UnixMilli(1_700_000_000_000 + 90_000*int64(i)) }

// FilledID is the id of the report of a number.
func FilledID(i int) string { return fmt.Sprint("r", 10_000_000+i) }

// Fill makes a ledger of n reports of 40 stations: one in 50 held, one in 100
// expired, the others accepted; of those one in 200 queued and one in 500
// rejected. One alone is of another kind; of one in 1000 a person caused the first
// event.
func (l *Ledger) Fill(ctx context.Context, n int) error {
	const rows = `WITH RECURSIVE rows (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM rows WHERE i < `
	tx, err := l.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range []string{
		`INSERT INTO reports (` + reportColumns + `) ` + rows + fmt.Sprint(n) + `)
			SELECT 'r' || CAST(10000000 + i AS TEXT), 'gw', 'orthanc-' || CAST(i AS TEXT), i,
				CASE WHEN i % 50 = 0 THEN 'held' WHEN i % 100 = 1 THEN 'expired' ELSE 'accepted' END,
				'station_configured', 'station CT1 is configured', 'CT' || CAST(i % 40 AS TEXT), '10011', CASE WHEN i = 77 THEN 'NM' ELSE 'CT' END,
				'{"Source":"gw","Report":{"StationName":"CT1","Template":"10011","Model":"Torus 64"},"SenderAET":"CT_ROOM"}',
				'2.25.' || CAST(i AS TEXT), 'd1',
				1700000000000 + 90000 * CAST(i AS BIGINT), 1700000000000 + 90000 * CAST(i AS BIGINT), 1700000000000 + 90000 * CAST(i AS BIGINT),
				CASE WHEN i % 50 = 0 THEN 1700000000000 + 90000 * CAST(i AS BIGINT) ELSE 0 END, 0, 0 FROM rows`,
		`INSERT INTO deliveries (report_id, registry, report_state, received_at, state, edition, attempts, next_attempt_at, last_error,
				queued_at, delivered_at, sent_sop_instance_uid, sent_sha256, sent_digest, profile, status, failure_reason, object_count)
			SELECT id, 'dir', state, received_at,
				CASE WHEN seq % 200 = 3 THEN 'queued' WHEN seq % 500 = 7 THEN 'rejected' ELSE 'delivered' END,
				0, 1, received_at, '', received_at, CASE WHEN seq % 200 = 3 OR seq % 500 = 7 THEN 0 ELSE received_at + 5000 END,
				sop_instance, 'aa', 'd1', 'p1', 200, 0, 1
			FROM reports WHERE state = 'accepted'`,
		`INSERT INTO events (id, report_id, number, registry, at, from_state, to_state, why, caused_by)
			SELECT 'a' || id, id, 1, '', received_at, '', state, reason, CASE WHEN seq % 1000 = 5 THEN 'person:olga' ELSE 'follow' END FROM reports`,
		`INSERT INTO events (id, report_id, number, registry, at, from_state, to_state, why, caused_by)
			SELECT 'b' || report_id, report_id, 2, registry, received_at, '', 'queued', '', 'follow' FROM deliveries`,
		`INSERT INTO totals (source, station, registry, state, count)
			SELECT source, station_name, '', state, COUNT(*) FROM reports GROUP BY source, station_name, state`,
		`INSERT INTO totals (source, station, registry, state, count)
			SELECT '', '', registry, state, COUNT(*) FROM deliveries GROUP BY registry, state`,
		`INSERT INTO daily (day, source, station, registry, state, count)
			SELECT received_at / 86400000, source, station_name, '', state, COUNT(*) FROM reports
			GROUP BY received_at / 86400000, source, station_name, state`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	err = tx.Commit()
	if _, isFile := l.kind.(sqliteFile); !isFile {
		_, analysed := l.writer.ExecContext(ctx, `ANALYZE`) // as the server does by itself, in a while
		err = errors.Join(err, analysed)
	}
	return err
}
