package core

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/osier-passport/osier/core/fetch"
)

const (
	slowest   = 5 * time.Second
	maxGrowth = 256 << 20 // bytes of memory
	atOnce    = 4
)

// hostileCase is one input that somebody has broken something with.
type hostileCase struct {
	Surface, Name, Kind, Demand, File, Generate string
	Value                                       any
	dir                                         string
}

// refused reports whether nothing but a refusal is right.
func (c hostileCase) refused() bool { return strings.HasPrefix(c.Demand, "reject-4xx") }

// data is what to send.
func (c hostileCase) data(t testing.TB) []byte {
	switch v := c.Value.(type) {
	case string:
		return []byte(v)
	case map[string]any:
		jws, _ := v["jws"].(string)
		return []byte(jws)
	}
	if c.Generate != "" {
		return generate(t, c)
	}
	b, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(c.File)))
	if err != nil {
		t.Error(err)
	}
	return b
}

// hostileCases reads the shared inputs by surface. With the race detector it
// takes a fifth of them.
func hostileCases(t testing.TB) map[string][]hostileCase {
	t.Helper()
	dir := sharedFolder(t, "hostile")
	f, err := os.Open(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list := map[string][]hostileCase{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		c := hostileCase{dir: dir}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(c.Name))
		if c.Kind == "input" && (!raceEnabled || h.Sum32()%5 == 0) {
			list[c.Surface] = append(list[c.Surface], c)
		}
	}
	return list
}

// siege is one run of all inputs against one passport.
type siege struct {
	*passport
	t     *testing.T
	cases map[string][]hostileCase
	star  string // public id of a badge class that everybody sees

	mu    sync.Mutex
	spare []*visitor
	used  int
	free  []*lent
	asked int
	slow  []answer
	notes map[string]map[int]int // how often each surface had which status
}

// TestHostileInputs sends every shared input through the routes that take it:
// none makes an error of ours, takes long, grows memory, is shown as anything but
// text, or becomes a valid badge.
func TestHostileInputs(t *testing.T) {
	cases := hostileCases(t)
	s := &siege{t: t, cases: cases, notes: map[string]map[int]int{}}
	s.passport = startPassport(t, options{fetch: fetch.Options{Offline: true}})
	s.share.Settle()
	host := s.member("star")
	issuer := newSigner(t, "Star issuer")
	id := host.take(t, issuer, issuer.badge("Star", "star@people.test"))
	host.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	s.star = s.texts(`SELECT public_id FROM badge_class`)[0]
	valid := s.count(`SELECT count(*) FROM badge WHERE verdict = 'valid'`)

	// What waits to be collected is no growth: client, server and four inputs share this process.
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	routines, start, most := runtime.NumGoroutine(), time.Now(), 0
	debug.FreeOSMemory()
	idle := memory(t, "VmRSS:")
	for _, part := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"files", s.files},
		{"pictures", s.pictures},
		{"kept files", s.keepFiles},
		{"tokens", s.tokens},
		{"texts", s.words},
		{"feeds", s.feeds},
		{"long texts", s.longTexts},
		{"links", s.links},
		{"redirects", s.redirects},
		{"searches", s.searches},
		{"handles", s.handles},
		{"addresses", s.addresses},
		{"headers", s.headers},
		{"paths", s.paths},
	} {
		debug.FreeOSMemory() // each part is held to the bound by itself
		before := memory(t, "VmRSS:")
		resetPeak()
		began := time.Now()
		t.Run(part.name, part.run)
		growth := memory(t, "VmHWM:") - before
		t.Logf("%s took %v and %d MiB at most", part.name, time.Since(began).Round(time.Millisecond), growth>>20)
		if growth > maxGrowth && !raceEnabled {
			t.Errorf("%s: memory grew by %d MiB", part.name, growth>>20)
		}
		most = max(most, growth)
	}
	if n := s.count(`SELECT count(*) FROM badge WHERE verdict = 'valid'`); n != valid+s.signed() {
		t.Errorf("%d valid badges", n)
	}
	s.report(time.Since(start), most)
	debug.FreeOSMemory()
	left := memory(t, "VmRSS:") - idle
	if t.Logf("%d MiB are left", left>>20); left > maxGrowth && !raceEnabled {
		t.Errorf("memory keeps %d MiB", left>>20)
	}
	s.settled(routines)
}

// signed counts the badges that this test signed itself.
func (s *siege) signed() int {
	return s.count(`SELECT count(*) FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer WHERE i.name = 'Siege issuer'`)
}

func (s *siege) report(took time.Duration, growth int) {
	s.t.Helper()
	for _, level := range []string{"ERROR"} {
		for _, line := range s.log.lines(s.t, level) {
			s.t.Errorf("logged: %.600s", line)
		}
	}
	if strings.Contains(s.log.String(), "panic") {
		s.t.Error("the log tells of a panic")
	}
	slices.SortFunc(s.slow, func(a, b answer) int { return int(b.took - a.took) })
	s.t.Logf("%d requests in %v, memory grew by %d MiB at most, slowest:", s.asked, took.Round(time.Millisecond), growth>>20)
	for _, a := range s.slow[:min(5, len(s.slow))] {
		s.t.Logf("  %v %s", a.took.Round(time.Millisecond), a.name)
	}
	for surface, statuses := range s.notes {
		s.t.Logf("  %s: %v", surface, statuses)
	}
}

// settled waits until the goroutines of the run have ended.
func (s *siege) settled(before int) {
	s.t.Helper()
	s.transport.CloseIdleConnections()
	tick, end := time.NewTicker(20*time.Millisecond), time.Now().Add(10*time.Second)
	defer tick.Stop()
	for range tick.C {
		n := runtime.NumGoroutine()
		if n <= before+20 {
			return
		}
		if time.Now().After(end) {
			s.t.Errorf("%d goroutines, %d before", n, before)
			return
		}
	}
}

// forEach runs f for each case of a surface, a few at once.
func (s *siege) forEach(t *testing.T, surface string, f func(c hostileCase)) {
	t.Helper()
	if len(s.cases[surface]) == 0 && !raceEnabled {
		t.Errorf("no cases of %s", surface)
	}
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, c := range s.cases[surface] {
		g.Go(func() error { f(c); return nil })
	}
	_ = g.Wait() // they return nothing
}

// someone is a member who has not done much yet; limits count per person.
func (s *siege) someone() *visitor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.spare) == 0 || s.used >= 12 {
		s.spare = append(s.spare, s.member("sieger"+strconv.Itoa(len(s.spare))))
		s.used = 0
	}
	s.used++
	return s.spare[len(s.spare)-1]
}

// lent is a member whom one case has for itself.
type lent struct {
	*visitor
	used int
}

// alone lends a member whom nobody else uses until giveBack.
func (s *siege) alone() *lent {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		v := s.free[n-1]
		s.free = s.free[:n-1]
		return v
	}
	return &lent{visitor: s.member("single" + uuid()[:8])}
}

func (s *siege) giveBack(v *lent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.used++; v.used < 50 { // comments have a limit
		s.free = append(s.free, v)
	}
}

// check holds an answer against what all of them have in common.
func (s *siege) check(t *testing.T, c hostileCase, a answer) answer {
	t.Helper()
	if a.status == 0 || a.status >= 500 {
		t.Errorf("%s %s: %s", c.Surface, c.Name, a)
	}
	if a.took > slowest {
		t.Errorf("%s %s: %s took %v", c.Surface, c.Name, a.name, a.took)
	}
	if a.header.Get("Content-Security-Policy") == "" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s %s: %s has no policy", c.Surface, c.Name, a.name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.notes[c.Surface] == nil {
		s.notes[c.Surface] = map[int]int{}
	}
	s.notes[c.Surface][a.status]++
	if s.slow = append(s.slow, answer{name: c.Surface + " " + c.Name + ": " + a.name, took: a.took}); len(s.slow) > 5000 {
		slices.SortFunc(s.slow, func(a, b answer) int { return int(b.took - a.took) })
		s.slow = s.slow[:10]
	}
	return a
}

// demanded also holds an upload against what the case asks for.
func (s *siege) demanded(t *testing.T, c hostileCase, a answer) {
	t.Helper()
	s.check(t, c, a)
	if c.refused() && (a.status < 400 || a.status >= 500) {
		t.Errorf("%s %s is taken in: %s", c.Surface, c.Name, a)
	}
	if a.status == 200 {
		inert(t, c.Surface+" "+c.Name, a, nil)
	}
}

func memory(t testing.TB, what string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0 // not on this system
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(what)); ok {
			var kib int
			if _, err := fmt.Sscan(string(rest), &kib); err != nil {
				t.Error(err)
			}
			return kib << 10
		}
	}
	return 0
}

// resetPeak lets the peak of memory begin anew (proc(5), clear_refs).
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600) }
