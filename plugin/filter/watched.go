package filter

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// Watched is a stations.yaml that may change, vanish or break at any time. A
// change comes into force when two looks in a row have seen it, so that a file
// that is just being written is not taken for the whole of it. A list that
// cannot be read, or is suddenly empty, does not: the last good one stays.
type Watched struct {
	path       string
	registries []string

	mu      sync.Mutex
	good    *Stations
	started bool
	seen    []byte // at the last look, not yet in force
	trouble string
}

// Watch starts with the last good list of an earlier run, nil where there was
// none, and looks at the file at once.
func Watch(path string, registries []string, lastGood []byte) *Watched {
	w := &Watched{path: path, registries: registries}
	if len(lastGood) > 0 {
		w.good, _ = ParseStations(lastGood, registries) // a list that no longer fits is none
	}
	w.Look()
	return w
}

// Stations is the list in force; nil before one was ever read.
func (w *Watched) Stations() *Stations {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.good
}

// Path is where the file lies.
func (w *Watched) Path() string { return w.path }

// Trouble says why the file is not what is in force, "" where it is. While
// there is trouble nothing may expire.
func (w *Watched) Trouble() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

// Doubt says why the file, as it is at this moment, is not the list in force, ""
// where it is: what a person has just written counts before a look has seen it.
func (w *Watched) Doubt() string {
	text, err := os.ReadFile(w.path)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil:
		return readTrouble(w.path, err)
	case w.good == nil || !bytes.Equal(text, w.good.text):
		return cmp.Or(w.trouble, w.path+" has just changed and is not in force yet")
	}
	return w.trouble
}

// Look reads the file and reports whether another list came into force.
func (w *Watched) Look() (changed bool) {
	text, err := os.ReadFile(w.path)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.seen, w.started = nil, true
		w.trouble = readTrouble(w.path, err)
		return false
	}
	settled := !w.started || bytes.Equal(text, w.seen)
	w.seen, w.started = bytes.Clone(text), true
	if w.good != nil && bytes.Equal(text, w.good.text) {
		w.trouble = ""
		return false
	}
	if !settled {
		return false
	}
	return w.take(text)
}

// take brings a list into force, if it is a good one.
func (w *Watched) take(text []byte) (changed bool) {
	list, err := ParseStations(text, w.registries)
	switch {
	case err != nil:
		w.trouble = fmt.Sprintf("%s is not valid, the last good list stays in force: %v", w.path, err)
		return false
	case len(list.Entries) == 0 && w.good != nil && len(w.good.Entries) > 0:
		w.trouble = fmt.Sprintf("%s is suddenly empty, the last good list stays in force: "+
			"to stop a station on purpose keep its entry with send: false or paused: true", w.path)
		return false
	}
	w.good, w.trouble = list, ""
	return true
}

func readTrouble(path string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("%s is missing, the last good list stays in force: put it back", path)
	}
	return fmt.Sprintf("cannot read %s, the last good list stays in force: %v", path, err)
}
