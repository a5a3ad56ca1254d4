package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// silent is a network on which nobody answers. It keeps what was asked for.
type silent struct {
	mu    sync.Mutex
	asked []string
}

func (s *silent) Fetch(_ context.Context, address string) (verify.Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, address)
	return verify.Document{}, verify.ErrUnavailable
}

// cost is what one input took of the command.
type cost struct {
	name   string
	took   time.Duration
	memory int // bytes above what was there before, at the worst moment
}

// TestHostileFilesOnTheCommandLine gives "osier verify" every file that somebody has broken a
// reader of badges with. It says why each is refused, in time, with little memory. Connections
// are made for none but badges that name an address of their own, and there to that one.
func TestHostileFilesOnTheCommandLine(t *testing.T) {
	all := hostileCases(t)
	dir, asked := t.TempDir(), &silent{}
	var costs []cost
	for _, surface := range []string{"png", "svg", "json", "jsonld", "rdfc", "vc", "jwt", "zip"} {
		for i, c := range all[surface] {
			name := write(t, filepath.Join(dir, surface, fmt.Sprint(i)), c.data(t))
			costs = append(costs, verifyHostile(t, name, c, asked))
		}
	}
	slices.SortFunc(costs, func(a, b cost) int { return int(a.took - b.took) })
	p99 := costs[len(costs)*99/100]
	most := slices.MaxFunc(costs, func(a, b cost) int { return a.memory - b.memory })
	last := costs[len(costs)-1]
	t.Logf("%d files: p50 %v, p99 %v, slowest %v (%s), most memory %d MiB (%s), %d addresses asked for", len(costs), costs[len(costs)/2].took,
		p99.took, last.took, last.name, most.memory>>20, most.name, len(asked.asked))
	if last.took > slowest || p99.took > time.Second && !raceEnabled {
		t.Errorf("slowest %v, p99 %v", last.took, p99.took)
	}
	if most.memory > maxGrowth && !raceEnabled {
		t.Errorf("%s: %d MiB", most.name, most.memory>>20)
	}
	for _, address := range asked.asked {
		reachesNothing(t, address)
	}
}

// reachesNothing wants an address to be a reserved name, where a badge says that it lives, or
// one that the network of the command refuses before it connects.
func reachesNothing(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err == nil && strings.HasSuffix(u.Hostname(), ".test") {
		return
	}
	if _, err := badge.Fetcher(fetch.New(fetch.Options{})).Fetch(t.Context(), address); !errors.Is(err, verify.ErrForbidden) {
		t.Errorf("%s: %v", address, err)
	}
}

// verifyHostile verifies one file as the command does, and measures it.
func verifyHostile(t *testing.T, file string, c hostileCase, net *silent) cost {
	t.Helper()
	j := verifyJob{
		options: verify.Options{At: time.Now(), Fetcher: net}, timeout: time.Minute, slots: make(chan struct{}, 1),
		print: jsonLine, in: bytes.NewReader(nil),
	}
	runtime.GC()
	resetPeak()
	before, start := memory(t, "VmRSS:"), time.Now()
	v := j.verify(t.Context(), input{name: file})
	out := cost{name: c.Surface + " " + c.Name, took: time.Since(start), memory: memory(t, "VmHWM:") - before}
	lines := jsonLines(t, v.text)
	for _, l := range lines {
		if l.Verdict == verify.Valid || !slices.ContainsFunc(l.Checks, func(s verify.LineCheck) bool { return s.Reason != "" }) {
			t.Errorf("%s: %s", out.name, v.text)
		}
	}
	if len(lines) == 0 || v.valid {
		t.Errorf("%s: %d lines", out.name, len(lines))
	}
	return out
}
