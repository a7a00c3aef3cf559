package registry

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func jsonItem(uid, more string) string {
	return `{"00081150":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.88.67"]},"00081155":{"vr":"UI","Value":["` + uid + `"]}` + more + `}`
}

func jsonReason(reason int) string {
	return fmt.Sprintf(`,"00081197":{"vr":"US","Value":[%d]}`, reason)
}

func jsonResponse(referenced, failed string) string {
	return `{"00081190":{"vr":"UR","Value":["http://127.0.0.1/secret"]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"` + marker + `"}]},` +
		`"00081199":{"vr":"SQ","Value":[` + referenced + `]},"00081198":{"vr":"SQ","Value":[` + failed + `]}}`
}

func xmlResponse(referenced, failed string) string {
	return `<?xml version="1.0" encoding="iso-8859-1"?><NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">` +
		`<DicomAttribute tag="00100010" vr="PN"><PersonName><Alphabetic><FamilyName>` + marker + "\xe9" + `</FamilyName></Alphabetic></PersonName></DicomAttribute>` +
		`<DicomAttribute tag="00081198" vr="SQ">` + failed + `</DicomAttribute><DicomAttribute tag="00081199" vr="SQ">` + referenced + `</DicomAttribute></NativeDicomModel>`
}

func xmlItem(uid, more string) string {
	return `<Item number="1"><DicomAttribute tag="00081155" vr="UI"><Value number="1">` + uid + ` </Value></DicomAttribute>` + more + `</Item>`
}

// answering is a registry that gives one answer, and says the patient's name in
// its headers.
func answering(t *testing.T, status int, header http.Header, answer string) *STOW {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Warning", `299 registry "`+marker+`"`)
		w.Header().Set("Server", marker)
		for name := range header {
			w.Header().Set(name, header.Get(name))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(srv.Close)
	return mustSTOW(t, STOWOptions{URL: srv.URL + "/studies"})
}

func TestAnswerThatNamesTheReportAsStoredIsAReceipt(t *testing.T) {
	o := doseReport(t)
	ours := jsonItem(o.SOPInstanceUID, "")
	for name, c := range map[string]struct {
		status int
		answer string
		want   Receipt
	}{
		"json":                   {200, jsonResponse(ours, ""), Receipt{Status: 200, Count: 1}},
		"json in an array":       {200, "[" + jsonResponse(ours, "") + "]", Receipt{Status: 200, Count: 1}},
		"json after a mark":      {200, "\xef\xbb\xbf\r\n" + jsonResponse(ours, ""), Receipt{Status: 200, Count: 1}},
		"xml":                    {200, xmlResponse(xmlItem(o.SOPInstanceUID, ""), ""), Receipt{Status: 200, Count: 1}},
		"no failed sequence":     {200, `{"00081199":{"vr":"SQ","Value":[` + ours + `]}}`, Receipt{Status: 200, Count: 1}},
		"accepted, with warning": {202, jsonResponse(jsonItem(o.SOPInstanceUID, `,"00081196":{"vr":"US","Value":[45056]}`), ""), Receipt{Status: 202, Warning: true, Count: 1}},
		"another one failed":     {202, jsonResponse(ours, jsonItem("2.25.1", jsonReason(272))), Receipt{Status: 202, Count: 1}},
		"there before":           {409, jsonResponse("", jsonItem(o.SOPInstanceUID, jsonReason(0x0111))), Receipt{Status: 409, FailureReason: 0x0111, Warning: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answering(t, c.status, nil, c.answer).Send(t.Context(), o)
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

// refused is an answer that is no receipt, and what it must become.
type refused struct {
	status int
	answer string
	kind   Kind
	reason int
}

func (c refused) check(t *testing.T, o Object) {
	t.Helper()
	receipt, err := answering(t, c.status, nil, c.answer).Send(t.Context(), o)
	e := mustFail(t, err, c.kind)
	if receipt.Status != c.status || receipt.FailureReason != c.reason || e.Receipt != receipt || e.RetryAfter != 0 {
		t.Errorf("receipt %+v, in the error %+v, retry after %s", receipt, e.Receipt, e.RetryAfter)
	}
}

func TestStatusWithoutAResponseHasItsKind(t *testing.T) {
	t.Parallel()
	o := doseReport(t)
	for name, c := range map[string]refused{
		"204": {204, "", Transient, 0},
		"409": {409, marker, Rejected, 0},
		"413": {413, marker, Rejected, 0},
		"415": {415, marker, Rejected, 0},
		"422": {422, marker, Rejected, 0},
		"401": {401, marker, Paused, 0},
		"403": {403, marker, Paused, 0},
		"404": {404, marker, Paused, 0},
		"405": {405, marker, Paused, 0},
		"501": {501, marker, Paused, 0},
		"408": {408, marker, Transient, 0},
		"425": {425, marker, Transient, 0},
		"429": {429, marker, Transient, 0},
		"418": {418, marker, Transient, 0},
		"500": {500, marker, Transient, 0},
		"503": {503, marker, Transient, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t, o)
		})
	}
}

func TestResponseThatIsNoReceiptHasItsKind(t *testing.T) {
	t.Parallel()
	o := doseReport(t)
	ours := jsonItem(o.SOPInstanceUID, "")
	failed := func(reason int) string { return jsonResponse("", jsonItem(o.SOPInstanceUID, jsonReason(reason))) }
	for name, c := range map[string]refused{
		"200, no body":                {200, "", Transient, 0},
		"200, a page":                 {200, "<html><body>" + marker + "</body></html>", Transient, 0},
		"200, text":                   {200, marker, Transient, 0},
		"200, other json":             {200, `{"patient":"` + marker + `"}`, Transient, 0},
		"200, nothing named":          {200, jsonResponse("", ""), Transient, 0},
		"200, another named":          {200, jsonResponse(jsonItem("2.25.1", ""), ""), Transient, 0},
		"200, ours longer":            {200, jsonResponse(jsonItem(o.SOPInstanceUID+"0", ""), ""), Transient, 0},
		"200, stored and failed":      {200, jsonResponse(ours, jsonItem(o.SOPInstanceUID, jsonReason(272))), Transient, 272},
		"400, stored":                 {400, jsonResponse(ours, ""), Transient, 0},
		"500, stored":                 {500, jsonResponse(ours, ""), Transient, 0},
		"200, failed without reason":  {200, jsonResponse("", ours), Transient, 0},
		"200, failed, processing":     {200, failed(0x0110), Transient, 0x0110},
		"400, failed, out of room":    {400, failed(0xA700), Transient, 0xA700},
		"200, failed, not understood": {200, failed(0xC000), Rejected, 0xC000},
		"202, failed, wrong class":    {202, failed(0xA900), Rejected, 0xA900},
		"400, failed, SOP class":      {400, failed(0x0122), Rejected, 0x0122},
		"400, failed, in xml":         {400, xmlResponse("", xmlItem(o.SOPInstanceUID, `<DicomAttribute tag="00081197" vr="US"><Value number="1">290</Value></DicomAttribute>`)), Rejected, 290},
		"400, a response":             {400, jsonResponse("", ""), Rejected, 0},
		"400, a proxy's page":         {400, "<html>" + marker + "</html>", Transient, 0},
		"409, failed":                 {409, failed(0x0110), Rejected, 0x0110},
		"507":                         {507, failed(0xA700), Transient, 0xA700},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t, o)
		})
	}
}

func TestRegistryThatAsksForTimeGetsIt(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		value       string
		least, most time.Duration
	}{
		"seconds":      {"120", 120 * time.Second, 120 * time.Second},
		"date":         {date(time.Hour), 30 * time.Minute, time.Hour},
		"date past":    {date(-time.Hour), 0, 0},
		"years":        {"999999999", 24 * time.Hour, 24 * time.Hour},
		"overflow":     {"99999999999999999999", 0, 0},
		"negative":     {"-5", 0, 0},
		"not readable": {marker, 0, 0},
	} {
		for _, status := range []int{408, 425, 429, 503} {
			t.Run(name+" "+strconv.Itoa(status), func(t *testing.T) {
				t.Parallel()
				_, err := answering(t, status, http.Header{"Retry-After": {c.value}}, marker).Send(t.Context(), doseReport(t))
				if e := mustFail(t, err, Transient); e.RetryAfter < c.least || e.RetryAfter > c.most {
					t.Errorf("retry after %s, want %s to %s", e.RetryAfter, c.least, c.most)
				}
			})
		}
	}
}

func TestRedirectIsNotFollowedAndPausesTheRegistry(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect was followed")
	}))
	defer elsewhere.Close()
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		r := answering(t, status, http.Header{"Location": {elsewhere.URL + "/" + marker}}, "")
		_, err := r.Send(t.Context(), doseReport(t))
		mustFail(t, err, Paused)
		mustFail(t, r.Check(t.Context()), Paused)
	}
}

func TestAnswerThatIsDeeplyNestedOrHugeIsNotUnderstood(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"json":  strings.Repeat(`{"00081199":{"Value":[`, 40_000),
		"xml":   strings.Repeat(`<Item><DicomAttribute tag="00081199">`, 25_000),
		"large": jsonResponse("", "") + strings.Repeat(" ", 2*maxAnswer),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, 200, nil, answer).Send(t.Context(), doseReport(t))
			mustFail(t, err, Transient)
		})
	}
}
