package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresServer is a ledger that several dosegates share.
type postgresServer struct{ config *pgx.ConnConfig }

// writeLock is the advisory lock that every write of any dosegate takes: as in
// SQLite there is one writer at a time, and what a transaction reads stays so
// until it ends. It belongs to the database; the number says nothing.
const writeLock = 7_166_311_085

// newPostgres reads the address. Errors do not repeat it: its parser's would,
// with whatever stands where a password belongs.
func newPostgres(address, password string) (name string, k kind, err error) {
	name = withoutLogin(address)
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return "", nil, fmt.Errorf("open ledger %s: it is no address of a PostgreSQL database, such as postgres://dosegate@db.example/dosegate", name)
	}
	if password != "" {
		config.Password = password
	}
	config.ConnectTimeout = orElse(config.ConnectTimeout, 5*time.Second)
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}}
	config.DialFunc = dialer.DialContext
	for key, value := range sessionSettings {
		if _, said := config.RuntimeParams[key]; !said {
			config.RuntimeParams[key] = value
		}
	}
	return name, postgresServer{config}, nil
}

// sessionSettings are what the server does for a session, unless the address
// says otherwise. The middle ones have it let go of a machine that was cut off
// in the middle of a write, for which all others wait. And a plan that holds for
// all parameters would not know how short a page is.
var sessionSettings = map[string]string{
	"application_name":                    "dosegate",
	"idle_in_transaction_session_timeout": "3s",
	"tcp_keepalives_idle":                 "5",
	"tcp_keepalives_interval":             "2",
	"tcp_keepalives_count":                "3",
	"tcp_user_timeout":                    "10s",
	"plan_cache_mode":                     "force_custom_plan",
}

// withoutLogin is an address as it may be shown: host, port and database.
func withoutLogin(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	rest, query, _ := strings.Cut(rest, "?")
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = rest[at+1:]
	}
	if host, err := url.ParseQuery(query); err == nil && strings.HasPrefix(rest, "/") && host.Get("host") != "" {
		rest = host.Get("host") + rest // a folder with a socket
	}
	return scheme + "://" + rest
}

func (s postgresServer) open() (db, writer *sql.DB, err error) {
	db, writer = stdlib.OpenDB(*s.config), stdlib.OpenDB(*s.config)
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	writer.SetMaxOpenConns(1)
	return db, writer, nil
}

func (s postgresServer) provider(db *sql.DB, migrations fs.FS) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, migrations, goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(locker))
}

func (s postgresServer) begin(ctx context.Context, writer *sql.DB) (*sql.Tx, error) {
	tx, err := writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, writeLock); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// moment is not bound as a write is: nobody waits for it, and whoever copies the
// rows to a slow disk asks for more only when they are there.
func (s postgresServer) moment(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

func (s postgresServer) bound() time.Duration { return patience }

// postgresTrouble is by SQLSTATE, or its first two letters, the class.
var postgresTrouble = map[string]string{
	"53100": "cannot grow, its disk is full",
	"53":    "has no room for us: too many connections, or no memory",
	"25006": "cannot be written: this server is read-only, a stand-by perhaps",
	"28":    "refuses the login: see to user, password and pg_hba.conf",
	"3D":    "does not exist: make the database",
	"42501": "may not be used by this user: give it the right to make tables",
	"55P03": "is kept locked by another process",
	"57014": silent,
	"57P03": starting,
	"57":    stopping,
	"08":    unreachable,
	"58":    "cannot be read or written, see to its disk",
	"XX":    "is damaged",
}

func (s postgresServer) noTable(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "42P01" // undefined_table
}

func (s postgresServer) trouble(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		for _, code := range []string{refused.Code, refused.Code[:min(2, len(refused.Code))]} {
			if words, ok := postgresTrouble[code]; ok {
				return words
			}
		}
		return "refuses"
	}
	var noConnection *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &noConnection):
		return unreachable
	case errors.Is(err, context.DeadlineExceeded):
		return silent
	case errors.As(err, &network), pgconn.SafeToRetry(err), errors.Is(err, sql.ErrConnDone), errors.Is(err, io.ErrUnexpectedEOF):
		return broken
	}
	return ""
}

func orElse(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}
