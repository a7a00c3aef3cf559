package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/csv"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/web"
)

var (
	inline  = regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|javascript:|<script(?: defer)?>|<script[^>]*>[^<]`)
	address = regexp.MustCompile(`(?:href|src|action|formaction)="([^"]*)"`)
)

func TestEveryPageKeepsToItsPolicyAndItsPrefix(t *testing.T) {
	h := newHouse(t, func(h *house, o *web.Options) { smallDemo(h, o); o.Prefix = "/dosegate" })
	h.leads()
	c := h.as(operator)
	for name, path := range h.pages() {
		got := c.get(path)
		want(t, name, got, http.StatusOK, "<main")
		if bad := inline.FindString(got.body); bad != "" {
			t.Errorf("%s has %q", name, bad)
		}
		for _, m := range address.FindAllStringSubmatch(got.body, -1) {
			if !strings.HasPrefix(m[1], "/dosegate/") && !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "https://pacs.example/orthanc/app/explorer.html#instance?uuid=") {
				t.Errorf("%s leads to %q", name, m[1])
			}
		}
		for header, value := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
			if got.header.Get(header) != value {
				t.Errorf("%s: %s is %q", name, header, got.header.Get(header))
			}
		}
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, part) || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: the policy is %q", name, csp)
			}
		}
	}
	// A proxy may take the prefix away.
	bare := h.client()
	bare.house = &house{t: t, url: strings.TrimSuffix(h.url, "/dosegate")}
	want(t, "without the prefix", bare.get("/login"), http.StatusOK, `action="/dosegate/login"`)
	want(t, "health", bare.get("/healthz"), http.StatusOK, "ok")
}

func TestUnusualNamesAreShownAndNothingElse(t *testing.T) {
	h := newHouse(t, withUsers)
	h.leads()
	for _, name := range unusual {
		h.record(h.seen(name, "CT", "held", "station_not_configured"))
	}
	c := h.as(operator)
	for _, path := range []string{"/", "/stations", "/holding", "/holding?by=station", "/reports", "/stations/entry?station=" + queryEscape(unusual[0])} {
		body := c.get(path).body
		for _, bad := range []string{"<script>alert", "<img src=x", "onerror=alert(1)>"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q in it", path, bad)
			}
		}
		if !strings.Contains(body, "&lt;script&gt;alert(") {
			t.Errorf("%s does not show the name", path)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(c.get("/reports.csv").body)).ReadAll()
	h.must(err)
	if len(rows) != len(unusual)+1 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		for _, cell := range row {
			// A spreadsheet of another country parts cells at semicolons.
			for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";,|\t\r\n", r) }) {
				if part = strings.TrimSpace(part); part != "" && strings.ContainsAny(part[:1], "=+-@") || strings.HasPrefix(part, "＝") {
					t.Errorf("a spreadsheet would run %q", cell)
				}
			}
			if strings.Contains(cell, "-0a7bca00") {
				t.Errorf("an Orthanc ID in the table: %q", cell)
			}
		}
	}
}

func TestAPreviewNamesWhereReportsWouldGo(t *testing.T) {
	h := newHouse(t, func(h *house, o *web.Options) {
		withUsers(h, o)
		o.Registries = append(o.Registries, web.Registry{Name: "research", Inside: true, Test: noWay})
	})
	h.leads()
	h.record(h.seen("CT9", "CT", "held", "station_not_configured"))
	c := h.withToken(web.Operator)
	var list string
	h.must(decode(c.get("/api/v1/stations"), func(s map[string]any) { list = s["fingerprint"].(string) }))
	by := []string{"place", "1", "fingerprint", list, "name", "CT9"}
	want(t, "what is inside gets nothing by default", c.post("/api/v1/stations", append(by, "all_registries", "1")...), http.StatusOK, `"registries":["dir"]`)
	want(t, "unless it is named", c.post("/api/v1/stations", append(by, "registries", "research")...), http.StatusOK, `"registries":["research"],"reason"`)
}

// The localizer of a CT has no CTDIvol, and comes first.
func TestTheDoseOfAReportStandsInOneOrder(t *testing.T) {
	h := newHouse(t, withUsers)
	c := h.as(viewer)
	for kind, heads := range map[string][]string{"CT": {"CTDIvol", "DLP", "Scan length", "Tube voltage"}, "XA/RF": {"DAP", "Air kerma at reference point"}, "NM": {"Administered activity"}, "MG": {"AGD"}, "DX": {"DAP"}} {
		body := c.get("/reports/" + h.record(h.seen("A", kind, "held", "station_not_configured"))[0].ID).body
		for _, head := range heads {
			_, rest, ok := strings.Cut(body, `<th class="num">`+head+`</th>`)
			if !ok {
				t.Errorf("the figures of a report of kind %s lack %s, or it stands elsewhere", kind, head)
			}
			body = rest
		}
	}
}

func TestTheCertificateIsReadAgainWhenItIsRenewed(t *testing.T) {
	h := newHouse(t, func(h *house, o *web.Options) {
		withUsers(h, o)
		o.CertificateFile, o.CertificateKey = h.path("page.pem"), h.path("page.key")
		h.certificate(1, time.Now().Add(-time.Hour))
	})
	serial := func() int64 {
		conn, err := tls.Dial("tcp", h.page.Addr(), &tls.Config{InsecureSkipVerify: true})
		h.must(err)
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Fatalf("certificate %d", n)
	}
	h.certificate(2, time.Now())
	if n := serial(); n != 2 {
		t.Errorf("certificate %d after it was renewed", n)
	}
	h.must(os.WriteFile(h.path("page.pem"), []byte("half a fi"), 0o600))
	if n := serial(); n != 2 {
		t.Errorf("certificate %d while the file is broken", n)
	}
	c := h.client()
	c.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	got := c.post("/login", "name", viewer, "password", password)
	cookie := got.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-dosegate=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%s is not in the cookie %q", part, cookie)
		}
	}
	if got.header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers may come back without https")
	}
}

// certificate writes a pair of PEM files of a time.
func (h *house) certificate(serial int64, at time.Time) {
	h.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	h.must(err)
	made, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, &x509.Certificate{SerialNumber: big.NewInt(serial)}, key.Public(), key)
	h.must(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	h.must(err)
	for name, block := range map[string]*pem.Block{"page.pem": {Type: "CERTIFICATE", Bytes: made}, "page.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		h.write(name, string(pem.EncodeToMemory(block)))
		h.must(os.Chtimes(h.path(name), at, at))
	}
}

func TestAUsersFileThatIsWrongIsRefusedWithoutItsHashes(t *testing.T) {
	hash, err := web.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := web.HashPassword(password); again == hash {
		t.Error("the same password has the same hash")
	}
	for what, text := range map[string]string{
		"no hash":       "users: [{name: a, role: viewer, password: secret}]",
		"no role":       "users: [{name: a, role: boss, password: '" + hash + "'}]",
		"an odd name":   "users: [{name: 'a b', role: viewer, password: '" + hash + "'}]",
		"twice":         "users: [{name: a, role: viewer, password: '" + hash + "'}, {name: A, role: viewer, password: '" + hash + "'}]",
		"a costly hash": "users: [{name: a, role: viewer, password: '" + strings.Replace(hash, "m=19456", "m=99999999", 1) + "'}]",
		"another key":   "user: []",
		"a bare token":  "tokens: [{name: a, role: viewer, sha256: abc}]",
		"no YAML":       "users: [",
	} {
		users, err := web.ParseUsers([]byte(text))
		if err == nil {
			t.Errorf("%s: %+v", what, users)
		} else if strings.Contains(err.Error(), hash[30:]) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if users, err := web.ParseUsers([]byte("users: [{name: a, role: viewer, password: '" + hash + "'}]")); err != nil || !slices.ContainsFunc(users.Users, func(u web.User) bool { return u.Name == "a" }) {
		t.Errorf("%v", err)
	}
}
