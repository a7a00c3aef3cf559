//go:build native

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// settings are the section Dosegate of Orthanc's configuration.
type settings struct {
	URL string `json:"Url"` // where dosegate's page is: http://127.0.0.1:8480

	// TokenFile holds the token that dosegate's doorbell.token_file holds, too.
	TokenFile string

	// Door refuses at C-STORE what is no dose report: for an Orthanc that is
	// there for dose reports alone.
	Door bool

	// Changed looks at second copies of structured reports.
	Changed bool

	// Window shows dosegate's pages below /dosegate/, as whoever has the token in
	// WindowTokenFile may see them.
	Window          bool
	WindowTokenFile string
}

// readSettings reads the section; nil where there is none.
func readSettings(orthanc []byte) (*settings, error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(orthanc, &whole); err != nil {
		return nil, fmt.Errorf("read it: %w", err)
	}
	section, there := whole["Dosegate"]
	if !there {
		return nil, nil
	}
	s := settings{Changed: true}
	strict := json.NewDecoder(bytes.NewReader(section))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&s); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil:
		return nil, errors.New("Url is not of the form http://127.0.0.1:8480")
	case s.TokenFile == "":
		return nil, errors.New("TokenFile is missing: the file with the token of the doorbell")
	case s.Window && s.WindowTokenFile == "":
		return nil, errors.New("WindowTokenFile is missing: the file with a viewer's token")
	}
	for _, file := range []string{s.TokenFile, s.WindowTokenFile} {
		if _, err := os.ReadFile(file); file != "" && err != nil {
			return nil, err
		}
	}
	s.URL = strings.TrimRight(s.URL, "/")
	return &s, nil
}

// bellURL is where the doorbell is.
func (s settings) bellURL() string { return "ws" + strings.TrimPrefix(s.URL, "http") + "/doorbell" }
