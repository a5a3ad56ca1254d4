package verify_test

import (
	"bytes"
	"maps"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// oldMakers are the forms before Open Badges 2.0, and 2.1.
func oldMakers() map[string]maker {
	out := map[string]maker{"OB 0.5 address": {[]string{statusNone, statusGone}, makeLegacy}}
	for _, version := range []string{"1.0", "1.1"} {
		out["OB "+version+" hosted"] = maker{[]string{statusNone, statusOwn, statusGone}, func(_ *testing.T, c openbadge.Credential, status string) *world {
			return makeOld(version, c, status, false)
		}}
		out["OB "+version+" signed"] = maker{[]string{statusNone, statusListed, statusListOut}, func(_ *testing.T, c openbadge.Credential, status string) *world {
			return makeOld(version, c, status, true)
		}}
	}
	out["OB 2.1 hosted"] = maker{[]string{statusNone, statusOwn, statusGone}, func(t *testing.T, c openbadge.Credential, status string) *world {
		t.Helper()
		w := makeHosted(t, c, status)
		newer := func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("https://w3id.org/openbadges/v2"), []byte("https://purl.imsglobal.org/spec/ob/v2p1/ob_v2p1.jsonld"))
		}
		for address, b := range w.docs {
			if b != nil {
				w.docs[address] = newer(b)
			}
		}
		w.payload = newer(w.payload)
		return w
	}}
	return out
}

// makeLegacy makes an OB 0.5 badge, which is known by its address alone.
func makeLegacy(_ *testing.T, c openbadge.Credential, status string) *world {
	who := c.Recipient.Identities[0]
	doc := map[string]any{
		"recipient": who.Value, "issued_on": c.IssuedOn.Format("2006-01-02"),
		"badge": map[string]any{
			"version": "0.5.0", "name": c.Name, "description": c.Description, "image": c.Image, "criteria": c.CriteriaID,
			"issuer": map[string]any{"origin": site, "name": c.Issuer.Name},
		},
	}
	if who.Salt != "" {
		doc["salt"] = who.Salt
	}
	if !c.Expires.IsZero() {
		doc["expires"] = c.Expires.Format("2006-01-02T15:04:05Z")
	}
	w := &world{plain: c, payload: []byte(c.ID), docs: web{c.ID: must(issue.JSON(doc))}}
	if status == statusGone {
		w.docs[c.ID] = nil
	}
	return w
}

// makeOld makes an OB 1.0 or 1.1 badge: the documents of 1.0 have neither context nor type,
// its times are seconds, and its signed badges name the PEM file of the key.
func makeOld(version string, c openbadge.Credential, status string, signed bool) *world {
	const key = site + "/key.pem"
	who := c.Recipient.Identities[0]
	recipient := map[string]any{"type": "email", "hashed": who.Hashed, "identity": who.Value}
	if who.Salt != "" {
		recipient["salt"] = who.Salt
	}
	assertion := map[string]any{
		"uid": "basket-7", "recipient": recipient, "badge": c.AchievementID, "issuedOn": c.IssuedOn.Unix(),
		"verify": map[string]any{"type": "hosted", "url": c.ID},
	}
	if !c.Expires.IsZero() {
		assertion["expires"] = c.Expires.Unix()
	}
	class := map[string]any{"name": c.Name, "description": c.Description, "image": c.Image, "criteria": c.CriteriaID, "issuer": c.Issuer.ID}
	profile := map[string]any{"name": c.Issuer.Name, "url": c.Issuer.ID}
	if version == "1.1" {
		for id, m := range map[string]map[string]any{c.ID: assertion, c.AchievementID: class, c.Issuer.ID: profile} {
			m["@context"], m["id"] = "https://w3id.org/openbadges/v1", id
		}
		assertion["type"], class["type"], profile["type"] = "Assertion", "BadgeClass", "Issuer"
		assertion["issuedOn"] = c.IssuedOn.Format("2006-01-02T15:04:05Z")
	}
	w := &world{plain: c, docs: web{c.AchievementID: must(issue.JSON(class))}}
	if signed {
		assertion["verify"] = map[string]any{"type": "signed", "url": key}
		w.key = rsaKey()
		w.docs[key] = []byte(w.key.PublicPEM())
		if status != statusNone {
			profile["revocationList"] = listAddress
			uid := map[string]string{statusListed: "basket-8", statusListOut: "basket-7"}[status]
			w.docs[listAddress] = must(issue.JSON(map[string]any{uid: "a slip"}))
		}
		w.payload = must(w.key.Signed1(assertion))
	} else {
		w.payload = must(issue.JSON(assertion))
		switch w.docs[c.ID] = w.payload; status {
		case statusOwn:
			w.docs[c.ID] = bytes.Replace(w.payload, []byte(`"badge"`), []byte(`"revoked":true,"badge"`), 1)
		case statusGone:
			w.docs[c.ID] = nil
		}
	}
	w.docs[c.Issuer.ID] = must(issue.JSON(profile))
	return w
}

// tamperOldHosted changes what the issuer's side serves.
func tamperOldHosted(t *testing.T, v variant, w *world) int {
	t.Helper()
	count := 0
	for _, swap := range [][3]string{
		{w.plain.ID, w.plain.AchievementID, "https://evil.example/class"},
		{w.plain.ID, `"recipient"`, `"receiver"`},
		{w.plain.ID, `"issue`, `"tissue`},
		{w.plain.ID, `"type":"hosted"`, `"type":"signed"`},
		{w.plain.ID, site, "https://evil.example"},
		{w.plain.AchievementID, issuerID, "https://evil.example/about"},
		{w.plain.AchievementID, `"name"`, `"game"`},
		{issuerID, `"name"`, `"game"`},
	} {
		docs := maps.Clone(w.docs)
		before := docs[swap[0]]
		if docs[swap[0]] = bytes.ReplaceAll(before, []byte(swap[1]), []byte(swap[2])); bytes.Equal(docs[swap[0]], before) || w.docs[w.plain.AchievementID] == nil && swap[1] == w.plain.AchievementID {
			continue // in 0.5 the criteria are all that this changes
		}
		if r := verify.Check(t.Context(), w.payload, verify.Options{At: clock(), Fetcher: docs}); r.Verdict == verify.Valid {
			t.Errorf("%s: valid with %s in %s", v, swap[2], swap[0])
		}
		count++
	}
	return count
}
