package registry

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// FolderOptions say where the files are put that somebody carries on, over an
// air gap or by a program of the registry's own.
type FolderOptions struct {
	Name string
	Dir  string // it must be there; {facility} stands for the report's
}

// Folder is a registry that reports are written for. A file is called after the
// derived SOP Instance UID, and stands in the folder whole or not at all: it is
// written under another name, which begins with a dot, and renamed. Before that
// its checksum stands in [Manifest].
type Folder struct {
	name, dir string
	manifest  sync.Mutex
}

var _ Registry = (*Folder)(nil)

// Manifest is the file in the folder that sha256sum --check reads.
const Manifest = "SHA256SUMS"

// NewFolder makes the registry; it looks at nothing yet.
func NewFolder(o FolderOptions) (*Folder, error) {
	if o.Dir == "" {
		return nil, errors.New("registry " + o.Name + ": folder is empty")
	}
	return &Folder{name: o.Name, dir: o.Dir}, nil
}

// Name is the one in the configuration.
func (f *Folder) Name() string { return f.name }

// Send writes the object, unless it stands there already.
func (f *Folder) Send(_ context.Context, o Object) (Receipt, error) {
	dir, err := forFacility(f.dir, o.Facility, filepath.FromSlash)
	if err != nil {
		return Receipt{}, noFacility(f.name)
	}
	name := o.SOPInstanceUID + ".dcm"
	switch there, err := os.ReadFile(filepath.Join(dir, name)); {
	case err == nil && bytes.Equal(there, o.File):
		return Receipt{Count: 1, Warning: true}, nil
	case err == nil:
		return Receipt{}, failure(f.name, Rejected, "another file of this name is in the folder", nil)
	case !errors.Is(err, fs.ErrNotExist):
		return Receipt{}, f.lost("look into the folder", err)
	}
	if err := f.write(dir, name, o.File); err != nil {
		return Receipt{}, f.lost("write into the folder", err)
	}
	return Receipt{Count: 1}, nil
}

// write brings a file and its checksum into the folder, and both to the disk.
func (f *Folder) write(dir, name string, file []byte) (err error) {
	temporary := filepath.Join(dir, "."+name+"."+rand.Text())
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoringMissing(os.Remove(temporary)))
		}
	}()
	if err := writeSynced(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, file); err != nil {
		return err
	}
	if err := f.note(dir, name, file); err != nil {
		return err
	}
	if err := os.Rename(temporary, filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncDir(dir)
}

// note adds a file to the manifest. A line for a file that then does not come
// is no harm: it comes with the next attempt.
func (f *Folder) note(dir, name string, file []byte) error {
	sum := sha256.Sum256(file)
	line := hex.EncodeToString(sum[:]) + "  " + name + "\n"
	f.manifest.Lock()
	defer f.manifest.Unlock()
	path := filepath.Join(dir, Manifest)
	switch noted, err := os.ReadFile(path); {
	case err == nil && bytes.Contains(noted, []byte(line)):
		return nil
	case err == nil && len(noted) > 0 && noted[len(noted)-1] != '\n':
		line = "\n" + line // half a line, of a machine that went down
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return writeSynced(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, []byte(line))
}

func writeSynced(path string, flag int, content []byte) error {
	file, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDir makes a rename last. Where a folder cannot be synced, as on Windows,
// the system sees to it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

func ignoringMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Check looks whether the folder can be written to, and leaves nothing there.
func (f *Folder) Check(context.Context) error {
	dir := f.dir
	if at := strings.Index(dir, placeholder); at >= 0 {
		dir = filepath.Dir(dir[:at] + "x")
	}
	probe := filepath.Join(dir, ".dosegate-"+rand.Text())
	if err := writeSynced(probe, os.O_CREATE|os.O_EXCL|os.O_WRONLY, nil); err != nil {
		return f.lost("write into the folder", err)
	}
	if err := os.Remove(probe); err != nil {
		return f.lost("remove a file from the folder", err)
	}
	return nil
}

// lost makes the error of a file that did not come about. A folder that is not
// there, or not ours, is the registry's trouble; a full disk passes.
func (f *Folder) lost(doing string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return failure(f.name, Paused, "the folder is not there", safeCause(err))
	case errors.Is(err, fs.ErrPermission):
		return failure(f.name, Paused, "cannot "+doing, safeCause(err))
	}
	return failure(f.name, Transient, "cannot "+doing, safeCause(err))
}
