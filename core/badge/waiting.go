package badge

import (
	"context"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	waitingBytes = 32 << 20         // of files, and what was made of them
	waitingLong  = 30 * time.Second // then another process has taken it
)

// waiting holds imports between the upload that brought them and the worker that ends
// them, most often a moment later in the same process, which then neither reads the bytes
// back nor looks at them a second time. It is a short cut: whatever is not in it is read
// from the database. The zero value is ready.
type waiting struct {
	mu    sync.Mutex
	held  map[int64]waiter // by import
	bytes int
	swept bool // sweep will run
}

// waiter is an upload that was looked at.
type waiter struct {
	found    bake.Found
	prepared *verify.Prepared // nil: it was not
	since    time.Time        // of the process
}

// size is about what a waiter keeps in memory.
func (w waiter) size() int {
	const made = 8 // times the payload: its values, texts and canonical forms
	return len(w.found.File) + made*len(w.found.Payload)
}

// check verifies the upload. It may be called once.
func (w waiter) check(ctx context.Context, o verify.Options) verify.Report {
	if w.prepared == nil {
		return verify.Check(ctx, w.found.Payload, o)
	}
	return w.prepared.Check(ctx, o)
}

// put keeps an import, if there is room.
func (l *waiting) put(id int64, w waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes+w.size() > waitingBytes {
		return
	}
	if l.held == nil {
		l.held = make(map[int64]waiter)
	}
	if !l.swept {
		l.swept = true
		time.AfterFunc(waitingLong, l.sweep)
	}
	l.held[id] = w
	l.bytes += w.size()
}

// take gives an import that is there, once.
func (l *waiting) take(id int64) (waiter, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, ok := l.held[id]
	if ok {
		l.drop(id, w)
	}
	return w, ok
}

func (l *waiting) drop(id int64, w waiter) {
	delete(l.held, id)
	l.bytes -= w.size()
}

// sweep lets go of what has waited too long, again and again until nothing waits.
func (l *waiting) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, w := range l.held {
		if time.Since(w.since) > waitingLong {
			l.drop(id, w)
		}
	}
	if l.swept = len(l.held) > 0; l.swept {
		time.AfterFunc(waitingLong, l.sweep)
	}
}
