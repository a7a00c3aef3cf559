//go:build !linux

package processtest

import "os/exec"

// prepare needs Linux. Elsewhere a killed test leaves its programs behind, and
// they run as whoever runs the test.
func prepare(*exec.Cmd, Options) {}
