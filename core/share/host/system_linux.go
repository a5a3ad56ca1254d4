package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// attributes: a group of its own, so that all of it can be ended, and its end
// when the thread that started it ends, which is when the passport does.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// limit keeps a plugin from taking the machine along: no core dumps, few files,
// no large files, few processes, bounded data; it is the first to go when memory is short and
// the last to be given the processor. Where the system refuses, it runs without.
func limit(pid int, memory int64) {
	set := func(what int, value uint64) {
		_ = unix.Prlimit(pid, what, &unix.Rlimit{Cur: value, Max: value}, nil)
	}
	set(unix.RLIMIT_CORE, 0)
	set(unix.RLIMIT_NOFILE, maxFiles)
	set(unix.RLIMIT_FSIZE, 16<<20)
	if n := tasks(); n > 0 {
		set(unix.RLIMIT_NPROC, n+maxTasks)
	}
	if memory > 0 {
		set(unix.RLIMIT_DATA, uint64(memory))
	}
	_ = os.WriteFile("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", []byte("500"), 0o600)
	_ = unix.Setpriority(unix.PRIO_PGRP, pid, 5)
}

// tasks is how many processes and threads there are, of everybody; 0 where the system
// does not tell. What bounds their number counts all of a user.
func tasks() uint64 {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 4 {
		return 0
	}
	_, all, _ := strings.Cut(fields[3], "/")
	n, err := strconv.ParseUint(all, 10, 32)
	if err != nil {
		return 0
	}
	return n
}

// awaitZombie returns when the process has ended but its number is still taken,
// or false at once where that cannot be waited for.
func awaitZombie(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}

// killMarked ends the processes that carry an entry starting with mark in their
// environment: those that a plugin started and that left its group. They are stopped
// first, since one whose end another waits for lets that one go on and start the next;
// one that was just starting another is gone before the other is seen, so it looks until
// it saw none that moves twice, for a moment.
func killMarked(mark string) {
	stopped := map[int]bool{}
	end := time.Now().Add(killTime)
	for none := 0; none < 2 && time.Now().Before(end); none++ {
		for _, pid := range marking(mark) {
			if !stopped[pid] {
				_ = syscall.Kill(pid, syscall.SIGSTOP)
				stopped[pid], none = true, -1
			}
		}
		time.Sleep(killPause)
	}
	for _, pid := range marking(mark) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// How long it looks for what a plugin started, and the pause between two looks.
const (
	killTime  = 300 * time.Millisecond
	killPause = 5 * time.Millisecond
)

// marking gives the other processes that carry an entry starting with mark in their
// environment.
func marking(mark string) []int {
	var all []int
	for _, pid := range pids() {
		env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err == nil && pid != os.Getpid() && bytes.Contains(append([]byte{0}, env...), []byte("\x00"+mark)) {
			all = append(all, pid)
		}
	}
	return all
}

// pids gives the numbers of all processes, the highest first: the youngest, which may
// end before they are looked at, have those until the numbers begin again.
func pids() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var all []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			all = append(all, pid)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}

// memoryOf gives the memory of a process in bytes beside pages of files, which all
// processes of a program have in common; 0 when it is gone.
func memoryOf(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 3 {
		return 0
	}
	all, wrong := strconv.ParseInt(string(fields[1]), 10, 64)
	common, err := strconv.ParseInt(string(fields[2]), 10, 64)
	if err != nil || wrong != nil {
		return 0
	}
	return (all - common) * int64(os.Getpagesize())
}
