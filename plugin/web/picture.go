package web

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/rhythm"
)

// Pictures are drawn here as SVG. Their colours are classes of the style sheet:
// nothing in a page may carry a style of its own.

// The measures of the chart of reports per day, in units of its view box.
const (
	chartWidth, chartHeight = 720.0, 190.0
	chartLeft, chartTop     = 34.0, 8.0
	chartBottom             = 164.0
)

// chartState is a part of a bar.
type chartState struct {
	class string
	of    func(Day) int
}

// chartStates stand on each other in this order.
var chartStates = []chartState{
	{"delivered", func(d Day) int { return d.Delivered }},
	{"held", func(d Day) int { return d.Held }},
	{"rejected", func(d Day) int { return d.Rejected }},
	{"expired", func(d Day) int { return d.Expired }},
	{"withdrawn", func(d Day) int { return d.Withdrawn }},
}

// chart draws how many reports came into each state on each day, and as a line
// how many came in.
func chart(days []Day) template.HTML {
	most := 1
	for _, d := range days {
		total := 0
		for _, s := range chartStates {
			total += s.of(d)
		}
		most = max(most, total, d.Seen)
	}
	top := niceTop(most)
	height := func(n int) float64 { return float64(n) / float64(top) * (chartBottom - chartTop) }
	step := (chartWidth - chartLeft) / float64(len(days))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %g %g" role="img" aria-label="Reports of each of the last %d days by state; the table below has the numbers">`,
		chartWidth, chartHeight, len(days))
	for i := 0; i <= 4; i++ {
		y := chartBottom - height(top*i/4)
		fmt.Fprintf(&b, `<path class="grid" d="M%g %.1fH%g"/><text class="axis" x="%g" y="%.1f" text-anchor="end">%s</text>`,
			chartLeft, y, chartWidth, chartLeft-6, y+3.5, thousands(top*i/4))
	}
	line := ""
	for i, d := range days {
		x, y := chartLeft+float64(i)*step, chartBottom
		b.WriteString(`<g>` + dayTitle(d))
		fmt.Fprintf(&b, `<rect class="hover" x="%.1f" y="%g" width="%.1f" height="%g"/>`, x, chartTop, step, chartBottom-chartTop)
		for _, s := range chartStates {
			if n := s.of(d); n > 0 {
				h := math.Max(height(n), 1)
				y -= h
				fmt.Fprintf(&b, `<rect class="s-%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, s.class, x+2, y, step-4, h)
			}
		}
		b.WriteString(`</g>`)
		line += fmt.Sprintf("M%.1f %.1fh%.1f", x+0.5, chartBottom-height(d.Seen), step-1)
		if back := len(days) - 1 - i; back%5 == 0 {
			anchor, at := "middle", x+step/2
			if back == 0 {
				anchor, at = "end", x+step
			}
			fmt.Fprintf(&b, `<text class="axis" x="%.1f" y="%g" text-anchor="%s">%s</text>`, at, chartBottom+15, anchor, shortDay(d.Day))
		}
	}
	fmt.Fprintf(&b, `<path class="seen" d="%s"/></svg>`, line)
	return template.HTML(b.String())
}

func dayTitle(d Day) string {
	return fmt.Sprintf("<title>%s: %d came in, %d delivered, %d held, %d rejected, %d expired, %d withdrawn</title>",
		d.Day, d.Seen, d.Delivered, d.Held, d.Rejected, d.Expired, d.Withdrawn)
}

func shortDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.Format("2 Jan")
}

// niceTop is a round number not below n, which quarters well.
func niceTop(n int) int {
	for size := 1; ; size *= 10 {
		for _, f := range []int{4, 5, 6, 8, 10, 12, 16, 20, 24, 32} {
			if f*size >= n && f*size%4 == 0 {
				return f * size
			}
		}
	}
}

// The measures of a strip of days.
const cell, cellGap = 10, 2

// strip draws a station's days: the more reports, for this station, the darker.
func strip(counts []int, r rhythm.Rhythm) template.HTML {
	paths := map[string]*strings.Builder{}
	last := -1
	for i, n := range counts {
		if n > 0 {
			last = i
		}
	}
	for i, n := range counts {
		class := cellClass(n, r.UsualCount)
		if n == 0 && r.Silent && i > last {
			class = "c-silent"
		}
		if paths[class] == nil {
			paths[class] = &strings.Builder{}
		}
		fmt.Fprintf(paths[class], "M%d 0h%dv%dh-%dz", i*(cell+cellGap), cell, 2*cell, cell)
	}
	var b strings.Builder
	width := len(counts)*(cell+cellGap) - cellGap
	fmt.Fprintf(&b, `<svg class="strip" viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, 2*cell, stripWords(counts, r))
	for _, class := range []string{"c-0", "c-silent", "c-1", "c-2", "c-3", "c-jump"} {
		if p := paths[class]; p != nil {
			fmt.Fprintf(&b, `<path class="%s" d="%s"/>`, class, p)
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func cellClass(n, usual int) string {
	switch {
	case n == 0:
		return "c-0"
	case rhythm.Jumps(n, usual):
		return "c-jump"
	case 2*n <= usual:
		return "c-1"
	case n <= 2*usual:
		return "c-2"
	}
	return "c-3"
}

func stripWords(counts []int, r rhythm.Rhythm) string {
	words := fmt.Sprintf("%d reports in %d days, today %d", sum(counts), len(counts), counts[len(counts)-1])
	if r.Silent {
		words += fmt.Sprintf(", silent for %d days", r.SilentDays)
	}
	return words
}

// scale draws the days that strips stand below.
func scale(days []Day) template.HTML {
	var b strings.Builder
	width := len(days)*(cell+cellGap) - cellGap
	fmt.Fprintf(&b, `<svg class="strip" viewBox="0 0 %d 12" aria-hidden="true">`, width)
	for i, d := range days {
		if back := len(days) - 1 - i; back%7 == 0 && back > 0 {
			fmt.Fprintf(&b, `<text class="axis" x="%d" y="10" text-anchor="middle">%s</text>`, i*(cell+cellGap)+cell/2, shortDay(d.Day))
		}
	}
	fmt.Fprintf(&b, `<text class="axis" x="%d" y="10" text-anchor="end">today</text></svg>`, width)
	return template.HTML(b.String())
}
