package processtest

import (
	"os/exec"
	"syscall"
)

// prepare has the kernel end the child when the test is killed or panics for its
// timeout: nobody shall find a listening PACS left over from a test.
func prepare(cmd *exec.Cmd, o Options) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if o.WhenAlone != 0 {
		cmd.SysProcAttr.Pdeathsig = o.WhenAlone
	}
	if o.User != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: o.User.UID, Gid: o.User.GID}
	}
}
