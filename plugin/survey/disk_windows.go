package survey

import "golang.org/x/sys/windows"

func diskSpace(path string) (free, size uint64, err error) {
	name, err := windows.UTF16PtrFromString(path)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(name, &free, &size, nil)
	}
	return free, size, err
}
