package fetch

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/time/rate"
)

const (
	perHost    = 4  // requests at once to one host
	inAll      = 32 // requests at once
	pace       = 10 // requests a second to one host
	burst      = 40 // before that pace begins
	hostsKnown = 1000
)

// hosts paces requests for each host, so that nobody uses us to flood another.
type hosts struct {
	all  chan struct{}
	pace rate.Limit
	mu   sync.Mutex
	m    map[string]*host
}

type host struct {
	slots chan struct{}
	rate  *rate.Limiter
	users int
}

func newHosts(perSecond int) *hosts {
	return &hosts{all: make(chan struct{}, inAll), pace: rate.Limit(cmp.Or(perSecond, pace)), m: make(map[string]*host)}
}

// enter waits for a place. The function it gives must be called to leave.
func (s *hosts) enter(ctx context.Context, name string) (func(), error) {
	h := s.take(name)
	if err := h.rate.Wait(ctx); err != nil {
		s.leave(h)
		return nil, fmt.Errorf("%w: %w", errBusy, err)
	}
	for i, slots := range []chan struct{}{h.slots, s.all} {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			if i > 0 {
				<-h.slots
			}
			s.leave(h)
			return nil, fmt.Errorf("%w: %w", errBusy, ctx.Err())
		}
	}
	return func() {
		<-s.all
		<-h.slots
		s.leave(h)
	}, nil
}

func (s *hosts) take(name string) *host {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.m[name]
	if h == nil {
		if len(s.m) >= hostsKnown {
			s.forget()
		}
		h = &host{slots: make(chan struct{}, perHost), rate: rate.NewLimiter(s.pace, burst)}
		s.m[name] = h
	}
	h.users++
	return h
}

func (s *hosts) leave(h *host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.users--
}

// forget drops the hosts that nobody uses and that owe nothing.
func (s *hosts) forget() {
	for name, h := range s.m {
		if h.users == 0 && h.rate.Tokens() >= burst-1 {
			delete(s.m, name)
		}
	}
}

// flights joins callers that want the same thing at the same time.
type flights struct {
	mu sync.Mutex
	m  map[string]*flight
}

type flight struct {
	done     chan struct{}
	cancel   context.CancelFunc
	waiting  int
	response Response
	err      error
}

// do runs f once for all callers with the same key. A caller whose context ends
// leaves; when the last one leaves, f is cancelled.
func (s *flights) do(ctx context.Context, key string, f func(context.Context) (Response, error)) (Response, error) {
	if err := ctx.Err(); err != nil {
		return Response{}, err
	}
	fl := s.join(ctx, key, f)
	select {
	case <-fl.done:
		return fl.response, fl.err
	case <-ctx.Done():
		s.quit(key, fl)
		return Response{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

func (s *flights) join(ctx context.Context, key string, f func(context.Context) (Response, error)) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fl := s.m[key]; fl != nil {
		fl.waiting++
		return fl
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	fl := &flight{done: make(chan struct{}), cancel: cancel, waiting: 1}
	if s.m == nil {
		s.m = make(map[string]*flight)
	}
	s.m[key] = fl
	go func() {
		defer cancel()
		defer s.land(key, fl)
		defer func() {
			if p := recover(); p != nil {
				fl.err = fmt.Errorf("fetch: panic: %v\n%s", p, debug.Stack())
			}
		}()
		fl.response, fl.err = f(own)
	}()
	return fl
}

func (s *flights) land(key string, fl *flight) {
	s.mu.Lock()
	if s.m[key] == fl {
		delete(s.m, key)
	}
	s.mu.Unlock()
	close(fl.done)
}

func (s *flights) quit(key string, fl *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fl.waiting--; fl.waiting > 0 {
		return
	}
	if s.m[key] == fl {
		delete(s.m, key)
	}
	fl.cancel()
}
