package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// MailOptions are a mail server, and who writes to whom.
type MailOptions struct {
	Server   string // host:port
	TLS      string // starttls, tls (from the first byte) or none
	CAFile   string // PEM of who vouches for the server; "": the system's
	Username string // "": without a login
	Password string
	From     string
	To       []string
}

// Mail tells by SMTP (RFC 5321), with STARTTLS (RFC 3207) unless it is told otherwise.
type Mail struct{ o MailOptions }

// NewMail checks nothing: the server is asked with every message.
func NewMail(o MailOptions) *Mail { return &Mail{o} }

// Name is mail.
func (*Mail) Name() string { return "mail" }

// Send sends one message to all.
func (m *Mail) Send(ctx context.Context, message Message) error {
	letter, err := m.letter(message)
	if err != nil {
		return err
	}
	return m.with(ctx, func(c *mail.Client) error { return c.Send(letter) })
}

// Reach logs in and writes nothing.
func (m *Mail) Reach(ctx context.Context) error {
	return m.with(ctx, func(*mail.Client) error { return nil })
}

// letter is of our words, but for its body.
func (m *Mail) letter(message Message) (*mail.Msg, error) {
	letter := mail.NewMsg()
	if err := errors.Join(letter.From(m.o.From), letter.To(m.o.To...)); err != nil {
		return nil, fmt.Errorf("address a mail: %w", err)
	}
	letter.Subject(message.Subject)
	letter.SetDateWithValue(message.At)
	letter.SetMessageID()
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	letter.SetBodyString(mail.TypeTextPlain, message.Text)
	return letter, nil
}

// with connects for as long as fn runs. The end of the context is the end, whatever
// the server does or does not: every step of the talk with it has a limit of its own.
func (m *Mail) with(ctx context.Context, fn func(*mail.Client) error) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- m.talk(ctx, client, fn) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for mail server %s: %w", m.o.Server, ctx.Err())
	}
}

func (m *Mail) talk(ctx context.Context, client *mail.Client, fn func(*mail.Client) error) error {
	if err := client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("reach mail server %s: %w", m.o.Server, err)
	}
	err := fn(client)
	_ = client.Close() // what was taken was taken, however the goodbye goes
	if err != nil {
		return fmt.Errorf("write to mail server %s: %w", m.o.Server, err)
	}
	return nil
}

func (m *Mail) client() (*mail.Client, error) {
	host, port, err := net.SplitHostPort(m.o.Server)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	trust := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if trust.RootCAs, err = roots(m.o.CAFile); err != nil {
		return nil, err
	}
	all := []mail.Option{mail.WithPort(number), mail.WithTimeout(20 * time.Second), mail.WithTLSConfig(trust)}
	switch m.o.TLS {
	case "tls":
		all = append(all, mail.WithSSL())
	case "none":
		all = append(all, mail.WithTLSPolicy(mail.NoTLS))
	default:
		all = append(all, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.o.Username != "" {
		all = append(all, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.o.Username), mail.WithPassword(m.o.Password))
	}
	return mail.NewClient(host, all...)
}

// roots are those of a PEM file, nil (the system's) for none.
func roots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file %s holds no certificate in PEM", path)
	}
	return pool, nil
}
