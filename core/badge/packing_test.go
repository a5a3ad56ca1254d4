package badge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/pack"
)

// files gives each file of a person's badges, as it came in, and their ledgers.
func (p *passport) kept(t *testing.T, person int64) (files map[string]string, ledgers [][]badge.Ledger) {
	t.Helper()
	list, err := p.List(t.Context(), person, badge.Range{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, b := range list {
		_, data, err := p.ReceivedFile(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		ledger, err := p.Ledger(t.Context(), b, 10)
		if err != nil || len(ledger) == 0 || len(ledger[0].Report.Checks) == 0 {
			t.Fatalf("ledger %v, %v", ledger, err)
		}
		files[b.PublicID], ledgers = string(data), append(ledgers, ledger)
	}
	return files, ledgers
}

// TestOldBadgesArePacked: what lies in the database as it did before becomes small,
// keeps its bytes and its ledger, and what badges of a class share goes with the last.
func TestOldBadgesArePacked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		one, two := p.credential(t, "one", "ada@example.org", nil), p.credential(t, "two", "ada@example.org", nil)
		token, err := p.key.Token(issue.Credential3(p.weaver("three", "ada@example.org")), map[string]any{"kid": p.method()})
		if err != nil {
			t.Fatal(err)
		}
		spaced := append(bytes.Clone(two), '\n')
		for _, file := range [][]byte{one, spaced, token} {
			if im := p.take(t, ada, file); im.State != badge.StateDone {
				t.Fatalf("%+v", im)
			}
		}
		if n := p.rows(t, "credential_part"); n > 2 { // a token may name its issuer otherwise
			t.Errorf("%d parts of three badges of a class", n)
		}
		files, ledgers := p.kept(t, ada)
		p.asBefore(t, one, spaced, token)
		if err := p.PackOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, ledgersAfter := p.kept(t, ada)
		if diff := cmp.Diff(files, after); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(ledgers, ledgersAfter); diff != "" {
			t.Error(diff)
		}
		raw, err := db.Select(t.Context(), b.Read(), db.One[[]byte], `SELECT credential FROM badge UNION ALL SELECT packed FROM verification`)
		if err != nil || len(raw) != 6 {
			t.Fatalf("%d, %v", len(raw), err)
		}
		for _, r := range raw {
			if !pack.IsPacked(r) {
				t.Errorf("not packed: %.60q", r)
			}
		}
		for id := range files {
			if err := p.Remove(t.Context(), ada, id); err != nil {
				t.Fatal(err)
			}
		}
		if n := p.rows(t, "credential_part") + p.rows(t, "blob"); n != 0 {
			t.Errorf("%d parts and files are left of badges that are gone", n)
		}
	})
}

// asBefore writes all badges as they were before credentials were packed.
func (p *passport) asBefore(t *testing.T, files ...[]byte) {
	t.Helper()
	p.tx(t, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE badge_packing SET after = 0, ended = FALSE`); err != nil {
			return err
		}
		for _, file := range files {
			hash, err := (blob.Store{}).Put(ctx, tx, file, "application/json")
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE badge SET credential = $2, part = 0, inline = FALSE WHERE received = $1`, hash, bytes.TrimSpace(file)); err != nil {
				return err
			}
		}
		type report struct {
			id     int64
			packed []byte
		}
		list, err := db.Select(ctx, tx, func(s db.Scanner) (r report, err error) { return r, s.Scan(&r.id, &r.packed) }, `SELECT id, packed FROM verification`)
		for _, r := range list {
			text, bad := pack.Untext(r.packed)
			if err == nil {
				err = bad
			}
			if err == nil {
				_, err = tx.Exec(ctx, `UPDATE verification SET packed = NULL, report = $2 WHERE id = $1`, r.id, string(text))
			}
		}
		return err
	})
}

// TestBadgesOfBeforeAreTheSame: a badge whose row has its name in full and its evidence
// beside the credential is known again, shows that evidence, and is written short.
func TestBadgesOfBeforeAreTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		file := p.credential(t, "one", "ada@example.org", func(c *openbadge.Credential) {
			c.Evidence = []openbadge.Evidence{{ID: "https://looms.example/work", Name: "A cloth", Narrative: "Twelve ells."}}
		})
		im := p.take(t, ada, file)
		if im.State != badge.StateDone {
			t.Fatalf("%+v", im)
		}
		c, err := openbadge.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		evidence, err := json.Marshal(c.Evidence)
		if err != nil {
			t.Fatal(err)
		}
		short := p.text(t, `SELECT equality || evidence FROM badge`)
		if len(short) != 22 {
			t.Errorf("a row has %q", short)
		}
		p.tx(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE badge SET equality = $1, evidence = $2`, openbadge.EqualityKey(c.Issuer.ID, c.ID), string(evidence))
			if err == nil {
				_, err = tx.Exec(ctx, `UPDATE badge_packing SET after = 0, ended = FALSE`)
			}
			return err
		})
		before := p.evidence(t, ada)
		if again := p.take(t, ada, append(bytes.Clone(file), ' ')); again.State != badge.StateDuplicate {
			t.Errorf("the same badge is %s", again.State)
		}
		if err := p.PackOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := p.text(t, `SELECT equality || evidence FROM badge`); after != short {
			t.Errorf("a row has %q, not %q", after, short)
		}
		if diff := cmp.Diff(before, p.evidence(t, ada)); diff != "" || len(before) != 1 {
			t.Errorf("%d: %s", len(before), diff)
		}
		if again := p.take(t, ada, append(bytes.Clone(file), '\n')); again.State != badge.StateDuplicate {
			t.Errorf("the same badge is %s", again.State)
		}
	})
}

// evidence gives that of a person's newest badge.
func (p *passport) evidence(t *testing.T, person int64) []openbadge.Evidence {
	t.Helper()
	list, err := p.List(t.Context(), person, badge.Range{Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d, %v", len(list), err)
	}
	return list[0].Evidence
}

func (p *passport) text(t *testing.T, query string) string {
	t.Helper()
	text, err := db.One[string](p.Base.Read().QueryRow(t.Context(), query))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
