package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dosegate/dosegate/plugin/dataset"
	"github.com/dosegate/dosegate/plugin/deid"
	"github.com/dosegate/dosegate/plugin/rdsr"
)

// deidentification de-identifies files.
type deidentification struct {
	policy deid.Policy
	keys   *deid.Keyring
	issuer string // of Patient IDs, of reports that name none
	judge  *judge // to find the facility; nil without a configuration
	out    *outputs

	compare bool // have the changes told, place by place
	show    func(io.Writer, deidentified) error
}

// run de-identifies a file, or every file below a folder. What it leaves out it
// names, and fails.
func (j *deidentification) run(ctx context.Context, to, failures io.Writer, in string) error {
	x := deid.New(j.policy)
	var failed error
	err := eachFile(in, func(name string, err error) error {
		d := deidentified{Input: name}
		if err == nil {
			err = j.one(x, &d)
		}
		if err != nil {
			failed = errFailed
			d.failed(err)
			fmt.Fprintf(failures, "%s: %s\n", name, d.Error)
		}
		return errors.Join(j.show(to, d), ctx.Err())
	})
	return errors.Join(err, failed)
}

// one de-identifies one file.
func (j *deidentification) one(x *deid.Deidentifier, d *deidentified) error {
	content, err := readUpTo(d.Input, dataset.DefaultLimits.Bytes)
	if err != nil {
		return err
	}
	doc, err := rdsr.Recognise(content, dataset.DefaultLimits)
	if err != nil {
		return err
	}
	// A file on a disk has no time of reception, so the key is today's.
	ctx := deid.Context{Key: j.keys.At(time.Now()), Issuer: cmp.Or(j.issuer, j.facility(doc))}
	result, err := x.Deidentify(doc, ctx)
	if err != nil {
		return err
	}
	if j.compare {
		if d.changes, err = x.Changes(doc, ctx, result); err != nil {
			return err
		}
	}
	if d.Output, err = j.out.write(d.Input, result); err != nil {
		return err
	}
	return d.took(result)
}

// facility is that of the report's station, which serve takes for the issuer
// of Patient IDs as well.
func (j *deidentification) facility(doc *rdsr.Document) string {
	if j.judge == nil {
		return ""
	}
	return j.judge.verdict(doc, nil).Issuer
}

var errNoFile = errors.New("no regular file: symbolic links are not followed")

// eachFile calls fn for a file, or for everything below a folder that is no
// folder; with an error for what cannot be taken.
func eachFile(in string, fn func(name string, err error) error) error {
	root, err := filepath.EvalSymlinks(in) // what was named may be a link, what lies in it not
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if below, rerr := filepath.Rel(root, name); rerr == nil {
			name = filepath.Join(in, below)
		}
		switch {
		case err == nil && entry.IsDir():
			return nil
		case err == nil && !entry.Type().IsRegular():
			err = errNoFile
		}
		return fn(name, err)
	})
}

// outputs is the folder that the copies go to.
type outputs struct {
	in, folder string
	keepNames  bool
	sent       map[string]string // SOP Instance UID to SHA-256, of this run
}

// newOutputs makes the folder. It may not lie where the inputs are read from:
// the next run would take the copies for inputs.
func newOutputs(in, folder string, keepNames bool) (*outputs, error) {
	info, err := os.Stat(in)
	if err != nil {
		return nil, usagef("the input: %w", err)
	}
	if info.IsDir() {
		inside, err := within(in, folder)
		if err != nil {
			return nil, usagef("the output folder: %w", err)
		}
		if inside {
			return nil, usagef("the output folder %s lies in the input folder %s: the copies would be read as inputs", folder, in)
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, usagef("the output folder: %w", err)
	}
	return &outputs{in: in, folder: folder, keepNames: keepNames, sent: make(map[string]string)}, nil
}

// within reports whether a folder, which need not exist yet, lies in another
// or is the same.
func within(outer, folder string) (bool, error) {
	top, err := os.Stat(outer)
	if err != nil {
		return false, err
	}
	at, err := filepath.Abs(folder)
	if err != nil {
		return false, err
	}
	for {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			at = real
		}
		if here, err := os.Stat(at); err == nil && os.SameFile(top, here) {
			return true, nil
		}
		parent := filepath.Dir(at)
		if parent == at {
			return false, nil
		}
		at = parent
	}
}

// write writes a copy and returns its name. It never replaces a file: what is
// there may be an input, or a copy of another report.
func (o *outputs) write(input string, r *deid.Result) (string, error) {
	if sum, ok := o.sent[r.SOPInstanceUID]; ok && sum != r.SHA256() {
		return "", errors.New("another file of this run has the same SOP Instance UID and other content")
	}
	name := filepath.Join(o.folder, r.SOPInstanceUID+".dcm")
	if o.keepNames {
		relative, err := o.relative(input)
		if err != nil {
			return "", err
		}
		name = filepath.Join(o.folder, relative)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return "", err
		}
	}
	if err := writeOnce(name, r.File); err != nil {
		return "", err
	}
	o.sent[r.SOPInstanceUID] = r.SHA256()
	return name, nil
}

func (o *outputs) relative(input string) (string, error) {
	if below, err := filepath.Rel(o.in, input); err != nil || below != "." {
		return below, err
	}
	return filepath.Base(input), nil // IN is a file
}

// writeOnce writes a file that only its owner can read, by a temporary name and
// a rename. The same content may be there already.
func writeOnce(name string, content []byte) error {
	if _, err := os.Lstat(name); err == nil {
		if there, err := os.ReadFile(name); err == nil && bytes.Equal(there, content) {
			return nil
		}
		return fmt.Errorf("%s exists with other content: it is not overwritten", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".dosegate-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
