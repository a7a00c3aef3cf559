package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A session ends when nobody used it for a while, and after a working day.
const (
	idleSession    = 2 * time.Hour
	longestSession = 12 * time.Hour
	mostSessions   = 10_000
)

// people knows who may do what, and who is logged in.
type people struct {
	file string
	now  func() time.Time

	mu       sync.Mutex
	users    *Users // nil before there is a file
	asOf     time.Time
	trouble  error // with the file; the last good one stays in force
	first    string
	sessions map[[sha256.Size]byte]*session // by the digest of the cookie

	guesses map[string]*rate.Limiter // by address
	all     *rate.Limiter            // of all addresses together
	tooMany *rate.Sometimes          // that they are too many is said
	hashing chan struct{}            // a place for each hash that is computed: they are costly
}

// session is one login.
type session struct {
	user        string
	password    string // the hash of then: another password ends the session
	csrf        string
	notice      string // what was done last, shown once
	began, used time.Time
}

func newPeople(file string, now func() time.Time) (*people, error) {
	p := &people{file: file, now: now, sessions: map[[sha256.Size]byte]*session{}, guesses: map[string]*rate.Limiter{},
		all: rate.NewLimiter(2, 40), tooMany: &rate.Sometimes{First: 1, Interval: time.Minute}, hashing: make(chan struct{}, 2), first: random()}
	users, err := ReadUsers(file)
	if err != nil {
		return nil, err
	}
	p.users = users
	if info, err := os.Stat(file); err == nil {
		p.asOf = info.ModTime()
	}
	return p, nil
}

func random() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// look reads the users file again when it was written. The caller holds the lock.
func (p *people) look() {
	info, err := os.Stat(p.file)
	if err != nil || info.ModTime().Equal(p.asOf) {
		return // one that is gone stays in force: it must not open the page to anybody
	}
	users, err := ReadUsers(p.file)
	if p.trouble = err; err == nil && users != nil {
		p.users, p.asOf = users, info.ModTime()
	}
}

// none reports whether nobody may log in yet.
func (p *people) none() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.look()
	return p.users == nil || len(p.users.Users) == 0
}

// firstOperator makes the first user, for whoever has the link of the log. It
// works once.
func (p *people) firstOperator(secret, name, password string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.look()
	if p.users != nil && len(p.users.Users) > 0 || subtle.ConstantTimeCompare([]byte(secret), []byte(p.first)) != 1 {
		return errLink
	}
	users := &Users{}
	if p.users != nil {
		users.Tokens = p.users.Tokens
	}
	if err := users.Set(name, Operator, password); err != nil {
		return err
	}
	if err := users.Write(p.file); err != nil {
		return err
	}
	p.first = random()
	read, err := ReadUsers(p.file)
	if err == nil {
		p.users = read
	}
	return err
}

var (
	errLink    = errors.New("this link is not valid any more: see the log of dosegate for the present one, or use dosegate passwd")
	errLogin   = errors.New("name or password is wrong")
	errTooMany = errors.New("too many attempts: wait a minute")
)

// login checks a password and begins a session. From tells who tries, by
// address.
func (p *people) login(name, password, from string) (cookie string, err error) {
	if !p.mayGuess(from) {
		return "", errTooMany
	}
	p.mu.Lock()
	p.look()
	hash, user := nobody, User{}
	if p.users != nil {
		if u := p.users.user(name); u != nil {
			hash, user = u.hash, *u
		}
	}
	p.mu.Unlock()
	p.hashing <- struct{}{}
	right := hash.is(password)
	<-p.hashing
	if !right || user.Name == "" {
		return "", errLogin
	}
	return p.begin(user), nil
}

// mayGuess slows down whoever tries passwords: ten at once from an address, then
// one in six seconds.
func (p *people) mayGuess(from string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.guesses) > 10_000 {
		clear(p.guesses)
	}
	limit := p.guesses[from]
	if limit == nil {
		limit = rate.NewLimiter(rate.Every(6*time.Second), 10)
		p.guesses[from] = limit
	}
	now := p.now()
	return limit.AllowN(now, 1) && p.all.AllowN(now, 1)
}

func (p *people) begin(u User) (cookie string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if len(p.sessions) >= mostSessions {
		clear(p.sessions)
	}
	for id, s := range p.sessions {
		if s.over(now) {
			delete(p.sessions, id)
		}
	}
	cookie = random()
	p.sessions[sha256.Sum256([]byte(cookie))] = &session{user: u.Name, password: u.Password, csrf: random(), began: now, used: now}
	return cookie
}

func (s *session) over(now time.Time) bool {
	return now.Sub(s.used) > idleSession || now.Sub(s.began) > longestSession
}

// who gives the session of a cookie, with the role that its user has now. Only
// an act of the person's own keeps it alive, not a page that looks for news.
func (p *people) who(cookie string, keepAlive bool) (s session, role Role, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.look()
	id := sha256.Sum256([]byte(cookie))
	found := p.sessions[id]
	if found == nil || p.users == nil {
		return s, "", false
	}
	u := p.users.user(found.user)
	if now := p.now(); found.over(now) || u == nil || u.Password != found.password {
		delete(p.sessions, id)
		return s, "", false
	} else if keepAlive {
		found.used = now
	}
	return *found, u.Role, true
}

func (p *people) logout(cookie string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, sha256.Sum256([]byte(cookie)))
}

// token finds whose token a text is.
func (p *people) token(text string) (Token, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.look()
	if p.users == nil {
		return Token{}, false
	}
	return p.users.token(text)
}

// leaveNotice keeps a sentence for the next page of a session.
func (p *people) leaveNotice(cookie, words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.sessions[sha256.Sum256([]byte(cookie))]; s != nil {
		s.notice = words
	}
}

// notice gives the sentence that was kept, once.
func (p *people) notice(cookie string) (words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.sessions[sha256.Sum256([]byte(cookie))]; s != nil {
		words, s.notice = s.notice, ""
	}
	return words
}
