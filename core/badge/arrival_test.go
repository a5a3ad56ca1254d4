package badge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// upload begins an import that no job has worked on yet.
func (p *passport) upload(t *testing.T, person int64, u badge.Upload) badge.Import {
	t.Helper()
	im, err := p.Begin(t.Context(), person, u)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// TestAnImportThatCannotBeWrittenSpoilsNoOther: imports that wait together are
// written together, and still each for itself.
func TestAnImportThatCannotBeWrittenSpoilsNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		wrong := errors.New("wrong")
		broken := true
		event.On(p.bus, func(_ context.Context, _ *db.Tx, e badge.Received) error {
			if broken && e.Person == bob {
				return wrong
			}
			return nil
		})
		good := []badge.Import{}
		for n := range 3 {
			good = append(good, p.upload(t, ada, badge.Upload{File: p.credential(t, fmt.Sprint(n), "ada@example.org", nil)}))
		}
		bad := p.upload(t, bob, badge.Upload{File: p.credential(t, "bad", "bob@example.org", nil)})
		last := p.upload(t, ada, badge.Upload{File: p.credential(t, "9", "ada@example.org", nil)})
		if err := p.queue.Drain(t.Context()); !errors.Is(err, wrong) {
			t.Errorf("%v", err)
		}
		for _, im := range append(good, last) {
			if now, err := p.ImportByID(t.Context(), ada, im.PublicID); err != nil || now.State != badge.StateDone {
				t.Errorf("%+v, %v", now, err)
			}
		}
		now, err := p.ImportByID(t.Context(), bob, bad.PublicID)
		if err != nil || now.State != badge.StateRunning {
			t.Errorf("%+v, %v", now, err)
		}
		for table, want := range map[string]int{"badge": 4, "verification": 4, "job WHERE kind = 'badge.import' AND attempts = 1": 1, "badge_class": 1, "issuer": 1} {
			if n := p.rows(t, table); n != want {
				t.Errorf("%s: %d rows, want %d", table, n, want)
			}
		}
		broken = false
		p.tx(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE job SET run_at = 0`)
			return err
		})
		if err := p.queue.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if now, err = p.ImportByID(t.Context(), bob, bad.PublicID); err != nil || now.State != badge.StateDone {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

// TestAPanicAtOneImportSpoilsNoOther is the same for what nobody foresaw.
func TestAPanicAtOneImportSpoilsNoOther(t *testing.T) {
	p := open(t, dbtest.SQLite(t))
	event.On(p.bus, func(_ context.Context, _ *db.Tx, e badge.Received) error {
		if e.Person == bob {
			panic("unforeseen")
		}
		return nil
	})
	im := p.upload(t, ada, badge.Upload{File: p.credential(t, "1", "ada@example.org", nil)})
	p.upload(t, bob, badge.Upload{File: p.credential(t, "2", "bob@example.org", nil)})
	if err := p.queue.Drain(t.Context()); err == nil {
		t.Error("no error")
	}
	if now, err := p.ImportByID(t.Context(), ada, im.PublicID); err != nil || now.State != badge.StateDone {
		t.Errorf("%+v, %v", now, err)
	}
	if n := p.rows(t, "badge"); n != 1 {
		t.Errorf("%d badges", n)
	}
}

// TestChecksThatWaitForNobodyAreSeenBeforeThoseThatDo: while the issuer takes its
// time, the page shows what is known.
func TestChecksThatWaitForNobodyAreSeenBeforeThoseThatDo(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		doc := object(t, p.credential(t, "slow", "ada@example.org", nil))
		delete(doc, "proof")
		doc["credentialStatus"] = issue.StatusEntry(p.school.URL+"/status", "revocation", 1)
		file, err := p.key.Embed(t.Context(), doc, issue.Proof{Method: p.key.DIDKey() + "#" + p.key.Multibase(), Created: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		hold := make(chan struct{})
		p.school.mu.Lock()
		p.school.hold = hold
		p.school.mu.Unlock()
		im := p.upload(t, ada, badge.Upload{File: file})
		ended := make(chan error, 1)
		go func() { ended <- p.queue.Drain(context.WithoutCancel(t.Context())) }()
		var now badge.Import
		for wait := time.Now().Add(10 * time.Second); len(now.Checks) == 0 && time.Now().Before(wait); time.Sleep(10 * time.Millisecond) {
			if now, err = p.ImportByID(t.Context(), ada, im.PublicID); err != nil {
				t.Fatal(err)
			}
		}
		close(hold)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if now.State != badge.StateRunning || len(now.Checks) == 0 || now.Checks[0].Name != "format" {
			t.Errorf("nothing is seen of a check that has ended: %+v", now)
		}
		if now, err := p.ImportByID(t.Context(), ada, im.PublicID); err != nil || now.State != badge.StateDone {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

// TestSeveralFilesOfOneUpload: each stands for itself, and an archive among them
// is opened.
func TestSeveralFilesOfOneUpload(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		named := func(id, name string) []byte {
			return p.credential(t, id, "ada@example.org", func(c *openbadge.Credential) { c.Name = name })
		}
		im := p.upload(t, ada, badge.Upload{Filename: "one.json", File: named("1", "One"), More: []badge.File{
			{Name: "letter.txt", Data: []byte("Dear Ada")},
			{Name: "zip.zip", Data: archive(t, file{"two.json", named("2", "Two")}, file{"three.json", named("3", "Three")})},
			{Name: "again.json", Data: named("1", "One")},
		}})
		if err := p.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := p.BatchByID(t.Context(), ada, im.Batch)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"One: done", "One: duplicate", "Three: done", "Two: done", "letter.txt: refused not-a-badge-file"}
		got := outcomes(list)
		slices.Sort(got) // which One is the first is left to chance
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if n := p.rows(t, "badge_class"); n != 3 {
			t.Errorf("%d classes", n)
		}
	})
}
