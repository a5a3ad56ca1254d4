// Package measure holds two pieces of work against each other: it runs them in
// turns, takes the CPU time of each and compares the medians.
//
// CPU time is the figure because wall time on a shared machine says more about
// the neighbours. The time of a process counts all of its threads, so garbage
// collection is in it. It owns nothing; package pairs and cmd/ratio call it.
package measure

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Self is this process, for CPU.
const Self = 0

// CPU is the time that all threads of a process have used so far, in user and
// kernel mode (clock_getcpuclockid(3)).
func CPU(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED
	if pid < 0 || pid > math.MaxInt32>>3 {
		return 0, fmt.Errorf("CPU clock of process %d: no such process", pid)
	}
	var t unix.Timespec
	if err := unix.ClockGettime(^int32(pid)<<3|scheduled, &t); err != nil {
		return 0, fmt.Errorf("CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// Resident is the memory that a process has in use, in bytes.
func Resident(pid int) (int64, error) { return field(pid, "VmRSS:") }

// Own is the part of it that is no page of a file, in bytes.
func Own(pid int) (int64, error) { return field(pid, "RssAnon:") }

func field(pid int, name string) (int64, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no %s", pid, name)
}
