package deid

import "io/fs"

// private: Windows keeps no mode; the folder's access control list decides.
func private(fs.FileInfo) bool { return true }
