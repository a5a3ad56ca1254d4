package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// record is one line of the manifest of vectors.
type record struct{ File, Kind, OB, Expect, Role, Reason string }

func vectorClock() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }

// overlay answers first from its own map, then from the documents.
type overlay struct {
	own  map[string][]byte
	next Fetcher
}

func (o overlay) Fetch(ctx context.Context, address string) (Document, error) {
	if b, ok := o.own[address]; ok {
		return Document{URL: address, Status: 200, Body: b}, nil
	}
	return o.next.Fetch(ctx, address)
}

// vectorsWithOwnVerdict are the files whose verdict here is another than the word of their
// origin, each with the rule that says so.
func vectorsWithOwnVerdict() map[string]struct {
	verdict Verdict
	why     string
} {
	type own = struct {
		verdict Verdict
		why     string
	}
	unlisted := own{Invalid, "the stand-in key set of the issuer does not list the key that the token names"}
	urn := own{Unverifiable, "the issuer is a urn: it has no document that could list the key, so anybody could sign for it"}
	example := own{Unverifiable, "did:example cannot be looked up"}
	return map[string]own{
		"clr20/simple_v1.json":             urn,
		"ob30/simple-did-key-method.json":  urn,
		"ob30/simple-jwt.png":              unlisted,
		"ob30/simple-jwt_v1.svg":           unlisted,
		"ob30/simple.jwt":                  {Invalid, "no kid, no jwk, and none of the listed keys fits"},
		"ob30/simple-context-version.json": {Valid, "the published schema allows any version of the context, and the signature is good"},
		"examples/jwt/006b2b11d8b2.jwt":    example,
		"examples/jwt/0ce3367ea6b0.jwt":    example,
		"examples/jwt/0f6b0aca90d5.jwt":    example,
		"examples/jwt/22d102f60e81.jwt":    {Expired, "its own end is 2020-01-01"},
		"examples/jwt/538f699e1328.jwt":    {Expired, "its own end is 2020-01-01"},
		"examples/jwt/69482488eabb.jwt":    {Expired, "its own end is 2020-01-01"},
		"examples/jwt/77d80b54dc57.jwt":    {Expired, "its own end is 2020-01-01"},
		"examples/jwt/b1ae7569d1e5.jwt":    {Expired, "its own end is 2020-01-01"},
		"examples/jwt/f53315933ac1.jwt":    {Expired, "its own end is 2020-01-01"},
	}
}

// TestVectors holds the verdicts against those that others gave.
func TestVectors(t *testing.T) {
	dir := sharedDir(t, "vectors")
	docs, err := LoadDocuments(filepath.Join(dir, "documents.json"))
	if err != nil {
		t.Fatal(err)
	}
	v := vectors{dir: dir, docs: overlay{hostedStubs(t, dir), docs}, own: vectorsWithOwnVerdict()}
	for _, rec := range readJSON[[]record](t, filepath.Join(dir, "manifest.json")) {
		if rec.Role == "case" && rec.Expect != "" {
			v.hold(t, rec)
		}
	}
	t.Logf("%d as expected, %d components and other credentials refused by type, %d by own rule, of %d", v.hits, v.types, v.ruled, v.total)
	if v.total > 0 && v.hits+v.types+v.ruled != v.total {
		t.Errorf("%d differ", v.total-v.hits-v.types-v.ruled)
	}
}

type vectors struct {
	dir  string
	docs overlay
	own  map[string]struct {
		verdict Verdict
		why     string
	}
	hits, types, ruled, total int
}

func (v *vectors) hold(t *testing.T, rec record) {
	t.Helper()
	v.total++
	got := v.check(t, rec)
	if (rec.Expect != "invalid") == (got.Verdict == Valid) {
		v.hits++
		return
	}
	if got.Verdict == Invalid && step(got, CheckFormat).Reason == "not-a-badge" {
		v.types++ // a BadgeClass, an issuer, a credential of another kind
		return
	}
	for suffix, own := range v.own {
		if strings.HasSuffix(rec.File, suffix) && got.Verdict == own.verdict {
			v.ruled++
			return
		}
	}
	t.Errorf("%s: want %s, got %s (%s)%s", rec.File, rec.Expect, got.Verdict, rec.Reason, summary(got))
}

// check verifies one file. A hosted badge is served at its own address as well, for the
// file is what that address answered.
func (v *vectors) check(t *testing.T, rec record) Report {
	t.Helper()
	payload, err := os.ReadFile(filepath.Join(v.dir, filepath.FromSlash(rec.File)))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := bake.Extract(payload); err == nil {
		payload = f.Payload
	}
	served := overlay{map[string][]byte{}, v.docs}
	if e, err := openbadge.Open(payload); err == nil && e.Form == openbadge.Hosted && e.Doc != nil {
		r := &run{env: e}
		address := r.hostAddress()
		if e.Version == openbadge.V05 {
			address = "http://oldstyle.com/instances/2"
			served.own[address], payload = payload, []byte(address)
		} else if served.own[address] = payload; address == "" {
			delete(served.own, "")
		}
	}
	return Check(t.Context(), payload, Options{At: vectorClock(), Fetcher: served})
}

// hostedStubs are the class and the issuer that the tests of two origins serve at a.com.
func hostedStubs(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for address, name := range map[string]string{"http://a.com/badgeclass": "1_0_basic_badgeclass.json", "http://a.com/issuer": "1_0_basic_issuer.json"} {
		b, err := os.ReadFile(filepath.Join(dir, "concentricsky+badgr-server", "backpack", name))
		if err != nil {
			t.Fatal(err)
		}
		out[address] = b
	}
	return out
}

func step(r Report, name string) Step {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return Step{}
}

func summary(r Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		if c.Result == Fail || c.Result == Unknown {
			fmt.Fprintf(&b, " %s=%s(%s %s)", c.Name, c.Result, c.Reason, c.Detail)
		}
	}
	return b.String()
}

// TestSharedIdentities holds hashed identities that another validator made against ours.
func TestSharedIdentities(t *testing.T) {
	type identity struct {
		Type, Salt, Known, Identity string
		Hashed, Match               bool
	}
	dir := sharedDir(t, "vectors")
	for _, i := range readJSON[[]identity](t, filepath.Join(dir, "1EdTech+openbadges-validator-core", "recipient-identity.json")) {
		who := openbadge.Recipient{Identities: []openbadge.Identity{{Type: i.Type, Value: i.Identity, Salt: i.Salt, Hashed: i.Hashed}}}
		if i.Known == "" {
			i.Known = i.Identity // a plain one is its own address
		}
		if _, ok := who.Match([]string{i.Known}); ok != i.Match {
			t.Errorf("%+v: %v", i, ok)
		}
	}
}
