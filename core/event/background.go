package event

import (
	"log/slog"
	"runtime/debug"
	"sync"
)

// Background runs functions in goroutines of their own and knows when none
// runs. Go and Wait may be called by anyone at any moment, which the counter of
// a sync.WaitGroup forbids. The zero value is ready.
type Background struct {
	mu      sync.Mutex
	running int
	idle    chan struct{} // closed when none runs; nil while nobody waits
}

// Go runs f. A panic of f is logged under the name what and goes no further.
func (b *Background) Go(log *slog.Logger, what string, f func()) {
	b.mu.Lock()
	b.running++
	b.mu.Unlock()
	go func() {
		defer b.done()
		defer func() {
			if p := recover(); p != nil {
				log.Error("panic in the background", "what", what, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		f()
	}()
}

// Wait returns once nothing that was started before the call runs.
func (b *Background) Wait() {
	b.mu.Lock()
	if b.running == 0 {
		b.mu.Unlock()
		return
	}
	if b.idle == nil {
		b.idle = make(chan struct{})
	}
	idle := b.idle
	b.mu.Unlock()
	<-idle
}

func (b *Background) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running--; b.running == 0 && b.idle != nil {
		close(b.idle)
		b.idle = nil
	}
}
