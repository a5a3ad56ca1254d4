package badge_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// file is one entry of a test archive.
type file struct {
	name string
	data []byte
}

func archive(t *testing.T, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.Create(f.name)
		if err == nil {
			_, err = e.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// takeAll imports a file of several badges and gives the ended imports.
func (p *passport) takeAll(t *testing.T, person int64, data []byte) []badge.Import {
	t.Helper()
	im, err := p.Begin(t.Context(), person, badge.Upload{File: data, Filename: "several"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := im.Batch
	if id == "" {
		id = im.PublicID
	}
	list, err := p.BatchByID(t.Context(), person, id)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// outcomes is "title or file: state reason" of each import.
func outcomes(list []badge.Import) []string {
	var out []string
	for _, im := range list {
		name := im.Title
		if name == "" {
			name = im.Filename
		}
		out = append(out, strings.TrimSpace(name+": "+im.State+" "+im.Reason))
	}
	return out
}

func named(name string) func(*openbadge.Credential) {
	return func(c *openbadge.Credential) { c.Name = name }
}

func TestAnArchiveBringsEachOfItsBadges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		held := p.credential(t, "4", "ada@example.org", named("Held"))
		p.take(t, ada, held)
		one := p.credential(t, "1", "ada@example.org", named("One"))
		list := p.takeAll(t, ada, archive(t,
			file{"one.json", one},
			file{"folder/two.json", p.credential(t, "2", "ada@example.org", named("Two"))},
			file{"letter.txt", []byte("Dear Ada")},
			file{"bobs.json", p.credential(t, "3", "bob@example.org", named("Bob's"))},
			file{"forged.json", bytes.Replace(p.credential(t, "5", "ada@example.org", named("Real")), []byte("Real"), []byte("Fake"), 1)},
			file{"held.json", held},
		))
		want := []string{"One: done", "Two: done", "letter.txt: refused not-a-badge-file", "Bob's: mismatch recipient", "Fake: refused signature", "Held: duplicate"}
		if diff := cmp.Diff(want, outcomes(list)); diff != "" {
			t.Error(diff)
		}
		if n := p.rows(t, "badge"); n != 3 {
			t.Errorf("%d badges", n)
		}
		got, err := p.Mine(t.Context(), ada, list[0].Badge)
		if err != nil {
			t.Fatal(err)
		}
		if _, data, err := p.ReceivedFile(t.Context(), got); err != nil || !bytes.Equal(data, one) {
			t.Errorf("the bytes of the entry changed: %v", err)
		}
		ledger, err := p.Ledger(t.Context(), got, 2)
		if err != nil || len(ledger) != 1 || len(ledger[0].Report.Checks) == 0 || len(list[0].Checks) != 0 {
			t.Errorf("the checks are kept %d times in the ledger, and %d of them with the import: %v", len(ledger), len(list[0].Checks), err)
		}
		if len(list[4].Checks) == 0 {
			t.Error("the checks of what was refused are gone")
		}
		if strangers, err := p.BatchByID(t.Context(), bob, list[0].Batch); err != nil || len(strangers) != 0 {
			t.Errorf("another person sees the batch: %v, %v", strangers, err)
		}
	})
}

func TestAnArchiveWithoutBadgesLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		many := make([]file, 201)
		for i := range many {
			many[i] = file{"f" + string(rune('a'+i/26)) + string(rune('a'+i%26)), []byte("x")}
		}
		for name, c := range map[string]struct {
			data []byte
			key  string
		}{
			"no badge in it": {archive(t, file{"a.txt", []byte("a")}, file{"b.html", []byte("<p>b")}), "badge.error.no_badge_inside"},
			"too many files": {archive(t, many...), "badge.error.too_many_entries"},
			"a way out":      {archive(t, file{"../../x.json", p.credential(t, "1", "ada@example.org", nil)}), "verify.reason.zip-name"},
		} {
			_, err := p.Begin(t.Context(), ada, badge.Upload{File: c.data})
			if e, ok := fault.As(err); !ok || e.Key != c.key || e.Kind == fault.Internal {
				t.Errorf("%s: %v, want %s", name, err, c.key)
			}
		}
		if n := p.rows(t, "badge_import") + p.rows(t, "blob") + p.rows(t, "job"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// record signs a CLR for an address with credentials in it.
func (p *passport) record(t *testing.T, address string, inner ...any) []byte {
	t.Helper()
	return p.recordWith(t, address, nil, inner...)
}

// recordWith is record with a change before it is signed.
func (p *passport) recordWith(t *testing.T, address string, change func(doc map[string]any), inner ...any) []byte {
	t.Helper()
	c := openbadge.Credential{
		Version: openbadge.V30, VCVersion: "2.0", ID: fmt.Sprintf("urn:uuid:record-%d", len(fmt.Sprint(inner...))), Name: "Transcript",
		Issuer: openbadge.Issuer{ID: p.key.DIDKey(), Name: "School of Craft"}, IssuedOn: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC),
	}
	doc := issue.Credential3(c)
	doc["@context"] = []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}
	doc["type"] = []any{"VerifiableCredential", "ClrCredential"}
	doc["credentialSubject"] = map[string]any{
		"type":                 []any{"ClrSubject"},
		"identifier":           []any{map[string]any{"type": "IdentityObject", "hashed": false, "identityHash": address, "identityType": "emailAddress"}},
		"verifiableCredential": inner,
	}
	if change != nil {
		change(doc)
	}
	out, err := p.key.Embed(t.Context(), doc, issue.Proof{Method: p.key.DIDKey() + "#" + p.key.Multibase(), Created: c.IssuedOn})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestARecordIsUnpackedToItsBadges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		bare := object(t, p.credential(t, "3", "ada@example.org", named("Without proof")))
		delete(bare, "proof")
		data := p.record(t, "ada@example.org",
			object(t, p.credential(t, "1", "ada@example.org", named("One"))),
			object(t, p.credential(t, "2", "ada@example.org", named("Two"))),
			bare,
		)
		list := p.takeAll(t, ada, data)
		want := []string{"One: done", "Two: done", "Without proof: refused record-only"}
		if diff := cmp.Diff(want, outcomes(list)); diff != "" {
			t.Fatal(diff)
		}
		one, err := p.Mine(t.Context(), ada, list[0].Badge)
		if err != nil || one.Verdict != verify.Valid || one.Visibility != badge.Private {
			t.Errorf("%+v, %v", one, err)
		}
		_, inside, err := p.ReceivedFile(t.Context(), one)
		if err != nil || !bytes.Contains(data, inside) || verify.Check(t.Context(), inside, verify.Options{At: time.Now()}).Verdict != verify.Valid {
			t.Errorf("the badge is not the text of the record: %v\n%s", err, inside)
		}
		if n := p.rows(t, "badge_record"); n != 1 {
			t.Errorf("%d records", n)
		}
		checkExportOfRecord(t, p, data)
		again := p.takeAll(t, ada, data)
		want[0], want[1] = "One: duplicate", "Two: duplicate"
		if diff := cmp.Diff(want, outcomes(again)); diff != "" {
			t.Error(diff)
		}
		if n := p.rows(t, "badge_record"); n != 1 {
			t.Errorf("a second copy of the record stays: %d", n)
		}
		forgetRecord(t, p, list)
	})
}

// checkExportOfRecord: the record leaves as it came, once.
func checkExportOfRecord(t *testing.T, p *passport, data []byte) {
	t.Helper()
	copies := 0
	err := p.Export(t.Context(), ada, func(name string, content []byte) error {
		if strings.HasPrefix(name, "badges/records/") {
			copies++
			if !bytes.Equal(content, data) {
				t.Errorf("%s is not what came in", name)
			}
		}
		return nil
	})
	if err != nil || copies != 1 {
		t.Errorf("%d copies, %v", copies, err)
	}
}

// forgetRecord: the record goes with the last badge that came in it.
func forgetRecord(t *testing.T, p *passport, list []badge.Import) {
	t.Helper()
	for i, im := range list[:2] {
		if err := p.Remove(t.Context(), ada, im.Badge); err != nil {
			t.Fatal(err)
		}
		if n := p.rows(t, "badge_record"); n != 1-i {
			t.Errorf("%d records after %d badges went", n, i+1)
		}
	}
	if n := p.rows(t, "blob"); n != 0 {
		t.Errorf("%d blobs are left", n)
	}
}

func TestARecordIsErasedWithItsPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		p.takeAll(t, ada, p.record(t, "ada@example.org", object(t, p.credential(t, "1", "ada@example.org", nil))))
		p.tx(t, func(ctx context.Context, tx *db.Tx) error { return p.Erase(ctx, tx, ada) })
		for _, table := range []string{"badge_record", "badge_import", "badge", "blob"} {
			if n := p.rows(t, table); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

func TestOfARecordThatFailsNothingIsTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		good := object(t, p.credential(t, "1", "ada@example.org", nil))
		whole := p.record(t, "ada@example.org", good)
		for _, c := range []struct {
			name, reason string
			data         []byte
		}{
			{"changed", "signature", bytes.Replace(whole, []byte("Transcript"), []byte("Manuscript"), 1)},
			{"of somebody else", "recipient", p.record(t, "bob@example.org", good)},
			{"empty", "record-empty", p.record(t, "ada@example.org")},
		} {
			im := p.take(t, ada, c.data)
			want := badge.StateRefused
			if c.reason == "recipient" {
				want = badge.StateMismatch // its bytes wait for the address
			}
			if im.State != want || im.Reason != c.reason {
				t.Errorf("%s: %s %s, want %s", c.name, im.State, im.Reason, c.reason)
			}
		}
		if n := p.rows(t, "badge") + p.rows(t, "badge_record") + p.rows(t, "blob"); n != 1 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// TestARecordThatEndedStillBringsItsBadges: a record that is expired, revoked, not yet valid,
// or whose status cannot be had, says nothing of the badges in it, whose own proofs, dates and
// status decide. What became of the record is kept with its verdict, and the reason.
func TestARecordThatEndedStillBringsItsBadges(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		status := func(path string) func(doc map[string]any) {
			return func(doc map[string]any) {
				doc["@context"] = append(doc["@context"].([]any), "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
				doc["credentialStatus"] = map[string]any{"id": p.school.URL + path, "type": "1EdTechRevocationList"}
			}
		}
		for i, c := range []struct {
			name, verdict, reason string
			change                func(doc map[string]any)
		}{
			{"valid", "valid", "", nil},
			{"expired", "expired", "expired", func(doc map[string]any) { doc["validUntil"] = "2026-02-01T00:00:00Z" }},
			{"revoked", "revoked", "revoked", status("/records")},
			{"silent", "valid", "http-status", status("/nowhere")},
		} {
			data := p.recordWith(t, "ada@example.org", func(doc map[string]any) {
				doc["id"] = "urn:uuid:" + c.name
				p.school.putJSON(t, "/records", map[string]any{
					"id": p.school.URL + "/records", "issuer": p.key.DIDKey(), "revokedCredential": []any{map[string]any{"id": "urn:uuid:revoked"}},
				})
				if c.change != nil {
					c.change(doc)
				}
			}, object(t, p.credential(t, fmt.Sprint("good-", i), "ada@example.org", named("Good"))))
			list := p.takeAll(t, ada, data)
			if diff := cmp.Diff([]string{"Good: done"}, outcomes(list)); diff != "" {
				t.Fatalf("%s: %s", c.name, diff)
			}
			if good := p.mine(t, ada, list[0].Badge); good.Verdict != verify.Valid {
				t.Errorf("%s: the badge is %s", c.name, good.Verdict)
			}
			kept, err := db.One[string](p.base.Read().QueryRow(t.Context(), `SELECT verdict || ' ' || report FROM badge_record ORDER BY id DESC LIMIT 1`))
			if err != nil || !strings.HasPrefix(kept, c.verdict+" ") || c.reason != "" && !strings.Contains(kept, `"`+c.reason+`"`) {
				t.Errorf("%s: want %s by %q: %s, %v", c.name, c.verdict, c.reason, kept, err)
			}
		}
	})
}

// TestARecordInARecordIsNotOpened: one level, as the standard has it.
func TestARecordInARecordIsNotOpened(t *testing.T) {
	p := open(t, dbtest.SQLite(t))
	inner := object(t, p.record(t, "ada@example.org", object(t, p.credential(t, "1", "ada@example.org", nil))))
	list := p.takeAll(t, ada, p.record(t, "ada@example.org", inner))
	if diff := cmp.Diff([]string{"Transcript: refused not-a-badge"}, outcomes(list)); diff != "" {
		t.Error(diff)
	}
	if n := p.rows(t, "badge_record"); n != 0 {
		t.Errorf("%d records", n)
	}
}
