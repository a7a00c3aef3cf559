package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/orthanc"
	"github.com/dosegate/dosegate/plugin/pipeline"
)

// loadConfig reads the configuration; whatever is wrong with it is a mistake
// of usage.
func loadConfig(path string) (*config.Config, error) {
	if path == "" {
		return nil, usagef("name the configuration: -c dosegate.yaml")
	}
	c, err := config.Load(path, config.Surroundings{})
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// newLog makes the log as the configuration asks.
func newLog(c config.Log, to io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // config has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// newClient maps one entry of orthanc to the client of its REST API.
func newClient(c config.Source) (*orthanc.Client, error) {
	return orthanc.New(orthanc.Options{Name: c.Name, URL: c.URL, Username: c.Username, Password: c.Password.Reveal()})
}

// newSource maps one entry of orthanc.
func newSource(c config.Source) (*pipeline.Source, error) {
	client, err := newClient(c)
	if err != nil {
		return nil, err
	}
	date, _ := c.Since.Date()
	return &pipeline.Source{
		Name: c.Name, Client: client, Archive: c.Role == config.Archive, Issuer: c.Issuer, Poll: time.Duration(c.Poll),
		Since: pipeline.Since{Now: c.Since == config.SinceNow, From: date},
		Marks: pipeline.Marks{Metadata: c.Marks != config.MarksNone, Labels: c.Marks == config.MarksMetadataAndLabels},
	}, nil
}

// newExclusions maps filter.exclude.
func newExclusions(c []config.Exclude) filter.Exclusions {
	var rules filter.Exclusions
	for _, e := range c {
		rules = append(rules, filter.Exclusion{PatientID: e.PatientID, StudyDescription: e.StudyDescription})
	}
	return rules
}

// newPolicy maps deidentify: the profile, with whatever the configuration
// itself says laid over it.
func newPolicy(c *config.Config) deid.Policy {
	p := deid.Registry
	if c.Deidentify.Profile == "strict" {
		p = deid.Strict
	}
	said := func(key string) bool { return c.Origin("deidentify."+key).Place != config.FromDefault }
	if said("dates") {
		p.Dates = deid.Dates(c.Deidentify.Dates)
	}
	if said("oldest_age") {
		p.OldestAge = c.Deidentify.OldestAge
	}
	if said("retain.patient_characteristics") {
		has := func(name string) bool { return slices.Contains(c.Deidentify.Retain.PatientCharacteristics, name) }
		p.Retain.Sex, p.Retain.Age, p.Retain.Size, p.Retain.Weight = has("sex"), has("age"), has("size"), has("weight")
	}
	for key, keep := range map[string]*bool{"device_identity": &p.Retain.DeviceIdentity,
		"institution_identity": &p.Retain.InstitutionIdentity, "uids": &p.Retain.UIDs} {
		if said("retain." + key) {
			*keep = map[string]bool{"device_identity": c.Deidentify.Retain.DeviceIdentity,
				"institution_identity": c.Deidentify.Retain.InstitutionIdentity, "uids": c.Deidentify.Retain.UIDs}[key]
		}
	}
	return p
}

// newFilter maps filter, with a stations list.
func newFilter(c *config.Config, list *filter.Stations) *filter.Filter {
	return &filter.Filter{Templates: c.Filter.Templates, Exclude: newExclusions(c.Filter.Exclude), Stations: list, Routes: newRoutes(c), Senders: newSenders(c)}
}

func registryNames(c *config.Config) []string {
	var names []string
	for _, r := range c.Registries {
		names = append(names, r.Name)
	}
	return names
}

func registryLimits(c *config.Config) map[string]pipeline.Limits {
	limits := make(map[string]pipeline.Limits)
	for _, r := range c.Registries {
		limits[r.Name] = pipeline.Limits{AtOnce: max(r.AtOnce, r.PerRequest), PerMinute: r.PerMinute}
	}
	return limits
}

// keyName is where the ledger keeps the fingerprints of the site's keys.
const keyName = "key fingerprints"

// keyring opens the site key and makes sure that it is this ledger's (rule 4).
// Only serve makes a key, and only for a ledger that never had one: another
// key would send every report a second time, as somebody else's.
func keyring(ctx context.Context, c *config.Config, l *ledger.Ledger, mayMake bool) (*deid.Keyring, error) {
	known, err := knownKeys(ctx, l)
	if err != nil {
		return nil, err
	}
	path := c.Deidentify.KeyFile
	ring, err := loadKeys(path, known)
	if errors.Is(err, deid.ErrNoKey) {
		if !mayMake {
			return nil, usagef("there is no key file %s yet: dosegate serve makes it on its first start, or run dosegate key new %s", path, path)
		}
		ring, err = makeKey(path)
	}
	if err != nil {
		return nil, err
	}
	if now := fingerprints(ring); !slices.Equal(now, known) {
		err = l.SetSetting(ctx, keyName, []byte(strings.Join(now, " ")))
	}
	return ring, err
}

// knownKeys are the fingerprints that the ledger has, none before the first
// start.
func knownKeys(ctx context.Context, l *ledger.Ledger) ([]string, error) {
	known, _, err := l.Setting(ctx, keyName)
	return strings.Fields(string(known)), err
}

// loadKeys reads the key file and compares it with the fingerprints that the
// ledger knows: those have to be its beginning. It is [deid.ErrNoKey] only
// where there never was a key.
func loadKeys(path string, known []string) (*deid.Keyring, error) {
	ring, err := deid.LoadKeyring(path)
	switch {
	case errors.Is(err, deid.ErrNoKey) && len(known) > 0:
		return nil, usagef("the key file %s is missing, and this installation has one (fingerprint %s): put it back from your copy; "+
			"a new key would send every report again as another one", path, known[0])
	case errors.Is(err, deid.ErrNoKey):
		return nil, err
	case err != nil:
		return nil, usageError{err}
	}
	have := fingerprints(ring)
	for i, fingerprint := range known {
		if i >= len(have) || have[i] != fingerprint {
			return nil, usagef("the key file %s is not this installation's: the ledger knows the key %s; put that one back from your copy", path, fingerprint)
		}
	}
	return ring, nil
}

func makeKey(path string) (*deid.Keyring, error) {
	ring, err := deid.NewKeyring()
	if err != nil {
		return nil, err
	}
	return ring, ring.Save(path, true)
}

// fingerprints identifies each key and when it begins.
func fingerprints(ring *deid.Keyring) []string {
	var all []string
	for _, k := range ring.Keys() {
		from := "-"
		if !k.From.IsZero() {
			from = k.From.Format(time.RFC3339)
		}
		all = append(all, k.Fingerprint()+"@"+from)
	}
	return all
}

// newGate maps the configuration to what every verdict depends on.
func newGate(ctx context.Context, c *config.Config, l *ledger.Ledger, log *slog.Logger, ring *deid.Keyring) (*pipeline.Gate, error) {
	g := &pipeline.Gate{Ledger: l, Templates: c.Filter.Templates, Exclude: newExclusions(c.Filter.Exclude),
		Registries: defaultRegistries(c), Routes: newRoutes(c), Senders: newSenders(c), Preparations: newPreparations(c), RegistryLimits: registryLimits(c), DeliverAfter: make(map[string]pipeline.Delay), Keys: ring, Deidentifier: deid.New(newPolicy(c)),
		HoldFor: time.Duration(c.Holding.For), ClearAfter: time.Duration(c.Holding.Delivered), Version: version(), Log: log, Now: time.Now}
	for _, r := range c.Registries {
		if wait := r.DeliverAfter; wait != (config.Delay{}) {
			g.DeliverAfter[r.Name] = pipeline.Delay{From: time.Duration(wait.From), To: time.Duration(wait.To)}
		}
	}
	for _, s := range c.Orthanc {
		src, err := newSource(s)
		if err != nil {
			return nil, usageError{err}
		}
		g.Sources = append(g.Sources, src)
	}
	var err error
	g.Stations, err = watchStations(ctx, c, l)
	return g, err
}

// watchStations reads the stations list, with the ledger's copy of the last
// good one behind it.
func watchStations(ctx context.Context, c *config.Config, l *ledger.Ledger) (*filter.Watched, error) {
	lastGood, err := pipeline.LastGoodStations(ctx, l)
	if err != nil {
		return nil, err
	}
	return filter.Watch(c.StationsFile, registryNames(c), lastGood), nil
}

// opened is what a command works with.
type opened struct {
	config *config.Config
	ledger *ledger.Ledger
	gate   *pipeline.Gate
}

// openAll opens configuration, ledger and gate for a command beside serve. The
// caller closes the ledger.
func openAll(ctx context.Context, path, command string) (*opened, error) {
	o, err := openLedger(ctx, path)
	if err != nil {
		return nil, err
	}
	ring, err := keyring(ctx, o.config, o.ledger, false)
	if err == nil {
		o.gate, err = newGate(ctx, o.config, o.ledger, newLog(config.Log{Level: "warn"}, os.Stderr), ring)
	}
	if err != nil {
		return nil, errors.Join(err, o.ledger.Close())
	}
	return o, nil
}

// openLedger opens what a command needs that only reads the ledger.
func openLedger(ctx context.Context, path string) (*opened, error) {
	c, err := loadConfig(path)
	if err != nil {
		return nil, err
	}
	l, err := ledgerOf(ctx, c, ledger.Options{MustBe: true})
	if errors.Is(err, ledger.ErrNone) {
		err = fmt.Errorf("%w: dosegate serve -c %s makes it", err, filepath.Base(path))
	}
	if err != nil {
		return nil, err
	}
	return &opened{config: c, ledger: l}, nil
}

// ledgerOf opens the ledger of a configuration, and makes it if need be, unless the
// options say otherwise.
func ledgerOf(ctx context.Context, c *config.Config, o ledger.Options) (*ledger.Ledger, error) {
	o.Password = c.LedgerPassword.Reveal()
	for _, s := range c.Orthanc {
		if s.Marks != config.MarksNone {
			o.Marked = append(o.Marked, s.Name)
		}
	}
	return ledger.Open(ctx, c.LedgerAddress(), o)
}
