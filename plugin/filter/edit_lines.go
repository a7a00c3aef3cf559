package filter

import (
	"bytes"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// patched writes the change into the lines of the text, and leaves all other
// lines as they are; nil where the list is not written one entry below the other.
func (d *document) patched(e Edit, node *yaml.Node) []byte {
	lines := d.lines()
	switch {
	case d.key == nil:
		if len(d.doc.Content) > 0 && d.doc.Content[0].Kind == yaml.MappingNode && len(d.doc.Content[0].Content) > 0 {
			return nil
		}
		lines = append(lines, "stations:")
		return join(append(lines, entryText(node, 2)...))
	case d.list == nil: // stations: and nothing
		at := d.key.Line
		return join(slices.Insert(lines, at, entryText(node, 2)...))
	case d.list.Style&yaml.FlowStyle != 0 || len(d.list.Content) == 0:
		return nil
	}
	if e.Place == len(d.list.Content) {
		_, end := d.span(lines, e.Place-1)
		return join(slices.Insert(lines, end, entryText(node, d.list.Column-1)...))
	}
	from, end := d.span(lines, e.Place)
	if node == nil {
		if len(d.list.Content) == 1 {
			return nil // it would leave stations: without a list
		}
		return join(slices.Delete(lines, d.comment(lines, from), end))
	}
	return join(slices.Replace(lines, from, end, entryText(node, d.list.Column-1)...))
}

// lines are those of the text, without the end of the last one.
func (d *document) lines() []string {
	text := strings.TrimSuffix(string(d.text), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func join(lines []string) []byte {
	var b bytes.Buffer
	for _, line := range lines {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// span is where an entry begins, at its hyphen, and where it ends, before the
// comments and blank lines that belong to what follows.
func (d *document) span(lines []string, place int) (from, end int) {
	from = d.hyphen(lines, place)
	end = len(lines)
	if place+1 < len(d.list.Content) {
		end = d.hyphen(lines, place+1)
	}
	for end > from+1 && aside(lines[end-1]) {
		end--
	}
	return from, end
}

// hyphen is the line on which an entry's hyphen stands.
func (d *document) hyphen(lines []string, place int) int {
	at := min(d.list.Content[place].Line, len(lines)) - 1
	for at > 0 && !strings.HasPrefix(strings.TrimLeft(lines[at], " "), "-") {
		at--
	}
	return at
}

// comment is where the comment directly above an entry begins: it goes with it.
func (d *document) comment(lines []string, from int) int {
	first := d.hyphen(lines, 0)
	for from > first && strings.HasPrefix(strings.TrimSpace(lines[from-1]), "#") {
		from--
	}
	return from
}

// aside is a line that says nothing to a program.
func aside(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}
