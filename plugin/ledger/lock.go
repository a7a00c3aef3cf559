package ledger

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Lock keeps a second serve away from the same ledger. Two of them would not
// damage it, but each would deliver what the other is just sending.
type Lock struct{ file *os.File }

// TakeLock locks the ledger at path, which need not exist yet, for serve. The
// kernel lets go of it when the process ends, however it ends.
func TakeLock(path string) (*Lock, error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock ledger: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock ledger with %s: %w", name, err)
	}
	return &Lock{f}, nil
}

// Close is Release.
func (k *Lock) Close() error { return k.Release() }

// Release gives the lock back. The file stays: removing it would let a third
// process lock a new file of the same name beside a second one on the old.
func (k *Lock) Release() error { return k.file.Close() }
