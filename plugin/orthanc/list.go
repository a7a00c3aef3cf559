package orthanc

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// listAnswer bounds a list of IDs: a million and a half.
const listAnswer = 64 << 20

// Instances lists the Orthanc IDs of all that is stored. The answer grows with the
// storage: it is for a gateway, which holds reports alone.
func (c *Client) Instances(ctx context.Context) ([]string, error) {
	answer, err := c.get(ctx, "list the instances", "/instances", listAnswer)
	if err != nil {
		return nil, err
	}
	return c.ids("list the instances", answer)
}

// StudyDates are the days, in the hospital's time, on which the studies were that
// are looked for. A zero one is no bound; with neither also studies without a date
// are meant.
type StudyDates struct{ From, To time.Time }

// String writes them for a query (PS3.4 C.2.2.2.5), "" for no bounds.
func (d StudyDates) String() string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format("20060102")
	}
	if d == (StudyDates{}) {
		return ""
	}
	return day(d.From) + "-" + day(d.To)
}

// InstancesOf lists the Orthanc IDs of what is stored of a modality. That and the
// study date are main DICOM tags, so Orthanc looks into its index alone.
func (c *Client) InstancesOf(ctx context.Context, modality string, dates StudyDates) ([]string, error) {
	const op = "find instances"
	wanted := map[string]string{"Modality": modality}
	if days := dates.String(); days != "" {
		wanted["StudyDate"] = days
	}
	query, err := json.Marshal(map[string]any{"Level": "Instance", "Query": wanted})
	if err != nil {
		return nil, c.failed(op, err)
	}
	answer, err := c.once(ctx, op, http.MethodPost, "/tools/find", string(query), listAnswer)
	if err != nil {
		return nil, err
	}
	return c.ids(op, answer)
}

func (c *Client) ids(op string, answer []byte) ([]string, error) {
	var ids []string
	if json.Unmarshal(answer, &ids) != nil || ids == nil {
		return nil, c.failed(op, errors.New("the answer is no list of Orthanc's"))
	}
	return ids, nil
}
