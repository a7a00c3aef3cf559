package deid

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/identity"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
)

// Deidentifier carries out one policy. It is safe for concurrent use.
type Deidentifier struct {
	policy Policy
	rules  *rules
}

// New prepares a policy.
func New(p Policy) *Deidentifier { return &Deidentifier{policy: p, rules: resolve(p)} }

// Policy returns what it was made for.
func (x *Deidentifier) Policy() Policy { return x.policy }

// Context is what de-identification depends on besides policy and report.
type Context struct {
	Key Key
	// Issuer is the Issuer of Patient ID (0010,0021) of reports that name
	// none: the source's, else the facility. It keeps the same ID of two
	// hospitals apart.
	Issuer string
	// Facility is the registry's ID of it, for a policy that writes it.
	Facility string
	// Edition above 0 gives the report other UIDs than it had before: for one
	// that is sent again as new.
	Edition int
}

// Result is a de-identified report, ready to be sent.
type Result struct {
	File              []byte // PS3.10 file
	SOPClassUID       string
	SOPInstanceUID    string // derived
	StudyInstanceUID  string // derived
	SeriesInstanceUID string // derived, "" where the report has none
	Counts            Counts
}

// SHA256 is the digest of the file, in hexadecimal.
func (r *Result) SHA256() string {
	sum := sha256.Sum256(r.File)
	return hex.EncodeToString(sum[:])
}

// Counts says how many elements and items were treated how, at all levels;
// what is below a removed one is not counted.
type Counts struct {
	Kept     int `json:"kept"`
	Cleaned  int `json:"cleaned"`  // identifiers cut out of a text
	Replaced int `json:"replaced"` // another UID, pseudonym, age, date or dummy
	Emptied  int `json:"emptied"`
	Removed  int `json:"removed"`

	// NumbersDropped are NUM items whose value is no number ("1,5"): it could
	// be anything, so it does not stay.
	NumbersDropped int `json:"numbers_dropped"`

	// LeakedTexts were replaced whole because the last look found an
	// identifier in them that cleaning had not. A text of a code that repeats
	// counts once.
	LeakedTexts int `json:"leaked_texts"`
}

func (c *Counts) add(o *Counts) {
	c.Kept += o.Kept
	c.Cleaned += o.Cleaned
	c.Replaced += o.Replaced
	c.Emptied += o.Emptied
	c.Removed += o.Removed
	c.NumbersDropped += o.NumbersDropped
}

// take sets what was counted from an earlier state to a later one.
func (c *Counts) take(later, earlier *Counts) {
	c.Kept = later.Kept - earlier.Kept
	c.Cleaned = later.Cleaned - earlier.Cleaned
	c.Replaced = later.Replaced - earlier.Replaced
	c.Emptied = later.Emptied - earlier.Emptied
	c.Removed = later.Removed - earlier.Removed
	c.NumbersDropped = later.NumbersDropped - earlier.NumbersDropped
}

// The attributes that name the report (PS3.3 C.12.1, C.7.2.1, C.7.3.1).
const (
	sopClassUID       dataset.Tag = 0x00080016
	sopInstanceUID    dataset.Tag = 0x00080018
	studyInstanceUID  dataset.Tag = 0x0020000D
	seriesInstanceUID dataset.Tag = 0x0020000E
	patientID         dataset.Tag = 0x00100020
	issuerOfPatientID dataset.Tag = 0x00100021
	studyDate         dataset.Tag = 0x00080020
	stationName       dataset.Tag = 0x00081010
	serialNumber      dataset.Tag = 0x00181000
)

// Deidentify makes the de-identified copy of a dose report. The same report,
// key and policy give the same bytes. A *[LeakError] says that an identifier
// of the patient was found in the finished object, which must not leave then;
// [ErrNoFacility], that the policy wants a facility and there is none.
func (x *Deidentifier) Deidentify(doc *rdsr.Document, ctx Context) (*Result, error) {
	b := benches.Get().(*bench)
	defer b.leave()
	j := newJob(b, x, doc, ctx)
	j.plan.NameSequences()
	j.elements(dataset.Root, noValue)
	j.mark()
	if err := j.site(ctx.Facility); err != nil {
		return nil, err
	}
	out, err := j.encode(doc.SOPClassUID)
	if err != nil {
		return nil, fmt.Errorf("write the de-identified report: %w", err)
	}
	if out.File, out.Counts.LeakedTexts, err = lastLook(doc.Dataset, out.File, x.policy); err != nil {
		return nil, err
	}
	return out, nil
}

// job is the de-identification of one report.
type job struct {
	*bench
	policy   Policy
	rules    *rules
	d        *dataset.Dataset
	tree     *sr.Tree
	concepts []*conceptRule // by [sr.Item.ConceptNumber], nil where it was not needed yet
	derive   *deriver
	cleaner  *cleaner
	issuer   string
	patient  string // the ID that the pseudonym and the date offset derive from
	counts   Counts
}

// bench is where a job keeps what it notes by the node. It is for one job at a
// time, and kept for the next ones: nothing that leaves is written on it.
type bench struct {
	plan    dataset.Plan
	met     []int32 // per node: which of treated it is, counted from 1
	numbers []int32 // per node: which of treated a number is that is like it, counted from 1
	treated []treated
}

var benches = sync.Pool{New: func() any { return new(bench) }}

// start begins with a data set.
func (b *bench) start(d *dataset.Dataset) {
	b.plan.Start(d)
	b.treated = b.treated[:0]
	for _, notes := range []*[]int32{&b.met, &b.numbers} {
		*notes = slices.Grow((*notes)[:0], d.Len())[:d.Len()]
		clear(*notes)
	}
}

// leave keeps nothing of the report.
func (b *bench) leave() {
	b.plan.End()
	benches.Put(b)
}

func newJob(b *bench, x *Deidentifier, doc *rdsr.Document, ctx Context) *job {
	d := doc.Dataset
	b.start(d)
	j := &job{bench: b, policy: x.policy, rules: x.rules, d: d, tree: doc.Tree, concepts: make([]*conceptRule, len(doc.Tree.Concepts())),
		derive: newDeriver(ctx.Key, ctx.Edition), cleaner: newCleaner(identify(d, x.policy))}
	j.issuer, j.patient = subject(d, ctx.Issuer)
	return j
}

// subject is who a report is about, as the site's pseudonyms tell people apart:
// the issuer, where the report names none the one given, and the ID.
func subject(d *dataset.Dataset, issuer string) (string, string) {
	id := d.TextOf(dataset.Root, patientID)
	if identity.Placeholder(id) {
		// Without an ID the study is all that holds a patient's reports
		// together; under a placeholder everybody would be one person.
		return "study", d.TextOf(dataset.Root, studyInstanceUID)
	}
	return cmp.Or(d.TextOf(dataset.Root, issuerOfPatientID), issuer), id
}

// identify gathers what this policy does not let out.
func identify(d *dataset.Dataset, p Policy) *identity.Identity {
	id := identity.New(isTerm)
	id.Gather(d, identity.Scope{Place: !p.Retain.InstitutionIdentity, Device: !p.Retain.DeviceIdentity, Dates: p.Dates != DatesFull})
	return id
}

// encode writes the file and names it.
func (j *job) encode(sopClass string) (*Result, error) {
	r := &Result{SOPClassUID: sopClass, SOPInstanceUID: j.uidOf(sopInstanceUID), StudyInstanceUID: j.uidOf(studyInstanceUID),
		SeriesInstanceUID: j.uidOf(seriesInstanceUID), Counts: j.counts}
	head := dataset.AppendFileHeader(make([]byte, 0, len(j.d.Raw())+1024), sopClass, r.SOPInstanceUID, j.d.Syntax.Output())
	file, err := j.plan.Encode(head)
	if err != nil {
		return nil, err
	}
	r.File = file
	return r, nil
}

// uidOf is what one of the report's own UIDs becomes.
func (j *job) uidOf(tag dataset.Tag) string {
	original := j.d.TextOf(dataset.Root, tag)
	if j.policy.Retain.UIDs || original == "" {
		return original
	}
	return j.derive.uid(original)
}

// SOPInstance is the SOP Instance UID that a report gets under a key, without
// de-identifying it.
func SOPInstance(doc *rdsr.Document, k Key) string {
	return newDeriver(k, 0).uid(doc.Dataset.TextOf(dataset.Root, sopInstanceUID))
}
