package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
)

// Secret is a password. It does not come out by printing, logging or marshalling
// it or anything that holds it; only Reveal gives it.
type Secret struct {
	text *string // a pointer: fmt looks into unexported fields, but not behind one
}

const hidden = "(hidden)"

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal gives the secret, to send it where it belongs.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// UnmarshalText takes the secret.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

// String says only whether there is a secret.
func (s Secret) String() string {
	if s.Reveal() == "" {
		return ""
	}
	return hidden
}

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// secretFile stands for a secret until it is known which of several places is
// the nearest: a file that nothing needs may be missing.
type secretFile string

// read gives the secret that the file holds, without the line's end.
func (f secretFile) read() (string, error) {
	data, err := os.ReadFile(string(f))
	if err != nil {
		return "", fmt.Errorf("read secret file %s: %w%s", string(f), reason(err), f.access(err))
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", fmt.Errorf("read secret file %s: it is empty", string(f))
	}
	return text, nil
}

// reason is an error without the path, which is told already.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// access says who may read the file and who we are. In a container this is what
// nearly always is wrong: a file secret keeps the owner and mode that it has on
// the host.
func (f secretFile) access(err error) string {
	info, statErr := os.Stat(string(f))
	if !errors.Is(err, os.ErrPermission) || statErr != nil {
		return ""
	}
	owner := ""
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		owner = fmt.Sprintf("belongs to user %d and group %d, ", s.Uid, s.Gid)
	}
	return fmt.Sprintf(": it %shas mode %04o, and dosegate runs as user %d and group %d",
		owner, info.Mode().Perm(), os.Geteuid(), os.Getegid())
}
