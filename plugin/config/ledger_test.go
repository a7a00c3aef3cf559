package config_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestThePasswordOfTheLedgerIsNotInItsAddress(t *testing.T) {
	const secret = "ses@me"
	for name, c := range map[string]struct{ yaml, environ, address, password string }{
		"in the address":      {"ledger: postgres://u:ses%40me@db.example:5432/x?sslmode=require\n", "", "postgres://u@db.example:5432/x?sslmode=require", secret},
		"not escaped":         {"ledger: postgres://u:ses@me@db.example/x\n", "", "postgres://u@db.example/x", secret},
		"by itself":           {"ledger: postgresql://u@db.example/x\nledger_password: ses@me\n", "", "postgresql://u@db.example/x", secret},
		"by itself is nearer": {"ledger: postgres://u:other@db.example/x\nledger_password: ses@me\n", "", "postgres://u@db.example/x", secret},
		"by the environment":  {"", "DOSEGATE__LEDGER=postgres://u:ses@me@db.example/x", "postgres://u@db.example/x", secret},
		"by a file":           {"ledger: postgres://u@db.example/x\nledger_password_file: ledger.secret\n", "", "postgres://u@db.example/x", secret},
		"none":                {"ledger: postgres:///x?host=/run/postgresql\n", "", "postgres:///x?host=/run/postgresql", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, minimal+c.yaml)
			s.write("ledger.secret", secret+"\n")
			if c.environ != "" {
				s.environ = append(s.environ, c.environ)
			}
			have := s.mustLoad()
			if have.LedgerAddress() != c.address || have.LedgerPassword.Reveal() != c.password || !have.LedgerIsShared() {
				t.Errorf("address %s, shared %v", have.LedgerAddress(), have.LedgerIsShared())
			}
			if shown := fmt.Sprintf("%+v %#v", have, have); strings.Contains(shown, "ses@me") || strings.Contains(shown, "ses%40me") {
				t.Error("the password is shown")
			}
		})
	}
}
