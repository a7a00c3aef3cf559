package sr

import "github.com/dosegate/dosegate/plugin/dataset"

// The attributes of the SR Document Content and Code Sequence macros
// (PS3.3 C.17.3, 8.8).
const (
	CodeValue              dataset.Tag = 0x00080100
	CodingSchemeDesignator dataset.Tag = 0x00080102
	CodingSchemeVersion    dataset.Tag = 0x00080103
	CodeMeaning            dataset.Tag = 0x00080104
	LongCodeValue          dataset.Tag = 0x00080119
	URNCodeValue           dataset.Tag = 0x00080120

	RelationshipType             dataset.Tag = 0x0040A010
	ValueType                    dataset.Tag = 0x0040A040
	ConceptNameCodeSequence      dataset.Tag = 0x0040A043
	ContinuityOfContent          dataset.Tag = 0x0040A050
	DateTime                     dataset.Tag = 0x0040A120
	Date                         dataset.Tag = 0x0040A121
	Time                         dataset.Tag = 0x0040A122
	PersonName                   dataset.Tag = 0x0040A123
	UID                          dataset.Tag = 0x0040A124
	TextValue                    dataset.Tag = 0x0040A160
	ConceptCodeSequence          dataset.Tag = 0x0040A168
	MeasuredValueSequence        dataset.Tag = 0x0040A300
	NumericValueQualifier        dataset.Tag = 0x0040A301
	NumericValue                 dataset.Tag = 0x0040A30A
	MeasurementUnitsCodeSequence dataset.Tag = 0x004008EA
	ContentTemplateSequence      dataset.Tag = 0x0040A504
	TemplateIdentifier           dataset.Tag = 0x0040DB00
	ContentSequence              dataset.Tag = 0x0040A730
)
