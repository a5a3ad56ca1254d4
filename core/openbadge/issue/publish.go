package issue

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"

	"github.com/osier-passport/osier/core/openbadge"
)

// KeySet makes the JWK set for https://{authority of the issuer}/.well-known/jwks.json. The
// map goes from key id to key; every key is bound to the issuer (OB3 recommended practices).
func KeySet(issuer string, keys map[string]Key) ([]byte, error) {
	list := []any{}
	for id, k := range keys {
		j := k.JWK()
		j["kid"], j["iss"], j["alg"], j["use"] = id, issuer, k.Alg(), "sig"
		list = append(list, j)
	}
	return marshal(map[string]any{"keys": list})
}

// ControllerDocument makes a DID document or controlled identifier document (Controlled
// Identifiers §2) that lists the keys for assertions. The map goes from fragment to key.
func ControllerDocument(id string, keys map[string]Key) ([]byte, error) {
	methods, refs := []any{}, []any{}
	for fragment, k := range keys {
		m := map[string]any{"id": id + "#" + fragment, "controller": id}
		if mb := k.Multibase(); mb != "" {
			m["type"], m["publicKeyMultibase"] = "Multikey", mb
		} else {
			m["type"], m["publicKeyJwk"] = "JsonWebKey", k.JWK()
		}
		methods = append(methods, m)
		refs = append(refs, m["id"])
	}
	return marshal(map[string]any{
		"@context": []any{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"},
		"id":       id, "verificationMethod": methods, "assertionMethod": refs,
	})
}

// RevocationList3 makes a 1EdTech revocation list (VCRL 1.0): credential id to reason.
func RevocationList3(address, issuer string, revoked map[string]string) ([]byte, error) {
	list := []any{}
	for id, reason := range revoked {
		e := compact(map[string]any{"id": id, "revocationReason": reason})
		e["revoked"] = true
		list = append(list, e)
	}
	return marshal(map[string]any{"id": address, "issuer": issuer, "revokedCredential": list})
}

// StatusList makes an unsigned BitstringStatusListCredential (Bitstring Status List §2.2) of
// the issuer of c with the bits at the places set. purpose is "revocation" or "suspension".
func StatusList(c openbadge.Credential, purpose string, set []int) (map[string]any, error) {
	bits := make([]byte, 131072/8)
	for _, i := range set {
		if i < 0 || i/8 >= len(bits) {
			return nil, fmt.Errorf("status list: no place %d", i)
		}
		bits[i/8] |= 1 << (7 - i%8)
	}
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	if _, err := zw.Write(bits); err != nil {
		return nil, fmt.Errorf("pack status list: %w", err)
	}
	if err := zw.Close(); err != nil {
		return nil, fmt.Errorf("pack status list: %w", err)
	}
	return map[string]any{
		"@context": []any{vc2Context}, "id": c.ID,
		"type":   []any{"VerifiableCredential", "BitstringStatusListCredential"},
		"issuer": c.Issuer.ID, "validFrom": stamp(c.IssuedOn),
		"credentialSubject": map[string]any{
			"id": c.ID + "#list", "type": "BitstringStatusList", "statusPurpose": purpose,
			"encodedList": "u" + base64.RawURLEncoding.EncodeToString(packed.Bytes()),
		},
	}, nil
}

// StatusEntry makes the credentialStatus that points into a list.
func StatusEntry(list, purpose string, index int) map[string]any {
	return map[string]any{
		"id": fmt.Sprintf("%s#%d", list, index), "type": "BitstringStatusListEntry",
		"statusPurpose": purpose, "statusListIndex": fmt.Sprint(index), "statusListCredential": list,
	}
}
