package orthanc

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
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

// InstancesOf lists the Orthanc IDs of what is stored of a modality. That is a main
// DICOM tag, so Orthanc looks into its index alone.
func (c *Client) InstancesOf(ctx context.Context, modality string) ([]string, error) {
	const op = "find instances"
	query, err := json.Marshal(map[string]any{"Level": "Instance", "Query": map[string]string{"Modality": modality}})
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
