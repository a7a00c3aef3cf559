package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dosegate/dosegate/plugin/sshtest"
)

func TestAnSFTPServerThatIsNotTheOneIsSentNothing(t *testing.T) {
	t.Parallel()
	s := sshtest.Start(t)
	_, otherHost := sshtest.NewKey(t)
	otherKey, _ := sshtest.NewKey(t)
	for name, change := range map[string]func(*SFTPOptions){
		"another host key":     func(o *SFTPOptions) { o.HostKey = otherHost },
		"another key of ours":  func(o *SFTPOptions) { o.PrivateKey = otherKey },
		"another user":         func(o *SFTPOptions) { o.Username = "nobody-invented" },
		"a password":           func(o *SFTPOptions) { o.PrivateKey, o.Password = nil, "secret" },
		"a folder that is not": func(o *SFTPOptions) { o.Address += "/not-there" },
	} {
		o := sftpOptions(s)
		change(&o)
		r := mustSFTP(t, o)
		_, err := r.Send(t.Context(), doseReport(t))
		mustFail(t, err, Paused)
		mustFail(t, r.Check(t.Context()), Paused)
		if got := filesOf(s.Folder)(t); len(got) != 0 {
			t.Errorf("%s: %d files are there", name, len(got))
		}
	}
}

func TestAnSFTPAddressHasToBeWhole(t *testing.T) {
	private, public := sshtest.NewKey(t)
	good := SFTPOptions{Name: "dir", Address: "sftp://registry.example/in", Username: "site", PrivateKey: private, HostKey: public}
	mustSFTP(t, good)
	for name, change := range map[string]func(*SFTPOptions){
		"another scheme": func(o *SFTPOptions) { o.Address = "https://registry.example/in" },
		"no folder":      func(o *SFTPOptions) { o.Address = "sftp://registry.example" },
		"credentials":    func(o *SFTPOptions) { o.Address = "sftp://site:secret@registry.example/in" },
		"no user":        func(o *SFTPOptions) { o.Username = "" },
		"no host key":    func(o *SFTPOptions) { o.HostKey = "" },
		"no host key's":  func(o *SFTPOptions) { o.HostKey = "SHA256:invented" },
		"no password":    func(o *SFTPOptions) { o.PrivateKey = nil },
		"no key":         func(o *SFTPOptions) { o.PrivateKey = []byte("invented secret") },
	} {
		o := good
		change(&o)
		if _, err := NewSFTP(o); err == nil {
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %q says it", name, err)
		}
	}
}

// Another file under the same name would be another report under the same UID.
func TestAFileThatIsThereIsNotReplaced(t *testing.T) {
	t.Parallel()
	eachOf(t, []string{"sftp", "folder"}, func(t *testing.T, s served) {
		o := doseReport(t)
		if _, err := s.registry.Send(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		other := o
		other.File = append([]byte{0}, o.File...)
		_, err := s.registry.Send(t.Context(), other)
		mustFail(t, err, Rejected)
		s.mustHave(t, o)
	})
}

func eachOf(t *testing.T, names []string, test func(*testing.T, served)) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) { test(t, kinds[name](t)) })
	}
}

func TestTheManifestIsOneThatSha256sumReads(t *testing.T) {
	dir := t.TempDir()
	r, err := NewFolder(FolderOptions{Name: "dir", Dir: dir})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, Manifest), []byte("half a li"), 0o600)) // of a machine that went down
	sums := ""
	for range 3 {
		o := doseReport(t)
		for range 2 {
			_, err := r.Send(t.Context(), o)
			must(t, err)
		}
		sums += fmt.Sprintf("%x  %s.dcm\n", sha256.Sum256(o.File), o.SOPInstanceUID)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, Manifest))
	must(t, err)
	if string(manifest) != "half a li\n"+sums {
		t.Errorf("the manifest is\n%s", manifest)
	}
	check := exec.Command("sha256sum", "--check", Manifest)
	check.Dir = dir
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestAFolderThatIsNotThereIsTheRegistrysTrouble(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not-there")
	r, err := NewFolder(FolderOptions{Name: "dir", Dir: dir})
	must(t, err)
	_, err = r.Send(t.Context(), doseReport(t))
	mustFail(t, err, Paused)
	mustFail(t, r.Check(t.Context()), Paused)
	if _, err := os.Stat(dir); err == nil {
		t.Error("it was made: a share that is not mounted would be filled beside it")
	}
}

func TestTheFacilityLeadsIntoItsOwnFolderAndNowhereElse(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "100001"), 0o700))
	r, err := NewFolder(FolderOptions{Name: "dir", Dir: filepath.Join(dir, placeholder)})
	must(t, err)
	must(t, r.Check(t.Context()))
	o := doseReport(t)
	for _, facility := range []string{"", ".", "..", "../x", `..\x`, "a/b"} {
		o.Facility = facility
		_, err := r.Send(t.Context(), o)
		mustFail(t, err, Transient)
	}
	o.Facility = "100001"
	if _, err := r.Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := filesOf(filepath.Join(dir, "100001"))(t); len(got) != 1 {
		t.Errorf("%d files are in the facility's folder", len(got))
	}
}

func TestInsideIsThisMachineAndPrivateNetworks(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.16.0.1": true, "192.168.1.1": true, "fd00::1": true,
		"::ffff:10.0.0.1": true, "8.8.8.8": false, "172.32.0.1": false, "2001:db8::1": false, "169.254.1.1": false, "fe80::1": false,
		"::ffff:8.8.8.8": false, "0.0.0.0": false, "100.64.0.1": false} {
		if got := Inside(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is inside: %v", address, got)
		}
	}
}

// An address of TEST-NET is never dialled: the test contacts nothing.
func TestWhatIsConfiguredAsInsideIsNotReachedOutside(t *testing.T) {
	private, public := sshtest.NewKey(t)
	for name, r := range map[string]Registry{
		"stow": mustSTOW(t, STOWOptions{URL: "https://192.0.2.1/studies", Inside: true}),
		"sftp": mustSFTP(t, SFTPOptions{Name: "dir", Address: "sftp://192.0.2.1/in", Username: "site", PrivateKey: private, HostKey: public, Inside: true}),
		"dimse": NewForward(ForwardOptions{Name: "dir", Inside: true, Via: forwarder{host: "192.0.2.1",
			err: errors.New("it was sent")}}),
	} {
		_, err := r.Send(t.Context(), doseReport(t))
		if e := mustFail(t, err, Paused); !strings.HasSuffix(e.Error(), errOutside.Error()) {
			t.Errorf("%s: %v", name, e)
		}
	}
	if _, err := NewSTOW(STOWOptions{Name: "dir", URL: "https://10.0.0.1/studies", Inside: true, Proxy: "http://10.0.0.2:3128"}); err == nil {
		t.Error("a proxy is taken, which goes where it likes")
	}
}

// forwarder answers as Orthanc would that a destination answers so.
type forwarder struct {
	host string
	err  error
}

func (f forwarder) Forward(context.Context, []byte) error          { return f.err }
func (f forwarder) Reach(context.Context) error                    { return f.err }
func (f forwarder) Address(context.Context) (host string, _ error) { return f.host, nil }

// PS3.4 Table B.2-1.
func TestAStatusOfCStoreHasItsKind(t *testing.T) {
	for status, want := range map[int]Kind{0xA700: Transient, 0xA701: Transient, 0x0110: Transient, 0xA900: Rejected, 0xC000: Rejected,
		0x0122: Paused, 0x0124: Paused, 0: Transient} {
		_, err := NewForward(ForwardOptions{Name: "dir", Via: forwarder{err: &ForwardError{Status: status}}}).Send(t.Context(), doseReport(t))
		if e := mustFail(t, err, want); e.Receipt.FailureReason != status {
			t.Errorf("%04X: the receipt says %04X", status, e.Receipt.FailureReason)
		}
	}
	receipt, err := NewForward(ForwardOptions{Name: "dir", Via: forwarder{err: &ForwardError{Status: 0x0111}}}).Send(t.Context(), doseReport(t))
	if err != nil || !receipt.Warning {
		t.Errorf("what is there already: %+v, %v", receipt, err)
	}
	_, err = NewForward(ForwardOptions{Name: "dir", Via: forwarder{err: &ForwardError{Unknown: true}}}).Send(t.Context(), doseReport(t))
	mustFail(t, err, Paused)
}
