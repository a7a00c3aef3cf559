package orthanctest

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel end the child when the test is killed or panics
// for its timeout: nobody shall find a listening PACS left over from a test.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
