package core

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
)

// archive packs files in the order of the pairs of name and content.
func archive(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		f, err := z.Create(pairs[i])
		if err == nil {
			_, err = f.Write([]byte(pairs[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestABatchIsTriedAgainAndStopped: what was refused keeps its bytes for a day and
// can be tried again, the table of errors holds no formula, a stopped batch leaves
// nothing, and a stranger reaches none of it.
func TestABatchIsTriedAgainAndStopped(t *testing.T) {
	eachLater(t, func(t *testing.T, p *passport, later func(time.Duration)) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		good, other := string(issuer.sign(t, issuer.badge("Good", "ada@people.test"))), string(issuer.sign(t, issuer.badge("=1+1", "other@people.test")))
		forged := strings.Replace(string(issuer.sign(t, issuer.badge("Forged", "ada@people.test"))), `"Forged"`, `"Forced"`, 1)
		ada.upload("/add", "file", "badges.zip", archive(t, "good.json", good, "=other.json", other, "forged.json", forged, "none.json", `{"a":1}`)).is(t, 200)
		at := "/add/" + p.texts(`SELECT DISTINCT batch FROM badge_import`)[0]
		p.until(t, `SELECT count(*) FROM badge_import WHERE state = 'running'`, 0)
		states := func() string {
			return strings.Join(p.texts(`SELECT state || (CASE WHEN received <> '' THEN '+' ELSE '' END) FROM badge_import ORDER BY filename`), " ")
		}
		if got := states(); got != "mismatch+ refused+ done refused" {
			t.Fatalf("%s", got)
		}
		bob.post(at, "action", "retry").is(t, 404)
		bob.post(at, "action", "cancel").is(t, 404)
		bob.get(at+"/errors.csv").is(t, 404)
		rows, err := csv.NewReader(bytes.NewReader(ada.get(at+"/errors.csv").is(t, 200).body)).ReadAll()
		if err != nil || len(rows) != 4 || rows[1][0] != "'=other.json" || rows[1][1] != "'=1+1" || rows[2][3] == "" {
			t.Errorf("the table is %q, %v", rows, err)
		}

		ada.post("/settings/emails", "address", "other@people.test").is(t, 303)
		p.write(`UPDATE email SET confirmed_at = 1, confirmed_by = 'mail' WHERE address = 'other@people.test'`)
		ada.post(at, "action", "retry").is(t, 303)
		p.until(t, `SELECT count(*) FROM badge_import WHERE state = 'running'`, 0)
		if got := states(); got != "done refused+ done refused" {
			t.Errorf("after another try: %s", got)
		}
		ada.post(at, "action", "cancel").is(t, 303) // nothing is under way
		ada.post(at, "action", "unheard of").is(t, 400)
		later(25 * time.Hour)
		if err := p.badges.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := p.count(`SELECT count(*) FROM badge_import`) + p.count(`SELECT count(*) FROM blob WHERE hash NOT IN (SELECT received FROM badge UNION SELECT thumbnail FROM badge UNION SELECT blob FROM verification_document)`); n != 0 {
			t.Errorf("%d rows or bytes of what was refused are left", n)
		}
	})
}
