// Package smtptest runs a real mail server for tests, Debian's aiosmtpd, and one that
// does not answer.
package smtptest

import (
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/processtest"
)

//go:embed smtpd.py
var program string

const python = "/usr/bin/python3"

// Login that a server asks for, unless it speaks no TLS.
const (
	Username = "site-1"
	Password = "invented"
)

// Server takes mails.
type Server struct {
	Address string // host:port
	t       testing.TB
	folder  string // of the mails
	args    []string
	process *processtest.Process
}

// Start runs a server on loopback until the test ends. It speaks TLS as is said:
// starttls, tls (from the first byte) or none, with a certificate and its key in PEM
// files.
func Start(t testing.TB, tls, certificate, key string) *Server {
	t.Helper()
	if exec.Command(python, "-c", "import aiosmtpd").Run() != nil {
		if os.Getenv("DOSEGATE_TEST_REQUIRE") != "" {
			t.Fatal("there is no mail server: apt-get install python3-aiosmtpd")
		}
		t.Skip("there is no mail server: apt-get install python3-aiosmtpd")
	}
	s := &Server{t: t, folder: t.TempDir()}
	port := orthanctest.FreePort(t)
	s.Address = fmt.Sprintf("127.0.0.1:%d", port)
	s.args = []string{"-c", program, fmt.Sprint(port), s.folder, tls, certificate, key}
	t.Cleanup(s.Stop)
	s.Restart()
	return s
}

// Stop ends the server.
func (s *Server) Stop() {
	if s.process != nil {
		s.process.End(os.Kill)
		s.process = nil
	}
}

// Restart starts it again where it was.
func (s *Server) Restart() {
	s.t.Helper()
	log := filepath.Join(s.folder, "log")
	var err error
	if s.process, err = processtest.Start(processtest.Options{LogFile: log}, python, s.args...); err != nil {
		s.t.Fatal(err)
	}
	for range 3000 {
		if conn, err := net.Dial("tcp", s.Address); err == nil {
			conn.Close()
			return
		}
		select {
		case <-s.process.Ended():
			text, _ := os.ReadFile(log)
			s.t.Fatalf("the mail server ended:\n%s", text)
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.t.Fatal("the mail server does not answer")
}

// Mails are those that were taken, each with its envelope before it: lines FROM, TO,
// TLS and LOGIN, and an empty one.
func (s *Server) Mails() (all []string) {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.folder, "*.eml"))
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(names)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	return all
}

// Hanging is the address of a server that greets, if it is told to, and then says
// nothing any more.
func Hanging(t testing.TB, greets bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			if greets {
				fmt.Fprint(conn, "220 invented\r\n")
			}
		}
	}()
	return listener.Addr().String()
}
