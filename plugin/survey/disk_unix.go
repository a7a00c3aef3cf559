//go:build unix

package survey

import "golang.org/x/sys/unix"

func diskSpace(path string) (free, size uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(s.Bsize) // int64 or uint32, as the system has it
	return uint64(s.Bavail) * block, uint64(s.Blocks) * block, nil
}
