package registry

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

// sshd is a real OpenSSH server that the user of the test may sign in to.
type sshd struct {
	address, folder, user, hostKey string
	privateKey                     []byte
}

const sshdPath = "/usr/sbin/sshd"

func startSSHD(t *testing.T) sshd {
	t.Helper()
	if _, err := exec.LookPath(sshdPath); err != nil {
		if os.Getenv("DOSEGATE_TEST_REQUIRE") != "" {
			t.Fatal("there is no sshd: apt-get install openssh-server")
		}
		t.Skip("there is no sshd: apt-get install openssh-server")
	}
	dir, folder := t.TempDir(), t.TempDir()
	me, err := user.Current()
	must(t, err)
	host, hostPublic := newSSHKey(t)
	own, ownPublic := newSSHKey(t)
	port := orthanctest.FreePort(t)
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	if os.Getuid() == 0 {
		must(t, os.MkdirAll("/run/sshd", 0o755)) // sshd asks for it, and Debian makes it with the service
	}
	config := write("sshd_config", fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nStrictModes no\nUsePAM no\n"+
		"PasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\nMaxStartups 300\nMaxSessions 300\n", port,
		write("host", string(host)), write("authorized", ownPublic)))
	p, err := processtest.Start(processtest.Options{LogFile: filepath.Join(dir, "log")}, sshdPath, "-D", "-e", "-f", config)
	must(t, err)
	t.Cleanup(func() { p.End(os.Interrupt) })
	s := sshd{address: fmt.Sprintf("127.0.0.1:%d", port), folder: folder, user: me.Username, hostKey: hostPublic, privateKey: own}
	for range 200 {
		if conn, err := net.Dial("tcp", s.address); err == nil {
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
	return sshd{}
}

func newSSHKey(t *testing.T) (private []byte, public string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(priv, "")
	must(t, err)
	sshPub, err := ssh.NewPublicKey(pub)
	must(t, err)
	return pem.EncodeToMemory(block), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(sshPub)))
}

func (s sshd) options() SFTPOptions {
	return SFTPOptions{Name: "dir", Address: "sftp://" + s.address + s.folder, Username: s.user, PrivateKey: s.privateKey, HostKey: s.hostKey,
		Timeout: 20 * time.Second}
}

func mustSFTP(t *testing.T, o SFTPOptions) *SFTP {
	t.Helper()
	r, err := NewSFTP(o)
	must(t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
