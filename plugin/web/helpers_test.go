package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/dosegate/dosegate/plugin/web"
)

// withToken is a program with a token of a role.
func (h *house) withToken(role web.Role) *client {
	h.t.Helper()
	users, err := web.ReadUsers(h.path("users.yaml"))
	h.must(err)
	if users == nil {
		users = &web.Users{}
	}
	c := h.client()
	c.token, err = users.NewToken("program-"+string(role), role)
	h.must(err)
	h.must(users.Write(h.path("users.yaml")))
	return c
}

// decode reads an answer of the API.
func decode[T any](r reply, fn func(T)) error {
	var v T
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		return fmt.Errorf("%d: %w in %s", r.status, err, r.body)
	}
	fn(v)
	return nil
}

func queryEscape(text string) string { return url.QueryEscape(text) }
