package orthanctest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// orthanc is a real one or a fake.
type orthanc func(method, path string, body []byte) (status int, contentType string, answer []byte)

func real(t *testing.T, overlay map[string]any) orthanc {
	o := Start(t, Options{Config: "gateway.json", Overlay: overlay})
	return func(method, path string, body []byte) (int, string, []byte) {
		req, err := http.NewRequestWithContext(t.Context(), method, o.URL+path, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(Username, o.Password)
		return read(t, http.DefaultTransport, req)
	}
}

func fake(t *testing.T, f *Fake) orthanc {
	return func(method, path string, body []byte) (int, string, []byte) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://orthanc.invalid"+path, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		return read(t, f, req)
	}
}

func read(t *testing.T, through http.RoundTripper, req *http.Request) (int, string, []byte) {
	resp, err := through.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), answer
}

// told are the fields of an answer that dosegate reads. Others are the real one's
// own, and so are the moments.
var told = map[string]bool{"ID": true, "Status": true, "Changes": true, "ChangeType": true, "ResourceType": true, "Seq": true, "Last": true,
	"Done": true, "Path": true, "ParentSeries": true, "ReceptionDate": true, "SopClassUid": true, "TransferSyntax": true, "RemoteAET": true,
	"Origin": true, "OrthancStatus": true, "Version": true, "Date": true, "4801": true,
	"Type": true, "Instances": true, "MainDicomTags": true, "Modality": true, "Metadata": true}

var moment = regexp.MustCompile(`^\d{8}T\d{6}$`)

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			if told[key] {
				out[key] = plain(value)
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			out = append(out, plain(e))
		}
		if len(out) > 0 && fmt.Sprintf("%T", out[0]) == "string" { // in no order that means something
			slices.SortFunc(out, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		}
		return out
	case string:
		return moment.ReplaceAllString(v, "a moment")
	}
	return v
}

// said is an answer in words that can be compared.
func said(status int, contentType string, answer []byte) string {
	var v any
	if json.Unmarshal(answer, &v) == nil {
		text, _ := json.Marshal(plain(v))
		return fmt.Sprintln(status, string(text))
	}
	if contentType != "application/dicom" {
		contentType = "" // the real one gives texts no type, or a plain one
	}
	return fmt.Sprintln(status, contentType, moment.ReplaceAllString(string(answer), "a moment"))
}

// TestTheFakeAnswersAsTheRealOne asks both the same, one after the other.
func TestTheFakeAnswersAsTheRealOne(t *testing.T) {
	for _, overwrites := range []bool{false, true} {
		t.Run(fmt.Sprint("OverwriteInstances ", overwrites), func(t *testing.T) {
			t.Parallel()
			made := NewFake(time.Now)
			made.Overwrites = overwrites
			a, b := real(t, map[string]any{"OverwriteInstances": overwrites}), fake(t, made)
			one := Report{SOPInstanceUID: NewUID(), StudyInstanceUID: NewUID(), SeriesInstanceUID: NewUID()}
			sibling := one
			sibling.SOPInstanceUID = NewUID()
			other := one
			other.DoseLengthProduct = "999"
			id, _ := NewFake(time.Now).Store(DoseReport(t, one))
			for _, ask := range []struct {
				what string
				body []byte
			}{
				{"GET /changes?since=0&limit=10", nil}, {"GET /instances", nil}, {"GET /tools/now", nil}, {"GET /system", nil},
				{"POST /instances", DoseReport(t, one)}, {"POST /instances", DoseReport(t, one)}, {"POST /instances", DoseReport(t, sibling)},
				{"GET /changes?since=0&limit=10", nil}, {"GET /changes?since=0&limit=2", nil}, {"GET /changes?since=3&limit=1", nil},
				{"GET /changes?since=99&limit=1", nil}, {"POST /instances", DoseReport(t, other)}, {"GET /changes?since=0&limit=99", nil},
				{"GET /instances/" + id, nil}, {"GET /instances/" + id + "/file", nil}, {"GET /instances/" + id + "/metadata?expand", nil},
				{"POST /tools/bulk-content", []byte(`{"Resources":["` + id + `","` + fakeID([]string{"none"}) + `"],"Level":"Series","Metadata":false}`)},
				{"POST /tools/bulk-content", []byte(`{"Resources":["` + id + `"],"Level":"Instance","Metadata":true}`)},
				{"PUT /instances/" + id + "/metadata/4801", []byte("held")}, {"GET /changes?since=4&limit=99", nil},
				{"POST /tools/find", []byte(`{"Level":"Instance","Query":{"Modality":"SR","SOPInstanceUID":"` + one.SOPInstanceUID + `"}}`)},
				{"DELETE /instances/" + id, nil}, {"DELETE /instances/" + id, nil}, {"GET /instances/" + id, nil},
				{"GET /instances/" + id + "/file", nil}, {"GET /instances/" + id + "/metadata?expand", nil},
				{"GET /changes?since=0&limit=99", nil}, {"DELETE /changes", nil}, {"GET /changes?since=0&limit=99", nil},
				{"POST /instances", DoseReport(t, one)}, {"GET /changes?since=0&limit=99", nil}, {"DELETE /changes", nil},
				{"GET /changes?since=2&limit=99", nil},
			} {
				method, path, _ := strings.Cut(ask.what, " ")
				want, got := said(a(method, path, ask.body)), said(b(method, path, ask.body))
				if path == "/tools/find" {
					got, want = fmt.Sprint(strings.Contains(got, id)), fmt.Sprint(strings.Contains(want, id)) // the fake does not filter
				}
				if got != want {
					t.Errorf("%s\nthe real one: %sthe fake:     %s", ask.what, want, got)
				}
			}
		})
	}
}
