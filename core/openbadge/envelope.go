package openbadge

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
	"github.com/osier-passport/osier/core/openbadge/wrap"
)

// Envelope is a credential text taken apart, with nothing believed yet.
type Envelope struct {
	Form    Form
	Version Version
	Root    strictjson.Value // the credential object; absent when the payload is only an address
	Header  strictjson.Value // JOSE header of a compact JWS
	Claims  strictjson.Value // payload of a compact JWS; Root itself or holds it as "vc"
	Token   []byte           // the compact JWS, a piece of Raw
	URL     string           // the address, when the payload is one
	Raw     []byte

	doc map[string]any // Root, once somebody asked
}

// Doc is the credential object as Go maps, nil when the payload is only an address. They are
// made at the first call, which is not for concurrent use: what every credential goes through
// reads Root.
func (e *Envelope) Doc() map[string]any {
	if e.doc == nil {
		e.doc = e.Root.Map()
	}
	return e.doc
}

// Recycle gives the memory of the opened document back, see strictjson.Value.Recycle. What
// Credential returned stays good; the Envelope and its values may not be used any more.
func (e *Envelope) Recycle() {
	e.Claims.Recycle()
	e.Root.Recycle()
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
	case text[0] == '"':
		return openWrapped(text)
	case isAddress(text):
		return &Envelope{Form: Hosted, URL: string(text), Raw: payload}, nil
	default:
		return openJWS(payload, text)
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
	e := &Envelope{Root: doc, Raw: raw, Version: versionOf(doc)}
	if e.Version == "" || mayEnvelop(doc) {
		if inner, ok := wrap.Inner(text); ok && wrap.IsToken(string(inner)) {
			return openJWS(inner, inner)
		}
	}
	e.Form = jsonForm(doc, e.Version)
	return e, nil
}

// openWrapped opens what a JSON string holds. It is the credential text as received: a string
// in quotes is nobody's signed text.
func openWrapped(text []byte) (*Envelope, error) {
	inner, ok := wrap.Inner(text)
	if !ok || inner[0] == '"' {
		return nil, &Error{Reason: "not-a-credential"}
	}
	return Open(inner)
}

// mayEnvelop tells an EnvelopedVerifiableCredential by its id (VC 2.0 §4.13.1).
func mayEnvelop(doc strictjson.Value) bool {
	id := doc.Get("id")
	if !id.Exists() {
		id = doc.Get("@id")
	}
	return strings.HasPrefix(id.Text(), "data:")
}

func jsonForm(doc strictjson.Value, v Version) Form {
	switch {
	case v != V30 && v != CLR20:
		return Hosted
	case doc.Get("proof").Present():
		return Embedded
	default:
		return Unsigned
	}
}

func openJWS(raw, token []byte) (*Envelope, error) {
	first, rest, ok := bytes.Cut(token, []byte("."))
	second, third, more := bytes.Cut(rest, []byte("."))
	if !ok || !more || bytes.IndexByte(third, '.') >= 0 {
		return nil, &Error{Reason: "not-a-credential"}
	}
	header, err := headers.read(first)
	if err != nil {
		return nil, err
	}
	claims, err := decodePart(second, "payload")
	if err != nil {
		return nil, err
	}
	doc, vc := claims, claims.Get("vc")
	if vc.Exists() {
		if !vc.IsObject() {
			return nil, &Error{Reason: "bad-type", Detail: "vc"}
		}
		doc = vc
	}
	e := &Envelope{Header: header, Claims: claims, Root: doc, Token: token, Raw: raw, Version: versionOf(doc)}
	e.Form = JWS
	if e.Version == V30 || e.Version == CLR20 || vc.Exists() {
		e.Form = VCJWT
	}
	return e, nil
}

func decodePart(part []byte, name string) (strictjson.Value, error) {
	text, err := decodeSegment(part, name)
	if err != nil {
		return strictjson.Value{}, err
	}
	return objectOf(strictjson.ReadText(text, strictjson.Limits{}))
}

// strictURL is base64url as RFC 7515 §2 has it, without padding and loose bits.
var strictURL = base64.RawURLEncoding.Strict()

// decodeSegment decodes the whole groups itself, which is faster, and leaves the end and
// all that is unusual to the standard library.
func decodeSegment(part []byte, name string) (string, error) {
	var text strings.Builder
	text.Grow(strictURL.DecodedLen(len(part)))
	var piece [1024]byte
	for {
		read, wrote := decodeGroups(piece[:], part)
		text.Write(piece[:wrote])
		if part = part[read:]; read < len(piece)/6*8 {
			break
		}
	}
	rest, err := strictURL.AppendDecode(piece[:0], part)
	if err != nil {
		return "", &Error{Reason: "jws-base64", Detail: name}
	}
	text.Write(rest)
	return text.String(), nil
}

func decodeObject(b []byte) (strictjson.Value, error) {
	return objectOf(strictjson.Read(b, strictjson.Limits{}))
}

// objectOf is an object that was read, possibly as the only element of a list.
func objectOf(v strictjson.Value, err error) (strictjson.Value, error) {
	if err != nil {
		return strictjson.Value{}, fromJSONError(err)
	}
	if v.IsList() && v.Len() == 1 {
		v = v.First()
	}
	if !v.IsObject() {
		return strictjson.Value{}, &Error{Reason: "not-a-credential"}
	}
	return v, nil
}

// versionOf sniffs the version: by @context where there is one (since OB 1.1), else by the
// shape of the legacy objects.
func versionOf(doc strictjson.Value) Version {
	contexts := doc.Get("@context")
	for c := contexts.Items(); c.Exists(); c = c.Next() {
		s := c.Text()
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
	root := node{r: ignore, v: doc}
	switch {
	case doc.Get("credentialSubject").Present(), root.hasType("VerifiableCredential"), hasVCContext(contexts):
		return clrOrBadge(doc)
	case contexts.Present():
		return V20
	default:
		return legacyVersion(doc)
	}
}

// ignore is a reader for which errors do not matter: it has one already.
var ignore = &reader{err: &Error{}}

func hasVCContext(contexts strictjson.Value) bool {
	for c := contexts.Items(); c.Exists(); c = c.Next() {
		s := c.Text()
		if strings.Contains(s, "credentials/v1") || strings.Contains(s, "credentials/v2") {
			return true
		}
	}
	return false
}

func clrOrBadge(doc strictjson.Value) Version {
	if (node{r: ignore, v: doc}).hasType("ClrCredential") {
		return CLR20
	}
	return V30
}

func legacyVersion(doc strictjson.Value) Version {
	if !doc.Get("verify").Present() && doc.Get("badge").Get("issuer").Get("origin").Present() {
		return V05
	}
	for _, k := range []string{"uid", "recipient", "badge", "verify", "revoked", "criteria", "url"} {
		if doc.Get(k).Present() {
			return V10
		}
	}
	return ""
}
