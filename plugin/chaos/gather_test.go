package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/dosegate/dosegate/plugin/dicomtest"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanctest"
)

// followed says whether the whole feed of the gateway is in the ledger.
func (s *stage) followed(l *ledger.Ledger) bool {
	position, known, err := l.Position(s.t.Context(), "main")
	at := position.Seq
	must(s.t, err)
	for {
		var page struct {
			Changes []struct{ ChangeType string }
			Last    int64
			Done    bool
		}
		s.gateway.GetJSON(s.t, fmt.Sprintf("/changes?limit=1000&since=%d", at), &page)
		for _, c := range page.Changes {
			if c.ChangeType == "NewInstance" {
				return false
			}
		}
		if at = page.Last; page.Done {
			return known
		}
	}
}

// gather asks the gateway, the ledger and the registry for all that they have,
// and looks for markers in what dosegate wrote and sent.
func (s *stage) gather(c *crowd) *verdict {
	t := s.t
	v := &verdict{evidence: evidence{reports: c.reports, gateway: instances(s, s.gateway), copies: make(map[string]finished),
		figures: func(r report) dicomtest.Figures {
			_, file := c.maker.make(r.number)
			f, err := dicomtest.ReadFigures(file)
			must(t, err)
			return f
		}}}
	l, err := ledger.Open(t.Context(), s.ledgerAddress(), ledger.Options{})
	must(t, err)
	must(t, l.List(t.Context(), ledger.Query{}, func(r ledger.Row) error { v.rows = append(v.rows, r); return nil }))
	v.counts = readCounts(t, l)
	must(t, l.Close())
	for uid, id := range instances(s, s.registry) {
		file := s.registry.Must(t, "GET", "/instances/"+id+"/file", nil)
		s.markers.look("the registry's copy "+uid, file)
		sum := sha256.Sum256(file)
		f, err := dicomtest.ReadFigures(file)
		if err != nil {
			t.Errorf("the registry's copy %s: %v", uid, err)
		}
		v.copies[uid] = finished{hex.EncodeToString(sum[:]), f}
	}
	for _, m := range s.members {
		s.markers.lookAtFile(t, m.log())
	}
	s.lookAtLedger()
	return v
}

// staleMarks counts the reports whose mark in the gateway says another state than
// the ledger.
func (s *stage) staleMarks(rows []ledger.Row) (stale map[string]int) {
	stale = make(map[string]int)
	for _, r := range rows {
		status, mark := s.gateway.Do(s.t, "GET", "/instances/"+r.Report.OrthancID+"/metadata/DosegateState", nil)
		if status != 200 {
			mark = []byte("nothing")
		}
		if string(mark) != string(r.State) {
			stale[fmt.Sprintf("reports are %s, and their mark says %s", r.State, mark)]++
		}
	}
	return stale
}

// lookAtLedger looks for markers in the ledger's file, or in a dump of it.
func (s *stage) lookAtLedger() {
	if s.server != nil {
		dump := filepath.Join(s.dir, "ledger.sql")
		s.server.Dump(s.t, s.database, dump)
		s.markers.lookAtFile(s.t, dump)
		return
	}
	files, err := filepath.Glob(s.ledgerAddress() + "*")
	must(s.t, err)
	for _, name := range files {
		s.markers.lookAtFile(s.t, name)
	}
}

// instances are all that an Orthanc has: SOP Instance UID to its ID.
func instances(s *stage, o *orthanctest.Orthanc) map[string]string {
	all := make(map[string]string)
	for since := 0; ; since += 1000 {
		var page []struct {
			ID            string
			MainDicomTags struct{ SOPInstanceUID string }
		}
		o.GetJSON(s.t, fmt.Sprintf("/instances?expand&limit=1000&since=%d", since), &page)
		for _, i := range page {
			all[i.MainDicomTags.SOPInstanceUID] = i.ID
		}
		if len(page) == 0 {
			return all
		}
	}
}

// endAll ends the dosegates, the last first.
func (s *stage) endAll() {
	for _, m := range slices.Backward(s.members) {
		m.end(syscall.SIGTERM)
	}
}
