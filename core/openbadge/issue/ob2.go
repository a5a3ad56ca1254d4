package issue

import (
	"cmp"
	"fmt"
	"maps"

	"github.com/osier-passport/osier/core/openbadge"
)

const ob2Context = "https://w3id.org/openbadges/v2"

// Hosted are the three documents of a hosted OB 2.0 badge, each to be served at its own
// address: Credential.ID, Credential.AchievementID and Issuer.ID.
type Hosted struct{ Assertion, Class, Issuer []byte }

// Hosted2 makes a hosted OB 2.0 badge (OB2 §Assertion, §BadgeClass, §Profile).
func Hosted2(c openbadge.Credential) (Hosted, error) {
	a := Assertion2(c)
	a["verification"] = map[string]any{"type": "HostedBadge"}
	var h Hosted
	for _, d := range []struct {
		to *[]byte
		v  map[string]any
	}{{&h.Assertion, a}, {&h.Class, Class2(c)}, {&h.Issuer, Profile2(c.Issuer)}} {
		b, err := marshal(d.v)
		if err != nil {
			return h, fmt.Errorf("make hosted badge: %w", err)
		}
		*d.to = b
	}
	return h, nil
}

// Signed2 makes a signed OB 2.0 badge (OB2 §SignedBadge): a JWS that names the key at
// keyAddress, which the issuer's Profile must list.
func (k Key) Signed2(c openbadge.Credential, keyAddress string) ([]byte, error) {
	a := Assertion2(c)
	a["verification"] = map[string]any{"type": "SignedBadge", "creator": keyAddress}
	return k.compactJWS(a, map[string]any{})
}

// Signed1 signs an OB 1.0 or 1.1 assertion (OB 1.1 §"Signed Badges"), whose verify.url is the
// PEM file of the key.
func (k Key) Signed1(assertion map[string]any) ([]byte, error) {
	return k.compactJWS(assertion, map[string]any{})
}

// Assertion2 makes an OB 2.0 Assertion without its verification.
func Assertion2(c openbadge.Credential) map[string]any {
	a := map[string]any{
		"@context": ob2Context, "type": "Assertion", "id": c.ID, "badge": c.AchievementID,
		"issuedOn": stamp(c.IssuedOn),
	}
	if !c.Expires.IsZero() {
		a["expires"] = stamp(c.Expires)
	}
	if len(c.Recipient.Identities) > 0 {
		i := c.Recipient.Identities[0]
		r := compact(map[string]any{"type": cmp.Or(i.Type, "email"), "identity": i.Value, "salt": i.Salt})
		r["hashed"] = i.Hashed
		a["recipient"] = r
	}
	var evidence []any
	for _, e := range c.Evidence {
		evidence = append(evidence, compact(map[string]any{
			"id": e.ID, "name": e.Name, "narrative": e.Narrative, "genre": e.Genre, "description": e.Description,
		}))
	}
	if evidence != nil {
		a["evidence"] = evidence
	}
	return a
}

// Class2 makes an OB 2.0 BadgeClass.
func Class2(c openbadge.Credential) map[string]any {
	m := compact(map[string]any{
		"@context": ob2Context, "type": "BadgeClass", "id": c.AchievementID, "name": c.Name,
		"description": c.Description, "image": c.Image, "issuer": c.Issuer.ID, "@language": c.Language,
	})
	m["criteria"] = compact(map[string]any{"id": c.CriteriaID, "narrative": c.CriteriaText})
	if len(c.Tags) > 0 {
		m["tags"] = anyList(c.Tags)
	}
	var alignments []any
	for _, l := range c.Alignments {
		alignments = append(alignments, compact(map[string]any{
			"targetName": l.Name, "targetUrl": l.URL, "targetFramework": l.Framework, "targetCode": l.Code,
			"targetDescription": l.Description,
		}))
	}
	if alignments != nil {
		m["alignment"] = alignments
	}
	return m
}

// Profile2 makes an OB 2.0 issuer Profile. keys are the addresses of its CryptographicKeys.
func Profile2(i openbadge.Issuer, keys ...string) map[string]any {
	p := compact(map[string]any{
		"@context": ob2Context, "type": "Profile", "id": i.ID, "name": i.Name, "url": i.URL,
		"email": i.Email, "description": i.Description, "image": i.Image,
	})
	if len(keys) > 0 {
		p["publicKey"] = anyList(keys)
	}
	return p
}

// CryptographicKey makes the OB 2.0 key document at the address, owned by the issuer.
func (k Key) CryptographicKey(address, issuer string) ([]byte, error) {
	return marshal(map[string]any{
		"@context": ob2Context, "type": "CryptographicKey", "id": address, "owner": issuer,
		"publicKeyPem": k.PublicPEM(),
	})
}

// RevocationList2 makes an OB 2.0 RevocationList: badge id to reason.
func RevocationList2(address, issuer string, revoked map[string]string) ([]byte, error) {
	list := []any{}
	for id, reason := range revoked {
		list = append(list, compact(map[string]any{"id": id, "revocationReason": reason}))
	}
	return marshal(map[string]any{
		"@context": ob2Context, "type": "RevocationList", "id": address, "issuer": issuer, "revokedAssertions": list,
	})
}

// JSON writes a document that the functions of this package gave as a map.
func JSON(doc map[string]any) ([]byte, error) { return marshal(maps.Clone(doc)) }
