package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// pages are the parsed templates: one of each page, with the frame around it.
type pages struct {
	byName map[string]*template.Template
	assets map[string]string // name to the digest that is in its address
}

func parsePages() (*pages, error) {
	p := &pages{byName: map[string]*template.Template{}, assets: map[string]string{}}
	frame, err := template.New("frame.html").Funcs(functions).ParseFS(templateFiles, "templates/frame.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("read the frame of the page: %w", err)
	}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		one, err := frame.Clone()
		if err == nil {
			_, err = one.ParseFS(templateFiles, name)
		}
		if err != nil {
			return nil, fmt.Errorf("read page %s: %w", name, err)
		}
		p.byName[strings.TrimSuffix(path.Base(name), ".html")] = one
	}
	files, err := fs.Glob(assetFiles, "assets/*")
	for _, name := range files {
		text, err := assetFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		p.assets[path.Base(name)] = hex.EncodeToString(sum[:6])
	}
	return p, err
}

// frame is what every page shows around its own.
type frame struct {
	Name, Title string
	Base        string // the prefix
	Version     string
	Caller      caller
	CSRF        string
	Notice      string
	State       string // of the ledger, by which a page knows that it is old; "": the page is still
	Leads       bool   // this dosegate may change things
	Health      string // what this dosegate does, where it does not lead
	First       bool   // nobody may log in yet
	Decide      int    // how many reports wait for a person
	Data        any

	assets map[string]string
}

// Asset is the address of an embedded file.
func (f frame) Asset(name string) string { return f.Base + "/assets/" + f.assets[name] + "/" + name }

// still are the pages that do not change by themselves: somebody is filling in a
// password there, and what the page fetched anew would lead elsewhere.
var still = []string{"first", "login", "refused"}

// frame puts a view into a page.
func (s *Server) frame(r *http.Request, name, title string, data any) frame {
	c := s.who(r)
	f := frame{Name: name, Title: title, Base: strings.TrimSuffix(s.Prefix, "/"), Version: s.Version, Caller: c, CSRF: c.csrf,
		Data: data, assets: s.pages.assets, First: s.people.none(), Leads: s.gate.Load() != nil}
	if c.anybody() {
		return f
	}
	if r.Header.Get(liveHeader) == "" {
		f.Notice = s.people.notice(c.cookie)
	}
	_, f.Health = s.Health()
	if !slices.Contains(still, name) {
		f.State = s.live.present()
	}
	f.Decide = s.toDecide(r.Context())
	return f
}

// write draws a page; it is drawn whole before anything is sent.
func (p *pages) write(w http.ResponseWriter, f frame, status int) {
	var b bytes.Buffer
	if err := p.byName[f.Name].ExecuteTemplate(&b, "frame.html", f); err != nil {
		http.Error(w, "This page cannot be drawn.", http.StatusInternalServerError)
		panic(err) // a mistake of ours, for the log of the server
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// asset serves an embedded file. Its address has its digest, so it never changes.
func (p *pages) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if p.assets[name] == "" || p.assets[name] != r.PathValue("digest") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFileFS(w, r, assetFiles, "assets/"+name)
}
