package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// caller is who asks.
type caller struct {
	Name   string // "" for whoever sits at this machine before there are users
	Role   Role
	cookie string // of the session; "" for a token
	csrf   string
}

// anybody reports whether nobody is known.
func (c caller) anybody() bool { return c.Role == "" }

// Operator reports whether the caller may change things.
func (c caller) Operator() bool { return c.Role == Operator }

// by is how the history names the caller.
func (c caller) by() string { return "person:" + c.Name }

// liveHeader marks requests that a page makes by itself, to show what is new.
const liveHeader = "X-Dosegate-Live"

// who says who makes a request.
func (s *Server) who(r *http.Request) caller {
	if text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if t, known := s.people.token(strings.TrimSpace(text)); known {
			return caller{Name: t.Name, Role: t.Role}
		}
		return caller{}
	}
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		if found, role, ok := s.people.who(cookie.Value, r.Header.Get(liveHeader) == ""); ok {
			return caller{Name: found.user, Role: role, cookie: cookie.Value, csrf: found.csrf}
		}
	}
	if s.people.none() && s.fromThisMachine(r) {
		return caller{Role: Viewer}
	}
	return caller{}
}

// cookieName has the prefix by which a browser takes the cookie over https alone
// and, where the page has the host for itself, from no other host of its domain.
func (s *Server) cookieName() string {
	switch {
	case s.inSecret && s.home("/") == "/":
		return "__Host-dosegate"
	case s.inSecret:
		return "__Secure-dosegate"
	}
	return "dosegate"
}

// giveCookie sets the session's cookie, "" ends it.
func (s *Server) giveCookie(w http.ResponseWriter, value string) {
	cookie := &http.Cookie{Name: s.cookieName(), Value: value, Path: s.home("/"), HttpOnly: true, Secure: s.inSecret, SameSite: http.SameSiteLaxMode}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// csrfHeader is where a script puts the token that a form has in a field.
const csrfHeader = "X-CSRF-Token"

// mayAct says whether the caller may change something by this request.
func (s *Server) mayAct(r *http.Request, c caller) error {
	switch {
	case c.anybody():
		return problem{http.StatusUnauthorized, "Log in first."}
	case c.Name == "":
		return problem{http.StatusForbidden, "Nothing can be changed before the first operator has a password: see the link in the log."}
	case c.cookie != "" && !sameText(r.Header.Get(csrfHeader), c.csrf) && !sameText(r.PostFormValue("csrf"), c.csrf):
		return problem{http.StatusForbidden, "This form is not of your session: load the page again."}
	case !c.Operator():
		return errViewer
	}
	return nil
}

var errViewer = problem{http.StatusForbidden, "Only an operator may change something."}

func sameText(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// loginForm is what the login page shows.
type loginForm struct {
	Name, To, Trouble, Secret string
}

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) {
	if s.people.none() {
		s.refuse(w, r, http.StatusForbidden, "Nobody may log in yet. The log of dosegate has a link by which the first operator sets a password.")
		return
	}
	to := s.ownPath(r.FormValue("to"))
	if s.who(r).cookie != "" {
		http.Redirect(w, r, s.home(to), http.StatusSeeOther) // who is logged in already
		return
	}
	s.pages.write(w, s.frame(r, "login", "Log in", loginForm{To: to}), http.StatusOK)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	f := loginForm{Name: r.PostFormValue("name"), To: s.ownPath(r.PostFormValue("to"))}
	cookie, err := s.people.login(f.Name, r.PostFormValue("password"), hostOf(r.RemoteAddr))
	if err != nil {
		status, note := http.StatusForbidden, func() { s.Log.Warn("a login to the page failed", "from", hostOf(r.RemoteAddr), "because", err) }
		if errors.Is(err, errTooMany) {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", "60")
			s.people.tooMany.Do(note) // who guesses shall not fill the log
		} else {
			note()
		}
		f.Trouble = sentence(err.Error())
		s.pages.write(w, s.frame(r, "login", "Log in", f), status)
		return
	}
	s.people.logout(s.who(r).cookie) // who logs in anew leaves no session behind
	s.giveCookie(w, cookie)
	http.Redirect(w, r, s.home(f.To), http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if c := s.who(r); c.cookie != "" && sameText(r.PostFormValue("csrf"), c.csrf) {
		s.people.logout(c.cookie)
	}
	s.giveCookie(w, "")
	http.Redirect(w, r, s.home("/login"), http.StatusSeeOther)
}

// ownPath is a path of the page to go to after the login, never another page.
func (s *Server) ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(to, `\`) {
		return "/"
	}
	return u.RequestURI()
}

// firstLink is where the first operator sets a password.
func (s *Server) firstLink() string {
	host := reachable(s.Addr())
	if s.BehindTLS && len(s.Hosts) > 0 {
		host = s.Hosts[0] // a browser comes by the proxy
	}
	return s.scheme() + "://" + host + s.home("/first?secret="+s.people.first)
}

// reachable is an address that a person at this machine can open.
func reachable(address string) string {
	for _, every := range []string{"0.0.0.0:", "[::]:"} {
		if port, ok := strings.CutPrefix(address, every); ok {
			return "127.0.0.1:" + port
		}
	}
	return address
}

func (s *Server) showFirst(w http.ResponseWriter, r *http.Request) {
	if !s.people.none() {
		http.Redirect(w, r, s.home("/login"), http.StatusSeeOther)
		return
	}
	s.pages.write(w, s.frame(r, "first", "The first operator", loginForm{Secret: r.FormValue("secret")}), http.StatusOK)
}

func (s *Server) makeFirst(w http.ResponseWriter, r *http.Request) {
	f := loginForm{Name: r.PostFormValue("name"), Secret: r.PostFormValue("secret")}
	password, again := r.PostFormValue("password"), r.PostFormValue("again")
	err := error(problem{http.StatusBadRequest, "the two passwords are not the same"})
	if password == again {
		if err = errTooMany; s.people.mayGuess(hostOf(r.RemoteAddr)) {
			err = s.people.firstOperator(f.Secret, f.Name, password)
		}
	}
	if err != nil {
		f.Trouble = sentence(err.Error())
		s.pages.write(w, s.frame(r, "first", "The first operator", f), http.StatusForbidden)
		return
	}
	s.Log.Info("the page has its first operator", "user", f.Name)
	if cookie, err := s.people.login(f.Name, password, hostOf(r.RemoteAddr)); err == nil {
		s.giveCookie(w, cookie)
	}
	if err := s.Ledger.Note(r.Context(), "", "", "the first operator set a password", "person:"+f.Name); err != nil {
		s.Log.Error("cannot note the first login", "error", err)
	}
	http.Redirect(w, r, s.home("/"), http.StatusSeeOther)
}
