package config

import (
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Notify says who is told what needs somebody: what is about to expire, who falls
// silent, what is rejected, and the like. Without mail and webhook nobody is.
type Notify struct {
	// Site is how messages call this installation. Default: they do not.
	Site string `koanf:"site"`

	// ExpiresIn is how long before they expire reports are told of; of a shorter
	// wait it is the second half.
	ExpiresIn Duration `koanf:"expires_in" default:"3d"`

	// Weekly is a summary every Monday at seven, by the clock of the machine's place.
	Weekly bool `koanf:"weekly" default:"true"`

	Mail    Mail    `koanf:"mail"`
	Webhook Webhook `koanf:"webhook"`
}

// Mail is a mail server, and who writes to whom.
type Mail struct {
	// Server is host:port of an SMTP server.
	Server string `koanf:"server"`

	// TLS is starttls, tls (from the first byte, often port 465) or none.
	TLS string `koanf:"tls" default:"starttls"`

	// CAFile holds the certificates, in PEM, of those who vouch for the server.
	// Default: the system's.
	CAFile string `koanf:"ca_file"`

	// Username and Password are its login, if it asks for one.
	Username string `koanf:"username"`
	Password Secret `koanf:"password"`

	// From and To are addresses.
	From string   `koanf:"from"`
	To   []string `koanf:"to"`
}

// Webhook is an address that takes JSON.
type Webhook struct {
	// URL is where messages are posted. It is kept secret, since of many services it
	// is the password too.
	URL Secret `koanf:"url"`

	// Token is a bearer token, if one is asked for.
	Token Secret `koanf:"token"`

	// CAFile holds the certificates, in PEM, of those who vouch for the server.
	// Default: the system's.
	CAFile string `koanf:"ca_file"`

	// AllowHTTP permits http to another machine.
	AllowHTTP bool `koanf:"allow_http" default:"false"`
}

func (k *checker) notify(n Notify) {
	if strings.ContainsFunc(n.Site, func(r rune) bool { return !unicode.IsPrint(r) }) || len(n.Site) > 64 {
		k.wrong("notify.site", "must be of at most 64 printable characters")
	}
	if time.Duration(n.ExpiresIn) < time.Second {
		k.wrong("notify.expires_in", "must be at least 1s")
	}
	if n.Mail.Server != "" || n.Mail.From != "" || len(n.Mail.To) > 0 {
		k.mail(n.Mail)
	}
	k.webhook(n.Webhook)
}

func (k *checker) mail(m Mail) {
	host, port, err := net.SplitHostPort(m.Server)
	if err != nil || host == "" || !isPort(port) {
		k.wrong("notify.mail.server", "%q must be host:port, such as smtp.example:587", m.Server)
	}
	k.oneOf("notify.mail.tls", m.TLS, "starttls", "tls", "none")
	if m.TLS == "none" && m.Username != "" {
		k.wrong("notify.mail.tls", "must not be none with a username: everybody on the way could read the password")
	}
	if (m.Username == "") != (m.Password.Reveal() == "") {
		k.wrong("notify.mail.username", "must be given with the password, best as password_file")
	}
	if len(m.To) == 0 {
		k.wrong("notify.mail.to", "must be given: whom to write to")
	}
	k.address("notify.mail.from", m.From)
	for _, to := range m.To {
		k.address("notify.mail.to", to)
	}
}

// address notes what is no bare address.
func (k *checker) address(key, text string) {
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
		k.wrong(key, "%q must be an address such as dose@hospital.example", text)
	}
}

func (k *checker) webhook(w Webhook) {
	text := w.URL.Reveal()
	if text == "" {
		if w.Token.Reveal() != "" {
			k.wrong("notify.webhook.url", "must be given with the token")
		}
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		k.wrong("notify.webhook.url", "is not an http or https address") // it is not repeated: it may be a password
	case u.Scheme == "http" && !w.AllowHTTP && !isLoopback(u.Hostname()):
		k.wrong("notify.webhook.url", "must be https (if http is acceptable, set allow_http: true)")
	}
}
