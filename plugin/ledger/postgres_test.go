package ledger_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/ledger"
	"github.com/dosegate/dosegate/plugin/postgrestest"
	"github.com/jackc/pgx/v5"
)

// mustHide checks that an error is there and shows no password.
func mustHide(t *testing.T, err error, secret string, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for text := err; text != nil; text = errors.Unwrap(text) {
		if strings.Contains(fmt.Sprintf("%v %+v %s", text, text, text), secret) {
			t.Errorf("error %q shows the password", text)
		}
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func TestNoErrorShowsThePasswordOfPostgreSQL(t *testing.T) {
	server := postgrestest.Start(t)
	socket := url.QueryEscape(strings.TrimSuffix(server.Socket, "/.s.PGSQL.5432"))
	server.Exec(t, "postgres", "CREATE DATABASE kept OWNER "+postgrestest.WithPassword)
	const secret = "Geheim-0815"
	for name, c := range map[string]struct{ address, password, says string }{
		"nobody listens":    {"postgres://keeper:" + secret + "@127.0.0.1:1/kept?sslmode=disable", "", "ledger postgres://127.0.0.1:1/kept cannot be reached"},
		"wrong password":    {"postgres://keeper@/kept?host=" + socket, secret, "refuses the login"},
		"no address":        {"postgres://keeper:" + secret + "@127.0.0.1:port/kept", "", "it is no address of a PostgreSQL database"},
		"odd password":      {"postgres://keeper:" + secret + "%zz@127.0.0.1:1/kept", "", "it is no address"},
		"unknown setting":   {"postgres://keeper:" + secret + "@127.0.0.1:1/kept?sslmode=perhaps", "", "it is no address"},
		"no such database":  {"postgres://keeper@/nosuch?host=" + socket, postgrestest.Password, "does not exist: make the database"},
		"not a postgres":    {"postgres://keeper:" + secret + "@" + silent(t) + "/kept?sslmode=disable&connect_timeout=1", "", "cannot be reached"},
		"password in query": {"postgres://127.0.0.1:1/kept?user=keeper&password=" + secret, "", "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ledger.Open(ctx, c.address, ledger.Options{Password: c.password})
			mustHide(t, err, secret, c.says)
		})
	}
	l, err := ledger.Open(ctx, "postgres://keeper@/kept?host="+socket, ledger.Options{Password: postgrestest.Password})
	must(t, err)
	must(t, l.Close())
}

// silent is an address that takes connections and says nothing.
func silent(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// The server ends a transaction that does nothing for some seconds. A copy does
// nothing there while it writes what it got to a slow disk.
func TestACopyMayTakeItsTime(t *testing.T) {
	l := open(t, postgrestest.Database(t), ledger.Options{})
	var usual string
	must(t, l.DB().QueryRowContext(ctx, "SHOW idle_in_transaction_session_timeout").Scan(&usual))
	if usual == "0" {
		t.Error("a transaction of a machine that was cut off is never ended")
	}
	tx, err := l.Moment(ctx)
	must(t, err)
	for setting, want := range map[string]string{"idle_in_transaction_session_timeout": "0", "transaction_isolation": "repeatable read", "transaction_read_only": "on"} {
		var is string
		must(t, tx.QueryRowContext(ctx, "SHOW "+setting).Scan(&is))
		if is != want {
			t.Errorf("%s is %s, want %s", setting, is, want)
		}
	}
	must(t, tx.Rollback())
	var after string
	if must(t, l.DB().QueryRowContext(ctx, "SHOW idle_in_transaction_session_timeout").Scan(&after)); after != usual {
		t.Errorf("after the copy it is %s, was %s", after, usual)
	}
}

func TestAReadOnlyServerIsNamedAndLeavesNoHalfPage(t *testing.T) {
	server := postgrestest.Start(t)
	address := server.Database(t)
	must(t, open(t, address, ledger.Options{}).Close())
	server.Exec(t, "postgres", "ALTER ROLE dosegate SET default_transaction_read_only = on")
	l := open(t, address, ledger.Options{})
	err := l.SetPosition(ctx, "gw", ledger.Position{Seq: 9})
	mustName(t, err, "/ledger1", "this server is read-only")
}

func TestAServerThatDiesIsNamed(t *testing.T) {
	server := postgrestest.Start(t)
	b := newBookAt(t, server.Database(t))
	r := b.record(b.seen("one", ledger.Accepted, "dir"))
	server.Kill(t)
	mustName(t, b.Retry(ctx, r.ID, "dir", start, "the registry does not answer"), "/ledger1")
	if _, err := b.Get(ctx, r.ID); err == nil || errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("reading: %v", err)
	}
	server.Restart(t)
	if b.delivery(r.ID, "dir").Attempts != 0 {
		t.Error("half a change stands")
	}
	must(t, b.Delivered(ctx, r.ID, "dir", sent("2.25.1")))
}

func TestAServerThatDiesInTheMiddleOfAWriteIsNamed(t *testing.T) {
	server := postgrestest.Start(t)
	address := server.Database(t)
	one, two := open(t, address, ledger.Options{}), open(t, postgrestest.NewCable(t, address).URL, ledger.Options{})
	must(t, one.Stuck(ctx, func() {}))
	failed := make(chan error)
	go func() { failed <- two.SetSetting(ctx, "waits", []byte("for one")) }()
	c, err := pgx.Connect(ctx, address)
	must(t, err)
	until(t, "the write waits for its turn", func() bool {
		var waiting bool
		must(t, c.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)`).Scan(&waiting))
		return waiting
	})
	server.Kill(t)
	err = <-failed
	if !errors.Is(err, ledger.ErrAway) {
		t.Errorf("that the ledger is away is not in %v", err)
	}
	mustName(t, err, "ledger postgres://127.0.0.1", "broke the connection")
}
