package orthanc

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// Content is a series with what it holds, as Orthanc's index knows it. Its words
// are text from outside.
type Content struct {
	ID          string // Orthanc ID
	Modality    string
	StationName string
	Instances   []string // their Orthanc IDs
}

// SR says whether structured reports are in the series: a dose report is one whose
// Modality is SR, and no other (PS3.3 C.17.1).
func (c Content) SR() bool { return c.Modality == "" || strings.EqualFold(c.Modality, "SR") }

// Contents asks, in one request, about the series that are named, and about those
// that the instances, studies or patients that are named belong to or have. What
// Orthanc does not have it leaves out, in silence. The answer reads the index and
// no file, and grows with what is in these series alone.
func (c *Client) Contents(ctx context.Context, ids []string) ([]Content, error) {
	var known []struct {
		ID, Type      string
		MainDicomTags struct{ Modality, StationName string }
		Instances     []string
	}
	const op = "read the contents of series"
	if err := c.bulk(ctx, op, map[string]any{"Resources": ids, "Level": "Series", "Metadata": false}, &known); err != nil {
		return nil, err
	}
	all := make([]Content, 0, len(known))
	for _, s := range known {
		if s.ID == "" || s.Type != "Series" {
			return nil, c.failed(op, errors.New("the answer is about something else"))
		}
		all = append(all, Content{s.ID, strings.TrimSpace(s.MainDicomTags.Modality), s.MainDicomTags.StationName, s.Instances})
	}
	return all, nil
}

// ReceivedOf asks, in one request, what Orthanc noted of instances when they came
// in. Those that it does not have are left out.
func (c *Client) ReceivedOf(ctx context.Context, ids []string) (map[string]Received, error) {
	var known []struct {
		ID       string
		Metadata map[string]string
	}
	err := c.bulk(ctx, "read the metadata of instances", map[string]any{"Resources": ids, "Level": "Instance", "Metadata": true}, &known)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Received, len(known))
	for _, i := range known {
		if r := received(i.Metadata); i.ID != "" && !r.empty() {
			all[i.ID] = r
		}
	}
	return all, nil
}

// bulk asks about many resources. It changes nothing, though it is a POST.
func (c *Client) bulk(ctx context.Context, op string, query map[string]any, answer any) error {
	text, err := json.Marshal(query)
	if err != nil {
		return c.failed(op, err)
	}
	body, err := c.once(ctx, op, http.MethodPost, "/tools/bulk-content", string(text), listAnswer)
	if err != nil {
		return err
	}
	if len(body) == 0 || body[0] != '[' || json.Unmarshal(body, answer) != nil {
		return c.failed(op, errors.New("the answer is not the JSON that Orthanc gives"))
	}
	return nil
}
