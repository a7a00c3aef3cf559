package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// WebhookOptions are an address that takes JSON.
type WebhookOptions struct {
	URL    string // is kept secret: of many services it is the password too
	Token  string // a bearer token; "": none
	CAFile string // PEM of who vouches for the server; "": the system's
}

// Webhook tells by POST: a [Message] as JSON.
type Webhook struct{ o WebhookOptions }

// NewWebhook checks nothing: the address is asked with every message.
func NewWebhook(o WebhookOptions) *Webhook { return &Webhook{o} }

// Name is webhook.
func (*Webhook) Name() string { return "webhook" }

// Send posts one message. Every 2xx is taken for an answer.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	pool, err := roots(w.o.CAFile)
	if err != nil {
		return err
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, w.o.URL, body)
	if err != nil {
		return fmt.Errorf("address the webhook: %w", withoutAddress(err))
	}
	request.Header.Set("Content-Type", "application/json")
	if w.o.Token != "" {
		request.Header.Set("Authorization", "Bearer "+w.o.Token)
	}
	client := retryablehttp.NewClient()
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.Logger, client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = nil, 2, time.Second, 5*time.Second
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	defer transport.CloseIdleConnections()
	client.HTTPClient = &http.Client{Transport: transport, Timeout: 15 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // a token is for one address
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("tell the webhook: %w", withoutAddress(err))
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16))
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("tell the webhook: status %d", answer.StatusCode)
	}
	return nil
}

// withoutAddress is an error of the client's without the address, which it would
// name.
func withoutAddress(err error) error {
	if named, is := errors.AsType[*url.Error](err); is {
		return named.Err
	}
	return err
}
