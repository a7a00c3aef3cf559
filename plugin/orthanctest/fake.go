package orthanctest

import (
	"bytes"
	"crypto/sha1" // how Orthanc makes its IDs
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// Fake is an Orthanc in memory, as far as dosegate speaks to one, for tests that
// need thousands of them, a clock of their own, or faults on demand. It is an
// http.RoundTripper, so it lives at the wire, and a test holds its answers to the
// real one's.
type Fake struct {
	Now        func() time.Time
	Overwrites bool // OverwriteInstances
	// Before sees every request before it is answered. What it returns, if anything,
	// is the answer.
	Before func(*http.Request) *http.Response

	mu sync.Mutex
	Volume
}

// fakeInstance is a stored instance and its ancestors.
type fakeInstance struct {
	id       string
	parents  [3]string // series, study, patient
	file     []byte
	metadata map[string]string
}

// fakeChange is a line of the feed, with the names that Orthanc gives its fields.
type fakeChange struct {
	ChangeType, Date, ID, Path, ResourceType string
	Seq                                      int64
}

var fakeLevels = []struct{ name, path, change string }{
	{"Series", "/series/", "NewSeries"}, {"Study", "/studies/", "NewStudy"}, {"Patient", "/patients/", "NewPatient"},
}

// NewFake makes an empty one.
func NewFake(now func() time.Time) *Fake {
	return &Fake{Now: now, Volume: Volume{instances: make(map[string]*fakeInstance)}}
}

// Store stores a file as C-STORE would. It gives the Orthanc ID, and whether the
// file was taken: a second one under its UIDs is not, unless it overwrites.
func (f *Fake) Store(file []byte) (id string, taken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tags := identifiersOf(file)
	i := &fakeInstance{id: fakeID(tags.ids[:]), file: file, metadata: map[string]string{
		"ReceptionDate": f.date(), "SopClassUid": tags.class, "TransferSyntax": tags.syntax, "Origin": "RestApi", "RemoteAET": "",
	}}
	for level := range i.parents {
		i.parents[level] = fakeID(tags.ids[:len(tags.ids)-1-level])
	}
	if f.instances[i.id] != nil {
		if !f.Overwrites {
			return i.id, false
		}
		f.remove(i.id)
	}
	f.change("NewInstance", "Instance", "/instances/", i.id)
	for level, l := range fakeLevels {
		if !f.has(level, i.parents[level]) {
			f.change(l.change, l.name, l.path, i.parents[level])
		}
	}
	f.instances[i.id] = i
	return i.id, true
}

// Delete deletes an instance as somebody else would; false where there is none.
func (f *Fake) Delete(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.remove(id)
}

// Volume is what an Orthanc stores: its instances and its feed.
type Volume struct {
	instances map[string]*fakeInstance
	changes   []fakeChange
	last      int64 // number of the last change, which is never given twice
}

// Copy is the volume as it is now, as a backup has it.
func (f *Fake) Copy() *Volume {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &Volume{maps.Clone(f.instances), slices.Clone(f.changes), f.last}
}

// Mount puts a volume, nil for an empty one, in the place of its own, which it gives.
func (f *Fake) Mount(v *Volume) (was *Volume) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v == nil {
		v = &Volume{instances: make(map[string]*fakeInstance)}
	}
	was = &Volume{f.instances, f.changes, f.last}
	f.Volume = Volume{maps.Clone(v.instances), slices.Clone(v.changes), v.last}
	return was
}

// ClearChanges empties the feed.
func (f *Fake) ClearChanges() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes = nil
}

// File is what is stored under an ID, nil for nothing.
func (f *Fake) File(id string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.instances[id]; i != nil {
		return i.file
	}
	return nil
}

func (f *Fake) date() string { return f.Now().UTC().Format("20060102T150405") }

func (f *Fake) change(what, level, path, id string) {
	f.last++
	f.changes = append(f.changes, fakeChange{what, f.date(), id, path + id, level, f.last})
}

// has says whether there is still an instance under an ancestor.
func (f *Fake) has(level int, id string) bool {
	for _, i := range f.instances {
		if i.parents[level] == id {
			return true
		}
	}
	return false
}

// remove takes an instance away, its ancestors that are empty then, and their
// lines of the feed.
func (f *Fake) remove(id string) bool {
	i := f.instances[id]
	if i == nil {
		return false
	}
	delete(f.instances, id)
	gone := []string{id}
	for level, parent := range i.parents {
		if !f.has(level, parent) {
			gone = append(gone, parent)
		}
	}
	f.changes = slices.DeleteFunc(f.changes, func(c fakeChange) bool { return slices.Contains(gone, c.ID) })
	return true
}

// fakeID is how Orthanc makes an ID: from the identifiers down to its level.
func fakeID(identifiers []string) string {
	sum := sha1.Sum([]byte(strings.Join(identifiers, "|")))
	text := hex.EncodeToString(sum[:])
	return fmt.Sprintf("%s-%s-%s-%s-%s", text[:8], text[8:16], text[16:24], text[24:32], text[32:])
}

// fakeTags is what the index of an Orthanc knows of a file.
type fakeTags struct {
	ids           [4]string // patient ID, and the UIDs of study, series and instance
	class, syntax string
}

var knownFiles sync.Map // a file to its fakeTags: the same few are stored again and again

func identifiersOf(file []byte) fakeTags {
	if known, ok := knownFiles.Load(string(file)); ok {
		return known.(fakeTags)
	}
	ds, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		panic(fmt.Sprint("the fake Orthanc is given a file that is none: ", err))
	}
	text := func(t tag.Tag) string {
		e, err := ds.FindElementByTag(t)
		if err != nil {
			return ""
		}
		return strings.TrimRight(dicom.MustGetStrings(e.Value)[0], " \x00")
	}
	tags := fakeTags{[4]string{text(tag.PatientID), text(tag.StudyInstanceUID), text(tag.SeriesInstanceUID), text(tag.SOPInstanceUID)},
		text(tag.SOPClassUID), text(tag.TransferSyntaxUID)}
	knownFiles.Store(string(file), tags)
	return tags
}
