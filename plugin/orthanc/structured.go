package orthanc

import (
	"context"
	"net/url"
)

// The levels of Orthanc's resources that can hold dose reports, as they stand in
// its addresses.
const (
	LevelInstance = "instances"
	LevelSeries   = "series"
	LevelStudy    = "studies"
)

// StructuredReports returns the Orthanc IDs of the instances of a resource whose
// series has the modality SR, as that of a dose report has (PS3.3 C.17.1). It asks
// the index alone. A resource that Orthanc does not have is ErrNotFound.
func (c *Client) StructuredReports(ctx context.Context, level, id string) ([]string, error) {
	type series struct {
		MainDicomTags Series
		Instances     []string
	}
	const op = "look for structured reports"
	var all []series
	var err error
	path := "/" + level + "/" + url.PathEscape(id)
	switch level {
	case LevelStudy:
		err = c.getJSON(ctx, op, path+"/series", 16*smallAnswer, &all)
	case LevelInstance:
		all = make([]series, 1)
		err = c.getJSON(ctx, op, path+"/series", 16*smallAnswer, &all[0])
	default:
		all = make([]series, 1)
		err = c.getJSON(ctx, op, path, 16*smallAnswer, &all[0])
	}
	var reports []string
	for _, s := range all {
		switch {
		case s.MainDicomTags.Modality != "SR":
		case level == LevelInstance:
			reports = append(reports, id)
		default:
			reports = append(reports, s.Instances...)
		}
	}
	return reports, err
}
