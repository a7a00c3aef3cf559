package registry

import (
	"testing"
	"time"

	"github.com/dosegate/dosegate/plugin/sshtest"
)

func sftpOptions(s sshtest.Server) SFTPOptions {
	return SFTPOptions{Name: "dir", Address: "sftp://" + s.Address + s.Folder, Username: s.User, PrivateKey: s.PrivateKey, HostKey: s.HostKey,
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
