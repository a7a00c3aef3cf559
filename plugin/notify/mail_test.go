package notify

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/filter"
	"github.com/dosegate/dosegate/plugin/smtptest"
)

// post is a house with a real mail server.
func (h *house) post(tls string) (*smtptest.Server, MailOptions) {
	h.T.Helper()
	certificate := h.Certificate("mail", time.Now().Add(day)).File
	server := smtptest.Start(h.T, tls, certificate, h.Path("mail.key"))
	o := MailOptions{Server: server.Address, TLS: tls, CAFile: certificate, Username: smtptest.Username, Password: smtptest.Password,
		From: "dosegate@hospital.example", To: []string{"pacs@hospital.example", "dose@hospital.example"}}
	if tls == "none" {
		o.Username, o.Password = "", ""
	}
	return server, o
}

// read takes a mail apart: its envelope, its headers and its text.
func read(t *testing.T, text string) (envelope string, m *mail.Message, body string) {
	t.Helper()
	envelope, rest, _ := strings.Cut(text, "\n\n")
	m, err := mail.ReadMessage(strings.NewReader(rest))
	if err != nil {
		t.Fatal(err)
	}
	in := io.Reader(m.Body)
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		in = quotedprintable.NewReader(in)
	}
	all, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return envelope, m, strings.ReplaceAll(string(all), "\r\n", "\n")
}

// The whole way: a report waits, a mail goes by STARTTLS and a login, and what came
// with the report is in no header of it, however it is written.
func TestAMailIsSentBySTARTTLSAndNoOutsideTextIsInItsHeaders(t *testing.T) {
	h := newHouse(t)
	server, o := h.post("starttls")
	h.teller = newTeller(h.options(), NewMail(o))
	h.teller.Site = "Klinik Süd"
	h.Held("evil\r\nBcc: them@else.example\r\n\r\n.", filter.StationNotConfigured)
	h.Held("room 5\r\n.\r\nMAIL FROM:<a@b>", filter.StationNotConfigured)
	h.teller.turn(t.Context())
	h.Pass(time.Hour)
	h.teller.turn(t.Context()) // once
	mails := server.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	envelope, m, body := read(t, mails[0])
	if envelope != "FROM dosegate@hospital.example\nTO pacs@hospital.example dose@hospital.example\nTLS True\nLOGIN True" {
		t.Error(envelope)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	h.Must(err)
	if subject != "Dosegate Klinik Süd: 2 things need attention" {
		t.Error(subject)
	}
	for name, values := range m.Header {
		if text := name + strings.Join(values, " "); strings.Contains(text, "else.example") || strings.Contains(text, "room 5") || strings.Contains(text, "evil") {
			t.Errorf("header %s: %s", name, values)
		}
	}
	for _, line := range []string{"NEEDS ATTENTION\n", "\n- Station evil??Bcc: them@else.example???? is in no entry of stations.yaml", "\n- Station room 5??.??MAIL FROM:<a@b> is in no entry"} {
		if !strings.Contains(body, line) {
			t.Errorf("%q is not in\n%s", line, body)
		}
	}
	if strings.Contains(mails[0], "orthanc-0") || strings.Contains(body, "2.25.") {
		t.Error("a mail has an Orthanc ID or a UID")
	}
	if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Date") == "" || m.Header.Get("Message-Id") == "" {
		t.Errorf("%v", m.Header)
	}
}

func TestMailsGoByTLSFromTheFirstByteAndWithout(t *testing.T) {
	h := newHouse(t)
	for tls, want := range map[string]string{"tls": "TLS True\nLOGIN True", "none": "TLS False\nLOGIN None"} {
		server, o := h.post(tls)
		m := NewMail(o)
		h.Must(m.Reach(t.Context()))
		h.Must(m.Send(t.Context(), Test(h.options())))
		envelope, letter, body := read(t, server.Mails()[0])
		if !strings.HasSuffix(envelope, want) || letter.Header.Get("Subject") != "Dosegate: a test" || !strings.Contains(body, "This is a test") {
			t.Errorf("%s: %s\n%s", tls, envelope, body)
		}
	}
}

func TestAServerThatIsNotTrustedGetsNeitherPasswordNorMail(t *testing.T) {
	h := newHouse(t)
	server, o := h.post("starttls")
	for name, change := range map[string]func(*MailOptions){
		"another authority": func(o *MailOptions) { o.CAFile = h.Certificate("other", time.Now().Add(day)).File },
		"a wrong password":  func(o *MailOptions) { o.Password = "wrong" },
		"no TLS there":      func(o *MailOptions) { plain, _ := h.post("none"); o.Server = plain.Address },
	} {
		wrong := o
		change(&wrong)
		if err := NewMail(wrong).Send(t.Context(), Test(h.options())); err == nil || strings.Contains(err.Error(), o.Password) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(server.Mails()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// A server that is down, or hangs, costs no message: it is tried again, and what was
// told once is not told again.
func TestAMailServerThatIsDownIsTriedAgain(t *testing.T) {
	h := newHouse(t)
	server, o := h.post("starttls")
	h.teller = newTeller(h.options(), NewMail(o))
	server.Stop()
	h.Held("room 5", filter.Leak)
	h.teller.turn(t.Context())
	if h.teller.failures != 1 {
		t.Fatalf("%d failures", h.teller.failures)
	}
	server.Restart()
	for range 5 {
		h.Pass(time.Hour)
		h.teller.turn(t.Context())
	}
	mails := server.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	if _, m, _ := read(t, mails[0]); m.Header.Get("Subject") != "Dosegate: 2 things need attention" {
		t.Error(m.Header.Get("Subject"))
	}
}

func TestAMailServerThatHangsHoldsNobodyUp(t *testing.T) {
	h := newHouse(t)
	for _, greets := range []bool{false, true} {
		o := MailOptions{Server: smtptest.Hanging(t, greets), TLS: "starttls", From: "a@b.example", To: []string{"c@d.example"}}
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan error)
		go func() { sent <- NewMail(o).Send(ctx, Test(h.options())) }()
		cancel() // serve stops
		if err := <-sent; err == nil {
			t.Error("a server that says nothing took a mail")
		}
	}
}

func TestAWebhookGetsJSONAndItsAddressIsInNoError(t *testing.T) {
	h := newHouse(t)
	var got []Message
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m Message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.Header.Get("Authorization") != "Bearer invented" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v, %v", err, r.Header)
		}
		got = append(got, m)
		w.WriteHeader(status)
	}))
	defer server.Close()
	w := NewWebhook(WebhookOptions{URL: server.URL + "/a-secret", Token: "invented"})
	h.teller = newTeller(h.options(), w)
	h.Held("room 5", filter.Leak)
	h.teller.turn(t.Context())
	if len(got) != 1 || len(got[0].New) != 2 || got[0].New[0].Kind != Waiting || got[0].Subject != "Dosegate: 2 things need attention" || got[0].Over == nil {
		t.Errorf("%+v", got)
	}
	status = http.StatusForbidden
	if err := w.Send(t.Context(), Test(h.options())); err == nil || err.Error() != "tell the webhook: status 403" {
		t.Error(err)
	}
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := w.Send(ctx, Test(h.options())); err == nil || strings.Contains(err.Error(), "a-secret") {
		t.Error(err)
	}
}
