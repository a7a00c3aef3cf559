package deid

import (
	"bufio"
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	keyLength = 32
	keyHead   = "dosegate-key"
)

// Key is one site key: everything that a report's identifiers become derives
// from it. It counts for reports that Orthanc received from From on.
type Key struct {
	From   time.Time // zero: since ever
	secret [keyLength]byte
}

// Keyring is the keys of a site, the oldest first. A report uses the key in
// force when Orthanc received it, so that an old report sent again is the
// same object even after a rotation.
type Keyring struct {
	keys []Key
}

// ErrNoKey: the key file does not exist.
var ErrNoKey = errors.New("there is no key file")

// NewKeyring makes a ring of one random key that counts since ever.
func NewKeyring() (*Keyring, error) {
	k, err := randomKey(time.Time{})
	return &Keyring{keys: []Key{k}}, err
}

func randomKey(from time.Time) (Key, error) {
	k := Key{From: from.UTC().Truncate(time.Second)}
	if _, err := rand.Read(k.secret[:]); err != nil {
		return Key{}, fmt.Errorf("make a random key: %w", err)
	}
	return k, nil
}

// Rotate adds a new random key that counts from a time on, which must be later
// than every other key's.
func (r *Keyring) Rotate(from time.Time) error {
	k, err := randomKey(from)
	if err != nil {
		return err
	}
	if !k.From.After(r.keys[len(r.keys)-1].From) {
		return errors.New("rotate the key: the new key must count from later than the last one")
	}
	r.keys = append(r.keys, k)
	return nil
}

// At returns the key in force at a time.
func (r *Keyring) At(t time.Time) Key {
	in := r.keys[0]
	for _, k := range r.keys[1:] {
		if !k.From.After(t) {
			in = k
		}
	}
	return in
}

// Keys returns all keys, the oldest first.
func (r *Keyring) Keys() []Key { return slices.Clone(r.keys) }

// Fingerprint identifies a key without telling it.
func (k Key) Fingerprint() string {
	sum := k.sub("fingerprint")
	return hex.EncodeToString(sum[:8])
}

// sub derives a subkey for one purpose (RFC 5869).
func (k Key) sub(label string) []byte {
	b, err := hkdf.Expand(sha256.New, k.secret[:], "dosegate "+label, sha256.Size)
	if err != nil {
		panic(err) // only for lengths over 255 hashes
	}
	return b
}

// Digest is a keyed digest of bytes, to recognise them again without keeping
// anything that could be tested against a guess.
func (k Key) Digest(b []byte) string {
	mac := hmac.New(sha256.New, k.sub("digest"))
	mac.Write(b)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// LoadKeyring reads a key file. It refuses one that others can read.
// A missing file is [ErrNoKey].
func LoadKeyring(path string) (*Keyring, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoKey, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if !private(info) {
		return nil, fmt.Errorf("the key file %s can be read by others (mode %04o): run chmod 600 on it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	ring, err := parseKeyring(text)
	if err != nil {
		return nil, fmt.Errorf("the key file %s: %w", path, err)
	}
	return ring, nil
}

// Save writes the ring to a file that only its owner can read, by a temporary
// name and a rename. With fresh it refuses to replace a file.
func (r *Keyring) Save(path string, fresh bool) error {
	if _, err := os.Stat(path); fresh && err == nil {
		return fmt.Errorf("the key file %s exists: it is never overwritten", path)
	}
	temporary := path + ".new"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	_, err = f.Write(r.text())
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return fmt.Errorf("write the key file: %w", errors.Join(err, os.Remove(temporary)))
	}
	return nil
}

// text is the file's format: a comment, then a line a key with the time from
// which it counts ("-" for ever) and the 32 bytes in base64.
func (r *Keyring) text() []byte {
	var b bytes.Buffer
	b.WriteString("# The site key of Dosegate. Keep a copy in a safe place: without it reports that were\n" +
		"# sent cannot be recognised again. Whoever has it can link what was sent to your patients.\n")
	for _, k := range r.keys {
		from := "-"
		if !k.From.IsZero() {
			from = k.From.Format(time.RFC3339)
		}
		fmt.Fprintf(&b, "%s %s %s\n", keyHead, from, base64.StdEncoding.EncodeToString(k.secret[:]))
	}
	return b.Bytes()
}

func parseKeyring(text []byte) (*Keyring, error) {
	ring := &Keyring{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		k, err := parseKey(fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if len(ring.keys) > 0 && !k.From.After(ring.keys[len(ring.keys)-1].From) {
			return nil, fmt.Errorf("line %d: the keys do not stand in the order of their times", n)
		}
		ring.keys = append(ring.keys, k)
	}
	if len(ring.keys) == 0 {
		return nil, errors.New("it holds no key")
	}
	return ring, nil
}

// parseKey reads the fields of a line. No error repeats what it read.
func parseKey(fields []string) (Key, error) {
	var k Key
	if len(fields) != 3 || fields[0] != keyHead {
		return k, fmt.Errorf("want %q, a time and the key", keyHead)
	}
	if fields[1] != "-" {
		from, err := time.Parse(time.RFC3339, fields[1])
		if err != nil {
			return k, errors.New("the time is not in the form of RFC 3339")
		}
		k.From = from.UTC()
	}
	secret, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(secret) != keyLength {
		return k, fmt.Errorf("the key is not %d bytes in base64", keyLength)
	}
	copy(k.secret[:], secret)
	return k, nil
}
