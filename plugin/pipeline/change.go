package pipeline

import (
	"context"
	"errors"
	"log/slog"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/identity"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// patienceWithInstance is how often an instance is asked for that Orthanc,
// though it answers otherwise, does not give out.
const patienceWithInstance = 5

// change adds one new instance to the page.
func (f *follower) change(ctx context.Context, page *ledger.Page, base int64, c orthanc.Change) error {
	known, _, err := f.Ledger.Lookup(ctx, f.src.Name, c.ID)
	if err != nil {
		return err
	}
	if known.ID != "" && base+c.Seq <= known.Seq {
		return nil // the line was read before
	}
	first := known.ReceivedAt
	if first.IsZero() {
		// Another source may have had it: then it is the same object at a registry,
		// also when the key was changed in between.
		if first, err = f.Ledger.FirstReceived(ctx, c.ID); err != nil {
			return err
		}
	}
	seen, err := f.look(ctx, f.src, c.ID, first)
	switch {
	case errors.Is(err, orthanc.ErrNotFound):
		return nil // deleted before it was seen; nobody waits for it
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		if seen, err = f.givenUp(ctx, c, err); err != nil {
			return err
		}
	}
	if old, err := f.tooOld(ctx, seen.received.ReceptionDate, base > 0 || f.lost.looking); known.ID == "" && old || err != nil {
		return err
	}
	if seen.verdict.Action == filter.Ignore {
		page.Ignored = append(page.Ignored, f.ignored(ctx, base, c, seen))
		return nil
	}
	report, err := f.seen(base, c, seen)
	if err != nil {
		return err
	}
	page.Reports = append(page.Reports, report)
	return nil
}

// givenUp turns the failure to get one instance into a hold, once Orthanc has
// refused it often enough while it answers everything else: one broken file
// must not end the feed.
func (f *follower) givenUp(ctx context.Context, c orthanc.Change, cause error) (*found, error) {
	if _, err := f.src.Client.System(ctx); err != nil {
		return nil, cause
	}
	f.refused[c.ID]++
	if f.refused[c.ID] < patienceWithInstance {
		return nil, cause
	}
	return &found{verdict: filter.HeldUnreadable(errors.New("not given out by Orthanc")),
		input: filter.Input{Source: f.src.Name}, at: f.Now(), key: f.Keys.At(f.Now())}, nil
}

// seen is a report as the ledger takes it.
func (f *follower) seen(base int64, c orthanc.Change, found *found) (ledger.Seen, error) {
	s, err := f.describe(f.src, found)
	if err != nil {
		return ledger.Seen{}, err
	}
	s.OrthancID, s.Seq = c.ID, base+c.Seq
	return s, nil
}

// announce says in the log what was recorded of a page.
func (f *follower) announce(ctx context.Context, seen []ledger.Seen) {
	for _, s := range seen {
		r, ok, err := f.Ledger.Lookup(ctx, f.src.Name, s.OrthancID)
		if err != nil || !ok {
			continue
		}
		level := slog.LevelInfo
		if r.ReasonCode == filter.Unreadable {
			level = slog.LevelWarn
		}
		f.log.Log(ctx, level, "dose report", at(r.ID), "state", r.State, "station", r.StationName, "template", r.Template, "reason", r.Reason)
		f.otherThanSent(ctx, r)
	}
}

// otherThanSent says where a registry has the report with other content than came
// now: somebody changed it on its way. The registry keeps what it has.
func (f *follower) otherThanSent(ctx context.Context, r ledger.Report) {
	deliveries, err := f.Ledger.Deliveries(ctx, r.ID)
	if err != nil {
		return
	}
	for _, d := range deliveries {
		if d.DeliveredAt.IsZero() { // not this copy of it
			d, _, err = f.Ledger.SentAs(ctx, r.SOPInstance, d.Registry, r.ID)
		}
		if err == nil && d.SentDigest != "" && d.SentDigest != r.Digest {
			f.log.Error("a report came with other content than its registry has: compare the copies at their senders",
				at(r.ID), "registry", d.Registry, "sent_as", d.ReportID)
		}
	}
}

// ignored is what is counted of an instance that is no dose report.
func (f *follower) ignored(ctx context.Context, base int64, c orthanc.Change, found *found) ledger.Ignored {
	known := found.input.Stored()
	station := known.StationName
	switch {
	case station != "":
	case f.within != nil:
		station = f.nameOf(ctx, f.within.ID, f.within.StationName)
	default:
		station = f.stationOf(ctx, c.ID)
	}
	date := found.received.ReceptionDate
	if date.IsZero() {
		date = f.Now()
	}
	return ledger.Ignored{Seq: base + c.Seq, At: date, Sender: known.SenderAET, Station: station, SOPClass: known.SOPClassUID}
}

// stationOf asks Orthanc's index for the Station Name of an instance's series,
// once a series. It is for the count alone: where it fails there is none.
func (f *follower) stationOf(ctx context.Context, id string) string {
	series, err := f.src.Client.SeriesOf(ctx, id)
	if err != nil {
		return ""
	}
	if name, ok := f.stations[series]; ok {
		return name
	}
	known, err := f.src.Client.Series(ctx, series)
	if err != nil {
		return ""
	}
	if len(f.stations) > 10_000 {
		clear(f.stations)
	}
	name := rdsr.Plain(known.StationName)
	if name != "" && f.namesPatient(ctx, series, name) {
		name = filter.Withheld
	}
	f.stations[series] = name
	return name
}

// namesPatient reports whether a text about a device may not be shown: it holds
// the patient of its series, or that cannot be told.
func (f *follower) namesPatient(ctx context.Context, series, text string) bool {
	patient, err := f.src.Client.PatientOf(ctx, series)
	if err != nil {
		return true
	}
	id := identity.New(nil)
	id.AddPerson(patient.PatientName)
	id.AddNumber(patient.PatientID)
	if patient.PatientBirthDate != "" {
		id.AddDate(patient.PatientBirthDate)
	}
	return id.In(text)
}
