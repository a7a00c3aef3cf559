//go:build native

package main

import (
	"context"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
)

// watcher notices that a report came a second time with another content, which
// Orthanc itself does not say: it keeps the first, or the last. It looks after
// Orthanc has stored, beside what Orthanc does, and misses what comes faster.
type watcher struct {
	tell func(instance string)
	seen chan received
	last map[string][32]byte // digests of the last copies, by SOP Instance UID
}

// received is a copy that came.
type received struct {
	sopInstance string
	digest      [32]byte
	at          time.Time
}

const (
	waiting  = 256             // copies that wait to be looked at; what comes beyond is not
	kept     = 4096            // digests
	largest  = 16 << 20        // bytes of a report that is read
	settling = 2 * time.Second // after which Orthanc has stored what came
)

func newWatcher(tell func(string)) *watcher {
	return &watcher{tell: tell, seen: make(chan received, waiting), last: make(map[string][32]byte)}
}

// received takes a copy in. It reads it, which takes a millisecond, and waits
// for nothing.
func (w *watcher) received(file []byte) {
	if len(file) > largest {
		return
	}
	d, err := dataset.Parse(file, dataset.Limits{})
	if err != nil {
		return // dosegate will say so
	}
	select {
	case w.seen <- received{sopInstance: d.TextOf(dataset.Root, 0x00080018), digest: d.Digest(), at: time.Now()}:
	default:
	}
}

func (w *watcher) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case copy := <-w.seen:
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(copy.at.Add(settling))):
			}
			guarded("looking at a second copy", func() { w.look(copy) })
		}
	}
}

// look compares a copy with the one before and with the one that Orthanc has.
func (w *watcher) look(copy received) {
	if !dataset.ValidUID(copy.sopInstance) {
		return
	}
	before, again := w.last[copy.sopInstance]
	if len(w.last) >= kept {
		clear(w.last)
	}
	w.last[copy.sopInstance] = copy.digest
	id, stored := storedCopy(copy.sopInstance)
	if id == "" {
		return
	}
	if again && before != copy.digest || stored != nil && stored.Digest() != copy.digest {
		w.tell(id)
	}
}

// storedCopy is the report that Orthanc has under a SOP Instance UID.
func storedCopy(sopInstance string) (id string, d *dataset.Dataset) {
	id = lookup(sopInstance)
	if id == "" {
		return "", nil
	}
	file, ok := get("/instances/" + id + "/file")
	if !ok {
		return id, nil
	}
	d, err := dataset.Parse(file, dataset.Limits{})
	if err != nil {
		return id, nil
	}
	return id, d
}
