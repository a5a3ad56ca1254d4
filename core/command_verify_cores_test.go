package core

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// meeting answers nobody until as many ask at once as there are cores, and counts the most.
type meeting struct {
	mu        sync.Mutex
	cores     int
	now, most int
	full      chan struct{}
}

func (m *meeting) Fetch(ctx context.Context, _ string) (verify.Document, error) {
	m.mu.Lock()
	if m.now++; m.now > m.most {
		if m.most = m.now; m.most == m.cores {
			close(m.full)
		}
	}
	m.mu.Unlock()
	defer func() { m.mu.Lock(); m.now--; m.mu.Unlock() }()
	select {
	case <-m.full:
	case <-ctx.Done():
	}
	return verify.Document{}, verify.ErrUnavailable
}

// TestVerifyUsesAllCores lets the files of a folder wait for one another: there is an answer
// only when as many are verified at once as there are cores, and there are never more.
func TestVerifyUsesAllCores(t *testing.T) {
	const cores, files = 5, 40
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	dir := t.TempDir()
	for i := range files {
		write(t, filepath.Join(dir, fmt.Sprintf("%02d.json", i)), hostedAtAddress(fmt.Sprintf("https://issuer.test/%d", i)))
	}
	c := verifyCommand{JSON: true, Offline: true, Timeout: time.Minute, Input: []string{dir}}
	j, err := c.job(Streams{In: bytes.NewReader(nil)})
	if err != nil {
		t.Fatal(err)
	}
	m := &meeting{cores: cores, full: make(chan struct{})}
	j.options.Fetcher = m
	var out bytes.Buffer
	if valid, err := printAll(t.Context(), j.start(t.Context(), c.Input, newProgress(Streams{})), &out, newProgress(Streams{})); valid || err != nil {
		t.Errorf("%v, %v", valid, err)
	}
	lines := jsonLines(t, out.String())
	for i, l := range lines {
		if l.File != filepath.Join(dir, fmt.Sprintf("%02d.json", i)) || l.Checks[1].Reason != "unavailable" {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	if m.most != cores || len(lines) != files {
		t.Errorf("%d at once on %d cores, %d lines", m.most, cores, len(lines))
	}
}
