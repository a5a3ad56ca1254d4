//go:build unix && !linux

package host

import "syscall"

// attributes: a group of its own, so that all of it can be ended. The plugin
// itself notices when the passport is gone (plugins/sdk).
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// limit: setting limits for another process is not possible here.
func limit(int, int64) {}

// awaitZombie: not possible here.
func awaitZombie(int) bool { return false }

// killMarked: environments of other processes cannot be read here.
func killMarked(string) {}

// memoryOf: the system does not tell without a program of its own.
func memoryOf(int) int64 { return 0 }
