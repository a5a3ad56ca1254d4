package core

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/mydata"
)

// ended waits until no erasure is under way.
func (p *passport) ended() {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); p.count(`SELECT count(*) FROM erasure WHERE state <> 'done'`) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatal("an erasure does not end")
		}
	}
}

// TestABackupBringsNobodyBack: a copy of the data is made, an account removed, the
// copy put in place of the data. On start the account is closed and erased again,
// to the last byte, and the receipts say so. So it is with several replicas that
// start on the copy at once.
func TestABackupBringsNobodyBack(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { bringsNobodyBack(t, "") })
	t.Run("postgres", func(t *testing.T) { bringsNobodyBack(t, dbtest.PostgresURL(t)) })
}

func bringsNobodyBack(t *testing.T, url string) {
	t.Helper()
	live, stones := t.TempDir(), filepath.Join(t.TempDir(), "apart", "tombstones")
	in := func(dir, url string) func(*config.Config) {
		return func(c *config.Config) { c.Data, c.Tombstones, c.Database = dir, stones, url }
	}
	first := startPassport(t, options{}, in(live, url))
	first.share.Settle()
	m := marker("")
	fill(t, first, m)
	first.stop()
	backups, copied := []string{saved(t, live)}, ""
	if url != "" { // each replica has a folder of its own
		backups, copied = append(backups, saved(t, live), saved(t, live)), dbtest.PostgresCopy(t, url)
	}

	second := startPassport(t, options{}, in(live, url))
	id := second.count(`SELECT id FROM person WHERE handle = $1`, m)
	if _, err := second.data.Remove(t.Context(), int64(id), mydata.Removal{}); err != nil {
		t.Fatal(err)
	}
	second.stop() // in the middle of it, or before it began
	third := startPassport(t, options{}, in(live, url))
	third.ended()
	searchFiles(t, third, m, "after an erasure that was interrupted")
	third.stop()

	var restored []*passport
	for _, dir := range backups {
		restored = append(restored, startPassport(t, options{}, in(dir, copied)))
		restored[len(restored)-1].visitor().get("/@"+m).is(t, 410)
	}
	for _, r := range restored {
		r.ended()
		r.visitor().get("/@"+m).is(t, 410)
	}
	notBack(t, restored[0], m)
	for _, r := range restored {
		r.stop()
	}
	searchFiles(t, restored[0], m, "in the backup, after it stopped")
	eachOnce(t, stones, m)
}

// saved is a copy of a data folder.
func saved(t *testing.T, dir string) string {
	t.Helper()
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(backup, "osier.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	return backup
}

// notBack finds nothing of the person in a backup that runs.
func notBack(t *testing.T, p *passport, m string) {
	t.Helper()
	for _, query := range orphans {
		if n := p.count(query); n != 0 {
			t.Errorf("%d rows are left: %s", n, query)
		}
	}
	for _, table := range p.tables() {
		for _, row := range holding(p, table, m) {
			t.Errorf("the backup brought back, in %s: %.400q", table, row)
		}
	}
	searchFiles(t, p, m, "in the backup, while it runs")
	searchDump(t, p, m)
}

// eachOnce finds each tombstone once in their file, and nothing of the person.
func eachOnce(t *testing.T, stones, m string) {
	t.Helper()
	text, err := os.ReadFile(stones)
	if err != nil || find(text, m) != "" {
		t.Errorf("the tombstones: %q, %v", text, err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(lines)
	if n := len(slices.Compact(slices.Clone(lines))); n != len(lines) || n < 2 {
		t.Errorf("%d of %d lines stand once", n, len(lines))
	}
}

// TestAReceiptTellsNothingPersonal: everybody may check it by its number.
func TestAReceiptTellsNothingPersonal(t *testing.T) {
	p := startPassport(t, options{})
	m := marker("")
	who, _ := fill(t, p, m)
	page := who.get("/settings/remove").is(t, 200)
	for _, n := range page.all(t, ".rows-tight b") {
		if words(n) == "0" {
			t.Errorf("the page lists what is not there: %s", words(page.all(t, "main")[0]))
		}
	}
	number := strings.TrimPrefix(who.post("/settings/remove", "handle", m).is(t, 303).location(), "/removed/")
	if err := p.erased(mydata.Receipt{Number: number}); err != nil {
		t.Fatal(err)
	}
	if to := p.visitor().get("/removed?number="+number).is(t, 303).location(); to != "/removed/"+number {
		t.Errorf("the number leads to %s", to)
	}
	receipt := p.visitor().get("/removed/"+number).is(t, 200)
	if text := words(receipt.all(t, "main")[0]); find(receipt.body, m) != "" || !strings.Contains(text, "Badges, each with its verifications") {
		t.Errorf("the receipt: %s", text)
	}
	p.visitor().get("/removed/"+strings.ToLower(number)+"x").is(t, 404)
	p.visitor().get("/removed?number=unknown").is(t, 404)
}

// searchDump looks at every byte of a dump of the PostgreSQL database, where the
// program that makes it is installed.
func searchDump(t *testing.T, p *passport, m string) {
	t.Helper()
	dump := p.pgDump(t)
	if dump == nil {
		return
	}
	if where := find(dump, m); where != "" {
		t.Errorf("a dump holds the marker: %s", where)
	}
	t.Logf("%d bytes of a dump searched", len(dump))
}

// pgDump is a dump of the PostgreSQL database; nil on SQLite and where no program makes
// one that fits the server.
func (p *passport) pgDump(t *testing.T) []byte {
	t.Helper()
	program, err := exec.LookPath("pg_dump")
	if err != nil || p.base.Engine() != db.Postgres {
		return nil
	}
	dump, err := exec.CommandContext(t.Context(), program, "--dbname="+p.config.DatabaseURL()).Output()
	if err != nil {
		t.Logf("no dump: %v", err) // of another version than the server
		return nil
	}
	return dump
}
