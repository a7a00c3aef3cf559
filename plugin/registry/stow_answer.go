package registry

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// The attributes of a Store Instances Response: PS3.18 10.5.3, Annex I.
const (
	warningReason     = "00081196"
	failureReason     = "00081197"
	failedSOPs        = "00081198"
	referencedSOPs    = "00081199"
	referencedSOPInst = "00081155"
)

// statement is what an answer says of one object.
type statement struct {
	stored, failed bool
	warning        bool
	failureReason  int
	count          int // of all the objects that it says it stored
}

// response has the items of the two sequences, by tag; a sequence that is there
// and empty has none. An item is the first value of each attribute, by tag.
type response map[string][]item

type item map[string]string

var errNoResponse = errors.New("the answer is no Store Instances Response")

// readAnswer finds what an answer says of the object with this UID. What media
// type it claims does not count: Orthanc's plugin names none with an error.
func readAnswer(answer []byte, sopInstanceUID string) (statement, error) {
	r, err := decodeAnswer(answer)
	if err != nil || len(r) == 0 {
		return statement{}, errNoResponse // the decoder's words may quote the answer
	}
	said := statement{count: len(r[referencedSOPs])}
	for _, it := range r[referencedSOPs] {
		if it.is(sopInstanceUID) {
			_, warned := it[warningReason]
			said.stored, said.warning = true, said.warning || warned
		}
	}
	for _, it := range r[failedSOPs] {
		if it.is(sopInstanceUID) {
			said.failed = true
			said.failureReason, _ = strconv.Atoi(it[failureReason]) // 0: none that can be read
		}
	}
	return said, nil
}

func (it item) is(sopInstanceUID string) bool {
	return sopInstanceUID != "" && strings.Trim(it[referencedSOPInst], " \x00") == sopInstanceUID
}

// decodeAnswer tells JSON from XML by its first character.
func decodeAnswer(answer []byte) (response, error) {
	answer = bytes.TrimLeft(bytes.TrimPrefix(answer, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(answer, []byte("<")) {
		return decodeXML(answer)
	}
	return decodeJSON(answer)
}

// jsonDataset is a data set of the DICOM JSON Model: PS3.18 F.2. It leaves the
// values undecoded, so that nobody can nest them into our time.
type jsonDataset map[string]struct{ Value []json.RawMessage }

func decodeJSON(answer []byte) (response, error) {
	var ds jsonDataset
	err := json.Unmarshal(answer, &ds)
	if err != nil {
		var all []jsonDataset // F.2.1: data sets may come as an array
		if err := json.Unmarshal(answer, &all); err != nil || len(all) != 1 {
			return nil, errNoResponse
		}
		ds = all[0]
	}
	r := response{}
	for _, tag := range []string{referencedSOPs, failedSOPs} {
		sequence, ok := ds[tag]
		if !ok {
			continue
		}
		r[tag] = nil
		for _, value := range sequence.Value {
			var in jsonDataset
			if err := json.Unmarshal(value, &in); err != nil {
				return nil, err
			}
			r[tag] = append(r[tag], in.item())
		}
	}
	return r, nil
}

func (ds jsonDataset) item() item {
	it := item{}
	for tag, a := range ds {
		if len(a.Value) > 0 {
			it[tag] = strings.Trim(string(a.Value[0]), `"`) // a number, or a string that may hold one
		}
	}
	return it
}

// model is the Native DICOM Model: PS3.19 A.1.
type model struct {
	Attributes []struct {
		Tag    string   `xml:"tag,attr"`
		Values []string `xml:"Value"`
		Items  []model  `xml:"Item"`
	} `xml:"DicomAttribute"`
}

func decodeXML(answer []byte) (response, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(answer, []byte("?"))))
	// Only UIDs and numbers are read, and they look the same in every charset.
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var m model
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	r := response{}
	for _, a := range m.Attributes {
		if a.Tag != referencedSOPs && a.Tag != failedSOPs {
			continue
		}
		r[a.Tag] = nil
		for _, in := range a.Items {
			r[a.Tag] = append(r[a.Tag], in.item())
		}
	}
	return r, nil
}

func (m model) item() item {
	it := item{}
	for _, a := range m.Attributes {
		if len(a.Values) > 0 {
			it[a.Tag] = strings.TrimSpace(a.Values[0])
		}
	}
	return it
}
