package deid

import (
	"bytes"
	"fmt"

	"github.com/dosegate/dosegate/plugin/sr"
	"github.com/suyashkumar/dicom"
)

// LibraryNumbers counts the NUM items of a report as suyashkumar/dicom reads
// them: a reader that shares nothing with Dosegate's. An item is the concepts on
// the way to it, its value, unit and qualifier.
func LibraryNumbers(file []byte) (map[string]int, error) {
	d, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		return nil, err
	}
	numbers := make(map[string]int)
	libCount(d.Elements, "", numbers)
	return numbers, nil
}

func libCount(es []*dicom.Element, path string, numbers map[string]int) {
	for _, item := range libItems(libFind(es, sr.ContentSequence)) {
		child := libElements(item)
		here := fmt.Sprintf("%s/%v", path, libCodeIn(child, sr.ConceptNameCodeSequence))
		for _, m := range libItems(libFind(child, sr.MeasuredValueSequence)) {
			measured := libElements(m)
			numbers[fmt.Sprint(here, libText(measured, sr.NumericValue), libCodeIn(measured, sr.MeasurementUnitsCodeSequence),
				libCodeIn(child, sr.NumericValueQualifier))]++
		}
		libCount(child, here, numbers)
	}
}
