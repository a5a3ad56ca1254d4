package core

import (
	"testing"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share"
)

// An operator has a share tried now that waits; of one that may be there only the
// person decides.
func TestAnOperatorRetriesWhatIsSurelyNotPosted(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.blind")
	s.remote.goWrong("limit")
	id := s.share1(t, "blind", account, "slowly")
	waits := func() bool {
		j, err := s.share.Job(t.Context(), s.who.person.ID, id)
		return err == nil && j.State == share.JobQueued && !j.Next.IsZero()
	}
	within(t, waits)
	list, err := s.share.Undone(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != id || list[0].Text != "" {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := s.share.Retry(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	within(t, func() bool {
		j, err := s.share.Job(t.Context(), s.who.person.ID, id)
		return err == nil && j.State == share.JobPosted
	})
	if posts, tries := s.remote.count(); posts != 1 || tries != 2 {
		t.Errorf("%d posts in %d tries", posts, tries)
	}
	if list, err = s.share.Undone(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	conflict := func(id string, kind fault.Kind) {
		t.Helper()
		if f, ok := fault.As(s.share.Retry(t.Context(), id)); !ok || f.Kind != kind {
			t.Errorf("%s: %v", id, f)
		}
	}
	conflict(id, fault.Conflict) // posted
	conflict("nothing", fault.NotFound)
	s.remote.goWrong("nothing")
	unsure := s.share1(t, "blind", account, "unsure")
	s.becomes(t, unsure, share.JobUncertain)
	conflict(unsure, fault.Conflict)
}

// A share is tried again that is about to be sent: it has two turns planned, and the
// second does not take the first for one that died.
func TestARetryBesideTheFirstTry(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.blind")
	s.remote.mu.Lock()
	s.remote.slow = 200 * time.Millisecond
	s.remote.mu.Unlock()
	ids := []string{s.share1(t, "blind", account, "first"), s.share1(t, "blind", account, "second")}
	for range 3 { // the second waits for the first
		if err := s.share.Retry(t.Context(), ids[1]); err != nil {
			break // it is being sent
		}
	}
	for _, id := range ids {
		s.becomes(t, id, share.JobPosted)
	}
	if posts, tries := s.remote.count(); posts != 2 || tries != 2 {
		t.Errorf("%d posts in %d tries", posts, tries)
	}
}

func within(t *testing.T, ok func() bool) {
	t.Helper()
	end := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("waited in vain")
		}
	}
}
