// Package wrap takes a credential text out of the JSON that others put around it: a string
// in quotes, an object whose only member is a compact JWS, or an
// EnvelopedVerifiableCredential (VC 2.0 §4.13.1).
//
// It owns no tables and no events. Nothing around a credential is signed, so nothing of it
// is kept or believed. core/openbadge and core/openbadge/bake call it.
package wrap

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

const envelope = "EnvelopedVerifiableCredential"

// Inner gives the text inside one layer of wrapping, without blanks around it, and whether
// there was one. It does not look at what the text is. text begins with no blanks.
func Inner(text []byte) ([]byte, bool) {
	if len(text) == 0 {
		return nil, false
	}
	switch text[0] {
	case '"':
		return quoted(text)
	case '{':
		return inObject(text)
	}
	return nil, false
}

// quoted reads a JSON string, as APIs and clipboards give a token.
func quoted(text []byte) ([]byte, bool) {
	v, err := strictjson.Read(text, strictjson.Limits{})
	if err != nil || !v.IsText() {
		return nil, false
	}
	inner := bytes.TrimSpace([]byte(v.Text()))
	return inner, len(inner) > 0
}

// inObject reads the objects around a token. Most credentials are told from these by a look
// at their text, so that they are not read twice.
func inObject(text []byte) ([]byte, bool) {
	if !bytes.Contains(text, []byte(envelope)) && !hasOneMember(text) {
		return nil, false
	}
	v, err := strictjson.Read(text, strictjson.Limits{})
	if err != nil {
		return nil, false
	}
	token := soleToken(v)
	if token == "" {
		token = Enveloped(v)
	}
	return []byte(token), token != ""
}

// hasOneMember reports whether an object may be a name and a text, and nothing else.
func hasOneMember(text []byte) bool {
	parts := bytes.SplitN(text, []byte(`"`), 6)
	return len(parts) == 5 && len(bytes.TrimSpace(parts[0])) == 1
}

// soleToken is the text of the only member of an object, under a name by which wallets and
// APIs hand out a token.
func soleToken(v strictjson.Value) string {
	if v.Size() != 1 {
		return ""
	}
	for _, name := range []string{"jwt", "jws", "vc", "credential", "verifiableCredential", "signedAssertion"} {
		if token := strings.TrimSpace(v.Get(name).Text()); IsToken(token) {
			return token
		}
	}
	return ""
}

// IsToken tells a text of three parts of base64url, as a compact JWS is (RFC 7515 §3.1). The
// last may be empty, so that a token without a signature is named as such by who verifies it.
func IsToken(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return false
	}
	for _, p := range parts {
		for i := range len(p) {
			c := p[i]
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// Enveloped gives the compact JWS inside an EnvelopedVerifiableCredential, whose id is a
// data: URL of the type application/vc+jwt (VC 2.0 §4.13.1), "" for any other value.
func Enveloped(v strictjson.Value) string {
	if !v.IsObject() {
		return ""
	}
	typ := v.Get("type")
	if !typ.Present() {
		typ = v.Get("@type")
	}
	for t := typ.Items(); t.Exists(); t = t.Next() {
		if t.Text() == envelope {
			id := v.Get("id").Text()
			if id == "" {
				id = v.Get("@id").Text()
			}
			return tokenOf(id)
		}
	}
	return ""
}

// tokenOf reads a data: URL (RFC 2397) of a token.
func tokenOf(id string) string {
	const scheme = "data:"
	if len(id) < len(scheme) || !strings.EqualFold(id[:len(scheme)], scheme) {
		return ""
	}
	kind, data, ok := strings.Cut(id[len(scheme):], ",")
	kind = strings.ToLower(kind)
	plain, coded := strings.CutSuffix(kind, ";base64")
	media, _, _ := strings.Cut(plain, ";")
	switch strings.TrimSpace(media) {
	case "application/vc+jwt", "application/vc-ld+jwt", "application/vc+ld+jwt", "application/vc+ld+json+jwt", "application/jwt":
	default:
		return ""
	}
	if !ok {
		return ""
	}
	token, err := url.PathUnescape(data)
	if err == nil && coded {
		var b []byte
		b, err = base64.StdEncoding.DecodeString(token)
		token = string(b)
	}
	if token = strings.TrimSpace(token); err != nil || !IsToken(token) {
		return ""
	}
	return token
}
