package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/web"
	"github.com/gorilla/websocket"
)

// link is the one-time link of the log.
func (h *house) link() string {
	h.t.Helper()
	m := regexp.MustCompile(`link=(\S+)`).FindStringSubmatch(h.log.String())
	if m == nil {
		h.t.Fatalf("no link in the log:\n%s", h.log)
	}
	return strings.TrimPrefix(strings.Trim(m[1], `"`), h.url)
}

func want(t testing.TB, what string, r reply, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("%s: status %d, want %d\n%.600s", what, r.status, status, r.body)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			t.Errorf("%s: %q is not in\n%.2000s", what, text, r.body)
		}
	}
}

func TestBeforeTheFirstOperatorNothingChangesAndNobodyElseSeesAnything(t *testing.T) {
	h := newHouse(t, nil)
	h.leads()
	h.record(h.seen("CT9", "CT", "held", "station_not_configured"))
	c := h.client()
	want(t, "at this machine", c.get("/stations"), http.StatusOK, "CT9", "Nobody may log in yet")
	want(t, "an act", c.post("/holding/keep", "source", "main", "station", "CT9", "reason_code", "station_not_configured", "days", "7", "reason", "x"), http.StatusForbidden, "first operator")
	want(t, "an act by the API", c.post("/api/v1/registries/dir/pause", "reason", "x"), http.StatusForbidden)
	for _, path := range []string{"/", "/stations", "/reports", "/api/v1/overview", "/api/v1/reports", "/reports.csv", "/live", "/api/v1/state"} {
		for what, change := range map[string]func(*http.Request){
			"through a proxy":          func(r *http.Request) { r.Header.Set("X-Forwarded-For", "10.1.2.3") },
			"by another of our names":  func(r *http.Request) { r.Host = "192.0.2.7:8480" },
			"with a token of nobody's": func(r *http.Request) { r.Header.Set("Authorization", "Bearer dosegate_x") },
		} {
			r, err := http.NewRequest("GET", h.url+path, nil)
			h.must(err)
			change(r)
			got := c.do(r)
			if got.status < 400 || strings.Contains(got.body, "CT9") {
				t.Errorf("%s %s: status %d\n%.600s", path, what, got.status, got.body)
			}
		}
	}
}

func TestTheLinkOfTheLogMakesTheFirstOperatorOnce(t *testing.T) {
	h := newHouse(t, nil)
	h.leads()
	link, c := h.link(), h.client()
	_, secret, _ := strings.Cut(link, "secret=")
	if got := c.get(link); !strings.Contains(got.body, "The first operator") || strings.Contains(got.body, "<script") {
		t.Errorf("the page of the link may go elsewhere while its form is sent:\n%s", got.body)
	}
	want(t, "another secret", c.post("/first", "secret", "guess", "name", operator, "password", password, "again", password), http.StatusForbidden, "not valid any more")
	want(t, "two passwords", c.post("/first", "secret", secret, "name", operator, "password", password, "again", "other"), http.StatusForbidden, "not the same")
	want(t, "a short password", c.post("/first", "secret", secret, "name", operator, "password", "short", "again", "short"), http.StatusForbidden, "at least 12")
	want(t, "an odd name", c.post("/first", "secret", secret, "name", "<b>", "password", password, "again", password), http.StatusForbidden, "is no name")
	want(t, "the form", c.post("/first", "secret", secret, "name", operator, "password", password, "again", password), http.StatusSeeOther)
	want(t, "then", c.get("/"), http.StatusOK, operator, "Log out")
	for _, path := range []string{"/login", link} {
		if got := c.get(path); got.status != http.StatusSeeOther {
			t.Errorf("%s of who is logged in: status %d", path, got.status)
		}
	}
	want(t, "again", h.client().post("/first", "secret", secret, "name", "eve", "password", password, "again", password), http.StatusForbidden)
	want(t, "nobody", h.client().get("/"), http.StatusSeeOther)
	if users, err := web.ReadUsers(h.path("users.yaml")); err != nil || len(users.Users) != 1 || users.Users[0].Role != web.Operator {
		t.Errorf("%+v, %v", users, err)
	}
	if text := h.read("users.yaml"); strings.Contains(text, password) || !strings.Contains(text, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the users file is\n%s", text)
	}
	want(t, "the history", c.get("/history"), http.StatusOK, "first operator set a password", operator)
}

// A proxy on this machine may pass a stranger on without saying so.
func TestBehindAProxyNobodyCountsAsAtThisMachine(t *testing.T) {
	for what, change := range map[string]func(*house, *web.Options){
		"behind_tls": func(_ *house, o *web.Options) { o.BehindTLS, o.Hosts = true, []string{"dose.example"} },
		"a prefix":   func(_ *house, o *web.Options) { o.Prefix = "/dosegate" },
	} {
		h := newHouse(t, change)
		want(t, what, h.client().get("/"), http.StatusForbidden, "Nobody may log in yet")
		want(t, what, h.client().get("/api/v1/overview"), http.StatusUnauthorized)
		if link := h.link(); what == "behind_tls" && !strings.HasPrefix(link, "https://dose.example/first?secret=") {
			t.Errorf("the link is %s", link)
		}
	}
}

// acts are all that changes something.
var acts = [][]string{
	{"/holding/release", "source", "main", "station", "CT9", "reason_code", "station_not_configured", "reason", "x"},
	{"/holding/keep", "source", "main", "station", "CT9", "reason_code", "station_not_configured", "reason", "x", "days", "7"},
	{"/holding/discard", "source", "main", "station", "CT9", "reason_code", "station_not_configured", "reason", "x"},
	{"/reports/ID/release", "reason", "x"}, {"/reports/ID/keep", "reason", "x", "days", "7"}, {"/reports/ID/discard", "reason", "x"}, {"/reports/ID/resend", "reason", "x"},
	{"/registries/dir/pause", "reason", "x"}, {"/registries/dir/resume", "reason", "x"}, {"/registries/dir/test"},
}

func TestOnlyAnOperatorWithTheFormOfTheSessionChangesAnything(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	id := h.record(h.seen("CT9", "CT", "held", "station_not_configured"))[0].ID
	op, other, view, nobody := h.as(operator), h.as(operator), h.as(viewer), h.client()
	all := append(acts, []string{"/stations/entry", "place", "1", "step", "save", "name", "CT9"})
	version := h.version()
	for _, a := range all {
		for _, base := range []string{"", "/api/v1"} {
			path, form := base+strings.Replace(a[0], "ID", id, 1), a[1:]
			if base != "" && strings.HasPrefix(a[0], "/stations") {
				path = "/api/v1/stations"
			}
			want(t, path+" by nobody", nobody.post(path, form...), http.StatusUnauthorized)
			want(t, path+" without the token", op.post(path, form...), http.StatusForbidden, "not of your session")
			want(t, path+" with another session's", op.post(path, append(form, "csrf", other.csrf())...), http.StatusForbidden, "not of your session")
			want(t, path+" by a viewer", view.post(path, append(form, "csrf", view.csrf())...), http.StatusForbidden, "Only an operator")
			r := op.form(path, append(form, "csrf", op.csrf())...)
			r.Header.Set("Origin", "https://evil.example")
			want(t, path+" from another page", op.do(r), http.StatusForbidden, "another page")
			r = op.form(path, append(form, "csrf", op.csrf())...)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			want(t, path+" from another site", op.do(r), http.StatusForbidden, "another page")
		}
	}
	if h.version() != version || strings.Contains(h.read("stations.yaml"), "CT9") {
		t.Error("something has changed")
	}
	if body := view.get("/stations").body; strings.Contains(body, "Leave out") || strings.Contains(view.get("/reports/"+id).body, "-0a7bca00") {
		t.Error("a viewer sees what is an operator's")
	}
	want(t, "an operator", op.post("/holding/keep", "source", "main", "station", "CT9", "reason_code", "station_not_configured", "reason", "vacation", "days", "7", "csrf", op.csrf()), http.StatusSeeOther)
	want(t, "its notice", op.get("/holding"), http.StatusOK, "1 report kept for longer")
	want(t, "the report's way", view.get("/reports/"+id), http.StatusOK, "kept 7 days longer: vacation", operator)
	r := op.form("/api/v1/registries/dir/pause", "reason", "moving")
	r.Header.Set("X-CSRF-Token", op.csrf())
	want(t, "a script of ours", op.do(r), http.StatusOK, "paused")
	want(t, "the registry", view.get("/registries"), http.StatusOK, "paused", "moving", "by "+operator)
}

// version is that of the ledger.
func (h *house) version() string {
	h.t.Helper()
	v, err := h.ledger.Version(h.t.Context())
	h.must(err)
	return v
}

func TestForeignNamesAndPagesAreRefused(t *testing.T) {
	h := newHouse(t, func(h *house, o *web.Options) { withUsers(h, o); o.Hosts = []string{"dose.example"} })
	c, program := h.as(viewer), h.withToken(web.Viewer)
	for host, status := range map[string]int{"evil.example": http.StatusMisdirectedRequest, "127.0.0.1.evil.example": http.StatusMisdirectedRequest,
		"dose.example": http.StatusOK, "DOSE.example:8480": http.StatusOK, "localhost": http.StatusOK, "[::1]:1": http.StatusOK, "192.0.2.9": http.StatusOK} {
		r, err := http.NewRequest("GET", h.url+"/api/v1/state", nil)
		h.must(err)
		r.Host = host
		if got := program.do(r); got.status != status {
			t.Errorf("%s: status %d, want %d", host, got.status, status)
		}
	}
	stranger, err := http.NewRequest("GET", h.url+"/api/v1/overview", nil)
	h.must(err)
	for _, header := range []string{"Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-For", "X-Webauth-User", "X-Dosegate-User"} {
		stranger.Header.Set(header, operator)
	}
	want(t, "who only says who it is", h.client().do(stranger), http.StatusUnauthorized)
	socket := "ws" + strings.TrimPrefix(h.url, "http") + "/live"
	cookies := c.http.Jar.Cookies(c.form("/", "").URL)
	for origin, open := range map[string]bool{h.url: true, "https://evil.example": false, "null": false} {
		header := http.Header{"Origin": {origin}, "Cookie": {cookies[0].String()}}
		conn, _, err := websocket.DefaultDialer.Dial(socket, header)
		if (err == nil) != open {
			t.Errorf("a WebSocket from %s: %v", origin, err)
		}
		if err == nil {
			conn.Close()
		}
	}
	if _, resp, err := websocket.DefaultDialer.Dial(socket, nil); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a WebSocket of nobody: %v", err)
	}
}

func TestPasswordsCannotBeGuessed(t *testing.T) {
	h := newHouse(t, withUsers)
	c := h.client()
	for i := range 10 {
		want(t, "a guess", c.post("/login", "name", []string{operator, "nobody"}[i%2], "password", "a wrong password"), http.StatusForbidden, "Name or password is wrong")
	}
	got := c.post("/login", "name", operator, "password", password)
	want(t, "the eleventh", got, http.StatusTooManyRequests, "Too many attempts")
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	want(t, "the twelfth", c.post("/login", "name", operator, "password", password), http.StatusTooManyRequests)
	if n := strings.Count(h.log.String(), "too many attempts"); n != 1 {
		t.Errorf("the log says %d times that they are too many", n)
	}
	h.clock.set(h.clock.now().Add(time.Minute))
	want(t, "a minute later", c.post("/login", "name", operator, "password", password), http.StatusSeeOther)
	if log := h.log.String(); strings.Contains(log, "a wrong password") || strings.Contains(log, password) {
		t.Error("a password is in the log")
	}
}

func TestASessionEndsByItselfAndWithItsUser(t *testing.T) {
	h := newHouse(t, withUsers)
	begin := h.clock.now()
	change := func(fn func(*web.Users)) {
		users, err := web.ReadUsers(h.path("users.yaml"))
		h.must(err)
		fn(users)
		h.must(users.Write(h.path("users.yaml")))
	}
	idle, busy := h.as(viewer), h.as(operator)
	for range 7 {
		h.clock.set(h.clock.now().Add(90 * time.Minute))
		want(t, "in use", busy.get("/"), http.StatusOK)
		r, err := http.NewRequest("GET", h.url+"/", nil)
		h.must(err)
		r.Header.Set("X-Dosegate-Live", "1")
		idle.do(r)
	}
	want(t, "idle, though its page looked for news", idle.get("/"), http.StatusSeeOther)
	h.clock.set(begin.Add(12*time.Hour + time.Minute))
	want(t, "after a working day", busy.get("/"), http.StatusSeeOther)

	h.clock.set(begin)
	renamed, gone := h.as(operator), h.as(viewer)
	change(func(u *web.Users) { h.must(u.Set(operator, "", "another password")) })
	want(t, "after another password", renamed.get("/"), http.StatusSeeOther)
	change(func(u *web.Users) { h.must(u.Remove(viewer)) })
	want(t, "after its user was removed", gone.get("/"), http.StatusSeeOther)
	change(func(u *web.Users) { h.must(u.Set(operator, web.Viewer, password)) })
	demoted := h.as(operator)
	want(t, "with another role", demoted.post("/registries/dir/pause", "reason", "x", "csrf", demoted.csrf()), http.StatusForbidden, "Only an operator")
	before := demoted.http.Jar.Cookies(demoted.form("/", "").URL)
	want(t, "logging in again", demoted.post("/login", "name", operator, "password", password), http.StatusSeeOther)
	left := h.client()
	left.http.Jar.SetCookies(demoted.form("/", "").URL, before)
	want(t, "the session before", left.get("/"), http.StatusSeeOther)
	want(t, "logging out", demoted.post("/logout", "csrf", demoted.csrf()), http.StatusSeeOther)
	want(t, "after that", demoted.get("/"), http.StatusSeeOther)
}

func TestATokenIsForTheAPIAndCountsForItsRoleAlone(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	view, op := h.withToken(web.Viewer), h.withToken(web.Operator)
	want(t, "a viewer's token", view.get("/api/v1/overview"), http.StatusOK, `"answers"`)
	want(t, "a viewer's token", view.post("/api/v1/registries/dir/pause", "reason", "x"), http.StatusForbidden, "Only an operator")
	want(t, "an operator's token", op.post("/api/v1/registries/dir/pause", "reason", "x"), http.StatusOK)
	view.token += "x"
	got := view.get("/api/v1/overview")
	want(t, "another token", got, http.StatusUnauthorized, `"error"`)
	if got.header.Get("WWW-Authenticate") != "Bearer" {
		t.Error("it does not say how to log in")
	}
	if strings.Contains(h.read("users.yaml"), op.token) {
		t.Error("the token itself is in the users file")
	}
}

func TestTheLoginLeadsNowhereElse(t *testing.T) {
	h := newHouse(t, withUsers)
	for to, want := range map[string]string{"/reports?state=held": "/reports?state=held", "//evil.example": "/", "https://evil.example/": "/",
		`/\evil.example`: "/", `\\evil.example`: "/", "javascript:alert(1)": "/", "/%0d%0aX: y": "/%0d%0aX:%20y", "": "/"} {
		got := h.client().post("/login", "name", viewer, "password", password, "to", to)
		h.clock.set(h.clock.now().Add(time.Minute))
		if at := got.header.Get("Location"); at != want && !(strings.HasPrefix(at, "/") && !strings.HasPrefix(at, "//")) || strings.Contains(at, "evil") {
			t.Errorf("%q leads to %q", to, at)
		}
	}
}
