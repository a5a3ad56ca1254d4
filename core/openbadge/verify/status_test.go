package verify_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const listAddress = site + "/status"

// withStatus makes a badge at place 77 of a status list with the places set.
func withStatus(t *testing.T, purpose string, set ...int) *world {
	t.Helper()
	w := didWorld(t, "2.0")
	doc := issue.Credential3(w.plain)
	doc["credentialStatus"] = issue.StatusEntry(listAddress, purpose, 77)
	w.embed(t, doc)
	w.list(t, purpose, set, nil)
	return w
}

func (w *world) list(t *testing.T, purpose string, set []int, change func(map[string]any)) {
	t.Helper()
	list := must(issue.StatusList(openbadge.Credential{ID: listAddress, Issuer: w.plain.Issuer, IssuedOn: sample().IssuedOn}, purpose, set))
	if change != nil {
		change(list)
	}
	w.docs[listAddress] = must(w.key.Embed(t.Context(), list, issue.Proof{Method: w.method}))
}

func TestStatusLists(t *testing.T) {
	t.Run("clear", func(t *testing.T) {
		wantVerdict(t, withStatus(t, "revocation", 76, 78).check(t), verify.Valid)
	})
	t.Run("revoked", func(t *testing.T) {
		r := withStatus(t, "revocation", 77).check(t)
		wantVerdict(t, r, verify.Revoked)
		wantStep(t, r, verify.CheckRevoked, verify.Fail, "revoked")
	})
	t.Run("suspended", func(t *testing.T) {
		wantVerdict(t, withStatus(t, "suspension", 77).check(t), verify.Suspended)
	})
	t.Run("list unavailable leaves the verdict", func(t *testing.T) {
		w := withStatus(t, "revocation", 77)
		delete(w.docs, listAddress)
		r := w.check(t)
		wantVerdict(t, r, verify.Valid)
		wantStep(t, r, verify.CheckRevoked, verify.Unknown, "unavailable")
	})
	t.Run("list for another purpose", func(t *testing.T) {
		w := withStatus(t, "revocation")
		w.list(t, "suspension", nil, nil)
		wantStep(t, w.check(t), verify.CheckRevoked, verify.Fail, "status-purpose")
	})
	t.Run("list out of its period", func(t *testing.T) {
		w := withStatus(t, "revocation")
		w.list(t, "revocation", nil, func(m map[string]any) { m["validUntil"] = "2026-11-01T00:00:00Z" })
		wantStep(t, w.check(t), verify.CheckRevoked, verify.Fail, "status-list-period")
	})
	t.Run("list made since the check began", func(t *testing.T) {
		w := withStatus(t, "revocation", 77)
		at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		on := func(o *verify.Options) { o.At = at }
		from := func(d time.Duration) {
			w.list(t, "revocation", []int{77}, func(m map[string]any) { m["validFrom"] = at.Add(d).Format(time.RFC3339) })
		}
		from(time.Minute) // their clock is ahead of ours
		wantVerdict(t, w.check(t, on), verify.Revoked)
		from(time.Hour)
		wantStep(t, w.check(t, on), verify.CheckRevoked, verify.Fail, "status-list-period")
	})
	t.Run("list of no list type", func(t *testing.T) {
		w := withStatus(t, "revocation")
		w.list(t, "revocation", nil, func(m map[string]any) { m["type"] = []any{"VerifiableCredential"} })
		wantStep(t, w.check(t), verify.CheckRevoked, verify.Fail, "status-list-type")
	})
	t.Run("list without proof", func(t *testing.T) {
		w := withStatus(t, "revocation")
		var list map[string]any
		if err := json.Unmarshal(w.docs[listAddress], &list); err != nil {
			t.Fatal(err)
		}
		delete(list, "proof")
		w.docs[listAddress] = must(issue.JSON(list))
		r := w.check(t)
		wantVerdict(t, r, verify.Invalid)
		wantStep(t, r, verify.CheckRevoked, verify.Fail, "status-list-proof")
	})
	t.Run("entry out of range and below zero", func(t *testing.T) {
		for index, reason := range map[string]string{"131072": "status-range", "-1": "status-index", "x": "status-index"} {
			w := withStatus(t, "revocation")
			doc := issue.Credential3(w.plain)
			e := issue.StatusEntry(listAddress, "revocation", 0)
			e["statusListIndex"] = index
			doc["credentialStatus"] = e
			w.embed(t, doc)
			wantStep(t, w.check(t), verify.CheckRevoked, verify.Fail, reason)
		}
	})
	t.Run("revoked wins over suspended and expired", func(t *testing.T) {
		w := withStatus(t, "revocation", 77)
		r := w.check(t, func(o *verify.Options) { o.At = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC) })
		wantVerdict(t, r, verify.Revoked)
		wantStep(t, r, verify.CheckExpired, verify.Fail, "expired")
	})
}

// extended is a credential with the context that 1EdTech's services need.
func extended(c openbadge.Credential) map[string]any {
	doc := issue.Credential3(c)
	list, _ := doc["@context"].([]any)
	doc["@context"] = append(list, any("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"))
	return doc
}

func TestRevocationLists(t *testing.T) {
	w := didWorld(t, "2.0")
	doc := extended(w.plain)
	doc["credentialStatus"] = map[string]any{"id": listAddress, "type": "1EdTechRevocationList"}
	w.embed(t, doc)
	w.docs[listAddress] = must(issue.RevocationList3(listAddress, w.plain.Issuer.ID, map[string]string{w.plain.ID: "mistake"}))
	r := w.check(t)
	wantVerdict(t, r, verify.Revoked)
	if s := step(r, verify.CheckRevoked); s.Detail != "mistake" {
		t.Errorf("detail %q", s.Detail)
	}
	w.docs[listAddress] = must(issue.RevocationList3(listAddress, w.plain.Issuer.ID, map[string]string{site + "/badges/8": ""}))
	wantVerdict(t, w.check(t), verify.Valid)
	delete(w.docs, listAddress)
	wantVerdict(t, w.check(t), verify.Valid)

	s := signedWorld(t)
	p := issue.Profile2(s.plain.Issuer, site+"/key")
	p["revocationList"] = listAddress
	s.docs[issuerID] = must(issue.JSON(p))
	s.docs[listAddress] = must(issue.RevocationList2(listAddress, issuerID, map[string]string{s.plain.ID: ""}))
	wantVerdict(t, s.check(t), verify.Revoked)
	s.docs[listAddress] = must(issue.RevocationList2(listAddress, issuerID, nil))
	wantVerdict(t, s.check(t), verify.Valid)
}

func TestPeriod(t *testing.T) {
	for _, tt := range []struct {
		at      string
		verdict verify.Verdict
	}{
		{"2026-01-02T03:04:04Z", verify.NotYetValid},
		{"2026-01-02T03:04:05Z", verify.Valid},
		{"2030-01-01T00:00:00Z", verify.Valid},
		{"2030-01-01T00:00:01Z", verify.Expired},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		for name, w := range map[string]*world{"3.0": didWorld(t, "2.0"), "1.1": didWorld(t, "1.1"), "2.0": hostedWorld(t)} {
			if r := w.check(t, func(o *verify.Options) { o.At = at }); r.Verdict != tt.verdict {
				t.Errorf("%s at %s: %s, want %s", name, tt.at, r.Verdict, tt.verdict)
			}
		}
	}
}

func TestRecipient(t *testing.T) {
	for _, tt := range []struct {
		addresses []string
		result    verify.Result
		verdict   verify.Verdict
	}{
		{nil, verify.Skipped, verify.Valid},
		{[]string{"ada@example.org"}, verify.Pass, verify.Valid},
		{[]string{"bob@example.org", " ADA@example.org"}, verify.Pass, verify.Valid},
		{[]string{"bob@example.org"}, verify.Fail, verify.Invalid},
		{[]string{}, verify.Fail, verify.Invalid},
	} {
		r := didWorld(t, "2.0").check(t, func(o *verify.Options) { o.Recipients = tt.addresses })
		wantVerdict(t, r, tt.verdict)
		s := step(r, verify.CheckRecipient)
		if s.Result != tt.result {
			t.Errorf("%v: %+v", tt.addresses, s)
		}
		if s.Result == verify.Fail && s.Detail != "a…@example.org" {
			t.Errorf("detail %q", s.Detail)
		}
	}
}

func TestHostedRules(t *testing.T) {
	t.Run("the copy at hand counts for nothing", func(t *testing.T) {
		w := hostedWorld(t)
		w.payload = []byte(strings.Replace(string(w.payload), "ada@example.org", "thief@example.org", 1))
		r := w.check(t, func(o *verify.Options) { o.Recipients = []string{"thief@example.org"} })
		wantStep(t, r, verify.CheckRecipient, verify.Fail, "recipient")
	})
	t.Run("an address as payload", func(t *testing.T) {
		w := hostedWorld(t)
		w.payload = []byte(w.plain.ID)
		r := w.check(t)
		wantVerdict(t, r, verify.Valid)
		if r.Credential.Name != "Basket weaving" || r.OB != openbadge.V20 {
			t.Errorf("credential %+v", r.Credential)
		}
	})
	t.Run("gone", func(t *testing.T) {
		w := hostedWorld(t)
		w.docs[w.plain.ID] = nil
		wantVerdict(t, w.check(t), verify.Revoked)
		w.payload = []byte(w.plain.ID)
		wantVerdict(t, w.check(t), verify.Revoked)
	})
	t.Run("revoked true", func(t *testing.T) {
		w := hostedWorld(t)
		w.docs[w.plain.ID] = []byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"` + w.plain.ID + `","revoked":true,"revocationReason":"left"}`)
		r := w.check(t)
		wantVerdict(t, r, verify.Revoked)
		if s := step(r, verify.CheckRevoked); s.Detail != "left" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("another origin", func(t *testing.T) {
		w := hostedWorld(t)
		evil := "https://evil.example/badges/7"
		text := strings.ReplaceAll(string(w.payload), `"`+w.plain.ID+`"`, `"`+evil+`"`)
		w.payload, w.docs[evil] = []byte(text), []byte(text)
		r := w.check(t)
		wantVerdict(t, r, verify.Invalid)
		wantStep(t, r, verify.CheckKey, verify.Fail, "scope-origin")
	})
	t.Run("issuer of another origin by its own id", func(t *testing.T) {
		w := hostedWorld(t)
		evil := "https://evil.example/badges/7"
		text := strings.ReplaceAll(string(w.payload), `"`+w.plain.ID+`"`, `"`+evil+`"`)
		text = strings.ReplaceAll(text, w.plain.AchievementID, "https://evil.example/class")
		w.payload, w.docs[evil] = []byte(text), []byte(text)
		class := issue.Class2(w.plain)
		class["id"], class["issuer"] = "https://evil.example/class", "https://evil.example/issuer"
		w.docs["https://evil.example/class"] = must(issue.JSON(class))
		w.docs["https://evil.example/issuer"] = w.docs[issuerID] // says that it is the school
		wantVerdict(t, w.check(t), verify.Invalid)
	})
	t.Run("startsWith and allowedOrigins", func(t *testing.T) {
		for _, tt := range []struct {
			rule map[string]any
			want verify.Verdict
		}{
			{map[string]any{"startsWith": site + "/badges/"}, verify.Valid},
			{map[string]any{"startsWith": []any{"https://other.example/", site + "/b"}}, verify.Valid},
			{map[string]any{"startsWith": site + "/other/"}, verify.Invalid},
			{map[string]any{"allowedOrigins": "issuer.example"}, verify.Valid},
			{map[string]any{"allowedOrigins": []any{"other.example"}}, verify.Invalid},
		} {
			w := hostedWorld(t)
			p := issue.Profile2(w.plain.Issuer)
			p["verification"] = tt.rule
			w.docs[issuerID] = must(issue.JSON(p))
			if r := w.check(t); r.Verdict != tt.want {
				t.Errorf("%v: %s, want %s", tt.rule, r.Verdict, tt.want)
			}
		}
	})
	t.Run("class or issuer unavailable", func(t *testing.T) {
		for _, gone := range []string{sample().AchievementID, issuerID} {
			w := hostedWorld(t)
			delete(w.docs, gone)
			wantVerdict(t, w.check(t), verify.Unverifiable)
		}
	})
	t.Run("badge unavailable, issuer speaks against it", func(t *testing.T) {
		w := hostedWorld(t)
		delete(w.docs, w.plain.ID)
		r := w.check(t)
		wantVerdict(t, r, verify.Unverifiable)
		if r.Credential.Name != "Basket weaving" {
			t.Errorf("class not read: %+v", r.Credential)
		}
		p := issue.Profile2(w.plain.Issuer)
		p["verification"] = map[string]any{"allowedOrigins": "other.example"}
		w.docs[issuerID] = must(issue.JSON(p))
		wantVerdict(t, w.check(t), verify.Invalid)
	})
	t.Run("a signed badge without its signature", func(t *testing.T) {
		w := signedWorld(t)
		a := issue.Assertion2(w.plain)
		a["verification"] = map[string]any{"type": "SignedBadge", "creator": site + "/key"}
		w.payload = must(issue.JSON(a))
		w.docs[w.plain.ID] = w.payload
		r := w.check(t)
		wantVerdict(t, r, verify.Invalid)
		wantStep(t, r, verify.CheckProof, verify.Fail, "unsigned")
	})
}

// moved is a web in which some addresses send on to others.
type moved struct {
	web
	to map[string]string
}

func (m moved) Fetch(ctx context.Context, address string) (verify.Document, error) {
	to, ok := m.to[address]
	if !ok {
		to = address
	}
	d, err := m.web.Fetch(ctx, to)
	d.URL, d.FinalURL = address, to
	return d, err
}

func TestRedirects(t *testing.T) {
	t.Run("a whole site moved", func(t *testing.T) {
		w := hostedWorld(t)
		m := moved{web{}, map[string]string{}}
		for address, body := range w.docs {
			to := strings.Replace(address, site, "https://new.example", 1)
			m.web[to], m.to[address] = []byte(strings.ReplaceAll(string(body), `"`+site+"/", `"https://new.example/`)), to
			m.web[to] = []byte(strings.ReplaceAll(string(m.web[to]), "https://new.example/basket.png", site+"/basket.png"))
		}
		r := w.check(t, func(o *verify.Options) { o.Fetcher = m })
		wantVerdict(t, r, verify.Valid)
		if r.Credential.Issuer.ID != "https://new.example/about" {
			t.Errorf("issuer %s", r.Credential.Issuer.ID)
		}
	})
	t.Run("an open redirect on the issuer's site", func(t *testing.T) {
		w := hostedWorld(t)
		evil := "https://evil.example/7"
		door := site + "/go?to=" + evil
		w.docs[evil] = []byte(strings.ReplaceAll(string(w.payload), `"`+w.plain.ID+`"`, `"`+door+`"`))
		w.payload = w.docs[evil]
		r := w.check(t, func(o *verify.Options) { o.Fetcher = moved{w.docs, map[string]string{door: evil}} })
		wantVerdict(t, r, verify.Invalid)
	})
	t.Run("an open redirect as key document", func(t *testing.T) {
		k := issue.Ed25519FromSeed("thief")
		door, evil := site+"/go?to=evil", "https://evil.example/keys"
		w := didWorld(t, "2.0")
		w.key, w.plain.Issuer.ID, w.method = k, door, door+"#k1"
		w.embed(t, issue.Credential3(w.plain))
		w.docs[evil] = must(issue.ControllerDocument(door, map[string]issue.Key{"k1": k}))
		r := w.check(t, func(o *verify.Options) { o.Fetcher = moved{w.docs, map[string]string{door: evil}} })
		wantVerdict(t, r, verify.Unverifiable)
	})
}
