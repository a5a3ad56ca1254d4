package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// record is one line of the manifest of vectors.
type record struct{ File, Kind, OB, Expect, Role, Reason, Verdict string }

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

// ownVerdict is a verdict that differs from the word of a file's origin.
type ownVerdict struct {
	verdict Verdict
	reason  string // of the check that decides
	why     string // the text that says so
	files   []string
}

// ownVerdicts is the one list of exceptions. Nothing else may differ.
func ownVerdicts() []ownVerdict {
	return []ownVerdict{
		{Invalid, "not-a-badge", "OB2 §Assertion, §BadgeClass, §Profile: by its type it is none of them nor a part of one", []string{"ob20/rdf-validation/valid-cool-class.json"}},
		{Invalid, "key-not-issuers", "OB3 recommended practices: the method's controller is issuer.id; these name an https issuer and a did:key of which it says nothing. The proofs are held by TestSpecificationProofs", []string{
			"signedJCSECDSAP256.json", "signedECDSAP256.json", "derivedRevealDocument.json", "signedEdSig.json", "signedJCS.json", "signedDataInt.json",
		}},
		{Invalid, "missing", "VC 1.1 §4.4: a subject says something, these are empty; and did:example has no method by which a key could be had", []string{
			"interop_credential_10_secp384r1.jwt", "interop_credential_4_secp256k1.jwt", "interop_credential_7_secp256r1.jwt",
		}},
		{Unverifiable, "issuer-unprovable", "OB3 recommended practices: the method's controller is issuer.id; a urn has no document that could list a key, so anybody could sign for it", []string{
			"clr20/simple_v1.json", "ob30/simple-did-key-method.json",
		}},
		{Invalid, "key-not-listed", "OB3 recommended practices \"JWKS\": a key outside of the issuer's set makes the badge invalid; the stand-in set does not hold the key in the header", []string{
			"ob30/simple-jwt.png", "ob30/simple-jwt_v1.svg",
		}},
		{Invalid, "key-not-listed", "OB3 §8.2.2: the header has kid or jwk; it has neither, and no listed key made the signature", []string{"ob30/simple.jwt"}},
		{Unverifiable, "did-method", "DID Core §7: did:example has no method by which its document could be had", []string{
			"examples/jwt/006b2b11d8b2.jwt", "examples/jwt/0ce3367ea6b0.jwt", "examples/jwt/0f6b0aca90d5.jwt",
		}},
		{Expired, "expired", "OB3 §9.1: after validUntil, here 2020-01-01, a credential is expired", []string{
			"examples/jwt/22d102f60e81.jwt", "examples/jwt/538f699e1328.jwt", "examples/jwt/69482488eabb.jwt",
			"examples/jwt/77d80b54dc57.jwt", "examples/jwt/b1ae7569d1e5.jwt", "examples/jwt/f53315933ac1.jwt",
		}},
		{Valid, "", "OB3 §B.1.1 \"@context\": the text names 3.0.3, its schema allows each revision, and badges of wallets have them: a warning", []string{"ob30/simple-context-version.json"}},
		{Unverifiable, "unavailable", "OB2 §Implementation: the address decides, and no document stands for it: not to be had is not invalid", []string{
			"baked/4c0ebb-404.png", "baked/edaa8d-no-json.svg", "baked/487173-invalid-metadata.png",
		}},
		{Unverifiable, "unavailable", "did:web §3.2: the document of the issuer is not among the documents, so neither proof nor status can be judged", []string{
			"ob30/credential-status-revoked.json",
		}},
	}
}

// TestVectors holds the verdict on every case of the manifest against the word of its origin.
// Each case is counted once: as expected, by the list of exceptions, without a word of its
// origin, or as the matter of another test.
func TestVectors(t *testing.T) {
	dir := sharedDir(t, "vectors")
	docs, err := LoadDocuments(filepath.Join(dir, "documents.json"))
	if err != nil {
		t.Fatal(err)
	}
	v := vectors{dir: dir, docs: overlay{hostedStubs(t, dir), docs}, own: ownVerdicts(), count: map[string]int{}}
	total := 0
	for _, rec := range readJSON[[]record](t, filepath.Join(dir, "manifest.json")) {
		if rec.Role == "case" {
			total++
			v.hold(t, rec)
		}
	}
	sum := 0
	for _, n := range v.count {
		sum += n
	}
	if sum != total {
		t.Errorf("%d cases counted of %d", sum, total)
	}
	for _, o := range v.own {
		for _, f := range o.files {
			t.Errorf("the exception for %s is not needed", f)
		}
	}
	t.Logf("%d cases: %v", total, v.count)
}

type vectors struct {
	dir   string
	docs  overlay
	own   []ownVerdict // the exceptions that were not met yet
	count map[string]int
}

func (v *vectors) hold(t *testing.T, rec record) {
	t.Helper()
	switch rec.Kind {
	case "di-step": // TestSpecificationSteps
		v.count["steps"]++
		return
	case "rdfc10": // TestSuiteRDFC and TestSuiteMaps of core/openbadge/ld
		v.count["rdfc10"]++
		return
	case "identity": // TestSharedIdentities
		v.count["identities"]++
		return
	case "image": // pictures without a badge: the tests of core/openbadge/bake
		v.count["images"]++
		return
	}
	got := v.check(t, rec)
	if got.Verdict != Valid && firstReason(got) == "" {
		t.Errorf("%s: %s without a reason", rec.File, got.Verdict)
	}
	if rec.Expect == "" {
		v.silent(t, rec, got)
		return
	}
	if v.exception(rec, got) {
		v.count["own verdict"]++
		return
	}
	v.count[rec.Expect]++
	if want := wantedVerdict(rec); got.Verdict != want {
		t.Errorf("%s: want %s (%s %s), got %s%s", rec.File, want, rec.Expect, rec.Reason, got.Verdict, summary(got))
	}
	if rec.Expect == "warning" && !warned(got) {
		t.Errorf("%s: no warning (%s)", rec.File, rec.Reason)
	}
}

// exception looks for the file in the list of exceptions and takes it out.
func (v *vectors) exception(rec record, got Report) bool {
	for i, o := range v.own {
		for j, suffix := range o.files {
			if strings.HasSuffix(rec.File, "/"+suffix) && got.Verdict == o.verdict && decisive(got) == o.reason {
				v.own[i].files = slices.Delete(slices.Clone(o.files), j, j+1)
				return true
			}
		}
	}
	return false
}

// decisive is the reason of the check that brought the verdict.
func decisive(r Report) string {
	for _, c := range r.Checks {
		if v := verdictOfOne(&c); v != Valid && v == r.Verdict {
			return c.Reason
		}
	}
	return ""
}

// wantedVerdict is what the manifest means: "invalid" is any verdict but valid, and its
// reason says which; "warning" is valid with a word about it.
func wantedVerdict(rec record) Verdict {
	switch {
	case rec.Expect != "invalid":
		return Valid
	case strings.Contains(rec.Reason, "schema mismatch"):
		return Invalid
	case strings.Contains(rec.Reason, "revoked ("):
		return Revoked
	case strings.Contains(rec.Reason, "expired ("), strings.Contains(rec.File, "assertion-expired"):
		return Expired
	case strings.HasPrefix(rec.Reason, "validFrom in future"):
		return NotYetValid
	}
	return Invalid
}

func warned(r Report) bool {
	return slices.ContainsFunc(r.Checks, func(s Step) bool { return s.Warning != "" })
}

// silent holds what can be said of a case whose origin states no verdict.
func (v *vectors) silent(t *testing.T, rec record, got Report) {
	t.Helper()
	switch {
	case rec.Kind == "vcdm-shape": // TestDataModelShapes
		v.count["shapes"]++
		if got.Verdict != Invalid {
			t.Errorf("%s: %s", rec.File, got.Verdict)
		}
	case rec.Kind == "vc-json-unsigned":
		v.count["unsigned"]++
		if s := step(got, CheckFormat); got.Verdict != Invalid || s.Reason != "no-proof" {
			t.Errorf("%s: %s %+v", rec.File, got.Verdict, s)
		}
	case strings.Contains(rec.Reason, "invalid at the time"), strings.HasPrefix(rec.Verdict, "unverified"), strings.HasPrefix(rec.Verdict, "key not published"):
		v.count["never valid"]++
		if got.Verdict == Valid {
			t.Errorf("%s: valid (%s %s)", rec.File, rec.Verdict, rec.Reason)
		}
	default:
		v.count["no verdict stated"]++
	}
}

// check verifies one file. A hosted badge that the documents lack stands for its own address,
// as it does for "osier verify --documents".
func (v *vectors) check(t *testing.T, rec record) Report {
	t.Helper()
	payload, err := os.ReadFile(filepath.Join(v.dir, filepath.FromSlash(rec.File)))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := bake.Extract(payload); err == nil {
		payload = f.Payload
	}
	return Check(t.Context(), payload, Options{At: vectorClock(), Fetcher: v.docs, OwnCopy: true})
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
