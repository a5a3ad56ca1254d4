package openbadge

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// Envelope is a credential text taken apart, with nothing believed yet.
type Envelope struct {
	Form    Form
	Version Version
	Doc     map[string]any // the credential object; nil when the payload is only an address
	Header  map[string]any // JOSE header of a compact JWS
	Claims  map[string]any // payload of a compact JWS; Doc itself or holds it as "vc"
	Token   string         // the compact JWS
	URL     string         // the address, when the payload is one
	Raw     []byte
}

// maxPayload bounds a credential text in bytes: a CLR with embedded images fits.
const maxPayload = 5 << 20

// Open takes a payload apart: JSON, a compact JWS (RFC 7515 §3.1) or an http(s) address.
// The error is an *Error.
func Open(payload []byte) (*Envelope, error) {
	text := bytes.TrimSpace(payload)
	switch {
	case len(text) == 0:
		return nil, &Error{Reason: "empty"}
	case len(text) > maxPayload:
		return nil, &Error{Reason: "too-large"}
	case text[0] == '{' || text[0] == '[':
		return openJSON(payload, text)
	case isAddress(text):
		return &Envelope{Form: Hosted, URL: string(text), Raw: payload}, nil
	default:
		return openJWS(payload, string(text))
	}
}

func isAddress(text []byte) bool {
	const scheme = "http"
	if len(text) < len(scheme) || !strings.EqualFold(string(text[:len(scheme)]), scheme) {
		return false
	}
	s := string(text)
	if strings.ContainsAny(s, " \t\r\n") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func openJSON(raw, text []byte) (*Envelope, error) {
	doc, err := decodeObject(text)
	if err != nil {
		return nil, err
	}
	e := &Envelope{Doc: doc, Raw: raw, Version: versionOf(doc)}
	e.Form = jsonForm(doc, e.Version)
	return e, nil
}

func jsonForm(doc map[string]any, v Version) Form {
	switch {
	case v != V30 && v != CLR20:
		return Hosted
	case doc["proof"] != nil:
		return Embedded
	default:
		return Unsigned
	}
}

func openJWS(raw []byte, token string) (*Envelope, error) {
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return nil, &Error{Reason: "not-a-credential"}
	}
	header, err := decodePart(parts[0], "header")
	if err != nil {
		return nil, err
	}
	claims, err := decodePart(parts[1], "payload")
	if err != nil {
		return nil, err
	}
	doc := claims
	if vc, has := claims["vc"]; has {
		obj, ok := vc.(map[string]any)
		if !ok {
			return nil, &Error{Reason: "bad-type", Detail: "vc"}
		}
		doc = obj
	}
	e := &Envelope{Header: header, Claims: claims, Doc: doc, Token: token, Raw: raw, Version: versionOf(doc)}
	e.Form = JWS
	if e.Version == V30 || e.Version == CLR20 || claims["vc"] != nil {
		e.Form = VCJWT
	}
	return e, nil
}

func decodePart(part, name string) (map[string]any, error) {
	b, err := decodeSegment(part, name)
	if err != nil {
		return nil, err
	}
	return decodeObject(b)
}

func decodeSegment(part, name string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, &Error{Reason: "jws-base64", Detail: name}
	}
	return b, nil
}

func decodeObject(b []byte) (map[string]any, error) {
	v, err := strictjson.Decode(b, strictjson.Limits{})
	if err != nil {
		return nil, fromJSONError(err)
	}
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, &Error{Reason: "not-a-credential"}
	}
	return m, nil
}

// versionOf sniffs the version: by @context where there is one (since OB 1.1), else by the
// shape of the legacy objects.
func versionOf(doc map[string]any) Version {
	contexts := node{&reader{}, "@context", doc["@context"]}
	for _, c := range contexts.list() {
		s, _ := c.v.(string)
		switch {
		case strings.Contains(s, "openbadges/v2"):
			return V20
		case strings.Contains(s, "ob/v2p1"):
			return V21
		case strings.Contains(s, "openbadges/v1"):
			return V11
		case strings.Contains(s, "spec/clr/v2p0"):
			return clrOrBadge(doc)
		}
	}
	types := node{&reader{}, "", doc}.types()
	switch {
	case doc["credentialSubject"] != nil, slices.Contains(types, "VerifiableCredential"), hasVCContext(contexts):
		return clrOrBadge(doc)
	case doc["@context"] != nil:
		return V20
	default:
		return legacyVersion(doc)
	}
}

func hasVCContext(contexts node) bool {
	for _, c := range contexts.list() {
		s, _ := c.v.(string)
		if strings.Contains(s, "credentials/v1") || strings.Contains(s, "credentials/v2") {
			return true
		}
	}
	return false
}

func clrOrBadge(doc map[string]any) Version {
	if (node{&reader{}, "", doc}).hasType("ClrCredential") {
		return CLR20
	}
	return V30
}

func legacyVersion(doc map[string]any) Version {
	if badge, ok := doc["badge"].(map[string]any); ok && doc["verify"] == nil {
		if issuer, ok := badge["issuer"].(map[string]any); ok && issuer["origin"] != nil {
			return V05
		}
	}
	for _, k := range []string{"uid", "recipient", "badge", "verify", "revoked", "criteria", "url"} {
		if doc[k] != nil {
			return V10
		}
	}
	return ""
}
