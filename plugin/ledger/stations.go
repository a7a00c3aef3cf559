package ledger

import (
	"context"
	"time"
)

// Station is what the ledger knows of the reports of one Station Name.
type Station struct {
	Name         string // empty: the reports that name no station
	Counts       map[State]int
	LastReceived time.Time
	LastInput    []byte // the filter's input of the last report: model, serial number, sender
}

// Stations gives every Station Name that reports came from, by name. It counts
// reports: an accepted one as rejected when a registry refused it, else as
// queued when something is still to be sent, else as delivered.
func (l *Ledger) Stations(ctx context.Context) ([]Station, error) {
	stations, err := l.countStations(ctx)
	if err != nil {
		return nil, l.fail("count stations", err)
	}
	for i := range stations {
		s := &stations[i]
		err := l.db.QueryRowContext(ctx, `SELECT received_at, input FROM reports WHERE station_name = $1
			ORDER BY received_at DESC, id DESC LIMIT 1`, s.Name).Scan((*instant)(&s.LastReceived), &s.LastInput)
		if err != nil {
			return nil, l.fail("read station", err)
		}
	}
	return stations, nil
}

type stationCount struct {
	name  string
	state State
	n     int
}

// selectStationCounts takes the accepted reports apart without looking at all
// their deliveries: what is neither queued nor rejected is delivered, and those
// two are few. Of their names the greater in the alphabet is the worse.
const selectStationCounts = `
	SELECT station_name, state, COUNT(*) FROM reports GROUP BY station_name, state
	UNION ALL
	SELECT r.station_name, w.state, COUNT(*) FROM (
		SELECT report_id, MAX(state) AS state FROM deliveries
		WHERE state IN ('queued', 'rejected') AND report_state = 'accepted' GROUP BY report_id
	) w JOIN reports r ON r.id = w.report_id GROUP BY r.station_name, w.state
	ORDER BY 1`

func (l *Ledger) countStations(ctx context.Context) (list []Station, err error) {
	rows, err := l.db.QueryContext(ctx, selectStationCounts)
	if err != nil {
		return nil, err
	}
	err = each(rows, scanStationCount, func(c stationCount) error {
		if len(list) == 0 || list[len(list)-1].Name != c.name {
			list = append(list, Station{Name: c.name, Counts: map[State]int{}})
		}
		counts := list[len(list)-1].Counts
		switch c.state {
		case Accepted:
			counts[Delivered] += c.n
		case Queued, Rejected:
			counts[c.state] = c.n
			counts[Delivered] -= c.n
		default:
			counts[c.state] = c.n
		}
		return nil
	})
	return list, err
}

func scanStationCount(row scanner) (c stationCount, err error) {
	err = row.Scan(&c.name, &c.state, &c.n)
	return c, err
}
