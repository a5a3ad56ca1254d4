package host

import (
	"slices"
	"time"

	"github.com/osier-passport/osier/core/fault"
)

// keptMishaps is how many the administrator sees.
const keptMishaps = 10

// Mishap is a call or a process that went wrong.
type Mishap struct {
	At  time.Time
	Why *fault.Error
}

// tally counts what a plugin did since the passport started. Its unit guards it.
type tally struct {
	calls, failures int
	errors          []Mishap
}

func (t *tally) mishap(at time.Time, why *fault.Error) {
	if len(t.errors) == keptMishaps {
		t.errors = slices.Delete(t.errors, 0, 1)
	}
	t.errors = append(t.errors, Mishap{at, why})
}

// count takes down a call; why is nil when it was answered. The fault of a crash
// is taken down where the crash is.
func (u *unit) count(why *fault.Error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.tally.calls++
	if why == nil {
		return
	}
	u.tally.failures++
	if why.Key != "plugin.error.crashed" {
		u.tally.mishap(u.host.opt.Clock(), why)
	}
}

// countBad takes down an answer that cannot be used.
func (u *unit) countBad(why *fault.Error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.tally.failures++
	u.tally.mishap(u.host.opt.Clock(), why)
}
