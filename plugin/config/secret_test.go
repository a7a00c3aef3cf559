package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/dosegate/dosegate/plugin/config"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	c := newSite(t, at("studies\"}", "studies\", username: u, password: hunter2}")).mustLoad()
	if c.Registries[0].Password.Reveal() != "hunter2" {
		t.Fatal("the secret was not read")
	}
	type hiding struct{ inside config.Secret }
	var out bytes.Buffer
	for _, v := range []any{c, *c, c.Registries, c.Registries[0].Password, &c.Registries[0].Password, hiding{c.Registries[0].Password}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("a secret", "value", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("a secret", "value", v)
		data, err := json.Marshal(v)
		must(t, err)
		out.Write(data)
	}
	data, err := yaml.Marshal(c)
	must(t, err)
	out.Write(data)
	for _, form := range []string{"hunter2", fmt.Sprintf("%x", "hunter2")} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret is in:\n%s", out.String())
		}
	}
	if !strings.Contains(out.String(), "(hidden)") {
		t.Error("nothing says that there is a secret")
	}
}

func TestASecretFileThatWeMayNotReadSaysWhoMay(t *testing.T) {
	s := newSite(t, at("role:", "username: u, password_file: p.secret, role:"))
	s.write("p.secret", "hunter2")
	path := s.path("p.secret")
	must(t, os.Chmod(path, 0))
	asNobody(t, s.dir, func() {
		_, err := s.load()
		mustSay(t, err, "orthanc.main.password", path, "permission denied", "mode 0000",
			fmt.Sprintf("belongs to user %d", os.Getuid()), fmt.Sprintf("runs as user %d", os.Geteuid()))
	})
}

// asNobody runs fn without root's right to read everything.
func asNobody(t *testing.T, dir string, fn func()) {
	t.Helper()
	if os.Getuid() != 0 {
		fn()
		return
	}
	must(t, errors.Join(os.Chmod(filepath.Dir(dir), 0o711), os.Chmod(dir, 0o711),
		os.Chmod(filepath.Join(dir, "dosegate.yaml"), 0o644), os.Chmod(filepath.Join(dir, "secrets"), 0o755)))
	// The file system's user is one of the thread, and gives up root's rights
	// over files as long as it is not root.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	must(t, syscall.Setfsuid(65534))
	defer syscall.Setfsuid(0)
	fn()
}
