package config

import (
	"net/url"
	"strings"
)

// isPostgres says whether a text is the address of a PostgreSQL database.
func isPostgres(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// hidePassword takes the password out of the ledger's address, which is shown in
// logs and errors, and keeps it where a secret is kept. One that was given by
// itself is nearer.
func (c *Config) hidePassword() {
	if !isPostgres(c.Ledger) {
		return
	}
	scheme, rest, _ := strings.Cut(c.Ledger, "://")
	at := strings.LastIndex(rest[:endOfHost(rest)], "@")
	if at < 0 {
		return
	}
	user, password, has := strings.Cut(rest[:at], ":")
	if !has {
		return
	}
	c.Ledger = scheme + "://" + user + rest[at:]
	if plain, err := url.PathUnescape(password); err == nil && c.LedgerPassword.Reveal() == "" {
		c.LedgerPassword = NewSecret(plain)
	}
}

// ledger notes what is wrong with the ledger's address. It is not repeated:
// where it is broken, a password may be anywhere in it.
func (k *checker) ledger(address string) {
	const form = "must be sqlite: and a path, such as sqlite:dosegate.db, or an address such as postgres://dosegate@db.example/dosegate"
	if !isPostgres(address) {
		if path, ok := strings.CutPrefix(address, sqlitePrefix); !ok || path == "" {
			k.wrong("ledger", form)
		}
		return
	}
	_, rest, _ := strings.Cut(address, "://")
	_, query, _ := strings.Cut(rest, "?")
	settings, err := url.ParseQuery(query)
	switch {
	case err != nil:
		k.wrong("ledger", form)
	case settings.Has("password"):
		k.wrong("ledger", "must not have a password behind the question mark, since addresses are shown: use ledger_password_file")
	case strings.Contains(rest[endOfHost(rest):], "@"):
		k.wrong("ledger", "has a login with a / or a ? in it: leave the password out and use ledger_password_file")
	}
}

// endOfHost is where login and host of an address end.
func endOfHost(rest string) int {
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		return end
	}
	return len(rest)
}
