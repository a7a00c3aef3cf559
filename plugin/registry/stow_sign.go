package registry

import (
	"context"
	"errors"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// OAuth2 says where a bearer token is had for the client's own credentials
// (RFC 6749 4.4). The zero value is none.
type OAuth2 struct {
	TokenURL               string
	ClientID, ClientSecret string
	Scopes                 []string
}

// signIn says to a registry who we are. It is safe for concurrent use.
type signIn struct {
	username, password, token string
	oauth2                    *tokens
}

// errTokenRefused is about our credentials: no report will be taken with them.
var errTokenRefused = errors.New("the address for tokens refuses what we sign in with")

func newSignIn(o STOWOptions, t *http.Transport) (signIn, error) {
	in := signIn{username: o.Username, password: o.Password, token: o.Token}
	ways := 0
	for _, used := range []bool{o.Username != "" || o.Password != "", o.Token != "", o.OAuth2.TokenURL != ""} {
		if used {
			ways++
		}
	}
	if ways > 1 {
		return signIn{}, errors.New("there is more than one of username, token and oauth2")
	}
	if o.OAuth2.TokenURL == "" {
		return in, nil
	}
	if err := permitted(o.OAuth2.TokenURL, o.AllowHTTP); err != nil {
		return signIn{}, errors.New("oauth2.token_" + err.Error())
	}
	in.oauth2 = &tokens{
		client: &http.Client{Transport: t, Timeout: tokenTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		config: clientcredentials.Config{ClientID: o.OAuth2.ClientID, ClientSecret: o.OAuth2.ClientSecret,
			TokenURL: o.OAuth2.TokenURL, Scopes: o.OAuth2.Scopes},
	}
	return in, nil
}

// sign puts into a request who we are.
func (in *signIn) sign(ctx context.Context, req *http.Request) error {
	token := in.token
	if in.oauth2 != nil {
		var err error
		if token, err = in.oauth2.get(ctx); err != nil {
			return err
		}
	}
	switch {
	case token != "":
		req.Header.Set("Authorization", "Bearer "+token)
	case in.username != "" || in.password != "":
		req.SetBasicAuth(in.username, in.password)
	}
	return nil
}

// forget drops a token that was refused; it reports whether another can be had.
func (in *signIn) forget() bool {
	if in.oauth2 == nil {
		return false
	}
	in.oauth2.mu.Lock()
	defer in.oauth2.mu.Unlock()
	in.oauth2.last = nil
	return true
}

// tokenTimeout bounds how long a token is waited for.
const tokenTimeout = 30 * time.Second

// tokens keeps the last token for as long as it counts.
type tokens struct {
	client *http.Client
	config clientcredentials.Config
	mu     sync.Mutex
	last   *oauth2.Token
}

func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.Valid() {
		return t.last.AccessToken, nil
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if answer, is := errors.AsType[*oauth2.RetrieveError](err); is {
		// Its text is the server's.
		if answer.Response != nil && answer.Response.StatusCode >= 400 && answer.Response.StatusCode < 500 &&
			answer.Response.StatusCode != http.StatusTooManyRequests {
			return "", errTokenRefused
		}
		return "", errors.New("no token")
	}
	if err != nil {
		return "", err
	}
	t.last = token
	return token.AccessToken, nil
}

// permittedHeaders refuses headers that are ours to set.
func permittedHeaders(headers map[string]string) error {
	ours := []string{"Authorization", "Accept", "Connection", "Content-Length", "Content-Type", "Cookie", "Host", "Transfer-Encoding"}
	for name, value := range headers {
		if slices.Contains(ours, textproto.CanonicalMIMEHeaderKey(name)) {
			return errors.New("headers must not have " + name)
		}
		if strings.ContainsAny(name+value, "\r\n") || name == "" {
			return errors.New("a header has a line end in it, or no name")
		}
	}
	return nil
}
