package orthanc

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Change is a line of the feed. It does not say what kind of object it is
// about: Received does.
type Change struct {
	Seq          int64
	ID           string
	Type         string    // "NewInstance", "StableSeries", "UpdatedMetadata", …
	ResourceType string    // "Instance", "Series", "Study", "Patient"
	Date         time.Time // zero if unreadable
}

// Mark tells this line from another one of its number, in another database.
func (c Change) Mark() string {
	return c.Type + " " + c.ID + " " + c.Date.Format(time.RFC3339)
}

// NewInstance says whether an instance came in, or came again with
// OverwriteInstances. It is the only line that every report makes: a second one
// in a series makes no other.
func (c Change) NewInstance() bool { return c.Type == "NewInstance" }

// Changes is a page of the feed.
//
// Rows of deleted resources vanish, and numbers are never given twice. Last of a
// page with lines is that of its last line. Last of an empty page is the true
// counter: at least `since` where rows vanished, and less than `since` only if
// this is another database than the one that gave out `since`.
type Changes struct {
	Changes []Change
	Last    int64
	Done    bool // no more lines for now
}

// Changes reads the lines after since, at most limit of them.
func (c *Client) Changes(ctx context.Context, since int64, limit int) (Changes, error) {
	const op = "read the changes"
	if limit < 1 {
		// Orthanc answers 0 with an empty page that is never Done.
		return Changes{}, c.failed(op, fmt.Errorf("limit %d is less than 1", limit))
	}
	var page struct {
		Changes []struct {
			Seq                                int64
			ID, ChangeType, ResourceType, Date string
		}
		Last *int64
		Done bool
	}
	path := fmt.Sprintf("/changes?since=%d&limit=%d", since, limit)
	if err := c.getJSON(ctx, op, path, smallAnswer+int64(limit)*1024, &page); err != nil {
		return Changes{}, err
	}
	// Some JSON with neither is no page; Last 0 would start the feed again.
	if page.Last == nil || page.Changes == nil {
		return Changes{}, c.failed(op, fmt.Errorf("the answer is not a page of the feed"))
	}
	out := Changes{Last: *page.Last, Done: page.Done, Changes: make([]Change, 0, len(page.Changes))}
	for _, line := range page.Changes {
		if line.Seq <= since || line.ID == "" {
			return Changes{}, c.failed(op, fmt.Errorf("the feed holds a line that was not asked for"))
		}
		date, _ := parseTime(line.Date)
		out.Changes = append(out.Changes, Change{Seq: line.Seq, ID: line.ID, Type: line.ChangeType, ResourceType: line.ResourceType, Date: date})
	}
	return out, nil
}

// LastChange is the number given out last. `/changes?last` is not that: it is
// the last row that survived. An empty page tells, so it asks beyond the end.
func (c *Client) LastChange(ctx context.Context) (int64, error) {
	page, err := c.Changes(ctx, math.MaxInt64-1, 1)
	if err != nil {
		return 0, err
	}
	return page.Last, nil
}
