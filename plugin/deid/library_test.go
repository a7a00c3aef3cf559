package deid

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/identity"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/sr"
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// Library de-identifies with suyashkumar/dicom by the tables of this package:
// what an editor over a general library is like that keeps to the same policy.
// It reads the library's tree, edits it in place and has it written. It has no
// last look. Of the choices of a Policy it knows those of the registry profile.
type Library struct {
	policy Policy
	rules  *rules
	key    Key
}

// NewLibrary prepares the registry profile.
func NewLibrary(k Key) *Library { return &Library{Registry, resolve(Registry), k} }

// Copy parses and writes without any edit.
func (l *Library) Copy(file []byte) ([]byte, error) {
	d, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		return nil, err
	}
	return libWrite(d, len(file))
}

// Deidentify parses, edits and writes.
func (l *Library) Deidentify(file []byte) ([]byte, error) {
	d, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		return nil, err
	}
	x := &libraryEdit{Library: l, derive: newDeriver(l.key, 0), issuer: libText(d.Elements, issuerOfPatientID),
		patient: libText(d.Elements, patientID), studyDate: libText(d.Elements, studyDate)}
	if identity.Placeholder(x.patient) {
		x.issuer, x.patient = "study", libText(d.Elements, studyInstanceUID)
	}
	id := identity.New(isTerm)
	libGather(id, d.Elements, make(map[string]bool))
	x.cleaner = newCleaner(id)
	d.Elements = x.root(d.Elements)
	return libWrite(d, len(file))
}

// libWrite spares the library the checks that it can do without.
func libWrite(d dicom.Dataset, size int) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(size + size/4)
	err := dicom.Write(&out, d, dicom.SkipVRVerification(), dicom.SkipValueTypeVerification())
	return out.Bytes(), err
}

// libraryEdit is the de-identification of one report.
type libraryEdit struct {
	*Library
	derive                     *deriver
	cleaner                    *cleaner
	issuer, patient, studyDate string
}

func (x *libraryEdit) root(es []*dicom.Element) []*dicom.Element {
	var meta []*dicom.Element
	for len(es) > 0 && es[0].Tag.Group == tag.MetadataGroup {
		switch e := es[0]; e.Tag {
		case tag.MediaStorageSOPInstanceUID:
			libSet(e, x.derive.uid(libValue(e)))
			meta = append(meta, e)
		case tag.FileMetaInformationVersion, tag.MediaStorageSOPClassUID, tag.TransferSyntaxUID:
			meta = append(meta, e)
		}
		es = es[1:]
	}
	es = x.elements(es, 0, libNoValue)
	if libFind(es, patientID) == nil {
		es = append(es, libElement(tag.PatientID, x.derive.pseudonym(x.issuer, x.patient)))
	}
	var methods [][]*dicom.Element
	for _, code := range x.policy.methods() {
		meaning, _ := meaningOf("DCM", code)
		methods = append(methods, libCode(sr.DCM(code), meaning))
	}
	es = append(es, libElement(tag.PatientIdentityRemoved, "YES"), libElement(tag.LongitudinalTemporalInformationModified, "UNMODIFIED"),
		libSequence(tag.DeidentificationMethodCodeSequence, methods...))
	slices.SortFunc(es, func(a, b *dicom.Element) int { return cmp.Compare(libTag(a), libTag(b)) })
	return append(meta, es...)
}

// elements edits the elements of an item of a sequence in place, by
// attributes.tsv.
func (x *libraryEdit) elements(es []*dicom.Element, sequence dataset.Tag, value libItemValue) []*dicom.Element {
	code := libCodeOf(es)
	out := es[:0]
	for _, e := range es {
		row, listed := x.rules.attributes.get(libTag(e))
		row = row.in(sequence)
		if listed && (e.Value.ValueType() == dicom.Sequences) == (row.vr == dataset.SQ) && x.element(e, es, row, code, value) {
			if row.vr != dataset.SQ && libVR(e) != row.vr {
				e.RawValueRepresentation = row.vr.String()
			}
			out = append(out, e)
		}
	}
	return out
}

// element edits one, and tells whether it stays.
func (x *libraryEdit) element(e *dicom.Element, item []*dicom.Element, row *rule, code sr.Code, value libItemValue) bool {
	switch {
	case row.vr == dataset.SQ:
		return x.sequence(e, row)
	case e.Value.ValueType() == dicom.Floats:
		return row.vr == dataset.FD && libAgrees(e, item)
	case e.Value.ValueType() != dicom.Strings:
		return !row.vr.Text() && row.action == keep
	}
	switch row.form.name {
	case "item-value":
		return libTag(e) == value.tag && x.itemValue(e, row, value)
	case "code":
		return x.code(e, code)
	case "patient-id":
		libSet(e, x.derive.pseudonym(x.issuer, x.patient))
		return true
	case "age":
		n, ok := years(libValue(e))
		if ok = ok && row.action != remove; ok {
			libSet(e, ageString(n, x.policy.OldestAge))
		}
		return ok
	case "charset":
		libSet(e, "ISO_IR 192") // the library has made UTF-8 of all texts
		return true
	}
	return x.apply(e, row)
}

func (x *libraryEdit) sequence(e *dicom.Element, row *rule) bool {
	switch t := libTag(e); {
	case t == sr.ContentSequence:
		libEach(e, x.contentItem)
		return len(libItems(e)) > 0 // a sequence without an item is not allowed (PS3.3 C.17.3)
	case row.action == remove:
		return false
	case row.action == empty:
		e.Value = libMust(dicom.NewValue([][]*dicom.Element{}))
	default:
		libEach(e, func(es []*dicom.Element) ([]*dicom.Element, bool) { return x.elements(es, t, libNoValue), true })
	}
	return true
}

// apply carries an action out, and tells whether the element stays.
func (x *libraryEdit) apply(e *dicom.Element, row *rule) bool {
	switch value := libValue(e); row.action {
	case remove:
		return false
	case empty:
		libSet(e, "")
	case dummy:
		return x.dummy(e, row)
	case newUID:
		x.newUID(e)
	default:
		if !fits(row.vr, []byte(value)) || !row.form.matches(value) || x.tells(row, value) {
			return x.unfit(e, row)
		}
		if isText(row.vr) {
			if out, changed := x.cleaner.clean([]byte(value), libCharset); changed {
				libSet(e, string(out))
			}
		}
	}
	return true
}

func (x *libraryEdit) unfit(e *dicom.Element, row *rule) bool {
	switch row.typ {
	case "1":
		return x.dummy(e, row)
	case "2":
		libSet(e, "")
		return true
	}
	return false
}

func (x *libraryEdit) newUID(e *dicom.Element) {
	parts := strings.Split(libValue(e), `\`)
	for i, uid := range parts {
		if uid != "" {
			parts[i] = x.derive.uid(uid)
		}
	}
	libSet(e, strings.Join(parts, `\`))
}

var libDummies = map[dataset.VR]string{dataset.DA: "19000101", dataset.TM: "000000", dataset.DT: "19000101000000", dataset.IS: "0"}

func (x *libraryEdit) dummy(e *dicom.Element, row *rule) bool {
	value, fixed := libDummies[row.vr]
	switch {
	case row.vr == dataset.UI:
		x.newUID(e)
		return true
	case row.vr == dataset.DS:
		return false
	case row.vr == dataset.CS && len(row.form.allowed) > 0:
		value = row.form.allowed[0]
	case !fixed && row.vr != dataset.CS:
		value = replacement
	}
	libSet(e, value)
	return true
}

// tells reports whether a number, a date or a UID is one of the patient's.
func (x *libraryEdit) tells(row *rule, value string) bool {
	switch row.vr {
	case dataset.IS:
		return len(value) >= 5 && x.cleaner.id.In(value)
	case dataset.DA, dataset.DT:
		return len(value) >= 8 && x.cleaner.id.Told(value[:8]) && !strings.HasPrefix(value, x.studyDate)
	case dataset.UI:
		return row.form.name == "standard-uid" && x.cleaner.id.In(strings.ReplaceAll(strings.TrimPrefix(value, "1.2.840.10008."), ".", ""))
	case dataset.CS:
		return row.form.name == "digits" && rdsr.DoseTemplate(value) == "" &&
			(x.cleaner.id.IsWord(value) || len(value) == 6 && x.cleaner.id.In(value))
	}
	return false
}
