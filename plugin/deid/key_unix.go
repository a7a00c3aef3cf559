//go:build !windows

package deid

import "io/fs"

// private reports whether only the owner can read the file.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }
