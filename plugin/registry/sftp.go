package registry

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// SFTPOptions say where a registry takes files, and who brings them.
type SFTPOptions struct {
	Name     string
	Address  string // sftp://host[:port]/folder; {facility} stands for the report's
	Username string
	Password string // or PrivateKey
	// PrivateKey is one of OpenSSH's, in PEM, without a passphrase.
	PrivateKey []byte
	// HostKey is the server's, as in known_hosts behind the name: "ssh-ed25519
	// AAAA…". Without the right one nothing is sent.
	HostKey string
	Inside  bool // it must be in the house: see [Inside]
	Timeout time.Duration
}

// SFTP is a registry that takes files by the SSH File Transfer Protocol. A file
// is called after the derived SOP Instance UID and stands there whole or not at
// all: it is written under another name, which begins with a dot, and renamed.
type SFTP struct {
	name, host, folder string
	inside             bool
	timeout            time.Duration
	config             *ssh.ClientConfig
}

var _ Registry = (*SFTP)(nil)

// NewSFTP checks the options and makes the registry; it asks nothing yet.
func NewSFTP(o SFTPOptions) (*SFTP, error) {
	s, err := newSFTP(o)
	if err != nil {
		return nil, fmt.Errorf("registry %s: %w", o.Name, err)
	}
	return s, nil
}

func newSFTP(o SFTPOptions) (*SFTP, error) {
	u, err := url.Parse(strings.ReplaceAll(o.Address, placeholder, placeholderInURL))
	switch {
	case err != nil, u.Scheme != "sftp", u.Hostname() == "", u.Path == "" || u.Path == "/":
		return nil, errors.New("sftp is not of the form sftp://host/folder")
	case u.User != nil:
		return nil, errors.New("sftp holds a username: use username, and password or private_key")
	case o.Username == "":
		return nil, errors.New("username is missing")
	case o.HostKey == "":
		return nil, errors.New("host_key is missing: what ssh-keyscan prints for the server, compared with what its operator says")
	}
	hostKey, _, _, _, err := ssh.ParseAuthorizedKey([]byte(o.HostKey))
	if err != nil {
		return nil, errors.New(`host_key is not of the form "ssh-ed25519 AAAA…"`)
	}
	auth, err := sftpAuth(o)
	if err != nil {
		return nil, err
	}
	timeout := cmp.Or(o.Timeout, defaultTimeout)
	return &SFTP{
		name: o.Name, host: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "22")),
		folder: strings.ReplaceAll(u.Path, placeholderInURL, placeholder), inside: o.Inside, timeout: timeout,
		config: &ssh.ClientConfig{User: o.Username, Auth: auth, HostKeyAlgorithms: algorithmsFor(hostKey), Timeout: timeout,
			HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
				if !bytes.Equal(key.Marshal(), hostKey.Marshal()) {
					return errHostKey
				}
				return nil
			}},
	}, nil
}

// placeholderInURL is a host's or folder's name that nobody has.
const placeholderInURL = "--facility--"

var errHostKey = errors.New("the server's host key is another than configured")

func sftpAuth(o SFTPOptions) ([]ssh.AuthMethod, error) {
	if len(o.PrivateKey) == 0 {
		if o.Password == "" {
			return nil, errors.New("password or private_key is missing")
		}
		return []ssh.AuthMethod{ssh.Password(o.Password)}, nil
	}
	signer, err := ssh.ParsePrivateKey(o.PrivateKey)
	if err != nil {
		return nil, errors.New("private_key is no private key of OpenSSH without a passphrase")
	}
	return []ssh.AuthMethod{ssh.PublicKeys(signer)}, nil
}

// algorithmsFor has the server prove the very key that is configured: a server
// has several.
func algorithmsFor(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{key.Type()}
}

// Name is the one in the configuration.
func (s *SFTP) Name() string { return s.name }

// Send writes the object, unless it stands there already.
func (s *SFTP) Send(ctx context.Context, o Object) (Receipt, error) {
	folder, err := forFacility(s.folder, o.Facility, func(f string) string { return f })
	if err != nil {
		return Receipt{}, noFacility(s.name)
	}
	receipt := Receipt{Count: 1}
	err = s.connected(ctx, func(c *sftp.Client) error {
		name := path.Join(folder, o.SOPInstanceUID+".dcm")
		there, err := readRemote(c, name)
		switch {
		case err == nil && bytes.Equal(there, o.File):
			receipt.Warning = true
			return nil
		case err == nil:
			return failure(s.name, Rejected, "another file of this name is there", nil)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		return writeRemote(c, folder, name, o.File)
	})
	if err != nil {
		return Receipt{}, err
	}
	return receipt, nil
}

// Check signs in and looks at the folder.
func (s *SFTP) Check(ctx context.Context) error {
	folder, _, _ := strings.Cut(s.folder, placeholder)
	return s.connected(ctx, func(c *sftp.Client) error {
		info, err := c.Stat(path.Dir(folder + "/x"))
		if err == nil && !info.IsDir() {
			return fs.ErrNotExist
		}
		return err
	})
}

// connected does something over a connection of its own, which ends with the
// context.
func (s *SFTP) connected(ctx context.Context, do func(*sftp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	conn, err := dialer(s.inside).DialContext(ctx, "tcp", s.host)
	if err != nil {
		return s.lost(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	transport, channels, requests, err := ssh.NewClientConn(conn, s.host, s.config)
	if err != nil {
		return s.lost(ctx, err)
	}
	client := ssh.NewClient(transport, channels, requests)
	defer client.Close()
	session, err := sftp.NewClient(client)
	if err != nil {
		return s.lost(ctx, err)
	}
	defer session.Close()
	return s.lost(ctx, do(session))
}

// readRemote reads a file of the server's, if it is one of ours by its size.
func readRemote(c *sftp.Client, name string) ([]byte, error) {
	file, err := c.Open(name)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, maxRemote))
	return content, errors.Join(err, file.Close())
}

// maxRemote bounds what is read of a file that is compared with ours.
const maxRemote = 64 << 20

// writeRemote brings a file to the server under another name, and gives it its
// own once it is whole.
func writeRemote(c *sftp.Client, folder, name string, content []byte) (err error) {
	temporary := path.Join(folder, "."+path.Base(name)+"."+rand.Text())
	file, err := c.Create(temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = c.Remove(temporary) // the connection may be gone, and it with the server's patience
		}
	}()
	_, err = file.ReadFrom(bytes.NewReader(content))
	if err == nil {
		err = synced(c, file)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if _, can := c.HasExtension("posix-rename@openssh.com"); can {
		return c.PosixRename(temporary, name)
	}
	return c.Rename(temporary, name)
}

// synced brings a file to the server's disk, where the server knows how.
func synced(c *sftp.Client, file *sftp.File) error {
	if _, can := c.HasExtension("fsync@openssh.com"); !can {
		return nil
	}
	return file.Sync()
}

// lost makes the error of what did not come about. What the server says of it is
// text from outside, and does not go on.
func (s *SFTP) lost(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if own, is := errors.AsType[*Error](err); is {
		return own
	}
	cause := safeCause(cmp.Or(ctx.Err(), err))
	kind, words := unreached(err)
	switch {
	case errors.Is(err, errHostKey):
		kind, words = Paused, errHostKey.Error()
	case strings.Contains(err.Error(), "unable to authenticate"): // x/crypto/ssh has no other sign of it
		kind, words = Paused, "it refuses our username, password or key"
	case errors.Is(err, fs.ErrNotExist):
		kind, words = Paused, "the folder is not there"
	case errors.Is(err, fs.ErrPermission):
		kind, words = Paused, "it does not let us write into the folder"
	}
	return failure(s.name, kind, words, cause)
}
