package web_test

import (
	"net/http"
	"testing"

	"github.com/dosegate/dosegate/plugin/web"
)

const ourStations = `# Ours.
stations:
  # The ground floor.
  - name: CT1                 # room 3
    facility: "100001"
  - {name: CT2}   # room 4

  # The annex.
  - {name: DX, send: false}
`

const facilityAndPause = `# Ours.
stations:
  # The ground floor.
  - name: CT1 # room 3
    facility: "100002"
  - {name: CT2, paused: true} # room 4

  # The annex.
  - {name: DX, send: false}
`

const oneLeftOut = `# Ours.
stations:
  # The ground floor.
  - name: CT1 # room 3
    facility: "100002"
    send: false

  # The annex.
  - {name: DX, send: false}
`

// What is done to an entry changes that entry alone: all around it stays as a person
// wrote it.
func TestAnEntryIsEditedPausedLeftOutAndRemovedAsByHand(t *testing.T) {
	h := newHouse(t, func(h *house, o *web.Options) { withUsers(h, o); h.write("stations.yaml", ourStations) })
	h.leads()
	c := h.withToken(web.Operator)
	var list string
	h.must(decode(c.get("/api/v1/stations"), func(s map[string]any) { list = s["fingerprint"].(string) }))
	save := func(pairs ...string) reply {
		t.Helper()
		got := c.post("/api/v1/stations", append(pairs, "fingerprint", list, "step", "save", "all_registries", "1")...)
		if got.status == http.StatusOK {
			h.must(decode(got, func(s map[string]any) { list = s["fingerprint"].(string) }))
		}
		return got
	}
	becomes := func(what, text string) {
		t.Helper()
		if is := h.read("stations.yaml"); is != text {
			t.Errorf("%s: stations.yaml is\n%s\nwant\n%s", what, is, text)
		}
	}
	save("place", "0", "name", "CT1", "facility", "100002")
	save("place", "1", "name", "CT2", "paused", "1")
	becomes("a facility and a pause", facilityAndPause)
	save("place", "0", "name", "CT1", "facility", "100002", "send", "false")
	save("place", "1", "remove", "1")
	becomes("one left out, one removed", oneLeftOut)
	save("place", "0", "remove", "1")
	want(t, "the last entry", save("place", "0", "remove", "1"), http.StatusBadRequest, "This is the last entry")
	want(t, "no entry", save("place", "7", "remove", "1"), http.StatusBadRequest)
	want(t, "an odd facility", save("place", "0", "name", "DX", "facility", "a/b"), http.StatusBadRequest)
	becomes("the last one", "# Ours.\nstations:\n  # The ground floor.\n\n  # The annex.\n  - {name: DX, send: false}\n")
	want(t, "the history", c.get("/api/v1/history"), http.StatusOK, "stations list: changed station CT1", "paused station CT2", "left out station CT1", "removed station CT2", "person:program-operator")
}
