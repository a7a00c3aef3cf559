package deid

import (
	"strconv"
	"strings"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/identity"
	"github.com/dosegate/dosegate/plugin/sr"
	"github.com/suyashkumar/dicom"
)

// libAdd is a way of taking an identifying value apart.
type libAdd func(*identity.Identity, string)

// libKinds are the tags, and libConcepts the concepts, that name somebody, as
// package identity has them: those that the registry profile does not retain.
var libKinds, libConcepts = func() (map[dataset.Tag]libAdd, map[string]libAdd) {
	kinds, concepts := make(map[dataset.Tag]libAdd), make(map[string]libAdd)
	for _, k := range []struct {
		add            libAdd
		tags, concepts string
	}{
		{(*identity.Identity).AddNumber, "00100020 00101000 00101090 00101050 00102154 00080050 00200010 00380010 00380060 00400009 00400253 " +
			"00401001 00402016 00402017", "121030 121022 121020 121021 113871 128774"},
		{(*identity.Identity).AddPlace, "00080080 00080081 00081040 0040A027 00101040 00321033 00380300", "121009 113873 121017 121434"},
		{(*identity.Identity).AddDate, "00100030", "121031"},
		{(*identity.Identity).AddPerson, "", "121029 121008 121114 113870 113850 121036 121088 121152 121435"},
	} {
		for hex := range strings.FieldsSeq(k.tags) {
			kinds[dataset.Tag(libMust(strconv.ParseUint(hex, 16, 32)))] = k.add
		}
		for code := range strings.FieldsSeq(k.concepts) {
			concepts[code] = k.add
		}
	}
	return kinds, concepts
}()

// libGather adds what the elements of an item name, and those below. met holds
// what was added, since reports repeat who was there.
func libGather(id *identity.Identity, es []*dicom.Element, met map[string]bool) {
	for _, e := range es {
		if e.Value.ValueType() == dicom.Sequences {
			for _, item := range libItems(e) {
				libGather(id, libElements(item), met)
			}
			continue
		}
		t := libTag(e)
		add := libKinds[t]
		switch {
		case e.RawValueRepresentation == "PN":
			add = (*identity.Identity).AddPerson
		case t == sr.TextValue, t == sr.Date, t == sr.DateTime:
			add = libConcepts[libCodeIn(es, sr.ConceptNameCodeSequence).Value]
		}
		if add == nil {
			continue
		}
		values, _ := e.Value.GetValue().([]string)
		for _, v := range values {
			if !met[v] {
				add(id, v)
				met[v] = true
			}
		}
	}
}
