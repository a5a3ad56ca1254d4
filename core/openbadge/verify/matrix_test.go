package verify_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// variant is one combination of how a badge can be made.
type variant struct {
	form, status, dates, recipient, carrier string
}

func (v variant) String() string {
	return strings.Join([]string{v.form, v.status, v.dates, v.recipient, v.carrier}, ", ")
}

// maker makes a badge of one form.
type maker struct {
	statuses []string
	make     func(t *testing.T, c openbadge.Credential, status string) *world
}

const (
	statusNone    = "no status"
	statusClear   = "bitstring clear"
	statusRevoked = "bitstring revoked"
	statusHeld    = "bitstring suspended"
	statusOld     = "2021 clear"
	statusOldOut  = "2021 revoked"
	statusListed  = "1EdTech clear"
	statusListOut = "1EdTech revoked"
	statusOwn     = "revoked by itself"
	statusGone    = "gone"
)

func threeStatuses() []string {
	return []string{statusNone, statusClear, statusRevoked, statusHeld, statusOld, statusOldOut, statusListed, statusListOut}
}

// makers are the forms: version, data model, context, proof, kind of issuer.
func makers() map[string]maker {
	ed, rsa, p256, p384 := issue.Ed25519FromSeed("x"), rsaKey(), ecKey(), must(issue.NewEC(384))
	out := map[string]maker{
		"OB 2.0 hosted": {[]string{statusNone, statusOwn, statusGone}, makeHosted},
		"OB 2.0 signed": {[]string{statusNone, statusListed, statusListOut}, makeSigned},
	}
	for name, k := range map[string]issue.Key{"did:key Ed25519": ed, "did:web Ed25519": ed, "did:jwk P-256": p256, "https P-384": p384, "https Ed25519": ed} {
		for _, vc := range []string{"1.1", "2.0"} {
			for _, suite := range suitesOf(name) {
				out[name+", "+suite+", VC "+vc] = embeddedMaker(k, strings.Fields(name)[0], suite, vc)
			}
		}
	}
	for name, k := range map[string]issue.Key{"RS256": rsa, "ES256": p256, "ES384": p384, "EdDSA": ed} {
		for _, vc := range []string{"1.1", "2.0"} {
			for _, header := range []string{"jwk", "kid"} {
				out["JWT "+name+" "+header+", VC "+vc] = tokenMaker(k, header, vc)
			}
		}
	}
	return out
}

func suitesOf(name string) []string {
	if strings.Contains(name, "Ed25519") {
		return []string{"eddsa-rdfc-2022", "eddsa-jcs-2022", "eddsa-2022", "Ed25519Signature2020"}
	}
	return []string{"ecdsa-rdfc-2019", "ecdsa-jcs-2019"}
}

func makeHosted(_ *testing.T, c openbadge.Credential, status string) *world {
	h := must(issue.Hosted2(c))
	w := &world{docs: web{c.ID: h.Assertion, c.AchievementID: h.Class, c.Issuer.ID: h.Issuer}, payload: h.Assertion, plain: c}
	switch status {
	case statusOwn:
		w.docs[c.ID] = bytes.Replace(h.Assertion, []byte(`"issuedOn"`), []byte(`"revoked":true,"issuedOn"`), 1)
	case statusGone:
		w.docs[c.ID] = nil
	}
	return w
}

func makeSigned(_ *testing.T, c openbadge.Credential, status string) *world {
	key := site + "/key"
	profile := issue.Profile2(c.Issuer, key)
	w := &world{key: rsaKey(), plain: c, payload: must(rsaKey().Signed2(c, key)), docs: web{}}
	w.docs[c.AchievementID], w.docs[key] = must(issue.Hosted2(c)).Class, must(w.key.CryptographicKey(key, c.Issuer.ID))
	if status != statusNone {
		profile["revocationList"] = listAddress
		revoked := map[string]string{c.ID + "0": ""}
		if status == statusListOut {
			revoked[c.ID] = "a slip"
		}
		w.docs[listAddress] = must(issue.RevocationList2(listAddress, c.Issuer.ID, revoked))
	}
	w.docs[c.Issuer.ID] = must(issue.JSON(profile))
	return w
}

func embeddedMaker(k issue.Key, controller, suite, vc string) maker {
	return maker{threeStatuses(), func(t *testing.T, c openbadge.Credential, status string) *world {
		t.Helper()
		c.VCVersion = vc
		w := &world{key: k, docs: web{}}
		w.controlledBy(controller, &c)
		w.plain = c
		doc := issue.Credential3(c)
		if suite == "Ed25519Signature2020" {
			contexts, _ := doc["@context"].([]any)
			doc["@context"] = append(slices.Clone(contexts[:2]), any("https://w3id.org/security/suites/ed25519-2020/v1"))
		}
		w.addStatus(t, doc, status)
		w.payload = must(k.Embed(t.Context(), doc, issue.Proof{Method: w.method, Suite: suite, Created: sample().IssuedOn}))
		return w
	}}
}

// controlledBy gives the issuer a name of a kind, and serves what that name needs.
func (w *world) controlledBy(kind string, c *openbadge.Credential) {
	keys := map[string]issue.Key{"k1": w.key}
	switch kind {
	case "did:key":
		c.Issuer.ID = w.key.DIDKey()
		w.method = c.Issuer.ID + "#" + w.key.Multibase()
	case "did:jwk":
		c.Issuer.ID = "did:jwk:" + base64.RawURLEncoding.EncodeToString(must(json.Marshal(w.key.JWK())))
		w.method = c.Issuer.ID + "#0"
	case "did:web":
		c.Issuer.ID = "did:web:issuer.example:about"
		w.docs[issuerID+"/did.json"] = must(issue.ControllerDocument(c.Issuer.ID, keys))
		w.method = c.Issuer.ID + "#k1"
	default:
		w.docs[issuerID] = must(issue.ControllerDocument(issuerID, keys))
		w.method = issuerID + "#k1"
	}
}

func tokenMaker(k issue.Key, header, vc string) maker {
	return maker{threeStatuses(), func(t *testing.T, c openbadge.Credential, status string) *world {
		t.Helper()
		c.VCVersion = vc
		w := &world{key: k, docs: web{}, plain: c}
		w.docs[site+"/.well-known/jwks.json"] = must(issue.KeySet(issuerID, map[string]issue.Key{"k1": k}))
		doc := issue.Credential3(c)
		w.addStatus(t, doc, status)
		var h map[string]any
		if header == "kid" {
			h = map[string]any{"kid": "k1"}
		}
		w.payload = must(k.Token(doc, h))
		return w
	}}
}

// addStatus points the credential to a list, which a key of its own signs.
func (w *world) addStatus(t *testing.T, doc map[string]any, status string) {
	t.Helper()
	contexts, _ := doc["@context"].([]any)
	purpose, place := "revocation", 76
	switch status {
	case statusNone:
		return
	case statusListed, statusListOut:
		revoked := map[string]string{w.plain.ID + "0": ""}
		if status == statusListOut {
			revoked[w.plain.ID] = "a slip"
		}
		doc["@context"] = append(slices.Clone(contexts), any("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"))
		doc["credentialStatus"] = map[string]any{"id": listAddress, "type": "1EdTechRevocationList"}
		w.docs[listAddress] = must(issue.RevocationList3(listAddress, w.plain.Issuer.ID, revoked))
		return
	case statusHeld:
		purpose, place = "suspension", 77
	case statusRevoked, statusOldOut:
		place = 77
	}
	entry := issue.StatusEntry(listAddress, purpose, 77)
	k := issue.Ed25519FromSeed("lists")
	list := must(issue.StatusList(openbadge.Credential{ID: listAddress, Issuer: openbadge.Issuer{ID: k.DIDKey()}, IssuedOn: sample().IssuedOn}, purpose, []int{place}))
	if status == statusOld || status == statusOldOut {
		const old = "https://w3id.org/vc/status-list/2021/v1"
		doc["@context"] = append(slices.Clone(contexts), any(old))
		entry["type"] = "StatusList2021Entry"
		list["@context"] = []any{"https://www.w3.org/2018/credentials/v1", old, "https://w3id.org/security/data-integrity/v2"}
		list["type"], list["issuanceDate"] = []any{"VerifiableCredential", "StatusList2021Credential"}, list["validFrom"]
		delete(list, "validFrom")
		subject, _ := list["credentialSubject"].(map[string]any)
		text, _ := subject["encodedList"].(string)
		subject["type"], subject["encodedList"] = "StatusList2021", strings.TrimPrefix(text, "u")
	} else if contexts[0] == "https://www.w3.org/2018/credentials/v1" {
		doc["@context"] = append(slices.Clone(contexts), any("https://www.w3.org/ns/credentials/status/v1"))
	}
	doc["credentialStatus"] = entry
	w.docs[listAddress] = must(k.Embed(t.Context(), list, issue.Proof{Method: k.DIDKey() + "#" + k.Multibase()}))
}

// dated gives the sample badge its dates.
func dated(c openbadge.Credential, dates string) openbadge.Credential {
	switch dates {
	case "expired":
		c.Expires = clock().Add(-time.Second)
	case "not yet":
		c.IssuedOn = clock().Add(time.Hour)
	case "for ever":
		c.Expires = time.Time{}
	}
	return c
}

// issuedTo gives the sample badge its recipient, and what the reader calls themselves.
func issuedTo(c openbadge.Credential, recipient string) (openbadge.Credential, []string) {
	const salt = "sel"
	hashed := func(address string) []openbadge.Identity {
		sum := sha256.Sum256([]byte(address + salt))
		return []openbadge.Identity{{Type: "email", Value: "sha256$" + hex.EncodeToString(sum[:]), Salt: salt, Hashed: true}}
	}
	switch recipient {
	case "hashed":
		c.Recipient.Identities = hashed("ada@example.org")
	case "hashed of another":
		c.Recipient.Identities = hashed("bob@example.org")
	case "unasked":
		return c, nil
	case "another":
		return c, []string{"bob@example.org"}
	}
	return c, []string{"eve@example.org", "ada@example.org"}
}

// wantedOf is the verdict by the order of verdictOf.
func wantedOf(v variant) verify.Verdict {
	switch {
	case v.recipient == "another" || v.recipient == "hashed of another":
		if v.status == statusGone {
			return verify.Revoked // who it was given to is gone with it
		}
		return verify.Invalid
	case strings.HasSuffix(v.status, "revoked"), v.status == statusOwn, v.status == statusGone:
		return verify.Revoked
	case v.status == statusHeld:
		return verify.Suspended
	case v.dates == "expired" && v.status != statusGone:
		return verify.Expired
	case v.dates == "not yet" && v.status != statusGone:
		return verify.NotYetValid
	}
	return verify.Valid
}

// carriedBy puts the payload into a carrier and takes it out again.
func carriedBy(t *testing.T, carrier string, w *world) []byte {
	t.Helper()
	version := "3.0"
	if w.method == "" && w.docs[site+"/.well-known/jwks.json"] == nil {
		version = "2.0"
	}
	data := w.payload
	switch carrier {
	case "PNG":
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
			t.Fatal(err)
		}
		data = must(bake.PNG(b.Bytes(), version, w.payload))
	case "SVG":
		data = must(bake.SVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), version, w.payload, w.plain.ID))
	case "PDF":
		data = fmt.Appendf(nil, "%%PDF-1.7\n1 0 obj\n<< /Type /Catalog /AF [ 2 0 R ] >>\nendobj\n2 0 obj\n<< /Type /Filespec /F (openbadge.json) /EF << /F 3 0 R >> >>\nendobj\n"+
			"3 0 obj\n<< /Type /EmbeddedFile /Length %d >>\nstream\n%s\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n", len(w.payload), w.payload)
	case "ZIP":
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		f := must(z.Create("badge.json"))
		must(f.Write(w.payload))
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		data = b.Bytes()
	}
	found := must(bake.ExtractAll(data))
	if len(found) != 1 || found[0].Err != nil || !bytes.Equal(bytes.TrimSpace(found[0].Payload), w.payload) {
		t.Fatalf("%s: %d found, %.300q", carrier, len(found), found[0].Payload)
	}
	return found[0].Payload
}

// TestVariants makes badges of every form with every status and every kind of dates; recipient
// and carrier go round. None that was left alone is refused, and none that was tampered with
// is valid.
func TestVariants(t *testing.T) {
	recipients := []string{"plain", "hashed", "unasked", "another", "hashed of another"}
	carriers := []string{"text", "PNG", "SVG", "PDF", "ZIP"}
	all := makers()
	maps.Copy(all, oldMakers())
	n, tampered := 0, 0
	for _, form := range slices.Sorted(maps.Keys(all)) {
		for _, status := range all[form].statuses {
			for _, dates := range []string{"now", "expired", "not yet", "for ever"} {
				v := variant{form, status, dates, recipients[n%len(recipients)], carriers[n/3%len(carriers)]}
				c, names := issuedTo(dated(sample(), dates), v.recipient)
				w := all[form].make(t, c, status)
				w.payload = carriedBy(t, v.carrier, w)
				ask := func(o *verify.Options) { o.Recipients = names }
				if r := w.check(t, ask); r.Verdict != wantedOf(v) {
					t.Errorf("%s: %s, want %s: %+v", v, r.Verdict, wantedOf(v), r.Checks)
				}
				tampered += tamper(t, v, w, n)
				n++
			}
		}
	}
	t.Logf("%d variants, %d of them tampered with", n, tampered)
	if n < 150 || tampered < 5*n {
		t.Errorf("only %d variants, %d tampered", n, tampered)
	}
}

// tamper changes some values of the badge, other ones for each variant, and wants it never valid.
func tamper(t *testing.T, v variant, w *world, n int) int {
	t.Helper()
	switch v.form {
	case "OB 2.0 hosted":
		return tamperHosted(t, v, w)
	case "OB 0.5 address", "OB 1.0 hosted", "OB 1.1 hosted", "OB 2.1 hosted":
		return tamperOldHosted(t, v, w)
	}
	count := 0
	try := func(what string, payload []byte) {
		count++
		if r := verify.Check(t.Context(), payload, verify.Options{At: clock(), Fetcher: w.docs}); r.Verdict == verify.Valid {
			t.Errorf("%s: valid with %s", v, what)
		}
	}
	if w.payload[0] == '{' {
		tamperJSON(t, w.payload, n, try)
	} else {
		tamperToken(t, w.payload, n, try)
	}
	return count
}

const tamperEvery = 61 // of the changes that there are, so that all come round

func tamperJSON(t *testing.T, payload []byte, n int, try func(string, []byte)) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(payload, &doc); err != nil {
		t.Fatal(err)
	}
	at := n
	mutate(doc, "", func(path string) {
		if at++; at%tamperEvery == 0 {
			try(path, must(json.Marshal(doc)))
		}
	})
}

// tamperToken changes bytes of a token, swaps its claims below the old signature, and takes
// the signature away.
func tamperToken(t *testing.T, token []byte, n int, try func(string, []byte)) {
	t.Helper()
	for i := n % 397; i < len(token); i += 397 {
		b := bytes.Clone(token)
		if b[i] ^= 1; b[i] != '.' && token[i] != '.' {
			try(fmt.Sprint("byte ", i), b)
		}
	}
	parts := strings.Split(string(token), ".")
	b64 := base64.RawURLEncoding
	claims := must(b64.DecodeString(parts[1]))
	for _, swap := range [][2]string{{"Basket weaving", "Brain surgery"}, {"2026-01-02", "2026-01-01"}, {"ada@", "eve@"}, {"issuer.example", "evil.example"}} {
		other := bytes.ReplaceAll(claims, []byte(swap[0]), []byte(swap[1]))
		if !bytes.Equal(other, claims) {
			try(swap[1], []byte(parts[0]+"."+b64.EncodeToString(other)+"."+parts[2]))
		}
	}
	try("no signature", []byte(parts[0]+"."+parts[1]+"."))
	none := b64.EncodeToString([]byte(`{"alg":"none"}`))
	try("alg none", []byte(none+"."+parts[1]+"."))
	try("alg none, old signature", []byte(none+"."+parts[1]+"."+parts[2]))
}

// tamperHosted changes the copy at hand, which must not be believed, and the documents of the
// issuer's side, which must fit each other.
func tamperHosted(t *testing.T, v variant, w *world) int {
	t.Helper()
	count := 0
	for _, swap := range [][2]string{{"ada@example.org", "eve@example.org"}, {"2026-", "2020-"}, {"The basket", "The bridge"}, {`"hashed":false`, `"hashed":true`}} {
		other := bytes.ReplaceAll(w.payload, []byte(swap[0]), []byte(swap[1]))
		r := verify.Check(t.Context(), other, verify.Options{At: clock(), Fetcher: w.docs})
		if c := r.Credential; r.Verdict == verify.Valid && (c == nil || strings.Contains(fmt.Sprintf("%+v", c.Recipient), "eve@") || c.IssuedOn.Year() != 2026) {
			t.Errorf("%s: the copy with %s is believed", v, swap[1])
		}
		count++
	}
	for _, swap := range [][3]string{
		{w.plain.ID, `"` + w.plain.ID + `"`, `"` + site + `/badges/8"`},
		{w.plain.ID, w.plain.AchievementID, "https://evil.example/class"},
		{w.plain.ID, "HostedBadge", "SignedBadge"},
		{w.plain.ID, `"type":"Assertion"`, `"type":"Thing"`},
		{w.plain.ID, "openbadges/v2", "openbadges/v9"},
		{w.plain.AchievementID, issuerID, "https://evil.example/about"},
		{w.plain.AchievementID, `"type":"BadgeClass"`, `"type":"Thing"`},
		{issuerID, `"` + issuerID + `"`, `"https://evil.example/about"`},
		{issuerID, `"type":"Profile"`, `"type":"Profile","verification":{"startsWith":"https://evil.example/"}`},
		{issuerID, `"type":"Profile"`, `"type":"Thing"`},
	} {
		docs := maps.Clone(w.docs)
		before := docs[swap[0]]
		if docs[swap[0]] = bytes.Replace(before, []byte(swap[1]), []byte(swap[2]), 1); bytes.Equal(docs[swap[0]], before) && before != nil {
			t.Fatalf("%s: %s has no %s", v, before, swap[1])
		}
		if r := verify.Check(t.Context(), w.payload, verify.Options{At: clock(), Fetcher: docs}); r.Verdict == verify.Valid {
			t.Errorf("%s: valid with %s in %s", v, swap[2], swap[0])
		}
		count++
	}
	return count
}
