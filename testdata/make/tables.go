package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// expectedTable is expected.tsv: what recognition should say of each file, in the columns of corpus.tsv.
func expectedTable(files []file) string {
	var b strings.Builder
	b.WriteString("# Expected recognition of the files of this folder, in the columns of corpus.tsv, where the rules are. Made by make/.\n")
	b.WriteString("file\tdose_report\twhy\tsop_class_uid\ttemplate\tkind\tstation_name\tdevice_observer_name\tmanufacturer\tmodel\t" +
		"serial_number\tirradiation_events\ttransfer_syntax\n")
	for _, f := range files {
		syntax := f.enc.transferSyntax() // without file meta information it shows in the first element all the same
		row := []string{
			f.name + ".dcm", strconv.FormatBool(f.want.why == ""), f.want.why,
			f.data.text(tag.SOPClassUID), f.want.template, f.want.kind,
			f.data.text(tag.StationName), observerNameOf(f.data),
			f.data.text(tag.Manufacturer), f.data.text(tag.ManufacturerModelName), f.data.text(tag.DeviceSerialNumber),
			strconv.Itoa(f.want.events), syntax,
		}
		b.WriteString(strings.Join(row, "\t") + "\n")
	}
	return b.String()
}

// observerNameOf finds Device Observer Name (121013) among the root's own children.
func observerNameOf(data elements) string {
	content := data.find(tag.ContentSequence)
	if content == nil {
		return ""
	}
	for _, it := range items(content) {
		if items(it.find(tag.ConceptNameCodeSequence))[0].text(tag.CodeValue) == deviceName.value {
			return it.text(tag.TextValue)
		}
	}
	return ""
}

// plantedTable is planted.tsv: every place of every file in which an identity is planted.
func plantedTable(files []file) string {
	var b strings.Builder
	b.WriteString("# Every planted identity: where it is, and the shortest token that betrays it. Made by make/. In a path, [0] is a sequence's\n" +
		"# first item; \"preamble\" is the 128 bytes before DICM. The README says what the kinds are.\n")
	b.WriteString("file\tpath\tvalue\tkind\n")
	for _, f := range files {
		name := f.name + ".dcm"
		if f.enc.preamble != "" {
			writeFound(&b, name, "preamble", f.enc.preamble)
		}
		if !f.enc.noMeta {
			writePlanted(&b, name, "", metaElements(f.data, f.enc.transferSyntax()))
		}
		writePlanted(&b, name, "", f.data)
	}
	return b.String()
}

func writePlanted(b *strings.Builder, name, prefix string, data elements) {
	for _, e := range data.sorted() {
		path := fmt.Sprintf("%s%04X%04X", prefix, e.Tag.Group, e.Tag.Element)
		for i, it := range items(e) {
			writePlanted(b, name, fmt.Sprintf("%s[%d].", path, i), it)
		}
		writeFound(b, name, path, content(e))
	}
}

// content is an element's value as text, or "" for a sequence or a number.
func content(e *dicom.Element) string {
	switch v := e.Value.GetValue().(type) {
	case []string:
		return strings.Join(v, "\\")
	case []byte:
		return string(v)
	}
	return ""
}

func writeFound(b *strings.Builder, name, path, value string) {
	if strings.HasPrefix(value, "2.25.") {
		fmt.Fprintf(b, "%s\t%s\t%s\tuid\n", name, path, value)
		return
	}
	for _, n := range needles {
		if strings.Contains(value, n.value) {
			fmt.Fprintf(b, "%s\t%s\t%s\t%s\n", name, path, n.value, n.kind)
		}
	}
}
