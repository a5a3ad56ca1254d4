//go:build unix

package host

import (
	"errors"
	"os"
	"syscall"
)

// killGroup ends a process and its group at once.
func killGroup(p *os.Process) {
	if syscall.Kill(-p.Pid, syscall.SIGKILL) != nil {
		_ = p.Kill()
	}
}

// inGroup tells whether the process pid is of the group of leader.
func inGroup(pid, leader int) bool {
	group, err := syscall.Getpgid(pid)
	return err == nil && group == leader
}

// create makes a file that is locked until it is closed. Nobody sees it unlocked.
func create(path string) (*os.File, error) {
	f, err := os.Create(path + ".new")
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err = errors.Join(err, os.Rename(path+".new", path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// take locks a file that create made, when its process is gone.
func take(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
