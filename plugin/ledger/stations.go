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
	counted, err := read(ctx, l, "count stations", scanStationCount, selectStationCounts)
	if err != nil {
		return nil, err
	}
	stations := sumStations(counted)
	for i := range stations {
		s := &stations[i]
		last, _, err := readOne(ctx, l, "read station", scanReport, selectLastOfStation, s.Name)
		if err != nil {
			return nil, err
		}
		s.LastReceived, s.LastInput = last.ReceivedAt, last.Input
	}
	return stations, nil
}

const selectLastOfStation = `SELECT ` + reportColumns + ` FROM reports WHERE station_name = $1
	ORDER BY received_at DESC, id DESC LIMIT 1`

type stationCount struct {
	name  string
	state State
	n     int
}

// selectStationCounts takes the accepted reports apart without looking at all
// their deliveries: what is neither queued nor rejected is delivered, and those
// two are few. Of their names the greater in the alphabet is the worse.
const selectStationCounts = `
	SELECT station, state, SUM(count) FROM totals WHERE registry = '' AND count <> 0 GROUP BY station, state
	UNION ALL
	SELECT r.station_name, w.state, COUNT(*) FROM (
		SELECT report_id, MAX(state) AS state FROM deliveries
		WHERE state IN ('queued', 'rejected') AND report_state = 'accepted' GROUP BY report_id
	) w JOIN reports r ON r.id = w.report_id GROUP BY r.station_name, w.state
	ORDER BY 1`

// sumStations brings the counts of each station together.
func sumStations(counted []stationCount) (list []Station) {
	for _, c := range counted {
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
	}
	return list
}

func scanStationCount(row scanner) (c stationCount, err error) {
	err = row.Scan(&c.name, &c.state, &c.n)
	return c, err
}
