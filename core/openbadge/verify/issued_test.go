package verify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	site     = "https://issuer.example"
	issuerID = site + "/about"
)

func clock() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }

// web is a web of documents; a nil body answers 410, an absent one not at all.
type web map[string][]byte

func (w web) Fetch(_ context.Context, address string) (verify.Document, error) {
	b, ok := w[address]
	switch {
	case !ok:
		return verify.Document{}, fmt.Errorf("get %s: %w", address, verify.ErrUnavailable)
	case b == nil:
		return verify.Document{URL: address, Status: 410}, nil
	}
	return verify.Document{URL: address, FinalURL: address, Status: 200, Body: b}, nil
}

// sample is a badge with every field filled.
func sample() openbadge.Credential {
	return openbadge.Credential{
		ID:              site + "/badges/7",
		Name:            "Basket weaving",
		Description:     "Wove a basket that holds water.",
		Language:        "en",
		AchievementID:   site + "/classes/basket",
		AchievementType: "Badge",
		CriteriaID:      site + "/classes/basket#criteria",
		CriteriaText:    "Weave a *basket*.",
		Image:           site + "/basket.png",
		Issuer: openbadge.Issuer{
			ID: issuerID, Name: "Willow school", URL: site, Email: "office@issuer.example",
		},
		Recipient: openbadge.Recipient{
			SubjectID:  "did:example:ada",
			Identities: []openbadge.Identity{{Type: "email", Value: "ada@example.org"}},
		},
		IssuedOn:   time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Expires:    time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
		Tags:       []string{"craft", "water"},
		Alignments: []openbadge.Alignment{{Name: "Weaving", URL: "https://crafts.example/weaving", Code: "W1"}},
		Evidence:   []openbadge.Evidence{{ID: site + "/proof/7", Name: "The basket", Narrative: "It holds."}},
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// rsaKey and ecKey are made once: making them is slow.
var (
	rsaKey = sync.OnceValue(func() issue.Key { return must(issue.NewRSA()) })
	ecKey  = sync.OnceValue(func() issue.Key { return must(issue.NewEC(256)) })
)

// world is an issuer with one key, what it publishes, and one badge of it.
type world struct {
	key     issue.Key
	docs    web
	payload []byte
	method  string // verification method of the key
	plain   openbadge.Credential
}

func didWorld(t *testing.T, vc string) *world {
	t.Helper()
	k := issue.Ed25519FromSeed("willow")
	c := sample()
	c.VCVersion = vc
	c.Issuer.ID = k.DIDKey()
	w := &world{key: k, docs: web{}, plain: c, method: k.DIDKey() + "#" + k.Multibase()}
	w.embed(t, issue.Credential3(c))
	return w
}

func (w *world) embed(t *testing.T, doc map[string]any) {
	t.Helper()
	w.payload = must(w.key.Embed(t.Context(), doc, issue.Proof{Method: w.method, Created: sample().IssuedOn}))
}

func httpsWorld(t *testing.T, k issue.Key, suite string) *world {
	t.Helper()
	w := &world{key: k, docs: web{}, plain: sample(), method: issuerID + "#k1"}
	w.docs[issuerID] = must(issue.ControllerDocument(issuerID, map[string]issue.Key{"k1": k}))
	w.payload = must(k.Embed(t.Context(), issue.Credential3(w.plain), issue.Proof{Method: w.method, Suite: suite}))
	return w
}

func tokenWorld(t *testing.T, k issue.Key, vc string, header map[string]any) *world {
	t.Helper()
	c := sample()
	c.VCVersion = vc
	w := &world{key: k, docs: web{}, plain: c}
	w.docs[site+"/.well-known/jwks.json"] = must(issue.KeySet(issuerID, map[string]issue.Key{"k1": k}))
	w.payload = must(k.Token(issue.Credential3(c), header))
	return w
}

func hostedWorld(t *testing.T) *world {
	t.Helper()
	c := sample()
	h := must(issue.Hosted2(c))
	return &world{docs: web{c.ID: h.Assertion, c.AchievementID: h.Class, c.Issuer.ID: h.Issuer}, payload: h.Assertion, plain: c}
}

func signedWorld(t *testing.T) *world {
	t.Helper()
	k := rsaKey()
	c := sample()
	h := must(issue.Hosted2(c))
	key := site + "/key"
	return &world{
		key: k, plain: c, payload: must(k.Signed2(c, key)),
		docs: web{
			c.AchievementID: h.Class,
			c.Issuer.ID:     must(issue.JSON(issue.Profile2(c.Issuer, key))),
			key:             must(k.CryptographicKey(key, c.Issuer.ID)),
		},
	}
}

func (w *world) check(t *testing.T, change ...func(*verify.Options)) verify.Report {
	t.Helper()
	o := verify.Options{At: clock(), Fetcher: w.docs}
	for _, c := range change {
		c(&o)
	}
	return verify.Check(t.Context(), w.payload, o)
}

func step(r verify.Report, name string) verify.Step {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return verify.Step{}
}

func wantVerdict(t *testing.T, r verify.Report, want verify.Verdict) {
	t.Helper()
	if r.Verdict != want {
		t.Errorf("verdict %s, want %s: %+v", r.Verdict, want, r.Checks)
	}
}

func wantStep(t *testing.T, r verify.Report, name string, result verify.Result, reason string) {
	t.Helper()
	if s := step(r, name); s.Result != result || s.Reason != reason {
		t.Errorf("%s is %s (%s %s), want %s (%s)", name, s.Result, s.Reason, s.Detail, result, reason)
	}
}

// worlds are all forms of badges that this package can make.
func worlds(t *testing.T) map[string]*world {
	t.Helper()
	ed, rsa, p256, p384 := issue.Ed25519FromSeed("x"), rsaKey(), ecKey(), must(issue.NewEC(384))
	return map[string]*world{
		"did:key, VC 2.0":       didWorld(t, "2.0"),
		"did:key, VC 1.1":       didWorld(t, "1.1"),
		"https, eddsa-rdfc":     httpsWorld(t, ed, ""),
		"https, eddsa-jcs":      httpsWorld(t, ed, "eddsa-jcs-2022"),
		"https, ecdsa P-256":    httpsWorld(t, p256, ""),
		"https, ecdsa P-384":    httpsWorld(t, p384, ""),
		"https, ecdsa-jcs":      httpsWorld(t, p256, "ecdsa-jcs-2019"),
		"JWT RS256 jwk VC 1.1":  tokenWorld(t, rsa, "1.1", nil),
		"JWT RS256 jwk VC 2.0":  tokenWorld(t, rsa, "2.0", nil),
		"JWT RS256 kid":         tokenWorld(t, rsa, "2.0", map[string]any{"kid": "k1"}),
		"JWT RS256 kid address": tokenWorld(t, rsa, "2.0", map[string]any{"kid": site + "/.well-known/jwks.json#k1"}),
		"JWT RS256 no key":      tokenWorld(t, rsa, "2.0", map[string]any{}),
		"JWT EdDSA":             tokenWorld(t, ed, "2.0", map[string]any{"kid": "k1"}),
		"JWT ES256":             tokenWorld(t, p256, "2.0", nil),
		"JWT ES384":             tokenWorld(t, p384, "1.1", nil),
		"OB 2.0 hosted":         hostedWorld(t),
		"OB 2.0 signed":         signedWorld(t),
	}
}

func TestIssuedBadgesAreValid(t *testing.T) {
	for name, w := range worlds(t) {
		t.Run(name, func(t *testing.T) {
			if _, err := verify.Precheck(t.Context(), w.payload); err != nil {
				t.Fatalf("precheck: %v", err)
			}
			var order []string
			r := w.check(t, func(o *verify.Options) {
				o.Recipients = []string{"Ada@Example.org"}
				o.OnCheck = func(s verify.Step) { order = append(order, s.Name) }
			})
			wantVerdict(t, r, verify.Valid)
			if got := strings.ReplaceAll(strings.Join(order, " "), " image", ""); got != "format proof key valid-from expired revoked recipient" {
				t.Errorf("order %s", got)
			}
			c := r.Credential
			if c.Name != w.plain.Name || c.Issuer.Name != w.plain.Issuer.Name || !c.IssuedOn.Equal(w.plain.IssuedOn) ||
				c.CriteriaText != w.plain.CriteriaText || len(c.Tags) != 2 || len(c.Alignments) != 1 || c.Evidence[0].Name != "The basket" {
				t.Errorf("credential %+v", c)
			}
			if r.Kind != openbadge.Badge || string(c.Raw) != string(w.payload) {
				t.Errorf("kind %q, raw %d bytes", r.Kind, len(c.Raw))
			}
		})
	}
}

func TestUnavailableDocumentsAreUnverifiable(t *testing.T) {
	for name, w := range worlds(t) {
		if len(w.docs) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w.docs = web{}
			r := w.check(t)
			wantVerdict(t, r, verify.Unverifiable)
			r = verify.Check(t.Context(), w.payload, verify.Options{At: clock()})
			wantVerdict(t, r, verify.Unverifiable)
		})
	}
}

func TestForeignKeysAreInvalid(t *testing.T) {
	other := issue.Ed25519FromSeed("thief")
	t.Run("unlisted key of an https issuer", func(t *testing.T) {
		w := httpsWorld(t, other, "")
		w.docs[issuerID] = must(issue.ControllerDocument(issuerID, map[string]issue.Key{"k2": issue.Ed25519FromSeed("x")}))
		r := w.check(t)
		wantVerdict(t, r, verify.Invalid)
		wantStep(t, r, verify.CheckKey, verify.Fail, "key-not-listed")
	})
	t.Run("key in the fragment only", func(t *testing.T) {
		w := httpsWorld(t, other, "")
		w.method = issuerID + "#" + other.Multibase()
		w.embed(t, issue.Credential3(w.plain))
		wantStep(t, w.check(t), verify.CheckKey, verify.Fail, "key-not-listed")
	})
	t.Run("did:key of somebody for an https issuer", func(t *testing.T) {
		w := httpsWorld(t, other, "")
		w.method = other.DIDKey() + "#" + other.Multibase()
		w.embed(t, issue.Credential3(w.plain))
		wantStep(t, w.check(t), verify.CheckKey, verify.Fail, "key-not-issuers")
	})
	t.Run("own key under the id of a listed one", func(t *testing.T) {
		w := httpsWorld(t, other, "")
		w.docs[issuerID] = must(issue.ControllerDocument(issuerID, map[string]issue.Key{"k1": issue.Ed25519FromSeed("x")}))
		wantStep(t, w.check(t), verify.CheckProof, verify.Fail, "signature")
	})
	t.Run("document that speaks for another", func(t *testing.T) {
		w := httpsWorld(t, other, "")
		w.docs[issuerID] = must(issue.ControllerDocument("https://evil.example/", map[string]issue.Key{"k1": other}))
		wantStep(t, w.check(t), verify.CheckKey, verify.Fail, "controller-id")
	})
	t.Run("jwk of a thief", func(t *testing.T) {
		w := tokenWorld(t, other, "2.0", nil)
		w.docs[site+"/.well-known/jwks.json"] = must(issue.KeySet(issuerID, map[string]issue.Key{"k1": issue.Ed25519FromSeed("x")}))
		wantVerdict(t, w.check(t), verify.Invalid)
	})
	t.Run("listed for another issuer of the host", func(t *testing.T) {
		w := tokenWorld(t, other, "2.0", nil)
		w.docs[site+"/.well-known/jwks.json"] = must(issue.KeySet(site+"/tenant", map[string]issue.Key{"k1": other}))
		wantVerdict(t, w.check(t), verify.Invalid)
	})
	t.Run("OB 2.0 key that points to another owner", func(t *testing.T) {
		w := signedWorld(t)
		w.docs[site+"/key"] = must(w.key.CryptographicKey(site+"/key", "https://evil.example/"))
		wantStep(t, w.check(t), verify.CheckKey, verify.Fail, "key-owner")
	})
	t.Run("OB 2.0 key that the issuer does not list", func(t *testing.T) {
		w := signedWorld(t)
		w.docs[issuerID] = must(issue.JSON(issue.Profile2(w.plain.Issuer, site+"/other")))
		wantStep(t, w.check(t), verify.CheckKey, verify.Fail, "key-not-listed")
	})
}

// TestTamperedTextsAreNeverValid changes every value of a badge in turn.
func TestTamperedTextsAreNeverValid(t *testing.T) {
	for _, name := range []string{"did:key, VC 2.0", "did:key, VC 1.1", "https, eddsa-jcs", "https, ecdsa P-384"} {
		w := worlds(t)[name]
		var doc any
		if err := json.Unmarshal(w.payload, &doc); err != nil {
			t.Fatal(err)
		}
		count := 0
		mutate(doc, "", func(path string) {
			count++
			w.payload = must(json.Marshal(doc))
			if r := w.check(t); r.Verdict == verify.Valid {
				t.Errorf("%s: changed %s and it is still valid", name, path)
			}
			if _, err := verify.Precheck(t.Context(), w.payload); err != nil {
				if _, ok := errors.AsType[*openbadge.Error](err); !ok {
					t.Errorf("precheck of %s: %v", path, err)
				}
			}
		})
		if count < 50 {
			t.Errorf("%s: only %d changes", name, count)
		}
	}
}

// mutate changes one leaf after the other, adds and drops members, and puts all back.
func mutate(v any, path string, try func(path string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, old := range v {
			for what, n := range map[string]any{"text": "x", "number": 1, "null": nil, "list": []any{}, "object": map[string]any{"id": "urn:x"}} {
				if path+"."+k == ".proof.created" && n == nil {
					continue
				}
				v[k] = n
				try(path + "." + k + "=" + what)
			}
			delete(v, k)
			if k != "created" {
				try("-" + path + "." + k)
			}
			v[k] = old
			mutate(old, path+"."+k, try)
		}
		v["extra"] = "x"
		try(path + ".extra")
		delete(v, "extra")
	case []any:
		for i, old := range v {
			v[i] = "x"
			try(fmt.Sprintf("%s[%d]", path, i))
			v[i] = old
			mutate(old, path, try)
		}
	}
}

func TestTamperedTokensAreNeverValid(t *testing.T) {
	for _, name := range []string{"JWT RS256 jwk VC 1.1", "JWT EdDSA", "OB 2.0 signed"} {
		w := worlds(t)[name]
		whole := w.payload
		for i := 0; i < len(whole); i += 7 {
			b := append([]byte(nil), whole...)
			if b[i] ^= 1; b[i] == '.' || whole[i] == '.' {
				continue
			}
			w.payload = b
			if r := w.check(t); r.Verdict == verify.Valid {
				t.Errorf("%s: byte %d changed and it is still valid", name, i)
			}
		}
	}
}
