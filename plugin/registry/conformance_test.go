package registry

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/suyashkumar/dicom"
)

func TestOfEveryKindAReportArrivesOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, s served) {
		o := doseReport(t)
		for range 3 {
			if receipt, err := s.registry.Send(t.Context(), o); err != nil || receipt.Count != 1 {
				t.Fatalf("receipt %+v, %v", receipt, err)
			}
		}
		s.mustHave(t, o)
	})
}

// mustHave checks that these objects are there, each once and whole, and
// nothing else.
func (s served) mustHave(t *testing.T, objects ...Object) {
	t.Helper()
	visible := s.visible(t)
	if len(visible) != len(objects) {
		t.Errorf("%d files are there, want %d", len(visible), len(objects))
	}
	for _, o := range objects {
		found := 0
		for _, file := range visible {
			if bytes.Equal(file, o.File) || s.recoded && sameElements(t, file, o.File) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d of %d files are the report", found, len(visible))
		}
	}
}

func TestOfEveryKindALargeReportArrivesWhole(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, s served) {
		o := largeReport(t, 6<<20)
		if _, err := s.registry.Send(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		s.mustHave(t, o)
	})
}

func TestOfEveryKindTwoHundredAtOnceArrive(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, s served) {
		var wait sync.WaitGroup
		places := make(chan struct{}, 20)
		for range 200 {
			o := doseReport(t)
			places <- struct{}{}
			wait.Go(func() {
				defer func() { <-places }()
				if _, err := s.registry.Send(t.Context(), o); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := len(s.visible(t)); got != 200 {
			t.Errorf("%d files are there, want 200", got)
		}
	})
}

// A connection is cut at every region of what goes there and what comes back.
// What cannot be known is not said to be there, nothing is there in part, and
// sending again brings it there once.
func TestOfEveryKindACutConnectionLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, s served) {
		if s.cable == nil {
			t.Skip("there is no connection to cut")
		}
		before := s.cable.carried.Load()
		first := largeReport(t, 64<<10)
		if _, err := s.registry.Send(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		all := s.cable.carried.Load() - before
		sent := []Object{first}
		for i := range 12 {
			o := largeReport(t, 64<<10)
			limit := &s.cable.up
			at := all * int64(i%6) / 6
			if i >= 6 {
				limit, at = &s.cable.down, min(int64(i-6)*500, all/8)
			}
			limit.Store(at)
			_, err := s.registry.Send(t.Context(), o)
			if err != nil {
				mustFail(t, err, Transient)
			}
			s.cable.whole()
			for _, file := range s.visible(t) {
				if !s.recoded && !bytes.Equal(file, o.File) && !among(sent, file) {
					t.Errorf("cut at %d: a file of %d bytes of %d is there", at, len(file), len(o.File))
				}
			}
			if _, err := s.registry.Send(t.Context(), o); err != nil {
				t.Fatalf("cut at %d, then whole: %v", at, err)
			}
			sent = append(sent, o)
		}
		s.mustHave(t, sent...)
	})
}

// sameElements compares two files by what they hold, as a reader that is not
// ours reads it.
func sameElements(t *testing.T, a, b []byte) bool {
	t.Helper()
	read := func(file []byte) string {
		ds, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
		must(t, err)
		var all strings.Builder
		say(&all, ds.Elements)
		return all.String()
	}
	return read(a) == read(b)
}

// say writes elements but those of the file meta information.
func say(to *strings.Builder, elements []*dicom.Element) {
	for _, e := range elements {
		if e.Tag.Group == 2 {
			continue
		}
		fmt.Fprint(to, e.Tag)
		if e.Value.ValueType() != dicom.Sequences {
			fmt.Fprintln(to, e.Value)
			continue
		}
		for _, item := range e.Value.GetValue().([]*dicom.SequenceItemValue) {
			say(to, item.GetValue().([]*dicom.Element))
		}
	}
}

func among(objects []Object, file []byte) bool {
	for _, o := range objects {
		if bytes.Equal(file, o.File) {
			return true
		}
	}
	return false
}

func TestOfEveryKindCancellingEndsASendThatHangs(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, s served) {
		if s.cable == nil {
			t.Skip("there is nothing that hangs")
		}
		s.cable.silent.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := s.registry.Send(ctx, doseReport(t))
		mustFail(t, err, Transient)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
		if got := len(s.visible(t)); got != 0 {
			t.Errorf("%d files are there", got)
		}
	})
}

func TestOfEveryKindTheCheckStoresNothing(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, s served) {
		if err := s.registry.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(s.visible(t)); got != 0 {
			t.Errorf("%d files are there", got)
		}
	})
}

// largeReport is a dose report of about a size.
func largeReport(t *testing.T, size int) Object {
	t.Helper()
	o := Object{SOPClassUID: orthanctest.XRayRadiationDoseSR, SOPInstanceUID: orthanctest.NewUID(), StudyInstanceUID: orthanctest.NewUID()}
	o.File = orthanctest.DoseReport(t, orthanctest.Report{SOPInstanceUID: o.SOPInstanceUID, StudyInstanceUID: o.StudyInstanceUID,
		PatientName: marker, Comment: strings.Repeat("Invented words. ", size/16)})
	return o
}
