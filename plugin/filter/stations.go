package filter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/rdsr"
	"gopkg.in/yaml.v3"
)

// Station is one entry of stations.yaml. Its keys are ANDed and compared
// without case and surrounding blanks.
type Station struct {
	Name               string `yaml:"name"` // Station Name (0008,1010)
	DeviceObserverName string `yaml:"device_observer_name"`
	SerialNumber       string `yaml:"serial_number"`
	Model              string `yaml:"model"`
	Manufacturer       string `yaml:"manufacturer"`
	Source             string `yaml:"source"`
	AET                string `yaml:"aet"` // the sender's AE title

	Facility   string   `yaml:"facility"`   // the registry's facility ID
	Registries []string `yaml:"registries"` // nil: every registry that is a default
	Send       *bool    `yaml:"send"`       // false: known, left out on purpose
	Paused     bool     `yaml:"paused"`     // its reports wait
}

// Stations is a stations list that was read. A nil list is an empty one.
type Stations struct {
	Entries []Station
	text    []byte
}

var facilityID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// ParseStations reads the text of a stations.yaml. The names of the registries
// that are configured are given to check the entries against. Errors name the
// line or the entry and what is wrong.
func ParseStations(text []byte, registries []string) (*Stations, error) {
	var list struct {
		Stations []Station `yaml:"stations"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the stations list: %s", plainYAML(err))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("read the stations list: it has a second document (after ---): put all stations into one")
	}
	seen := make(map[string]int)
	for i, s := range list.Stations {
		if err := s.check(registries); err != nil {
			return nil, fmt.Errorf("station %d (%s): %w", i+1, s, err)
		}
		key := fmt.Sprintf("%q", s.keys())
		if first, twice := seen[key]; twice {
			return nil, fmt.Errorf("station %d (%s) has the same keys as station %d: remove one of them", i+1, s, first)
		}
		seen[key] = i + 1
	}
	return &Stations{Entries: list.Stations, text: text}, nil
}

// plainYAML words an error of the YAML library on one line, for a person who
// does not know our types.
func plainYAML(err error) string {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:"), "yaml: ")
	text = strings.NewReplacer(" not found in type filter.Station", " is not a key of a station", " into filter.Station", "",
		" into bool", " as true or false", "cannot unmarshal !!str", "cannot take", "cannot unmarshal", "cannot take").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

// Fingerprint changes when the text of the list does.
func (s *Stations) Fingerprint() string {
	if s == nil {
		return ""
	}
	sum := sha256.Sum256(s.text)
	return hex.EncodeToString(sum[:8])
}

// Text is the YAML that the list was read from.
func (s *Stations) Text() []byte {
	if s == nil {
		return nil
	}
	return s.text
}

func (s Station) check(registries []string) error {
	if fold(s.Name) == "" && fold(s.DeviceObserverName) == "" && fold(s.SerialNumber) == "" && fold(s.AET) == "" {
		return errors.New("give at least one of name, device_observer_name, serial_number, aet")
	}
	if s.Facility != "" && !facilityID.MatchString(s.Facility) {
		return errors.New("facility takes 1 to 64 letters, digits, dots, underscores and hyphens")
	}
	if s.Registries != nil && len(s.Registries) == 0 {
		return errors.New("registries is empty: leave it out for all of them, or say send: false")
	}
	for i, name := range s.Registries {
		if slices.Contains(s.Registries[:i], name) {
			return fmt.Errorf("registry %q stands twice", name)
		}
		if !slices.Contains(registries, name) {
			return fmt.Errorf("registry %q is not configured (there are: %s)", name, strings.Join(registries, ", "))
		}
	}
	return nil
}

// keys are what the entry is matched by, in a fixed order, folded.
func (s Station) keys() [7]string {
	return [7]string{fold(s.Name), fold(s.DeviceObserverName), fold(s.SerialNumber), fold(s.Model), fold(s.Manufacturer),
		fold(s.Source), fold(s.AET)}
}

func (in Input) keys() [7]string {
	return [7]string{fold(in.StationName), fold(in.DeviceObserverName), fold(in.SerialNumber), fold(in.Model),
		fold(in.Manufacturer), fold(in.Source), fold(in.SenderAET)}
}

func fold(s string) string { return strings.ToLower(rdsr.Plain(s)) }

// String names the entry for a person.
func (s Station) String() string {
	switch {
	case s.Name != "":
		return "station " + s.Name
	case s.DeviceObserverName != "":
		return "device observer " + s.DeviceObserverName
	case s.SerialNumber != "":
		return "serial number " + s.SerialNumber
	case s.AET != "":
		return "sender " + s.AET
	}
	return "without a name"
}

// Entry gives the place in the list of the one entry that a report is matched
// by; false where there is none, or the list is ambiguous.
func (s *Stations) Entry(in Input) (place int, ok bool) {
	if best := s.best(in); len(best) == 1 {
		return best[0], true
	}
	return 0, false
}

// best returns the places of the entries that match with most keys: none, one,
// or several where the list is ambiguous.
func (s *Stations) best(in Input) []int {
	if s == nil {
		return nil
	}
	var best []int
	most := 0
	have := in.keys()
	for place, entry := range s.Entries {
		n, ok := matching(entry.keys(), have)
		switch {
		case !ok || n < most:
		case n > most:
			best, most = []int{place}, n
		default:
			best = append(best, place)
		}
	}
	return best
}

// matching counts the keys that an entry gives, if all of them match.
func matching(want, have [7]string) (n int, ok bool) {
	for i, key := range want {
		if key == "" {
			continue
		}
		if key != have[i] {
			return 0, false
		}
		n++
	}
	return n, n > 0
}

// names reports whether a text stands in the list itself: then it is the
// house's own word and no secret.
func (s *Stations) names(text string) bool {
	if s == nil {
		return false
	}
	for _, entry := range s.Entries {
		if keys := entry.keys(); slices.Contains(keys[:], fold(text)) {
			return true
		}
	}
	return false
}
