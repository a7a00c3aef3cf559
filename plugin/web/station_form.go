package web

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/pipeline"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// StationChange is a change of stations.yaml that somebody is about to make, or
// has made.
type StationChange struct {
	Place       int               `json:"place"`   // of the entry; the length of the list for a new one
	Entry       *Entry            `json:"entry"`   // what it becomes; null: it goes
	Written     string            `json:"written"` // the file as it will be, "" before that is known
	Preview     *pipeline.Preview `json:"preview"` // what becomes of reports; null before that is known
	Fingerprint string            `json:"fingerprint"`
	Saved       bool              `json:"saved"`

	Was        *Entry   `json:"-"` // the entry as it is, nil for a new one
	WasCalled  string   `json:"-"` // how the entry was named when the form was made, "" for a new one
	Registries []string `json:"-"` // that there are
	Device     Device   `json:"-"` // for which the entry is made
	Trouble    string   `json:"-"`
	Conflict   bool     `json:"-"` // the file was changed by another hand
	Before     string   `json:"-"` // the file as it is
}

// New reports whether the change adds an entry.
func (c *StationChange) New() bool { return c.Was == nil }

// Goes reports whether an entry's reports may go to a registry.
func (c *StationChange) Goes(registry string) bool {
	return c.Entry == nil || c.Entry.Registries == nil || slices.Contains(c.Entry.Registries, registry)
}

// stationForm shows the form of an entry: one of the list by its place, or a new
// one for a station that was seen.
func (s *Server) stationForm(r *http.Request, who caller) (any, error) {
	if !who.Operator() {
		return nil, errViewer
	}
	list, err := filter.ReadFile(s.Stations.Path(), s.registryNames())
	if err != nil {
		return nil, problem{http.StatusConflict, "The stations list is not valid now: mend it by hand. " + sentence(err.Error())}
	}
	c := &StationChange{Place: len(list.Entries), Fingerprint: list.Fingerprint(), Registries: s.registryNames(), Entry: &Entry{Send: true}}
	if place, err := strconv.Atoi(r.FormValue("place")); err == nil && place >= 0 && place < len(list.Entries) {
		is := entryOf(list.Entries[place])
		c.Place, c.Entry, c.Was, c.WasCalled = place, &is, &is, is.String()
		return c, nil
	}
	if !r.Form.Has("station") {
		return c, nil
	}
	if c.Device, err = s.deviceOf(r.Context(), r.FormValue("station")); err != nil {
		return nil, err
	}
	c.Entry.Name = r.FormValue("station")
	if c.Entry.Name == "" || c.Entry.Name == filter.Withheld {
		c.Entry.Name = ""
		c.Entry.nameless(c.Device)
	}
	c.Entry.Send = r.FormValue("send") != "false"
	return c, nil
}

// nameless fills in what a device without a Station Name can be known by.
func (e *Entry) nameless(d Device) {
	switch {
	case d.SerialNumber != "" && d.SerialNumber != filter.Withheld:
		e.SerialNumber, e.Model = d.SerialNumber, d.Model
	case d.DeviceObserverName != "" && d.DeviceObserverName != filter.Withheld:
		e.DeviceObserverName = d.DeviceObserverName
	default:
		e.AET = d.SenderAET
	}
}

func (s *Server) deviceOf(ctx context.Context, name string) (Device, error) {
	g, err := s.glance(ctx)
	if err != nil {
		return Device{}, err
	}
	for _, k := range g.known {
		if k.Name == name {
			devices, err := s.devices.of(ctx, s.Ledger, k)
			if len(devices) == 0 {
				return Device{}, err
			}
			return devices[0], err
		}
	}
	return Device{}, nil
}

// readChange reads the form of an entry.
func readChange(r *http.Request) (*StationChange, error) {
	place, err := strconv.Atoi(r.PostFormValue("place"))
	if err != nil {
		return nil, problem{http.StatusBadRequest, "Say which entry: place is its number in the list, from 0; the length of the list adds one."}
	}
	c := &StationChange{Place: place, Fingerprint: r.PostFormValue("fingerprint"), WasCalled: r.PostFormValue("was")}
	if r.PostFormValue("remove") != "" {
		return c, nil
	}
	text := func(key string) string { return rdsr.Plain(r.PostFormValue(key)) }
	c.Entry = &Entry{Name: text("name"), DeviceObserverName: text("device_observer_name"), SerialNumber: text("serial_number"), Model: text("model"),
		Manufacturer: text("manufacturer"), Source: text("source"), AET: text("aet"), Facility: text("facility"),
		Send: r.PostFormValue("send") != "false", Paused: r.PostFormValue("paused") != ""}
	if r.PostFormValue("all_registries") == "" {
		c.Entry.Registries = append([]string{}, r.PostForm["registries"]...)
	}
	return c, nil
}

// station is the entry as the list has it.
func (e Entry) station() *filter.Station {
	s := &filter.Station{Name: e.Name, DeviceObserverName: e.DeviceObserverName, SerialNumber: e.SerialNumber, Model: e.Model,
		Manufacturer: e.Manufacturer, Source: e.Source, AET: e.AET, Facility: e.Facility, Registries: e.Registries, Paused: e.Paused}
	if !e.Send {
		s.Send = new(bool)
	}
	return s
}

// String names the entry in the history.
func (e Entry) String() string { return e.station().String() }

// prepare finds out what a change would write and what it would do, and makes it
// if it is to be saved.
func (s *Server) prepare(ctx context.Context, c *StationChange, save bool, by string) error {
	list, err := filter.ReadFile(s.Stations.Path(), s.registryNames())
	if err != nil {
		return problem{http.StatusConflict, "The stations list is not valid now: mend it by hand. " + sentence(err.Error())}
	}
	if list.Fingerprint() != c.Fingerprint {
		return filter.ErrEdited
	}
	if c.Place < len(list.Entries) && c.Place >= 0 {
		is := entryOf(list.Entries[c.Place])
		c.Was = &is
	}
	edit := filter.Edit{Place: c.Place}
	if c.Entry != nil {
		edit.Entry = c.Entry.station()
	}
	after, err := list.Edited(edit, s.registryNames())
	if err != nil {
		return problem{http.StatusBadRequest, sentence(err.Error())}
	}
	if len(after.Entries) == 0 && len(list.Entries) > 0 {
		return problem{http.StatusBadRequest, "This is the last entry, and an empty list would not come into force: leave the station out or pause it instead."}
	}
	preview, err := pipeline.Foresee(ctx, s.Ledger, s.Rules(after), s.defaults())
	if err != nil {
		return err
	}
	c.Before, c.Written, c.Preview = string(list.Text()), string(after.Text()), &preview
	if !save {
		return nil
	}
	saved, err := filter.EditFile(s.Stations.Path(), c.Fingerprint, s.registryNames(), edit)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return problem{http.StatusConflict, "Dosegate may not write there: " + sentence(err.Error()) + " Change the file by hand, or let it write the folder."}
	}
	if err != nil {
		return err
	}
	c.Saved, c.Fingerprint = true, saved.Fingerprint()
	s.Log.Info("the stations list was changed on the page", "by", by)
	return s.Ledger.Note(ctx, "", "", c.words(), by)
}

// words say a change in the history.
func (c *StationChange) words() string {
	switch {
	case c.Entry == nil:
		return "stations list: removed " + c.Was.String()
	case !c.Entry.Send:
		return "stations list: left out " + c.Entry.String()
	case c.Entry.Paused && (c.Was == nil || !c.Was.Paused):
		return "stations list: paused " + c.Entry.String()
	case c.Was == nil:
		return "stations list: configured " + c.Entry.String()
	}
	return "stations list: changed " + c.Entry.String()
}

// postStation is the form's target: it shows what a change would do, or makes it.
func (s *Server) postStation(w http.ResponseWriter, r *http.Request) {
	caller := s.who(r)
	if err := s.mayAct(r, caller); err != nil {
		s.failed(w, r, err)
		return
	}
	c, err := readChange(r)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	c.Registries = s.registryNames()
	status := http.StatusOK
	err = s.changeStation(r, c, caller, r.PostFormValue("step") == "save")
	var p problem
	switch {
	case err == nil && c.Saved:
		s.people.leaveNotice(caller.cookie, "Saved. "+c.sentence())
		http.Redirect(w, r, s.home("/stations"), http.StatusSeeOther)
		return
	case errors.Is(err, filter.ErrEdited):
		status = http.StatusConflict
		s.afterConflict(c)
	case errors.As(err, &p):
		status, c.Trouble = p.status, p.words
	case err != nil:
		s.failed(w, r, err)
		return
	}
	s.pages.write(w, s.frame(r, "station", "Station", c), status)
}

// afterConflict shows what somebody wrote in between, and makes the form one for
// that: for the entry of the same name, wherever it stands now, else for a new one.
func (s *Server) afterConflict(c *StationChange) {
	c.Conflict = true
	list, err := filter.ReadFile(s.Stations.Path(), s.registryNames())
	if err != nil {
		c.Trouble = "The stations list is not valid now: mend it by hand. " + sentence(err.Error())
		return
	}
	c.Written, c.Fingerprint, c.Place = string(list.Text()), list.Fingerprint(), len(list.Entries)
	for i, e := range list.Entries {
		if e.String() == c.WasCalled {
			is := entryOf(e)
			c.Place, c.Was = i, &is
			return
		}
	}
	c.WasCalled = ""
	if c.Entry == nil {
		c.Trouble = "The entry is not in the list any more."
	}
}

// sentence says what happens next.
func (c *StationChange) sentence() string {
	n := 0
	for _, m := range c.Preview.Released {
		n += m.Count
	}
	if n == 0 {
		return "It is in force within some seconds."
	}
	return plural(n, "report") + " will be released within some seconds."
}

// changeStation prepares or saves a change, one after the other.
func (s *Server) changeStation(r *http.Request, c *StationChange, by caller, save bool) error {
	if save && s.gate.Load() == nil {
		_, words := s.Health()
		return problem{http.StatusServiceUnavailable, "This dosegate changes nothing now: " + words + "."}
	}
	s.acting.Lock()
	defer s.acting.Unlock()
	return s.prepare(r.Context(), c, save, by.by())
}

// changeStations is the same for the API.
func (s *Server) changeStations(r *http.Request, by caller) (any, error) {
	c, err := readChange(r)
	if err != nil {
		return nil, err
	}
	return c, s.prepare(r.Context(), c, strings.EqualFold(r.PostFormValue("step"), "save"), by.by())
}
