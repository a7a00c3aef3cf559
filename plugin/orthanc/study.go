package orthanc

import "context"

// ReportsOf returns the Orthanc IDs of the structured reports of a study, as many
// images as it may have.
func (c *Client) ReportsOf(ctx context.Context, studyID string) ([]string, error) {
	series, err := c.Contents(ctx, []string{studyID})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, s := range series {
		if s.SR() {
			all = append(all, s.Instances...)
		}
	}
	return all, nil
}

// StudyDateOf returns the Study Date of an instance as it is written, "" for none.
func (c *Client) StudyDateOf(ctx context.Context, id string) (string, error) {
	var study struct{ MainDicomTags struct{ StudyDate string } }
	err := c.getJSON(ctx, "find the study of an instance", instance(id)+"/study", smallAnswer, &study)
	return study.MainDicomTags.StudyDate, err
}
