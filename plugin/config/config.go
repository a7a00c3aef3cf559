// Package config reads dosegate.yaml and what the environment lays over it.
//
// Every key is a field of Config: its name is the koanf tag, its default the
// default tag, and its meaning the comment beside it. Values are looked for
// where an operator can put them, and the nearest wins:
//
//	environment        DOSEGATE__HOLDING__FOR=30d
//	secret variable    DOSEGATE__REGISTRIES__DIR__PASSWORD_SECRET=/path
//	run secret         /run/secrets/DOSEGATE__REGISTRIES__DIR__PASSWORD
//	file               password: …, or password_file: …
//	default
//
// An entry of a list is meant by its name, in any case and with _ for -. Only
// secrets have the three middle forms. Whatever is not known is an error that
// names the key and where it stands, and all errors are told at once.
//
// The package imports nothing of dosegate, and only cmd imports it: a
// configuration that knew its consumers would become the hub of the program.
package config

import "strings"

// Config is the whole configuration, checked, with absolute paths.
type Config struct {
	// Orthanc lists the sources: each Orthanc whose change feed is followed.
	Orthanc []Source `koanf:"orthanc"`

	Filter Filter `koanf:"filter"`

	// StationsFile names the stations whose reports are wanted. It is read again
	// when it changes.
	StationsFile string `koanf:"stations_file" default:"stations.yaml"`

	Deidentify Deidentify `koanf:"deidentify"`

	// Registries lists where accepted reports go.
	Registries []Registry `koanf:"registries"`

	// Routes say where reports go whose station names no registry: the first that
	// matches a report. Where none does, to every registry that is not inside.
	Routes []Route `koanf:"routes"`

	// Senders name the ways that reports come by, so that the ledger says of each
	// whether it came from its scanner, through an RDIM or from the PACS: the first
	// that matches.
	Senders []Sender `koanf:"senders"`

	Holding Holding `koanf:"holding"`

	// Ledger is where the ledger lies: sqlite: and a path, or postgres:// and the
	// rest of the URL of a PostgreSQL database, which several dosegates may share.
	Ledger string `koanf:"ledger" default:"sqlite:dosegate.db"`

	// LedgerPassword is that of the PostgreSQL user. Without it PostgreSQL's own
	// ways count: PGPASSFILE, PGPASSWORD, certificates.
	LedgerPassword Secret `koanf:"ledger_password"`

	Doorbell Doorbell `koanf:"doorbell"`

	Notify Notify `koanf:"notify"`

	Web Web `koanf:"web"`
	Log Log `koanf:"log"`

	file    string
	origins map[string]Origin
}

// Source is one Orthanc whose change feed is followed.
type Source struct {
	// Name tells the sources apart, in the ledger too: it must not change.
	Name string `koanf:"name"`

	// URL is the root of its REST API. It may be http: the reports lie there
	// with all their identifiers and have not left the house yet.
	URL string `koanf:"url"`

	// BrowserURL is the same Orthanc as a browser reaches it, for links to
	// Orthanc Explorer. Default: URL.
	BrowserURL string `koanf:"browser_url"`

	// Username and Password are those of Orthanc's RegisteredUsers, if it has any.
	Username string `koanf:"username"`
	Password Secret `koanf:"password"`

	// Role says whether reports may be deleted there: gateway (it exists for
	// dosegate, and what expires is deleted) or archive (never). It has no
	// default, because a wrong guess would empty an archive.
	Role Role `koanf:"role"`

	// Since says where the first start begins: all, now, or a date of reception.
	// Default: all for a gateway, now for an archive.
	Since Since `koanf:"since"`

	// Poll is how often the feed is asked.
	Poll Duration `koanf:"poll" default:"1s"`

	// Marks says what Orthanc Explorer shows of the ledger: none, metadata, or
	// metadata+labels. Default: metadata+labels for a gateway, none for an
	// archive, where a label may grant access.
	Marks Marks `koanf:"marks"`

	// Issuer is the Issuer of Patient ID of reports that name none. With it two
	// hospitals' patients of the same number stay two people.
	Issuer string `koanf:"issuer"`
}

// Filter says which dose reports are wanted at all.
type Filter struct {
	// Templates are the template identifiers that are collected: 10001
	// projection X-ray, 10011 CT, 10021 radiopharmaceutical, 10040 enhanced X-ray.
	Templates []string `koanf:"templates" default:"10001,10011,10021,10040"`

	// Exclude lists reports that are not wanted, such as those of phantoms.
	Exclude []Exclude `koanf:"exclude"`
}

// Exclude is what a report must match to be held back. Patterns are globs
// without regard to case: * stands for anything, ? for one character. With both
// keys, both must match.
type Exclude struct {
	PatientID        string `koanf:"patient_id"`
	StudyDescription string `koanf:"study_description"`
}

// Deidentify says what is left of a report that leaves.
type Deidentify struct {
	// Profile is registry (what a dose registry needs) or strict (less).
	Profile string `koanf:"profile" default:"registry"`

	// KeyFile holds the site key, from which pseudonyms and UIDs derive.
	KeyFile string `koanf:"key_file" default:"key"`

	// Dates is full, modified (moved by a number of days that differs from
	// patient to patient), year (the year alone) or removed. Under the profile
	// strict the default is year.
	Dates string `koanf:"dates" default:"full"`

	Retain Retain `koanf:"retain"`

	// OldestAge is the highest age that is told; whoever is older is one year more.
	OldestAge int `koanf:"oldest_age" default:"89"`
}

// Retain are the options of PS3.15 E.3 that keep something.
type Retain struct {
	// PatientCharacteristics are those kept of sex, age, size and weight. Under
	// the profile strict the default is sex and age.
	PatientCharacteristics []string `koanf:"patient_characteristics" default:"sex,age,size,weight"`

	// DeviceIdentity keeps station name, serial number and the like. Under the
	// profile strict the default is false.
	DeviceIdentity bool `koanf:"device_identity" default:"true"`

	// InstitutionIdentity keeps name and address of the institution.
	InstitutionIdentity bool `koanf:"institution_identity" default:"false"`

	// UIDs keeps the original UIDs, which lead back to the patient. It is
	// refused for a registry outside the house.
	UIDs bool `koanf:"uids" default:"false"`
}

// Holding says how long reports wait.
type Holding struct {
	// For is how long a report of a station that nobody configured waits.
	For Duration `koanf:"for" default:"14d"`

	// Delivered is keep, or how long after its last delivery a wholly delivered
	// report stays in a gateway.
	Delivered Retention `koanf:"delivered" default:"keep"`
}

// Web is the page that serve shows, and its API.
type Web struct {
	// Listen is host:port.
	Listen string `koanf:"listen" default:"127.0.0.1:8480"`

	// Prefix is the path below which a proxy shows the page, such as /dosegate.
	// Default: none.
	Prefix string `koanf:"prefix"`

	// Hosts are the names under which browsers may reach the page, beside
	// addresses in digits, localhost and the name of this machine. Others are
	// refused: a foreign page could give its own name our address.
	Hosts []string `koanf:"hosts"`

	// UsersFile holds who may see and do what; dosegate passwd writes it. While it
	// is missing, a link in the log lets the first operator in.
	UsersFile string `koanf:"users_file" default:"users.yaml"`

	// CertificateFile and CertificateKeyFile are PEM files: with them the page is
	// https. They are read again when they are renewed.
	CertificateFile    string `koanf:"certificate_file"`
	CertificateKeyFile string `koanf:"certificate_key_file"`

	// BehindTLS says that a proxy in front of the page speaks https to browsers.
	BehindTLS bool `koanf:"behind_tls" default:"false"`
}

// Doorbell is how the plugin inside Orthanc, where there is one, tells that there
// is something to look at, at /doorbell of the page's address.
type Doorbell struct {
	// Token is what the plugin shows, best as token_file: the plugin reads the
	// same file. Without it there is no doorbell.
	Token Secret `koanf:"token"`
}

// Log is what is written to standard error.
type Log struct {
	// Format is text or json.
	Format string `koanf:"format" default:"text"`

	// Level is the lowest that is written: debug, info, warn or error.
	Level string `koanf:"level" default:"info"`
}

// File is the path of the file that was read.
func (c *Config) File() string { return c.file }

// LedgerAddress is the path of the SQLite ledger, or the URL of the PostgreSQL
// one, without a password.
func (c *Config) LedgerAddress() string { return strings.TrimPrefix(c.Ledger, sqlitePrefix) }

// LedgerIsShared says whether the ledger is one that several dosegates may have.
func (c *Config) LedgerIsShared() bool { return !strings.HasPrefix(c.Ledger, sqlitePrefix) }

const sqlitePrefix = "sqlite:"
