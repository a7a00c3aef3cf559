package deid_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/deid"
)

// changed is a profile with something else about it.
func changed(p deid.Policy, change func(*deid.Policy)) deid.Policy {
	change(&p)
	return p
}

func TestTheClassOfTheOutputFollowsThePolicy(t *testing.T) {
	for name, c := range map[string]struct {
		policy     deid.Policy
		code, text string
	}{
		"registry": {deid.Registry, deid.ClassLimited, "it keeps: full dates, device identity. GDPR: personal data; HIPAA: a limited data set at best"},
		"strict":   {deid.Strict, deid.ClassSafeHarborLike, "pseudonymous: whoever has the key can tell who is who. GDPR: personal data"},
		"removed": {changed(deid.Strict, func(p *deid.Policy) { p.Dates = deid.DatesRemoved }),
			deid.ClassSafeHarborLike, "only if an expert determines so"},
		"modified": {changed(deid.Strict, func(p *deid.Policy) { p.Dates = deid.DatesModified }), deid.ClassLimited, "dates moved by a constant"},
		"institution": {changed(deid.Strict, func(p *deid.Policy) { p.Retain.InstitutionIdentity = true }),
			deid.ClassLimited, "it keeps: institution identity."},
		"UIDs":      {changed(deid.Strict, func(p *deid.Policy) { p.Retain.UIDs = true }), deid.ClassLimited, "the original UIDs"},
		"old":       {changed(deid.Strict, func(p *deid.Policy) { p.OldestAge = 99 }), deid.ClassLimited, "ages over 89"},
		"old, none": {changed(deid.Strict, func(p *deid.Policy) { p.OldestAge, p.Retain.Age = 99, false }), deid.ClassSafeHarborLike, "Safe Harbor"},
		"three": {changed(deid.Registry, func(p *deid.Policy) { p.Retain.InstitutionIdentity = true }),
			deid.ClassLimited, "full dates, device identity, institution identity"},
	} {
		if have := c.policy.Class(); have.Code != c.code || !strings.Contains(have.Text, c.text) {
			t.Errorf("%s: %+v, want %s with %q", name, have, c.code, c.text)
		}
	}
}

func TestWeakCombinationsAreWarnedOf(t *testing.T) {
	for name, c := range map[string]struct {
		policy deid.Policy
		want   []string
	}{
		"registry":             {deid.Registry, nil},
		"strict":               {deid.Strict, nil},
		"institution":          {changed(deid.Registry, func(p *deid.Policy) { p.Retain.InstitutionIdentity = true }), []string{deid.WarnInstitutionDates}},
		"institution and year": {changed(deid.Strict, func(p *deid.Policy) { p.Retain.InstitutionIdentity = true }), nil},
		"modified":             {changed(deid.Registry, func(p *deid.Policy) { p.Dates = deid.DatesModified }), []string{deid.WarnArrival}},
		"UIDs":                 {changed(deid.Registry, func(p *deid.Policy) { p.Retain.UIDs = true }), []string{deid.WarnOriginalUIDs}},
		"old":                  {changed(deid.Registry, func(p *deid.Policy) { p.OldestAge = 120 }), []string{deid.WarnOldestAge}},
		"old, none":            {changed(deid.Registry, func(p *deid.Policy) { p.OldestAge, p.Retain.Age = 120, false }), nil},
		"several": {changed(deid.Registry, func(p *deid.Policy) {
			p.Retain.InstitutionIdentity, p.Retain.UIDs, p.Dates = true, true, deid.DatesModified
		}), []string{deid.WarnOriginalUIDs, deid.WarnInstitutionDates, deid.WarnArrival}},
	} {
		var have []string
		for _, w := range c.policy.Warnings() {
			have = append(have, w.Code)
			if w.Text == "" {
				t.Errorf("%s: %s says nothing", name, w.Code)
			}
		}
		if !slices.Equal(have, c.want) {
			t.Errorf("%s: %v, want %v", name, have, c.want)
		}
	}
}
