package orthanc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/processtest"
)

func TestWhatADestinationIsAndSaysIsReadFromOrthanc(t *testing.T) {
	t.Parallel()
	storage, good, dead := t.TempDir(), orthanctest.FreePort(t), orthanctest.FreePort(t)
	scp, err := processtest.Start(processtest.Options{LogFile: filepath.Join(t.TempDir(), "log")}, "storescp", "-od", storage, fmt.Sprint(good))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { scp.End(os.Interrupt) })
	peer := orthanctest.Start(t, orthanctest.Options{Config: "registry.json"})
	modality := func(port int) map[string]any {
		return map[string]any{"AET": "DIR", "Host": "127.0.0.1", "Port": json.Number(fmt.Sprint(port))}
	}
	o := orthanctest.Start(t, orthanctest.Options{Config: "gateway.json", Overlay: map[string]any{
		"DicomModalities": map[string]any{"good": modality(good), "dead": modality(dead)},
		"OrthancPeers":    map[string]any{"good": []string{peer.URL + "/", orthanctest.Username, peer.Password}, "dead": []string{fmt.Sprintf("http://127.0.0.1:%d/", dead)}},
	}})
	c, err := orthanc.New(orthanc.Options{Name: "main", URL: o.URL, Username: orthanctest.Username, Password: o.Password})
	if err != nil {
		t.Fatal(err)
	}
	file := orthanctest.DoseReport(t, orthanctest.Report{})
	for name, to := range map[string]func(string) *orthanc.Destination{"modality": c.Modality, "peer": c.Peer} {
		if host, err := to("good").Host(t.Context()); host != "127.0.0.1" || err != nil {
			t.Errorf("%s: the host is %q, %v", name, host, err)
		}
		if err := errors.Join(to("good").Reach(t.Context()), to("good").Send(t.Context(), file)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for about, err := range map[string]error{"sending": to("dead").Send(t.Context(), file), "reaching": to("dead").Reach(t.Context())} {
			if e, is := errors.AsType[*orthanc.TransferError](err); !is || !e.Unreached {
				t.Errorf("%s: %s nobody: %v", name, about, err)
			}
		}
		_, err := to("unknown").Host(t.Context())
		for _, err := range []error{err, to("unknown").Send(t.Context(), file), to("unknown").Reach(t.Context())} {
			if e, is := errors.AsType[*orthanc.TransferError](err); !is || !e.Unknown {
				t.Errorf("%s: one that Orthanc does not know: %v", name, err)
			} else if strings.Contains(err.Error(), "unknown\"") {
				t.Errorf("%s: %v quotes Orthanc", name, err)
			}
		}
	}
	if got := len(peer.Instances(t)); got != 1 {
		t.Errorf("the peer has %d instances", got)
	}
	if got, _ := os.ReadDir(storage); len(got) != 1 {
		t.Errorf("the modality has %d files", len(got))
	}
	if got := len(o.Instances(t)); got != 0 {
		t.Errorf("%d instances were stored on the way", got)
	}
}

// The words are those of Orthanc 1.10 to 1.13 for a C-STORE that the other side
// refused; what the other side is called can be anything.
func TestTheStatusOfARefusalIsReadAndNoWordOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		answer string
		want   error
	}{
		"refused":     {500, `{"OrthancStatus":9,"Details":"C-STORE SCU to AET \"INVENTED^IDA\" has failed with DIMSE status 0xA700"}`, &orthanc.TransferError{DIMSEStatus: 0xA700}},
		"unreached":   {500, `{"OrthancStatus":9,"Details":"DicomAssociation - connecting to AET \"INVENTED^IDA\": TCP Initialization Error"}`, &orthanc.TransferError{Unreached: true}},
		"unknown":     {404, `{"OrthancStatus":7,"Details":"No modality with symbolic name: INVENTED^IDA"}`, &orthanc.TransferError{Unknown: true}},
		"undescribed": {500, ``, nil},
		"another's":   {502, `<html>INVENTED^IDA</html>`, nil},
		"a proxy's":   {404, `{"message":"INVENTED^IDA"}`, nil},
	} {
		err := orthanc.TransferErrorOf(c.status, []byte(c.answer))
		if strings.Contains(err.Error(), "IDA") {
			t.Errorf("%s: %v", name, err)
		}
		e, is := errors.AsType[*orthanc.TransferError](err)
		if want, _ := errors.AsType[*orthanc.TransferError](c.want); is != (c.want != nil) || is && *e != *want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
