package gen_test

import (
	"testing"
	"time"

	"github.com/osier-passport/osier/bench/gen"
	"github.com/osier-passport/osier/core/db"
)

// TestCountersAgreeWithRows: each statement counts what is wrong.
func TestCountersAgreeWithRows(t *testing.T) {
	dir := t.TempDir()
	m, err := gen.Generate(t.Context(), gen.Options{Dir: dir, Scale: 0.002, Seed: 1, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := gen.Of(dir); err != nil || again.Events != m.Events || len(m.Public) < 100 || len(m.Readers) != 75 {
		t.Fatalf("%v, %+v", err, m)
	}
	b, err := db.Open(t.Context(), db.Options{URL: gen.Database(dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for name, query := range map[string]string{
		"references":       `SELECT count(*) FROM pragma_foreign_key_check`,
		"follows":          `SELECT count(*) FROM person p WHERE follows <> (SELECT count(*) FROM follow f WHERE f.follower = p.id)`,
		"followers":        `SELECT count(*) FROM source s WHERE followers <> (SELECT count(*) FROM follow f WHERE f.src = s.id)`,
		"events":           `SELECT count(*) FROM source s WHERE events <> (SELECT count(*) FROM event_src e WHERE e.src = s.id)`,
		"last event":       `SELECT count(*) FROM source s WHERE last_event <> COALESCE((SELECT max(ev) FROM event_src e WHERE e.src = s.id), 0)`,
		"all events":       `SELECT (SELECT events FROM feed_total) - (SELECT count(*) FROM event)`,
		"holders":          `SELECT count(*) FROM badge_class c WHERE holders <> (SELECT count(DISTINCT person) FROM badge b WHERE b.class = c.id AND visibility = 'public')`,
		"readers of 200":   `SELECT count(*) FROM person WHERE id <= 25 AND follows <> 200`,
		"readers of 1":     `SELECT count(*) FROM person WHERE id > (SELECT max(id) FROM person) - 25 AND follows <> 1`,
		"badges of events": `SELECT count(*) FROM event e WHERE verb = 'published' AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.id = e.badge AND b.person = e.actor AND b.class = e.class)`,
		"density": `SELECT count(*) FROM person p WHERE abs(density - COALESCE((SELECT sum(s.events) FROM follow f JOIN source s ON s.id = f.src
			WHERE f.follower = p.id), 0) * 1.0 / (SELECT events FROM feed_total)) > 1e-9`,
	} {
		var wrong int
		if err := b.Read().QueryRow(t.Context(), query).Scan(&wrong); err != nil || wrong != 0 {
			t.Errorf("%s: %d wrong, %v", name, wrong, err)
		}
	}
}
