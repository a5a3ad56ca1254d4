package pace_test

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/pace"
)

func TestPercent(t *testing.T) {
	const mb = 1 << 20
	for _, tt := range []struct {
		name string
		live uint64
		ago  time.Duration
		want int
	}{
		{"small and busy", 16 * mb, time.Second, 400},
		{"nothing at all", 0, 0, 400},
		{"grows to the room", 32 * mb, time.Second, 200},
		{"at rest", 16 * mb, time.Minute, 100},
		{"half of the room", 48 * mb, 0, 100},
		{"larger than the room", 4000 * mb, 0, 100},
	} {
		if got := pace.Percent(tt.live, tt.ago); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestKeep: after a few looks one upon the other the heap may grow, and after the end it
// may only double again.
func TestKeep(t *testing.T) {
	t.Setenv("GOGC", "")
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	stop := pace.Keep()
	defer stop()
	now := func() int { p := debug.SetGCPercent(100); debug.SetGCPercent(p); return p }
	for end := time.Now().Add(30 * time.Second); now() == 100 && time.Now().Before(end); {
		runtime.GC()
	}
	if p := now(); p <= 100 {
		t.Errorf("a busy process has a pace of %d", p)
	}
	stop()
	if p := now(); p != 100 {
		t.Errorf("after the end it has one of %d", p)
	}
}

// TestKeepLeavesWhatIsSet: who sets GOGC has it.
func TestKeepLeavesWhatIsSet(t *testing.T) {
	t.Setenv("GOGC", "50")
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	stop := pace.Keep()
	for range 5 {
		runtime.GC()
	}
	stop()
	if p := debug.SetGCPercent(50); p != 50 {
		t.Errorf("the pace is %d, 50 was set", p)
	}
}
