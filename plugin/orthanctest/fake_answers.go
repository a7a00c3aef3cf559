package orthanctest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Answer makes an answer for Before.
func Answer(r *http.Request, status int, contentType, body string) *http.Response {
	return &http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {contentType}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// RoundTrip answers a request.
func (f *Fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if f.Before != nil {
		if answer := f.Before(r); answer != nil {
			return answer, nil
		}
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	status, contentType, answer := f.answer(r, body)
	return Answer(r, status, contentType, answer), nil
}

const jsonType = "application/json; charset=utf-8"

func asJSON(v any) (int, string, string) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return http.StatusOK, jsonType, string(text)
}

func (f *Fake) answer(r *http.Request, body []byte) (status int, contentType, answer string) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/system":
		return asJSON(map[string]any{"Version": "1.10.1", "ApiVersion": 16, "DicomAet": "DOSEGATE"})
	case r.URL.Path == "/tools/now":
		return http.StatusOK, "text/plain", f.date()
	case r.URL.Path == "/tools/find" && r.Method == http.MethodPost, r.URL.Path == "/instances" && r.Method == http.MethodGet:
		return asJSON(f.all()) // all that is stored here is of modality SR
	case r.URL.Path == "/tools/bulk-content" && r.Method == http.MethodPost:
		return f.bulk(body)
	case r.URL.Path == "/instances" && r.Method == http.MethodPost:
		id, taken := f.Store(bytes.Clone(body))
		return asJSON(map[string]any{"ID": id, "Path": "/instances/" + id, "ParentSeries": f.parent(id),
			"Status": map[bool]string{true: "Success", false: "AlreadyStored"}[taken]})
	case r.URL.Path == "/changes" && r.Method == http.MethodDelete:
		f.ClearChanges()
		return http.StatusOK, "text/plain", ""
	case r.URL.Path == "/changes":
		return f.feed(r)
	case parts[0] == "instances" && len(parts) > 1:
		return f.instance(r, parts[1], parts[2:], body)
	}
	return unknownResource(r.Method, r.URL.Path)
}

// unknownResource is how Orthanc says that; at the end of a path it says less.
func unknownResource(method, path string) (int, string, string) {
	if strings.Count(path, "/") == 2 {
		return http.StatusNotFound, "text/plain", ""
	}
	_, _, answer := asJSON(map[string]any{"HttpError": "Not Found", "HttpStatus": 404, "Message": "Unknown resource",
		"Method": method, "OrthancError": "Unknown resource", "OrthancStatus": 17, "Uri": path})
	return http.StatusNotFound, jsonType, answer
}

// all are the IDs of what is stored, in an order that is always the same.
func (f *Fake) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := make([]string, 0, len(f.instances))
	for id := range f.instances {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// parent is the series of an instance.
func (f *Fake) parent(id string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.instances[id].parents[0]
}

// feed is a page of the changes. The number of an empty page is the true counter.
func (f *Fake) feed(r *http.Request) (int, string, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	since, _ := strconv.ParseInt(r.FormValue("since"), 10, 64)
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	page, last, done := []fakeChange{}, f.last, true
	for _, c := range f.changes {
		if c.Seq <= since {
			continue
		}
		if len(page) == limit {
			done = false
			break
		}
		page = append(page, c)
	}
	if len(page) > 0 {
		last = page[len(page)-1].Seq
	}
	return asJSON(map[string]any{"Changes": page, "Done": done, "Last": last})
}

func (f *Fake) instance(r *http.Request, id string, rest []string, body []byte) (int, string, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.instances[id]
	if i == nil {
		return unknownResource(r.Method, r.URL.Path)
	}
	switch what := strings.Join(rest, "/"); {
	case what == "" && r.Method == http.MethodDelete:
		f.remove(id)
		return asJSON(map[string]any{"RemainingAncestor": nil})
	case what == "":
		return asJSON(map[string]any{"ID": id, "ParentSeries": i.parents[0], "Type": "Instance", "MainDicomTags": map[string]any{}})
	case what == "file":
		return http.StatusOK, "application/dicom", string(i.file)
	case what == "metadata":
		return asJSON(i.metadata)
	case len(rest) == 2 && rest[0] == "metadata" && r.Method == http.MethodPut:
		i.metadata[rest[1]] = string(body)
		f.change("UpdatedMetadata", "Instance", "/instances/", id)
		return http.StatusOK, "text/plain", ""
	}
	return unknownResource(r.Method, r.URL.Path)
}

// bulk answers about many resources: about series, or with metadata about instances.
func (f *Fake) bulk(body []byte) (int, string, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var asked struct {
		Resources []string
		Level     string
	}
	if json.Unmarshal(body, &asked) != nil {
		return http.StatusBadRequest, jsonType, "{}"
	}
	all := []map[string]any{}
	series := make(map[string][]string)
	for id, i := range f.instances {
		series[i.parents[0]] = append(series[i.parents[0]], id)
		if asked.Level == "Instance" && slices.Contains(asked.Resources, id) {
			all = append(all, map[string]any{"ID": id, "Type": "Instance", "ParentSeries": i.parents[0], "MainDicomTags": map[string]any{},
				"Metadata": i.metadata})
		}
	}
	for id, instances := range series {
		i := f.instances[instances[0]]
		related := append([]string{id, i.parents[1], i.parents[2]}, instances...)
		if asked.Level == "Series" && slices.ContainsFunc(asked.Resources, func(a string) bool { return slices.Contains(related, a) }) {
			slices.Sort(instances)
			all = append(all, map[string]any{"ID": id, "Type": "Series", "Instances": instances, "Status": "Unknown",
				"MainDicomTags": map[string]any{"Modality": "SR"}})
		}
	}
	slices.SortFunc(all, func(a, b map[string]any) int { return strings.Compare(a["ID"].(string), b["ID"].(string)) })
	return asJSON(all)
}
