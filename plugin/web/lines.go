package web

import "strings"

// Line is a line of stations.yaml as a change shows it.
type Line struct {
	Kind string // same, out or in
	Mark string // for who sees no colours
	Text string
}

// linesAround is how many lines are shown around what changes.
const linesAround = 2

// Changes are the lines that a change takes out and puts in, with some around
// them. An edit changes one place, so what is alike at both ends is the rest.
func (c *StationChange) Changes() (all []Line) {
	before, after := lines(c.Before), lines(c.Written)
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	show := func(kind, mark string, list []string) {
		for _, text := range list {
			all = append(all, Line{kind, mark, text})
		}
	}
	show("same", " ", before[max(0, head-linesAround):head])
	show("out", "−", before[head:len(before)-tail])
	show("in", "+", after[head:len(after)-tail])
	show("same", " ", before[len(before)-tail:min(len(before), len(before)-tail+linesAround)])
	return all
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
