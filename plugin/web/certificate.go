package web

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificate is a pair of PEM files that may be renewed at any time.
type certificate struct {
	file, key string

	mu     sync.Mutex
	loaded *tls.Certificate
	asOf   [2]time.Time // when the files were written
}

// get gives the certificate, read again when a file is newer. While a renewed
// pair does not fit together yet, the last good one stays.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var asOf [2]time.Time
	for i, name := range []string{c.file, c.key} {
		if info, err := os.Stat(name); err == nil {
			asOf[i] = info.ModTime()
		}
	}
	if c.loaded != nil && asOf == c.asOf {
		return c.loaded, nil
	}
	pair, err := tls.LoadX509KeyPair(c.file, c.key)
	switch {
	case err == nil:
		c.loaded, c.asOf = &pair, asOf
	case c.loaded == nil:
		return nil, fmt.Errorf("read the certificate of the page: %w", err)
	}
	return c.loaded, nil
}
