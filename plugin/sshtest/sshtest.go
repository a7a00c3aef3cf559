// Package sshtest runs a real OpenSSH server for tests.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/orthanctest"
	"github.com/dosegate/dosegate/plugin/processtest"
	"golang.org/x/crypto/ssh"
)

// Server is an OpenSSH server that takes files by SFTP from the user of the test.
type Server struct {
	Address    string // host:port
	Folder     string // of the user's
	User       string
	PrivateKey []byte // that signs in, in PEM
	HostKey    string // as in known_hosts behind the name
}

const path = "/usr/sbin/sshd"

// Start runs a server on loopback until the test ends.
func Start(t testing.TB) Server {
	t.Helper()
	if _, err := exec.LookPath(path); err != nil {
		if os.Getenv("DOSEGATE_TEST_REQUIRE") != "" {
			t.Fatal("there is no sshd: apt-get install openssh-server")
		}
		t.Skip("there is no sshd: apt-get install openssh-server")
	}
	dir, folder := t.TempDir(), t.TempDir()
	me, err := user.Current()
	must(t, err)
	host, hostPublic := NewKey(t)
	own, ownPublic := NewKey(t)
	port := orthanctest.FreePort(t)
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		must(t, os.WriteFile(file, []byte(content), 0o600))
		return file
	}
	if os.Getuid() == 0 {
		must(t, os.MkdirAll("/run/sshd", 0o755)) // sshd asks for it, and Debian makes it with the service
	}
	config := write("sshd_config", fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nStrictModes no\nUsePAM no\n"+
		"PasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\nMaxStartups 300\nMaxSessions 300\n", port,
		write("host", string(host)), write("authorized", ownPublic)))
	p, err := processtest.Start(processtest.Options{LogFile: filepath.Join(dir, "log")}, path, "-D", "-e", "-f", config)
	must(t, err)
	t.Cleanup(func() { p.End(os.Interrupt) })
	s := Server{Address: fmt.Sprintf("127.0.0.1:%d", port), Folder: folder, User: me.Username, HostKey: hostPublic, PrivateKey: own}
	for range 200 {
		if conn, err := net.Dial("tcp", s.Address); err == nil {
			conn.Close()
			return s
		}
		select {
		case <-p.Ended():
			t.Fatal("sshd ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("sshd does not answer")
	return Server{}
}

// NewKey makes a pair of keys: in PEM, and as in authorized_keys.
func NewKey(t testing.TB) (private []byte, public string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(priv, "")
	must(t, err)
	sshPub, err := ssh.NewPublicKey(pub)
	must(t, err)
	return pem.EncodeToMemory(block), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(sshPub)))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
