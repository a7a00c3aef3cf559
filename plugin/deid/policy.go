package deid

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Dates says what becomes of dates and times.
type Dates string

// The choices of PS3.15 E.3.6: the option with full dates, the option with
// modified dates, or neither, in which case the year may stay (45 CFR
// 164.514(b)(2)(i)(C)).
const (
	DatesFull     Dates = "full"
	DatesModified Dates = "modified"
	DatesYear     Dates = "year"
	DatesRemoved  Dates = "removed"
)

// Retain names the options of PS3.15 E.3 that keep something, and the patient
// characteristics one by one.
type Retain struct {
	Sex, Age, Size, Weight bool // Retain Patient Characteristics
	DeviceIdentity         bool
	InstitutionIdentity    bool
	UIDs                   bool
}

// Policy is what a configuration asks of de-identification.
type Policy struct {
	Dates     Dates
	Retain    Retain
	OldestAge int // in years; above it 090Y

	// Sponsor is the Clinical Trial Sponsor Name under which the report's facility is
	// written as Clinical Trial Site ID; "" for a registry that wants no such thing.
	Sponsor string
}

// Registry is the profile that a dose registry needs: sex, age, size, weight,
// the device, full dates.
var Registry = Policy{Dates: DatesFull, OldestAge: 89,
	Retain: Retain{Sex: true, Age: true, Size: true, Weight: true, DeviceIdentity: true}}

// Strict keeps of a date the year, and of the device no more than a stable
// pseudonym.
var Strict = Policy{Dates: DatesYear, OldestAge: 89, Retain: Retain{Sex: true, Age: true}}

// tables is changed whenever the tables or the rules of this package come to
// give other bytes for the same report.
const tables = "3"

// Fingerprint identifies the policy together with the rules that carry it
// out: two deliveries with the same fingerprint and key have the same bytes.
func (p Policy) Fingerprint() string {
	all := fmt.Sprintf("%s {Dates:%s Retain:%+v OldestAge:%d}", tables, p.Dates, p.Retain, p.OldestAge)
	if p.Sponsor != "" {
		all += fmt.Sprintf(" %q", p.Sponsor)
	}
	sum := sha256.Sum256([]byte(all))
	return hex.EncodeToString(sum[:8])
}
