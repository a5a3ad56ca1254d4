//go:build !unix

package host

import (
	"errors"
	"os"
	"syscall"
)

// attributes: the plugin itself notices when the passport is gone (plugins/sdk).
func attributes() *syscall.SysProcAttr { return nil }

func limit(int, int64) {}

func awaitZombie(int) bool { return false }

func killMarked(string) {}

// killGroup ends the process; there are no groups here.
func killGroup(p *os.Process) {
	_ = p.Kill()
}

// inGroup: there are no groups here.
func inGroup(pid, leader int) bool { return false }

func create(path string) (*os.File, error) { return os.Create(path) }

// take: whether another process still has the file cannot be told here.
func take(string) (*os.File, error) { return nil, errors.ErrUnsupported }

// memoryOf: the system does not tell without a program of its own.
func memoryOf(int) int64 { return 0 }
