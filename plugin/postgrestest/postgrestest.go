// Package postgrestest gives tests a real PostgreSQL: Debian's, on a Unix socket
// in a temporary folder, as a user that is not root, since it refuses to run as
// root.
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }
//
//	url := postgrestest.Database(t) // an empty one, of the package's one server
//	s := postgrestest.Start(t)      // a server of the test's own, to kill
package postgrestest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/processtest"
	"github.com/jackc/pgx/v5"
)

// The users of every server: Username needs no password, WithPassword needs
// Password.
const (
	Username     = "dosegate"
	WithPassword = "keeper"
	Password     = "sesame-4711"
)

// deadline bounds every wait: two shared cores can be slow, but a PostgreSQL that
// needs longer is broken.
const deadline = 60 * time.Second

// socketName is what PostgreSQL calls its socket on its usual port.
const socketName = ".s.PGSQL.5432"

// Server is a running PostgreSQL, or one that was killed and may run again.
type Server struct {
	Socket  string // the path of its socket, for a proxy before it
	LogFile string

	dir, bin string
	user     *processtest.User
	process  *processtest.Process
	count    atomic.Int64
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Run runs a package's tests and ends the server that they share.
func Run(m *testing.M) int {
	code := m.Run()
	if s := shared.server; s != nil {
		s.remove()
	}
	return code
}

// Database makes an empty database on the server that the package's tests share,
// and gives its URL. It goes when the test ends.
func Database(t testing.TB) string {
	t.Helper()
	requirePostgres(t)
	shared.once.Do(func() { shared.server, shared.err = start() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server.Database(t)
}

// Start starts a server for this test alone.
func Start(t testing.TB) *Server {
	t.Helper()
	requirePostgres(t)
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	return s
}

// Database makes an empty database and gives its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "ledger" + strconv.FormatInt(s.count.Add(1), 10)
	s.Exec(t, "postgres", "CREATE DATABASE "+name+" OWNER "+Username)
	t.Cleanup(func() { s.admin("postgres", "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return s.URL(Username, name)
}

// URL is where a user finds a database.
func (s *Server) URL(user, database string) string {
	q := url.Values{"host": {filepath.Dir(s.Socket)}}
	return (&url.URL{Scheme: "postgres", User: url.User(user), Host: "", Path: "/" + database, RawQuery: q.Encode()}).String()
}

// Dump writes all that a database holds into a file, as SQL.
func (s *Server) Dump(t testing.TB, database, path string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(s.bin, "pg_dump"), "--dbname="+database, "--file="+path).CombinedOutput()
	if err != nil {
		t.Fatalf("pg_dump: %v\n%s", err, out)
	}
}

// Exec runs a statement as the superuser.
func (s *Server) Exec(t testing.TB, database, statement string) {
	t.Helper()
	if err := s.admin(database, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (s *Server) admin(database, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	c, err := pgx.Connect(ctx, s.URL("postgres", database))
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}

// Kill ends the server at once, as a power cut would, only that what it wrote is
// still in the kernel's memory.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.process.End(syscall.SIGQUIT)
}

// Restart starts a killed server again.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

// start makes a server in a folder of its own and runs it.
func start() (*Server, error) {
	dir, err := os.MkdirTemp("", "dosegate-pg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: postgresFolder(), LogFile: filepath.Join(dir, "log"), Socket: filepath.Join(dir, socketName)}
	err = s.init()
	if err == nil {
		err = s.run()
	}
	if err == nil {
		err = s.admin("postgres", "CREATE ROLE "+Username+" LOGIN; CREATE ROLE "+WithPassword+" LOGIN SUPERUSER PASSWORD '"+Password+"'")
	}
	if err != nil {
		log, _ := os.ReadFile(s.LogFile)
		s.remove()
		return nil, fmt.Errorf("start PostgreSQL: %w\n%s", err, log)
	}
	return s, nil
}

// init makes the database files. Names are compared as a language does it, as in
// most installations, and not byte by byte.
func (s *Server) init() error {
	if os.Geteuid() == 0 {
		var err error
		if s.user, err = otherUser(); err != nil {
			return err
		}
		if err := os.Chown(s.dir, int(s.user.UID), int(s.user.GID)); err != nil {
			return err
		}
	}
	p, err := processtest.Start(processtest.Options{LogFile: s.LogFile, User: s.user}, filepath.Join(s.bin, "initdb"),
		"-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync")
	if err != nil {
		return err
	}
	<-p.Ended()
	hba := filepath.Join(s.data(), "pg_hba.conf")
	rules := "local all " + WithPassword + " scram-sha-256\nlocal all all trust\n"
	return os.WriteFile(hba, []byte(rules), 0o600)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// run runs the server until it answers.
func (s *Server) run() error {
	p, err := processtest.Start(processtest.Options{LogFile: s.LogFile, User: s.user, WhenAlone: syscall.SIGQUIT},
		filepath.Join(s.bin, "postgres"), "-D", s.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories="+s.dir,
		"-c", "fsync="+cmp.Or(os.Getenv("DOSEGATE_TEST_FSYNC"), "off"), "-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "logging_collector=off")
	if err != nil {
		return err
	}
	s.process = p
	for give := time.Now().Add(deadline); ; {
		err := s.admin("postgres", "SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(give) {
			return err
		}
		select {
		case <-p.Ended():
			return errors.New("it has ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) remove() {
	if s.process != nil {
		s.process.End(syscall.SIGQUIT)
	}
	os.RemoveAll(s.dir)
}

// requirePostgres skips where PostgreSQL is missing, so that `go test ./...`
// works in a newcomer's clone; scripts/test installs it and asks for it.
func requirePostgres(t testing.TB) {
	t.Helper()
	if postgresFolder() != "" {
		return
	}
	const missing = "PostgreSQL is not installed: run ./scripts/test"
	if os.Getenv("DOSEGATE_TEST_REQUIRE") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// postgresFolder finds the newest of Debian's PostgreSQLs, whose programs are not
// on a user's PATH.
func postgresFolder() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	newest, version := "", 0
	for _, path := range found {
		folder := filepath.Dir(path)
		if n, err := strconv.Atoi(filepath.Base(filepath.Dir(folder))); err == nil && n > version {
			newest, version = folder, n
		}
	}
	if path, err := exec.LookPath("postgres"); newest == "" && err == nil {
		newest = filepath.Dir(path)
	}
	return newest
}
