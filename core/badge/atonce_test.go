package badge_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// stopped opens a passport whose clock stands still, with what its bus tells.
func stopped(t *testing.T, b *db.Base) (p *passport, heard *[]string) {
	t.Helper()
	p, heard = open(t, b), new([]string)
	event.On(p.bus, func(_ context.Context, _ *db.Tx, e badge.Received) error {
		*heard = append(*heard, fmt.Sprint("received by ", e.Person))
		return nil
	})
	event.On(p.bus, func(_ context.Context, _ *db.Tx, e badge.Published) error {
		*heard = append(*heard, fmt.Sprint("published by ", e.Person))
		return nil
	})
	p.tx(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE person SET default_visibility = 'public'`)
		return err
	})
	return p, heard
}

func stillClock() time.Time { return time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC) }

// eachStill runs f with passports of both databases whose clock stands still.
func eachStill(t *testing.T, f func(t *testing.T, fresh func() *db.Base)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, func() *db.Base { return dbtest.Open(t, stillClock) }) })
	t.Run("postgres", func(t *testing.T) {
		f(t, func() *db.Base {
			b, err := db.Open(t.Context(), db.Options{URL: dbtest.PostgresURL(t), Clock: stillClock})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { b.Close() })
			return b
		})
	})
}

// picture is a badge baked into the one picture of these tests.
func (p *passport) picture(t *testing.T, id string) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := png.Encode(&plain, image.NewGray(image.Rect(0, 0, 90, 90))); err != nil {
		t.Fatal(err)
	}
	file, err := bake.PNG(plain.Bytes(), "3.0", p.credential(t, id, "ada@example.org", nil))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// mixed are files of which some can be verified without anybody's answer: with art that
// was drawn before and without, expired, held already, of another issuer, forged, of
// somebody else, and with a status that must be asked for.
func (p *passport) mixed(t *testing.T) []badge.File {
	t.Helper()
	good := p.credential(t, "2", "ada@example.org", nil)
	doc := object(t, p.credential(t, "8", "ada@example.org", nil))
	delete(doc, "proof")
	doc["credentialStatus"] = issue.StatusEntry("https://nowhere.invalid/status", "revocation", 1)
	asked, err := p.key.Embed(t.Context(), doc, issue.Proof{Method: p.key.DIDKey() + "#" + p.key.Multibase(), Created: stillClock()})
	if err != nil {
		t.Fatal(err)
	}
	return []badge.File{
		{Name: "first.png", Data: p.picture(t, "0")},
		{Name: "second.png", Data: p.picture(t, "1")},
		{Name: "plain.json", Data: good},
		{Name: "expired.json", Data: p.credential(t, "3", "ada@example.org", func(c *openbadge.Credential) { c.Expires = stillClock().AddDate(0, -1, 0) })},
		{Name: "plain.json", Data: good}, // which is the first is left to chance
		{Name: "class.json", Data: p.credential(t, "4", "ada@example.org", named("Other"))},
		{Name: "forged.json", Data: bytes.Replace(p.credential(t, "5", "ada@example.org", named("Real")), []byte("Real"), []byte("Fake"), 1)},
		{Name: "bobs.json", Data: p.credential(t, "6", "bob@example.org", nil)},
		{Name: "status.json", Data: asked},
	}
}

// storedSQL are the tables of an import, each row with what its references stand for.
var storedSQL = map[string]string{
	"badge":  `SELECT b.*, c.content_hash, i.wire_id AS issued_by FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer`,
	"import": `SELECT m.*, b.wire_id AS became FROM badge_import m LEFT JOIN badge b ON b.public_id = m.badge`,
	"ledger": `SELECT v.*, b.wire_id AS of FROM verification v JOIN badge b ON b.id = v.badge`,
	"class":  `SELECT * FROM badge_class`, "issuer": `SELECT * FROM issuer`, "key": `SELECT * FROM issuer_key`,
	"blob": `SELECT * FROM blob`, "document": `SELECT * FROM verification_document`, "job": `SELECT kind, attempts, failed FROM job`,
	"mark": `SELECT DISTINCT kind, CASE WHEN kind = 'person' THEN object ELSE 0 END AS whom FROM search_mark`,
}

// chance are the columns that differ from run to run.
var chance = []string{"id", "public_id", "class", "issuer", "badge", "verification", "batch", "next_check", "part", "frame"}

// stored gives the rows of each table, in an order of their own.
func stored(t *testing.T, b *db.Base) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for table, query := range storedSQL {
		rows, err := b.Read().Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		names, err := rows.Columns()
		for err == nil && rows.Next() {
			values, to := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				to[i] = &values[i]
			}
			err = rows.Scan(to...)
			var row []string
			for i, name := range names {
				if !slices.Contains(chance, name) {
					row = append(row, fmt.Sprintf("%s=%s", name, fmt.Sprint(values[i])))
				}
			}
			all[table] = append(all[table], strings.Join(row, " "))
		}
		if rows.Close(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(all[table])
	}
	return all
}

// TestBadgesOfOneUploadAndSingleOnesAreStoredAlike: whoever verifies a badge, before the
// upload is answered or a worker, and whatever comes with it, the rows and the news are the
// same to the last column.
func TestBadgesOfOneUploadAndSingleOnesAreStoredAlike(t *testing.T) {
	eachStill(t, func(t *testing.T, fresh func() *db.Base) {
		type outcome struct {
			rows map[string][]string
			news []string
		}
		run := func(workers, together bool) outcome {
			b := fresh()
			p, heard := stopped(t, b)
			if workers {
				p.LeaveToWorkers()
			}
			files := p.mixed(t)
			p.take(t, ada, files[0].Data) // its art is drawn from here on
			if together {
				p.upload(t, ada, badge.Upload{File: files[1].Data, Filename: files[1].Name, More: files[2:]})
			} else {
				for _, f := range files[1:] {
					p.upload(t, ada, badge.Upload{File: f.Data, Filename: f.Name})
				}
			}
			early := p.rows(t, "badge")
			if want := map[bool]int{true: 1, false: 5}[workers]; early != want {
				t.Errorf("workers %t, together %t: %d badges are there at once, want %d", workers, together, early, want)
			}
			if err := p.queue.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			slices.Sort(*heard)
			return outcome{stored(t, b), *heard}
		}
		for _, together := range []bool{true, false} {
			if diff := cmp.Diff(run(true, together), run(false, together), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("together %t: %s", together, diff)
			}
		}
		several, single := run(false, true), run(false, false)
		if len(several.rows["badge"]) != 6 || len(several.news) != 12 {
			t.Errorf("%d badges, news %q", len(several.rows["badge"]), several.news)
		}
		for _, table := range []string{"import", "blob"} { // of several that went well no checks are kept, of what was refused its bytes
			delete(several.rows, table)
			delete(single.rows, table)
		}
		if diff := cmp.Diff(several, single, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Error(diff)
		}
	})
}

// TestWhatComesAtOnceIsWrittenTogether: many upload at the same moment, and one of them
// cannot be written.
func TestWhatComesAtOnceIsWrittenTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		event.On(p.bus, func(_ context.Context, _ *db.Tx, e badge.Received) error {
			if e.Person == bob {
				panic("unforeseen")
			}
			return nil
		})
		const people = 24
		ended := make(chan badge.Import, people)
		for n := range people {
			person, address := ada, "ada@example.org"
			if n == people/2 {
				person, address = bob, "bob@example.org"
			}
			file := p.credential(t, fmt.Sprint(n), address, nil)
			go func() {
				im, err := p.Begin(context.WithoutCancel(t.Context()), person, badge.Upload{File: file})
				if err != nil {
					t.Error(err)
				}
				ended <- im
			}()
		}
		seen := map[string]bool{}
		for range people {
			im := <-ended
			want := badge.StateDone
			if im.Person == bob {
				want = badge.StateRunning
			}
			if im.State != want || seen[im.PublicID] {
				t.Errorf("%+v", im)
			}
			seen[im.PublicID] = true
		}
		if n := p.rows(t, "badge"); n != people-1 {
			t.Errorf("%d badges", n)
		}
	})
}

// TestAnUploadThatWaitsForNobodyIsThereWhenItIsAnswered, without a job and in one commit.
func TestAnUploadThatWaitsForNobodyIsThereWhenItIsAnswered(t *testing.T) {
	b := dbtest.SQLite(t)
	p := open(t, b)
	file := p.credential(t, "1", "ada@example.org", nil)
	before := b.Commits()
	im := p.upload(t, ada, badge.Upload{File: file, Filename: "badge.json"})
	if n := b.Commits() - before; n != 1 || im.State != badge.StateDone || p.rows(t, "job") != 0 {
		t.Errorf("%d commits, %d jobs, %+v", n, p.rows(t, "job"), im)
	}
	now, err := p.ImportByID(t.Context(), ada, im.PublicID)
	if err != nil || len(now.Checks) < 5 {
		t.Errorf("%+v, %v", now, err)
	}
	if diff := cmp.Diff(now, im, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".CreatedAt" || p.Last().String() == ".text" }, cmp.Ignore()), cmp.AllowUnexported(badge.Import{})); diff != "" {
		t.Error(diff)
	}
}
