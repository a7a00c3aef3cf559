package web

import (
	"net/http"
	"strings"
)

// Setting is one key of the configuration as it is in force.
type Setting struct {
	Key    string `json:"key"`    // with dots
	Value  string `json:"value"`  // as it would stand in the file; "(set)" or "(not set)" for a secret
	Origin string `json:"origin"` // default, the file with its line, or a variable
	Secret bool   `json:"secret"`
}

// Configuration is the page of the configuration.
type Configuration struct {
	Settings []Setting `json:"settings"`
	Version  string    `json:"version"`
	Ledger   string    `json:"ledger"`
}

// SettingGroup is the settings of one section.
type SettingGroup struct {
	Head     string
	Settings []Setting
}

// Groups are the settings by section.
func (c *Configuration) Groups() (all []SettingGroup) {
	for _, s := range c.Settings {
		head, _, _ := strings.Cut(s.Key, ".")
		if len(all) == 0 || all[len(all)-1].Head != head {
			all = append(all, SettingGroup{Head: head})
		}
		g := &all[len(all)-1]
		g.Settings = append(g.Settings, s)
	}
	return all
}

func (s *Server) configuration(*http.Request, caller) (any, error) {
	return &Configuration{Settings: s.Settings, Version: s.Version, Ledger: s.Ledger.Name()}, nil
}

// Dictionary says what leaves the house.
type Dictionary struct {
	Class    string            `json:"class"`
	Warnings []string          `json:"warnings"`
	Entries  []DictionaryEntry `json:"entries"`
}

// DictionaryEntry says what becomes of one attribute or content item, and why.
type DictionaryEntry struct {
	Tag       string   `json:"tag"`
	Code      string   `json:"code"`
	Scheme    string   `json:"scheme"`
	Name      string   `json:"name"`
	Type      string   `json:"type"` // VR or value type
	Unit      string   `json:"unit"`
	Templates []string `json:"templates"`
	Action    string   `json:"action"`
	Leaves    bool     `json:"leaves"` // something of the original goes out
	Details   string   `json:"details"`
	Reason    string   `json:"reason"`
}

// DictionaryPage is the dictionary, or what of it has a text in it.
type DictionaryPage struct {
	Dictionary
	Search string `json:"-"`
	Total  int    `json:"-"`
}

// Part is a part of the dictionary under one heading.
type Part struct {
	Head    string
	Entries []DictionaryEntry
}

// Parts are attributes, content items and the rest.
func (d *DictionaryPage) Parts() []Part {
	parts := []Part{{Head: "Attributes"}, {Head: "Content items"}, {Head: "Everything else"}}
	for _, e := range d.Entries {
		i := 2
		switch {
		case e.Tag != "":
			i = 0
		case e.Code != "":
			i = 1
		}
		parts[i].Entries = append(parts[i].Entries, e)
	}
	return parts
}

func (s *Server) dictionary(r *http.Request, _ caller) (any, error) {
	page := &DictionaryPage{Dictionary: s.Dictionary, Search: strings.TrimSpace(r.FormValue("search")), Total: len(s.Dictionary.Entries)}
	if page.Search == "" {
		return page, nil
	}
	page.Entries = []DictionaryEntry{}
	for _, e := range s.Dictionary.Entries {
		all := strings.ToLower(strings.Join([]string{e.Tag, e.Code, e.Name, e.Action, e.Details}, " "))
		if strings.Contains(all, strings.ToLower(page.Search)) {
			page.Entries = append(page.Entries, e)
		}
	}
	return page, nil
}

// History is what persons did, the last first.
type History struct {
	Events []Event `json:"events"`
}

// actsShown is how many acts the page of the history shows.
const actsShown = 200

func (s *Server) history(r *http.Request, _ caller) (any, error) {
	acts, err := s.Ledger.Acts(r.Context(), actsShown)
	return &History{eventsOf(acts)}, err
}
