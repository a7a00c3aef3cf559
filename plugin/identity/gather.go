package identity

import (
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/sr"
)

// kind is how an identifying value is taken apart.
type kind uint8

const (
	person kind = iota + 1
	number
	birth
	place
	device // counts where the device is not to be told
	day    // counts where dates are not to be told
)

// attributes are those that name someone or something, at any level, whatever
// is done to them (PS3.3 C.2, C.7.1, C.7.2, C.7.3, C.7.5.1, C.4.10). PN names a
// person under every tag.
var attributes = map[dataset.Tag]kind{
	0x00100020: number, 0x00101000: number, 0x00101090: number, 0x00101050: number, 0x00102154: number,
	0x00080050: number, 0x00200010: number, 0x00380010: number, 0x00380060: number,
	0x00400009: number, 0x00400253: number, 0x00401001: number, 0x00402016: number, 0x00402017: number,
	0x00080080: place, 0x00080081: place, 0x00081040: place, 0x0040A027: place,
	0x00101040: place, 0x00321033: place, 0x00380300: place,
	0x00100030: birth,
	0x00081010: device, 0x00181000: device,
	0x00080020: day, 0x00080021: day, 0x00080022: day, 0x00080023: day, 0x0008002A: day, 0x00400244: day, 0x0040A032: day,
}

// concepts are the content items that name someone though their value may be
// any text (PS3.16 TID 1002 to 1007, 1020, 1204).
var concepts = map[string]kind{
	"121029": person, "121008": person, "121114": person, "113870": person, "113850": person,
	"121036": person, "121088": person, "121152": person, "121435": person,
	"121030": number, "121022": number, "121020": number, "121021": number, "113871": number, "128774": number,
	"121009": place, "113873": place, "121017": place, "121434": place,
	"121031": birth,
	"121013": device, "121016": device, "113877": device, "113880": device,
	"111060": day, "111526": day, "113809": day,
}

// Scope says what beside the patient and the persons is not to be told.
type Scope struct {
	Place  bool // the institution
	Device bool // station names and serial numbers
	Dates  bool // of the study and its events
}

// Gather adds what a report names, at all its levels.
func (id *Identity) Gather(d *dataset.Dataset, scope Scope) {
	for r, n := range d.Values() {
		if n.VR == dataset.SQ || n.VR == dataset.CS || n.VR == dataset.UI || n.Tag == dataset.Item || n.Tag>>8 == codeMacro {
			continue
		}
		if k := kindOf(d, n); k != 0 {
			id.add(k, scope, d.Charset(n.Parent).Decode(d.Trimmed(r)))
		}
	}
}

// codeMacro is what the tags (0008,01xx) of codes begin with: two thirds of a
// report's elements, which name nobody by their tag.
const codeMacro = 0x000801

// kindOf says how an element names someone, 0 where it does not: by its VR, by
// its tag, or by the concept of the content item whose value it is.
func kindOf(d *dataset.Dataset, n *dataset.Node) kind {
	switch {
	case n.VR == dataset.PN:
		return person
	case n.Tag == sr.NumericValue:
		return 0
	case n.Tag == sr.TextValue, n.Tag == sr.Date, n.Tag == sr.DateTime:
		return concepts[sr.CodeAt(d, n.Parent, sr.ConceptNameCodeSequence).Value]
	}
	if k := attributes[n.Tag]; k != 0 {
		return k
	}
	switch n.VR {
	case dataset.DS, dataset.IS, dataset.DA, dataset.TM, dataset.DT:
		return 0
	}
	if dataset.DictionaryVR(n.Tag) == dataset.PN {
		return person // under another VR than its own
	}
	return 0
}

// named is a value that names someone in some way.
type named struct {
	kind
	value string
}

// add takes a value apart; several stand behind backslashes. Reports repeat who
// was there in every event.
func (id *Identity) add(k kind, scope Scope, value string) {
	if id.met[named{k, value}] {
		return
	}
	id.met[named{k, value}] = true
	for v := range strings.SplitSeq(value, `\`) {
		switch {
		case k == person:
			id.AddPerson(v)
		case k == number, k == device && scope.Device:
			id.AddNumber(v)
		case k == birth, k == day && scope.Dates:
			id.AddDate(v)
		case k == place && scope.Place:
			id.AddPlace(v)
		}
	}
}
