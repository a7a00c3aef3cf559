package orthanc

import (
	"context"
	"net/url"
)

// StudyInstances returns the Orthanc IDs of a study's instances. The answer
// grows with the study: it is for a gateway, whose studies hold reports alone.
func (c *Client) StudyInstances(ctx context.Context, studyID string) ([]string, error) {
	var study struct{ Series []string }
	path := "/studies/" + url.PathEscape(studyID)
	if err := c.getJSON(ctx, "read a study", path, 16*smallAnswer, &study); err != nil {
		return nil, err
	}
	var all []string
	for _, id := range study.Series {
		var series struct{ Instances []string }
		if err := c.getJSON(ctx, "read a series", "/series/"+url.PathEscape(id), 16*smallAnswer, &series); err != nil {
			return nil, err
		}
		all = append(all, series.Instances...)
	}
	return all, nil
}
