package filter

import (
	"path"
	"strings"

	"github.com/dosegate/dosegate/plugin/rdsr"
)

// Came is what Orthanc noted of how a report came to it.
type Came struct {
	SenderAET string // the AE title of who sent it by C-STORE
	CalledAET string // the AE title that it called
	Origin    string // DicomProtocol, RestApi, Plugins, …
}

// Sender names a way that reports come by: a scanner, an RDIM, a PACS. The keys are
// ANDed glob patterns, compared without case; what is empty matches everything.
type Sender struct {
	Name                             string
	AET, Called, Origin, SourceNamed string
}

func (s Sender) matches(in Input) bool {
	return like(s.AET, in.SenderAET) && like(s.Called, in.CalledAET) && like(s.Origin, in.Origin) && like(s.SourceNamed, in.Source)
}

// sender is the name of the first way that matches, "" where none does.
func (f *Filter) sender(in Input) string {
	for _, s := range f.Senders {
		if s.matches(in) {
			return s.Name
		}
	}
	return ""
}

// like compares a text with a glob pattern, without case; no pattern matches
// everything, and a slash is a character like any other.
func like(pattern, text string) bool {
	if pattern = strings.TrimSpace(pattern); pattern == "" {
		return true
	}
	flat := func(s string) string { return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "/", "\x01") }
	ok, err := path.Match(flat(pattern), flat(text))
	return ok && err == nil
}

// NewCame takes what Orthanc noted, which is text from outside.
func NewCame(senderAET, calledAET, origin string) Came {
	return Came{rdsr.Plain(senderAET), rdsr.Plain(calledAET), rdsr.Plain(origin)}
}
