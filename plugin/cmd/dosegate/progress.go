package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far something is: a bar on a terminal, else a line now and then.
type progress struct {
	to   io.Writer
	bar  *progressbar.ProgressBar
	bars bool      // the bar is shown
	said time.Time // the last line was written
}

// betweenLines is how often a line is written where there is no terminal.
const betweenLines = 10 * time.Second

// show is told how many of how many are done. What was done before the first time
// counts for nothing in the rate.
func (p *progress) show(done, total int) {
	if p.bar == nil {
		p.begin(total - done + 1)
	}
	_ = p.bar.Add(1) // it cannot be written: nobody looks
	if p.bars || time.Since(p.said) < betweenLines {
		return
	}
	p.said = time.Now()
	state := p.bar.State()
	fmt.Fprintf(p.to, "%d of %d, %.1f a second, %s left\n", done, total, float64(state.CurrentNum)/max(state.SecondsSince, 0.001),
		(time.Duration(state.SecondsLeft) * time.Second).String())
}

func (p *progress) begin(n int) {
	to := io.Discard
	if file, is := p.to.(*os.File); is && term.IsTerminal(int(file.Fd())) {
		to, p.bars = p.to, true
	}
	p.said = time.Now()
	p.bar = progressbar.NewOptions(n, progressbar.OptionSetWriter(to), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionFullWidth())
}

// end leaves the line of the bar.
func (p *progress) end() {
	if p.bars {
		fmt.Fprintln(p.to)
	}
}
