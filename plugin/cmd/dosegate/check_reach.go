package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/dosegate/dosegate/plugin/config"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/orthanc"
)

// clocksApart is by how much two clocks may differ without a word.
const clocksApart = 10 * time.Second

// source asks an Orthanc what it is. An error is a mistake in the configuration.
func (f *findings) source(ctx context.Context, c config.Source) error {
	src, err := newSource(c)
	if err != nil {
		return usageError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	what := "orthanc " + c.Name
	system, err := src.Client.System(ctx)
	if err != nil {
		f.fail(what, err)
		return nil
	}
	if src.Archive { // somebody may have forbidden every POST to our user
		if _, err := src.Client.Contents(ctx, []string{}); err != nil {
			f.fail(what, fmt.Errorf("it has to answer POST /tools/bulk-content, which an archive is followed by and which changes nothing: %w", err))
			return nil
		}
	}
	theirs, err := src.Client.Now(ctx)
	if err != nil {
		f.fail(what, err)
		return nil
	}
	apart := time.Until(theirs).Round(time.Second)
	f.ok(what, "Orthanc %s, %s, AE title %s, clock %+ds", system.Version, c.Role, system.DicomAet, int(apart.Seconds()))
	if apart.Abs() > clocksApart {
		f.warn(what, "its clock is %s from this machine's: set both; nothing expires while they are minutes apart", apart.Abs())
	}
	f.sourceSettings(what, c, system)
	return nil
}

// sourceSettings warns of what would lose reports or show them to others.
func (f *findings) sourceSettings(what string, c config.Source, system orthanc.System) {
	if c.Role == config.Archive {
		if c.Marks != config.MarksNone {
			f.warn(what, "marks in an archive: a label can grant access there")
		}
		return
	}
	for _, words := range system.Careless() {
		f.warn(what, "%s", words)
	}
	if !system.Tells {
		f.ok(what, "%s", "this Orthanc does not say whether it recycles, as it does from 1.12 on: "+
			"see that MaximumStorageSize, MaximumPatientCount and OverwriteInstances are not set there")
	}
	if c.Marks == config.MarksMetadataAndLabels && !system.HasLabels {
		f.warn(what, "this Orthanc has no labels (they came with 1.12): reports get metadata only")
	}
}

// registry tries the way to a registry. An error is a mistake in the
// configuration.
func (f *findings) registry(ctx context.Context, c config.Registry, sources []config.Source) error {
	to, err := newRegistry(c, sources)
	if err != nil {
		return usageError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	what := "registry " + c.Name
	if err := to.Check(ctx); err != nil {
		f.fail(what, err)
		return nil
	}
	f.ok(what, "it answers")
	if u, err := url.Parse(c.STOW); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		f.warn(what, "http: everybody on the way can read and change what is sent")
	}
	if c.PassThrough() {
		f.warn(what, "deidentify is none: it gets reports with all identifiers of the patients, where a route or a station names it")
	}
	return nil
}

// output says which class of data leaves (rule 9 of the design), and what makes
// it weaker than it seems.
func (f *findings) output(c *config.Config) {
	const what = "what leaves"
	p := newPolicy(c)
	f.ok(what, "%s", p.Class().Text)
	for _, w := range warnings(p, c) {
		f.warn(what, "%s", w.Text)
	}
}

// leastSpread is how far apart the ends of deliver_after have to be, that the
// day of arrival does not tell the day of the examination: a wait that is the
// same for everybody hides nothing.
const leastSpread = config.Duration(24 * time.Hour)

// warnings are the policy's, less those that the rest of the configuration
// answers. Without a configuration all stand.
func warnings(p deid.Policy, c *config.Config) []deid.Warning {
	all := []deid.Warning{}
	for _, w := range p.Warnings() {
		if w.Code == deid.WarnArrival && c != nil {
			var tell []string
			for _, r := range c.Registries {
				if r.DeliverAfter.To-r.DeliverAfter.From < leastSpread {
					tell = append(tell, fmt.Sprintf("%s has %s", r.Name, r.DeliverAfter))
				}
			}
			if len(tell) == 0 {
				continue
			}
			w.Text += ", over a day and more such as 1d..7d; " + enumerate(tell)
		}
		all = append(all, w)
	}
	return all
}

// enumerate joins words for a sentence.
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// loopback reports whether a host is this machine, and nobody else's way to it.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
