package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/ld"
)

// plainCredential is a badge without a proof.
func plainCredential() map[string]any {
	return map[string]any{
		"@context": []any{vc2Context, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"},
		"id":       "urn:uuid:1", "type": []any{"VerifiableCredential", "OpenBadgeCredential"}, "issuer": "did:example:i",
		"validFrom": "2020-01-01T00:00:00Z", "credentialSubject": map[string]any{
			"type": []any{"AchievementSubject"}, "achievement": map[string]any{
				"id": "urn:uuid:2", "type": []any{"Achievement"}, "name": "A", "description": "B", "criteria": map[string]any{"narrative": "C"},
			},
		},
	}
}

// TestWorkIsSharedByAll: what proofs, endorsements and badges inside spend, all take from one
// budget, which therefore ends, whatever their number.
func TestWorkIsSharedByAll(t *testing.T) {
	r := newRun(Options{At: vectorClock()})
	e := &openbadge.Envelope{Root: valueOf(plainCredential()), Version: openbadge.V30, Form: openbadge.Embedded}
	for i, sub := range []*run{r, r.sub(e, RoleEndorsement), r.sub(e, RoleStatus).sub(e, RoleStatus)} {
		if sub.docs.work != r.docs.work {
			t.Fatalf("run %d has work of its own", i)
		}
	}
	r.docs.work.canon.Contexts, r.docs.work.canon.Steps, r.docs.work.canon.Text = 0, 0, 0
	if f := r.sub(e, RoleEndorsement).checkLinkedData(t.Context(), e); f.Reason != "too-complex" {
		t.Errorf("with nothing left: %+v", f)
	}
	r.docs.work.credentials = 1
	if !r.mayDescend() || r.sub(e, RoleCredentials).mayDescend() {
		t.Error("more credentials than allowed")
	}
}

// TestWorkOfDocuments: documents end when their bytes together are too many.
func TestWorkOfDocuments(t *testing.T) {
	docs := overlay{own: map[string][]byte{}}
	for i := range 4 {
		docs.own[fmt.Sprintf("https://a.example/%d", i)] = make([]byte, 4<<20)
	}
	r := newRun(Options{At: vectorClock(), Fetcher: docs})
	var got []string
	for i := range 4 {
		_, f := r.fetch(t.Context(), RoleIssuer, fmt.Sprintf("https://a.example/%d", i))
		got = append(got, f.Reason)
	}
	if want := []string{"", "", "", "documents-size"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWorkOfSignatures: many keys, a long token and proofs that build on each other in every
// way end by counted work.
func TestWorkOfSignatures(t *testing.T) {
	w := fullWork()
	n := 0
	for w.verification(5 << 20) {
		n++
	}
	if n == 0 || n > 100 {
		t.Errorf("%d verifications of 5 MB", n)
	}
	w = fullWork()
	for n = 0; w.verification(64); n++ {
	}
	if n != maxSignatures {
		t.Errorf("%d verifications, want %d", n, maxSignatures)
	}
	var methods []any
	for range maxKeys + 500 {
		methods = append(methods, map[string]any{"id": "#k", "controller": "https://a.example/i", "publicKeyMultibase": "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"})
	}
	doc, err := json.Marshal(map[string]any{"id": "https://a.example/i", "assertionMethod": methods})
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(Options{At: vectorClock(), Fetcher: overlay{own: map[string][]byte{"https://a.example/i": doc}}})
	if got, f := r.methodsOf(t.Context(), "https://a.example/i"); !f.ok() || len(got) != maxKeys {
		t.Errorf("%d methods, %+v", len(got), f)
	}
	plain := plainCredential()
	plain["name"] = strings.Repeat("x", 3_000_000)
	long := valueOf(plain)
	set := &proofSet{doc: long, work: fullWork(), cache: canonCache{}}
	var got finding
	for range 10 {
		if _, got = set.hash(t.Context(), suite{jcs: true}, ld.Document{Value: long}, sha256Hash, false); !got.ok() {
			break
		}
	}
	if got.Reason != "too-complex" {
		t.Errorf("30 MB of canonical text: %+v", got)
	}
}

// TestWorkOfSchemas: a schema of a few lines that asks for two to the power of forty steps
// ends by counted work, and one that loads itself does too.
func TestWorkOfSchemas(t *testing.T) {
	for _, leaf := range []string{"object", "number"} {
		for _, all := range []string{"allOf", "anyOf", "oneOf"} {
			schemaBomb(t, all, leaf)
		}
	}
}

func schemaBomb(t *testing.T, all, leaf string) {
	t.Helper()
	const address = "https://schemas.example/bomb.json"
	defs := map[string]any{"d0": map[string]any{"type": leaf}}
	for i := 1; i <= 40; i++ {
		ref := map[string]any{"$ref": fmt.Sprintf("#/$defs/d%d", i-1)}
		defs[fmt.Sprintf("d%d", i)] = map[string]any{all: []any{ref, ref}}
	}
	bomb, err := json.Marshal(map[string]any{"$schema": "https://json-schema.org/draft/2019-09/schema", "$defs": defs, "$ref": "#/$defs/d40"})
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(Options{At: vectorClock(), Fetcher: overlay{own: map[string][]byte{address: bomb}}})
	r.env = &openbadge.Envelope{Root: valueOf(map[string]any{"a": "b"})}
	start := time.Now()
	f := r.schema(t.Context(), address)
	took := time.Since(start)
	if steps := maxSchemaWork - r.docs.work.schema; steps > maxSchemaWork+10 || f.Reason == "too-complex" != (steps > maxSchemaWork) {
		t.Errorf("%s of %s: %+v after %d steps", all, leaf, f, steps)
	}
	t.Logf("%s of %s: %q in %s, %d steps left", all, leaf, f.Reason, took, r.docs.work.schema)
}

// TestWorkOfLongSchemas: long lists of values, many patterns over many names and numbers of a
// million digits are counted as what they cost.
func TestWorkOfLongSchemas(t *testing.T) {
	const address = "https://schemas.example/long.json"
	names, values, patterns := map[string]any{}, make([]any, 20_000), map[string]any{}
	for i := range values {
		values[i] = fmt.Sprintf("value %d", i)
		if i < 4000 {
			names[fmt.Sprintf("name%d", i)] = "x"
		}
		if i < 300 {
			patterns[fmt.Sprintf("^(a|b)*%d$", i)] = true
		}
	}
	for name, tt := range map[string]struct {
		schema map[string]any
		doc    map[string]any
		reason string
	}{
		"values":   {map[string]any{"additionalProperties": map[string]any{"enum": values}}, names, "too-complex"},
		"patterns": {map[string]any{"patternProperties": patterns}, names, "too-complex"},
		"text":     {map[string]any{"additionalProperties": map[string]any{"pattern": "(a|aa)+$"}}, map[string]any{"a": strings.Repeat("a", 1<<20), "b": strings.Repeat("a", 1<<22), "c": strings.Repeat("a", 1<<22), "d": strings.Repeat("a", 1<<22)}, "too-complex"},
		"number":   {map[string]any{"type": "object"}, map[string]any{"a": json.Number("1e999999")}, "too-complex"},
		"limit":    {map[string]any{"maximum": json.Number("1e999999")}, map[string]any{}, "document-unreadable"},
		"plain":    {map[string]any{"properties": map[string]any{"a": map[string]any{"minimum": 1}}}, map[string]any{"a": json.Number("1.5e2")}, ""},
	} {
		body, err := json.Marshal(tt.schema)
		if err != nil {
			t.Fatal(err)
		}
		r := newRun(Options{At: vectorClock(), Fetcher: overlay{own: map[string][]byte{address: body}}})
		r.env = &openbadge.Envelope{Root: valueOf(tt.doc), Raw: make([]byte, 50_000)}
		start := time.Now()
		if f := r.schema(t.Context(), address); f.Reason != tt.reason {
			t.Errorf("%s: %+v", name, f)
		}
		t.Logf("%s: %s, %d steps left", name, time.Since(start), r.docs.work.schema)
	}
}

// TestWorkEndsWithItsContext: a context that has ended ends a Check before the first document
// and leaves no verdict but "could not check".
func TestWorkEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fetches := &noFetch{}
	r := Check(ctx, []byte("https://a.example/1"), Options{At: vectorClock(), Fetcher: fetches})
	if r.Verdict != Unverifiable || fetches.count.Load() != 0 || step(r, CheckProof).Reason != "timeout" {
		t.Errorf("%s, %d fetches, %+v", r.Verdict, fetches.count.Load(), r.Checks)
	}
	run := newRun(Options{At: vectorClock()})
	if _, f := run.inflate(ctx, strings.NewReader("0123456789")); f.Reason != "timeout" {
		t.Errorf("inflate: %+v", f)
	}
}

// TestMemoryOfLargestTexts: the texts that cost most for their size stay below 64 MB, all
// that is allocated taken together.
func TestMemoryOfLargestTexts(t *testing.T) {
	const most = 4_900_000
	doc := plainCredential()
	doc["name"] = strings.Repeat("x", most)
	long, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"objects":    "[" + strings.Repeat(`{"a":1},`, most/8) + "1]",
		"lists":      "[" + strings.Repeat("[],", most/3) + "1]",
		"numbers":    "[" + strings.Repeat("1,", most/2) + "1]",
		"keys":       manyKeys(most),
		"one string": `{"@context":"https://w3id.org/openbadges/v2","a":"` + strings.Repeat("\\u0001", most/6) + `"}`,
		"one name":   string(long),
	} {
		took, memory := measured(func() { Check(t.Context(), []byte(text), Options{At: vectorClock()}) })
		t.Logf("%s: %s, %d MB", name, took, memory>>20)
		if memory > 64<<20 {
			t.Errorf("%s: %d MB", name, memory>>20)
		}
	}
}

func manyKeys(most int) string {
	var b strings.Builder
	b.WriteString(`{"k":1`)
	for i := 0; b.Len() < most; i++ {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	return b.String() + "}"
}

// TestReportsAreTheSameEveryTime checks each case that fails fifty times.
func TestReportsAreTheSameEveryTime(t *testing.T) {
	cases := map[string][]byte{}
	add := func(name string, doc map[string]any) {
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		cases[name] = b
	}
	own := plainCredential()
	own["@context"] = append(asList(own["@context"]), map[string]any{"b": "no iri", "a": 7, "@vocab": "x", "@base": "y", "c": map[string]any{"@id": "urn:x", "@nest": 1, "@index": 2}})
	add("context", own)
	terms := plainCredential()
	for _, k := range []string{"zz", "yy", "xx", "ww"} {
		terms[k] = "undefined"
	}
	add("terms", terms)
	two := map[string]any{"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://a.example/1"}
	add("assertion", two)
	docs := overlay{next: &noFetch{}, own: map[string][]byte{"https://s.example/1": []byte(`{"properties":{"a":{"type":"number"},"b":{"type":"number"},"c":{"type":"number"}}}`)}}
	addShared(t, cases)
	for name, payload := range cases {
		first := Check(t.Context(), payload, Options{At: vectorClock(), Fetcher: docs})
		for range 50 {
			again := Check(t.Context(), payload, Options{At: vectorClock(), Fetcher: docs})
			if !reflect.DeepEqual(first, again) {
				t.Fatalf("%s: %+v, then %+v", name, first.Checks, again.Checks)
			}
		}
	}
	r := newRun(Options{At: vectorClock(), Fetcher: docs})
	for range 50 {
		r.env = &openbadge.Envelope{Root: valueOf(map[string]any{"c": "x", "b": "x", "a": "x"})}
		if f := r.schema(t.Context(), "https://s.example/1"); f.Detail != "a" {
			t.Fatalf("schema: %+v", f)
		}
	}
	t.Logf("%d cases", len(cases))
}

// addShared adds the failing cases of the data beside the repository, where there is some.
func addShared(t *testing.T, cases map[string][]byte) {
	t.Helper()
	for _, pattern := range []string{"hostile/vc/own/*.json", "hostile/json/own/badge_*.json", "hostile/jsonld/w3c/*", "vectors/*/ob30/*err*.json", "vectors/*/history/*err*.json"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cases[file] = b
		}
	}
}

func fullWork() *work {
	w := allowedWork()
	return &w
}
