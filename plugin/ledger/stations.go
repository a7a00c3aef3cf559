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
// rows as List shows them.
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
	name             string
	report, delivery State
	n                int
}

func (l *Ledger) countStations(ctx context.Context) (list []Station, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT r.station_name, r.state, COALESCE(d.state, ''), COUNT(*)
		FROM reports r LEFT JOIN deliveries d ON d.report_id = r.id
		GROUP BY r.station_name, r.state, COALESCE(d.state, '') ORDER BY r.station_name`)
	if err != nil {
		return nil, err
	}
	err = each(rows, scanStationCount, func(c stationCount) error {
		if len(list) == 0 || list[len(list)-1].Name != c.name {
			list = append(list, Station{Name: c.name, Counts: map[State]int{}})
		}
		list[len(list)-1].Counts[shown(c.report, c.delivery)] += c.n
		return nil
	})
	return list, err
}

func scanStationCount(row scanner) (c stationCount, err error) {
	err = row.Scan(&c.name, &c.report, &c.delivery, &c.n)
	return c, err
}
