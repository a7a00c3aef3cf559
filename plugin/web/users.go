package web

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/dosegate/dosegate/plugin/filter"
	"gopkg.in/yaml.v3"
)

// Role is what somebody may do.
type Role string

// The roles. An operator may do what a viewer may, and change things.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
)

// User is a person who may log in.
type User struct {
	Name     string `yaml:"name"`
	Role     Role   `yaml:"role"`
	Password string `yaml:"password"` // its Argon2id hash
	hash     argonHash
}

// Token lets a program use the API.
type Token struct {
	Name string `yaml:"name"`
	Role Role   `yaml:"role"`
	Hash string `yaml:"sha256"` // of the token, in hexadecimal: a token is random, and needs no slow hash
}

// Users is what a users file holds.
type Users struct {
	Users  []User  `yaml:"users"`
	Tokens []Token `yaml:"tokens,omitempty"`
}

var userName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// ParseUsers reads the text of a users file. Its errors name the user, never a
// hash.
func ParseUsers(text []byte) (*Users, error) {
	u := &Users{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(u); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.New("read the users file: it is no list of users as dosegate passwd writes it")
	}
	seen := map[string]bool{}
	for i := range u.Users {
		p := &u.Users[i]
		if err := checkName(p.Name, p.Role, seen); err != nil {
			return nil, err
		}
		var err error
		if p.hash, err = parseHash(p.Password); err != nil {
			return nil, fmt.Errorf("read the users file: the password of %s %w", p.Name, err)
		}
	}
	for _, t := range u.Tokens {
		if err := checkName(t.Name, t.Role, seen); err != nil {
			return nil, err
		}
		if sum, err := hex.DecodeString(t.Hash); err != nil || len(sum) != sha256.Size {
			return nil, fmt.Errorf("read the users file: the token %s has no SHA-256: make it with dosegate passwd --token", t.Name)
		}
	}
	return u, nil
}

func checkName(name string, role Role, seen map[string]bool) error {
	if !userName.MatchString(name) {
		return fmt.Errorf("read the users file: %q is no name: letters, digits, dots, underscores, hyphens and @, at most 64", name)
	}
	if seen[strings.ToLower(name)] {
		return fmt.Errorf("read the users file: %s stands there twice", name)
	}
	seen[strings.ToLower(name)] = true
	if role != Viewer && role != Operator {
		return fmt.Errorf("read the users file: %s must have the role viewer or operator", name)
	}
	return nil
}

// ReadUsers reads a users file; it is nil where there is none yet.
func ReadUsers(path string) (*Users, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the users file: %w", err)
	}
	return ParseUsers(text)
}

// Set gives a user a password, and makes the user where there is none. No role
// means the one that the user has, viewer for a new one.
func (u *Users) Set(name string, role Role, password string) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	if p := u.user(name); p != nil {
		p.Password = hash
		if role != "" {
			p.Role = role
		}
		return nil
	}
	if role == "" {
		role = Viewer
	}
	if err := checkName(name, role, u.names()); err != nil {
		return err
	}
	u.Users = append(u.Users, User{Name: name, Role: role, Password: hash})
	return nil
}

// NewToken makes a token, or a new one for the same name, and returns it: only
// its hash is kept.
func (u *Users) NewToken(name string, role Role) (string, error) {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	text := "dosegate_" + base64.RawURLEncoding.EncodeToString(secret)
	if role == "" {
		role = Viewer
	}
	u.Tokens = slices.DeleteFunc(u.Tokens, func(t Token) bool { return strings.EqualFold(t.Name, name) })
	if err := checkName(name, role, u.names()); err != nil {
		return "", err
	}
	u.Tokens = append(u.Tokens, Token{Name: name, Role: role, Hash: tokenHash(text)})
	return text, nil
}

// Remove takes a user or a token out.
func (u *Users) Remove(name string) error {
	before := len(u.Users) + len(u.Tokens)
	u.Users = slices.DeleteFunc(u.Users, func(p User) bool { return strings.EqualFold(p.Name, name) })
	u.Tokens = slices.DeleteFunc(u.Tokens, func(t Token) bool { return strings.EqualFold(t.Name, name) })
	if len(u.Users)+len(u.Tokens) == before {
		return fmt.Errorf("there is no user or token %s", name)
	}
	return nil
}

// Write replaces the users file, readable by its owner alone.
func (u *Users) Write(path string) error {
	text, err := yaml.Marshal(u)
	if err != nil {
		return fmt.Errorf("write the users file: %w", err)
	}
	head := "# Who may see and do what on the page of dosegate; dosegate passwd writes this file.\n"
	if _, err := ParseUsers(text); err != nil {
		return err
	}
	return filter.ReplaceFile(path, append([]byte(head), text...), 0o600)
}

func (u *Users) user(name string) *User {
	i := slices.IndexFunc(u.Users, func(p User) bool { return strings.EqualFold(p.Name, name) })
	if i < 0 {
		return nil
	}
	return &u.Users[i]
}

func (u *Users) names() map[string]bool {
	names := map[string]bool{}
	for _, p := range u.Users {
		names[strings.ToLower(p.Name)] = true
	}
	for _, t := range u.Tokens {
		names[strings.ToLower(t.Name)] = true
	}
	return names
}

// token finds whose token a text is.
func (u *Users) token(text string) (Token, bool) {
	hash := []byte(tokenHash(text))
	for _, t := range u.Tokens {
		if subtle.ConstantTimeCompare(hash, []byte(strings.ToLower(t.Hash))) == 1 {
			return t, true
		}
	}
	return Token{}, false
}

func tokenHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
