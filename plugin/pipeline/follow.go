package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/identity"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// pageSize is how many lines of the feed are taken into the ledger at once.
const pageSize = 200

// patienceWithInstance is how often an instance is asked for that Orthanc,
// though it answers otherwise, does not give out.
const patienceWithInstance = 5

// follower reads one source's feed.
type follower struct {
	*Gate
	src      *Source
	log      *slog.Logger
	stations map[string]string // series to Station Name, of ignored instances
	refused  map[int64]int     // seq to failed attempts
	failing  bool              // the source did not answer the last time
}

func newFollower(g *Gate, src *Source) *follower {
	return &follower{Gate: g, src: src, log: g.Log.With("source", src.Name),
		stations: make(map[string]string), refused: make(map[int64]int)}
}

// run follows until the context ends.
func (f *follower) run(ctx context.Context) {
	for {
		more, err := f.page(ctx)
		f.report(ctx, err)
		if err != nil || !more {
			if !sleep(ctx, f.src.Poll) {
				return
			}
		}
	}
}

// report logs a source that stops answering once, and that it is back.
func (f *follower) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && !f.failing:
		f.failing = true
		f.log.Error("cannot follow the source, trying on", "error", err)
	case err == nil && f.failing:
		f.failing = false
		f.log.Info("following the source again")
	}
}

// page takes one page of the feed into the ledger; more tells that the feed
// has more to give at once.
func (f *follower) page(ctx context.Context) (more bool, err error) {
	at, err := f.position(ctx)
	if err != nil {
		return false, err
	}
	changes, err := f.src.Client.Changes(ctx, at.feed, pageSize)
	if err != nil {
		return false, err
	}
	if len(changes.Changes) == 0 {
		if changes.Last < at.feed {
			return true, f.beginAnew(ctx, at)
		}
		return false, nil
	}
	page := ledger.Page{Seq: at.base + changes.Last}
	for _, c := range changes.Changes {
		if !c.NewInstance() {
			continue
		}
		if err := f.change(ctx, &page, at.base, c); err != nil {
			return false, err
		}
	}
	f.step("before record")
	if err := f.Ledger.Record(ctx, f.src.Name, page); err != nil {
		return false, err
	}
	f.step("after record")
	f.refused = make(map[int64]int)
	if len(page.Reports) > 0 {
		f.doorbell.ring()
		f.announce(ctx, page.Reports)
	}
	return !changes.Done, nil
}

// position is where the source's feed was read up to. Every new database of
// an Orthanc counts from one again: base is what its numbers are raised by in
// the ledger, so that there a newer change always has a greater number.
type position struct{ base, feed int64 }

func (f *follower) position(ctx context.Context) (position, error) {
	seq, known, err := f.Ledger.Position(ctx, f.src.Name)
	if err != nil {
		return position{}, err
	}
	if !known {
		return position{}, f.firstStart(ctx)
	}
	base, err := f.base(ctx)
	return position{base: base, feed: seq - base}, err
}

func (f *follower) baseSetting() string { return "feed base " + f.src.Name }

func (f *follower) base(ctx context.Context) (int64, error) {
	text, ok, err := f.Ledger.Setting(ctx, f.baseSetting())
	if err != nil || !ok {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}

// firstStart settles where a source that was never followed begins.
func (f *follower) firstStart(ctx context.Context) error {
	start := int64(0)
	if f.src.Since.Now {
		var err error
		if start, err = f.src.Client.LastChange(ctx); err != nil {
			return err
		}
	}
	f.log.Info("following the source for the first time", "from_change", start)
	return f.Ledger.SetPosition(ctx, f.src.Name, start)
}

// beginAnew starts from the first line of a feed whose counter is behind where
// it was read up to: Orthanc has another database than before, restored or new.
func (f *follower) beginAnew(ctx context.Context, at position) error {
	f.log.Warn("the source has another database than before: reading its feed from the start",
		"read_up_to", at.feed)
	return f.Ledger.SetSetting(ctx, f.baseSetting(), []byte(strconv.FormatInt(at.base+at.feed, 10)))
}

// change adds one new instance to the page.
func (f *follower) change(ctx context.Context, page *ledger.Page, base int64, c orthanc.Change) error {
	known, _, err := f.Ledger.Lookup(ctx, f.src.Name, c.ID)
	if err != nil {
		return err
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
	if from := f.src.Since.From; !from.IsZero() && seen.received.ReceptionDate.Before(from) && !seen.received.ReceptionDate.IsZero() {
		return nil
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
	f.refused[c.Seq]++
	if f.refused[c.Seq] < patienceWithInstance {
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

// announce says in the log and in Orthanc what was recorded of a page.
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
		f.mark(ctx, f.src, r.ID)
	}
}

// ignored is what is counted of an instance that is no dose report.
func (f *follower) ignored(ctx context.Context, base int64, c orthanc.Change, found *found) ledger.Ignored {
	station := found.input.Stored().StationName
	if station == "" {
		station = f.stationOf(ctx, c.ID)
	}
	date := found.received.ReceptionDate
	if date.IsZero() {
		date = f.Now()
	}
	return ledger.Ignored{Seq: base + c.Seq, At: date, Sender: found.input.SenderAET, Station: station, SOPClass: found.input.SOPClassUID}
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

// sleep waits for a time or the end of the context, false for the latter.
func sleep(ctx context.Context, d time.Duration) bool {
	return doorbell{}.wait(ctx, d)
}
