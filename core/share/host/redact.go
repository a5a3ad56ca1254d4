package host

import (
	"strings"
	"sync"
	"time"
)

const (
	// keepSecret is how long after a call its secrets are still looked for in what
	// plugins print.
	keepSecret  = 10 * time.Minute
	maxSecrets  = 4096
	leastSecret = 8 // characters: shorter ones would blot out ordinary words
)

// secrets knows the tokens and keys of present and recent calls, so that no
// plugin's log shows them.
type secrets struct {
	clock func() time.Time

	mu    sync.Mutex
	until map[string]time.Time
	using map[string]int
}

func newSecrets(clock func() time.Time) *secrets {
	return &secrets{clock: clock, until: map[string]time.Time{}, using: map[string]int{}}
}

// hold notes the secrets of a call; release says that it has ended.
func (s *secrets) hold(g Grant, settings map[string]string) (release func()) {
	list := []string{g.AccessToken, g.ClientSecret, g.DPoPJWK}
	for _, values := range []map[string]string{g.Fields, settings} {
		for _, v := range values {
			list = append(list, v)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range list {
		if len(v) >= leastSecret {
			s.using[v]++
		}
	}
	return func() { s.release(list) }
}

func (s *secrets) release(list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	for _, v := range list {
		if len(v) < leastSecret {
			continue
		}
		if s.using[v]--; s.using[v] <= 0 {
			delete(s.using, v)
		}
		s.until[v] = now.Add(keepSecret)
	}
	for v, end := range s.until {
		if end.Before(now) || len(s.until) > maxSecrets {
			delete(s.until, v)
		}
	}
}

// redact takes the secrets out of a line.
func (s *secrets) redact(line string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.using {
		line = strings.ReplaceAll(line, v, "[secret]")
	}
	for v := range s.until {
		line = strings.ReplaceAll(line, v, "[secret]")
	}
	return line
}
