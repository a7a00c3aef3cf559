package filter

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Edit is a change of one entry of a stations list.
type Edit struct {
	Place int      // of the entry, from 0; the length of the list adds one
	Entry *Station // what it becomes; nil takes it out
}

// ErrEdited means that a stations.yaml is not what somebody looked at when they
// decided on a change.
var ErrEdited = errors.New("the stations list was changed meanwhile")

// EditFile changes the stations.yaml at a path. The fingerprint is that of the
// list that the change was decided on: when the file is another by now, it is
// left alone, and the error is ErrEdited.
func EditFile(path, fingerprint string, registries []string, e Edit) (*Stations, error) {
	list, err := ReadFile(path, registries)
	if err != nil {
		return nil, err
	}
	if list.Fingerprint() != fingerprint {
		return nil, ErrEdited
	}
	edited, err := list.Edited(e, registries)
	if err != nil {
		return nil, err
	}
	return edited, ReplaceFile(path, edited.text, 0o644)
}

// ReadFile reads a stations.yaml; one that is not there is an empty list.
func ReadFile(path string, registries []string) (*Stations, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Stations{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the stations list: %w", err)
	}
	return ParseStations(text, registries)
}

// Edited is the list after a change, as a person would have written it: all but
// the entry stays as it is, with comments, order and blank lines. What cannot be
// changed so is written anew as a whole, still with its comments and order.
func (s *Stations) Edited(e Edit, registries []string) (*Stations, error) {
	want := slices.Clone(s.Entries)
	switch {
	case e.Place < 0 || e.Place > len(want) || e.Place == len(want) && e.Entry == nil:
		return nil, fmt.Errorf("change the stations list: it has no entry %d", e.Place+1)
	case e.Entry == nil:
		want = slices.Delete(want, e.Place, e.Place+1)
	case e.Place == len(want):
		want = append(want, *e.Entry)
	default:
		want[e.Place] = *e.Entry
	}
	doc, err := readDocument(s.text)
	if err != nil {
		return nil, err
	}
	node := doc.change(e)
	var wrong error
	for _, write := range []func() []byte{func() []byte { return doc.patched(e, node) }, func() []byte { return doc.rewritten(e, node) }} {
		text := write()
		if text == nil {
			continue
		}
		list, err := ParseStations(text, registries)
		if err == nil && sameEntries(list.Entries, want) {
			return list, nil
		}
		if wrong == nil {
			wrong = err
		}
	}
	if wrong != nil {
		return nil, wrong // what was asked for is no valid list
	}
	return nil, errors.New("the stations list cannot be changed here: edit it by hand")
}

func sameEntries(a, b []Station) bool {
	if len(a) == 0 && len(b) == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

// document is the text of a stations list with its nodes.
type document struct {
	text []byte
	doc  yaml.Node
	list *yaml.Node // the sequence; nil where there is none
	key  *yaml.Node // the word stations; nil where it does not stand
}

func readDocument(text []byte) (*document, error) {
	d := &document{text: text}
	if err := yaml.Unmarshal(text, &d.doc); err != nil {
		return nil, fmt.Errorf("read the stations list: %s", plainYAML(err))
	}
	if len(d.doc.Content) == 0 || d.doc.Content[0].Kind != yaml.MappingNode {
		return d, nil
	}
	pairs := d.doc.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == "stations" {
			d.key = pairs[i]
			if pairs[i+1].Kind == yaml.SequenceNode {
				d.list = pairs[i+1]
			}
		}
	}
	return d, nil
}

// change makes the node of the entry what it becomes; nil where it goes.
func (d *document) change(e Edit) *yaml.Node {
	if e.Entry == nil {
		return nil
	}
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if d.list != nil && e.Place < len(d.list.Content) {
		node = d.list.Content[e.Place]
	}
	s := e.Entry
	for _, k := range []struct{ key, value string }{{"name", s.Name}, {"device_observer_name", s.DeviceObserverName},
		{"serial_number", s.SerialNumber}, {"model", s.Model}, {"manufacturer", s.Manufacturer}, {"source", s.Source}, {"aet", s.AET},
		{"facility", s.Facility}} {
		setKey(node, k.key, textNode(k.value))
	}
	var registries, send, paused *yaml.Node
	if s.Registries != nil {
		registries = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		for _, name := range s.Registries {
			registries.Content = append(registries.Content, textNode(name))
		}
	}
	if s.Send != nil {
		send = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(*s.Send)}
	}
	if s.Paused {
		paused = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}
	}
	setKey(node, "registries", registries)
	setKey(node, "send", send)
	setKey(node, "paused", paused)
	return node
}

// textNode is nil for no text. A text that YAML would take for a number is
// quoted by the encoder.
func textNode(text string) *yaml.Node {
	if text == "" {
		return nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// setKey sets, adds or, with nil, takes out a key of a mapping. A value that
// stays the same stays as it was written.
func setKey(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value != key {
			continue
		}
		was := mapping.Content[i+1]
		switch {
		case value == nil:
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
		case was.Kind != value.Kind || plainValue(was) != plainValue(value):
			value.LineComment, value.HeadComment, value.FootComment = was.LineComment, was.HeadComment, was.FootComment
			mapping.Content[i+1] = value
		}
		return
	}
	if value != nil {
		mapping.Content = append(mapping.Content, textNode(key), value)
	}
}

func plainValue(n *yaml.Node) string {
	text := n.Value
	for _, c := range n.Content {
		text += "\x00" + c.Value
	}
	return text
}

// rewritten writes the whole list anew.
func (d *document) rewritten(e Edit, node *yaml.Node) []byte {
	if d.list == nil {
		return nil
	}
	if len(d.list.Content) == 0 {
		d.list.Style = 0
	}
	switch {
	case node == nil:
		d.list.Content = slices.Delete(d.list.Content, e.Place, e.Place+1)
	case e.Place == len(d.list.Content):
		d.list.Content = append(d.list.Content, node)
	}
	return encode(&d.doc)
}

func encode(n *yaml.Node) []byte {
	var b bytes.Buffer
	w := yaml.NewEncoder(&b)
	w.SetIndent(2)
	if errors.Join(w.Encode(n), w.Close()) != nil {
		return nil
	}
	return b.Bytes()
}

// entryText is an entry as it stands in a list, indented.
func entryText(node *yaml.Node, indent int) []string {
	alone := *node
	alone.HeadComment, alone.FootComment = "", ""
	text := strings.TrimSuffix(string(encode(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&alone}})), "\n")
	lines := strings.Split(text, "\n")
	for i := range lines {
		if lines[i] != "" {
			lines[i] = strings.Repeat(" ", indent) + lines[i]
		}
	}
	return lines
}
