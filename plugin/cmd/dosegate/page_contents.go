package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/rdsr"
	"github.com/dosegate/dosegate/plugin/web"
)

// contents fetches a report and tells its dose figures, what it lacks, and how
// much of it stays: numbers, and words of the standard's alone.
func (s *server) contents(ctx context.Context, r ledger.Report) (*web.Contents, error) {
	var src config.Source
	for _, c := range s.config.Orthanc {
		if c.Name == r.Source {
			src = c
		}
	}
	if src.Name == "" {
		return nil, errors.New("its Orthanc is not configured any more")
	}
	from, err := newSource(src)
	if err != nil {
		return nil, err
	}
	file, err := from.Client.File(ctx, r.OrthancID, int64(dataset.DefaultLimits.Bytes))
	switch {
	case errors.Is(err, orthanc.ErrNotFound):
		return nil, errors.New("this report is not in Orthanc any more")
	case err != nil:
		return nil, errors.New("this report cannot be had from Orthanc now")
	}
	doc, err := rdsr.Recognise(file, dataset.DefaultLimits)
	if err != nil {
		return nil, errors.New("this file cannot be read as a dose report")
	}
	found := &web.Contents{Missing: doc.Missing()}
	found.Totals, found.Events = doc.Figures()
	if ring := s.ring.Load(); ring != nil {
		as := deid.Context{Key: ring.At(r.ReceivedAt), Issuer: cmp.Or(src.Issuer, "page")}
		if made, err := deid.New(newPolicy(s.config)).Deidentify(doc, as); err == nil {
			n := made.Counts
			found.Actions = &web.Actions{Kept: n.Kept, Cleaned: n.Cleaned, Replaced: n.Replaced, Emptied: n.Emptied, Removed: n.Removed}
		}
	}
	return found, nil
}
