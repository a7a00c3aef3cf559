package deid

import (
	"fmt"
	"strings"
)

// Class says what the de-identified reports are in law. They are never
// anonymous: pseudonyms and UIDs derive from a key that the site has.
type Class struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// The classes of the output. Both are personal data under the GDPR.
const (
	// ClassLimited keeps what 45 CFR 164.514(e) allows in a limited data set at
	// best, which leaves under a data use agreement.
	ClassLimited = "limited_data_set"

	// ClassSafeHarborLike keeps nothing that 45 CFR 164.514(b)(2)(i) lists, but
	// has codes that derive from the patient's, which (c) does not allow.
	ClassSafeHarborLike = "safe_harbor_like"
)

// Class is what the policy makes of a report.
func (p Policy) Class() Class {
	remain := p.remains()
	if len(remain) == 0 {
		return Class{ClassSafeHarborLike, "pseudonymous: whoever has the key can tell who is who. GDPR: personal data; HIPAA: without the " +
			"identifiers that Safe Harbor lists (45 CFR 164.514(b)(2)), but with codes derived from the patient's, so de-identified only " +
			"if an expert determines so (45 CFR 164.514(b)(1))"}
	}
	return Class{ClassLimited, fmt.Sprintf("pseudonymous, not anonymous: it keeps: %s. GDPR: personal data; "+
		"HIPAA: a limited data set at best (45 CFR 164.514(e))", strings.Join(remain, ", "))}
}

// remains lists what the policy keeps that Safe Harbor would not.
func (p Policy) remains() []string {
	var remain []string
	for _, one := range []struct {
		kept bool
		what string
	}{
		{p.Dates == DatesFull, "full dates"},
		{p.Dates == DatesModified, "dates moved by a constant"},
		{p.Retain.DeviceIdentity, "device identity"},
		{p.Retain.InstitutionIdentity, "institution identity"},
		{p.Retain.UIDs, "the original UIDs"},
		{p.Retain.Age && p.OldestAge > safeHarborAge, fmt.Sprintf("ages over %d", safeHarborAge)},
	} {
		if one.kept {
			remain = append(remain, one.what)
		}
	}
	return remain
}

// safeHarborAge is the oldest age that may be told (45 CFR 164.514(b)(2)(i)(C)).
const safeHarborAge = 89

// Warning is a combination of choices that protects less than it seems to.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// The codes of warnings.
const (
	WarnInstitutionDates = "institution_with_dates"
	WarnOriginalUIDs     = "original_uids"
	WarnOldestAge        = "oldest_age"

	// WarnArrival is about what a policy does not know: whoever delays each
	// delivery by a time that nobody can guess may leave it out.
	WarnArrival = "arrival_tells_dates"
)

// Warnings names the weak combinations of a policy.
func (p Policy) Warnings() []Warning {
	var all []Warning
	warn := func(is bool, code, format string, args ...any) {
		if is {
			all = append(all, Warning{code, fmt.Sprintf(format, args...)})
		}
	}
	warn(p.Retain.UIDs, WarnOriginalUIDs, "the original UIDs lead back to the patient for everybody who sees the archive: nothing that leaves the house may have them")
	warn(p.Retain.InstitutionIdentity && p.Dates == DatesFull, WarnInstitutionDates,
		"the institution's name with full dates: who knows that somebody was there that day finds the report. Modify or remove dates, or leave the institution out")
	warn(p.Retain.InstitutionIdentity && p.Dates == DatesModified, WarnInstitutionDates,
		"the institution's name with modified dates: the time of day stays, and the order of a patient's visits to that house")
	warn(p.Dates == DatesModified, WarnArrival, "dates are modified, but the moment at which a report arrives tells the true one: "+
		"have reports delivered after a random delay (registries[].deliver_after)")
	warn(p.Retain.Age && p.OldestAge > safeHarborAge, WarnOldestAge, "ages up to %d are told: so few people are older than %d that they can be found by it "+
		"(45 CFR 164.514(b)(2)(i)(C))", p.OldestAge, safeHarborAge)
	return all
}
