package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a hash: the first recommended choice for little memory of RFC 9106
// 4 is 64 MiB; this is what OWASP gives for a server that does other work too.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024 // KiB
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// Bounds on what a hash in a users file may cost.
const (
	maxArgonTime   = 16
	maxArgonMemory = 1 << 20 // KiB
)

// shortestPassword is how many bytes a password must have.
const shortestPassword = 12

// HashPassword makes an Argon2id hash in the usual string form
// ($argon2id$v=19$m=…,t=…,p=…$salt$hash).
func HashPassword(password string) (string, error) {
	if len(password) < shortestPassword {
		return "", fmt.Errorf("a password has at least %d characters", shortestPassword)
	}
	if len(password) > 1024 {
		return "", errors.New("a password has at most 1024 characters")
	}
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b64(salt), b64(key)), nil
}

// argonHash is a hash that was read.
type argonHash struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func parseHash(text string) (h argonHash, err error) {
	broken := errors.New("is no Argon2id hash: make it with dosegate passwd")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, broken
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return h, broken
	}
	if h.time < 1 || h.time > maxArgonTime || h.memory < 8 || h.memory > maxArgonMemory || h.threads < 1 {
		return h, broken
	}
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(h.salt) < 8 {
		return h, broken
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(h.key) < 16 {
		return h, broken
	}
	return h, nil
}

// is reports whether a password is the one that was hashed.
func (h argonHash) is(password string) bool {
	key := argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

// nobody is the hash of no password: comparing with it takes as long as with a
// user's, so that the time does not tell whose name is known.
var nobody = argonHash{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, argonSalt), key: make([]byte, argonKey)}
