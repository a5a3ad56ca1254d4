// Package pace says how often a busy passport looks for garbage. It owns no table and
// no event.
//
// A passport at work makes a few hundred kB for each page and keeps little of it. With
// the usual pace of Go, which looks when the heap has doubled, a small heap is gone
// through many times a second, which costs more than a tenth of the time. So while it is
// busy the heap may grow to Room first; at rest, and with a larger heap, the usual pace
// holds and what is left over goes back to the system.
package pace

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

const (
	// Room is how large, in bytes, a heap of a busy passport may become before it is
	// looked through.
	Room = 96 << 20
	// usual is the pace of Go: the heap may double.
	usual = 100
	most  = 400
	// busy is how soon one look follows another while there is much to do.
	busy = 2 * time.Second
)

// Percent is how much larger than what it holds a heap of live bytes may become, in
// percent (GOGC), when the last look is a while ago.
func Percent(live uint64, ago time.Duration) int {
	if ago >= busy || live >= Room/2 {
		return usual
	}
	return int(min(most, Room*100/max(live, 1)-100))
}

// Keep sets the pace after each look, until stop is called. Where GOGC is set by who
// runs the passport it changes nothing.
func Keep() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	k := &keeper{last: time.Now(), percent: usual}
	k.watch()
	return func() {
		k.stopped.Store(true)
		debug.SetGCPercent(usual)
	}
}

// keeper is told of each look by the end of a value that nothing holds.
type keeper struct {
	last    time.Time
	percent int
	stopped atomic.Bool
}

// mark is a value that is found to be garbage at the next look.
type mark struct{ _ [16]byte }

func (k *keeper) watch() {
	runtime.AddCleanup(&mark{}, (*keeper).looked, k)
}

// looked runs after each look, never twice at once: the next mark is made at its end.
func (k *keeper) looked() {
	if k.stopped.Load() {
		return
	}
	now := time.Now()
	percent := Percent(liveBytes(), now.Sub(k.last))
	if k.last = now; percent != k.percent {
		k.percent = percent
		debug.SetGCPercent(percent)
	}
	k.watch()
}

// liveBytes is what the last look found in use.
func liveBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return Room
	}
	return sample[0].Value.Uint64()
}
