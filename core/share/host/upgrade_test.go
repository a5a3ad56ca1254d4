package host

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// TestUpgradeDuringCalls: while people share, the file of a plugin is replaced. Every
// call is answered by the process of the version that was accepted, or refused in
// words: all, once the change was seen, until the new one is accepted.
func TestUpgradeDuringCalls(t *testing.T) {
	folder, id := communityFolder(t, "good")
	h := newHost(t, Options{Dir: folder})
	share := func() error {
		_, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()})
		return err
	}
	if err := share(); err != nil {
		t.Fatal(err)
	}
	var replaced atomic.Bool
	var callers sync.WaitGroup
	begun := make(chan struct{}, 8)
	for range 8 {
		callers.Go(func() {
			for n := range 10_000 {
				after := replaced.Load()
				switch err := share(); {
				case err != nil:
					wantBarred(t, err, "changed")
					return
				case after:
					t.Error("a plugin that nobody accepted answered")
					return
				}
				if n == 2 {
					begun <- struct{}{}
				}
			}
			t.Error("the change is never seen")
		})
	}
	for range 8 {
		<-begun
	}
	next := filepath.Join(folder, ".next")
	copyBinary(t, next)
	f, err := os.OpenFile(next, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("another version"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(folder, id)); err != nil {
		t.Fatal(err)
	}
	if s := statusOf(t, h, id); s.State != Disabled || s.Reason.Key != "plugin.error.changed" {
		t.Errorf("after the change: %s, %v", s.State, s.Reason)
	}
	replaced.Store(true)
	callers.Wait()
	if err := h.Accept(id); err != nil {
		t.Fatal(err)
	}
	if err := share(); err != nil {
		t.Error(err)
	}
}
