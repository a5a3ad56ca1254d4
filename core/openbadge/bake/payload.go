package bake

import (
	"bytes"
	"encoding/base64"
	"html"
	"net/url"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/openbadge/wrap"
)

var utf8BOM = []byte("\xef\xbb\xbf")

type form int

const (
	formNone form = iota
	formJSON
	formJWS
	formURL
)

// sniff tells the form of a credential text by its look alone; it proves nothing.
func sniff(text []byte) form {
	t := bytes.TrimSpace(text)
	switch {
	case len(t) == 0:
		return formNone
	case t[0] == '{':
		return formJSON
	case isJWS(t):
		return formJWS
	case isWebURL(t):
		return formURL
	default:
		return formNone
	}
}

// isJWS tells a compact JWS (RFC 7515 §3.1): three base64url parts, the first
// a JSON object. The signature may be empty, so that an unsigned token is
// named as such by the verifier and not as an unknown file.
func isJWS(t []byte) bool {
	header, rest, ok := bytes.Cut(t, []byte("."))
	if !ok {
		return false
	}
	payload, signature, ok := bytes.Cut(rest, []byte("."))
	if !ok || len(payload) == 0 || !isBase64URL(header) || !isBase64URL(payload) || !isBase64URL(signature) {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(string(header[:min(len(header), 8)&^3]))
	if err != nil {
		return false
	}
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

// unwrapped takes a credential text out of JSON that others put around it, see package wrap.
func unwrapped(text []byte) ([]byte, bool) {
	inner, ok := wrap.Inner(text)
	return inner, ok && sniff(inner) != formNone
}

func isBase64URL(b []byte) bool {
	for _, c := range b {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// isWebURL tells an absolute http or https URL; no other scheme is ever fetched.
func isWebURL(t []byte) bool {
	if len(t) > maxURL || bytes.ContainsAny(t, " \t\r\n\"<>\\^`{|}") {
		return false
	}
	u, err := url.Parse(string(t))
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// carried makes the credential text of a PNG chunk or an SVG element: JSON is
// kept byte for byte, a JWS or URL loses the blanks around it. Some issuers
// escaped the JSON for HTML before they baked it; that is undone here.
func carried(c Carrier, keyword string, text []byte) (Found, error) {
	if !utf8.Valid(text) {
		return Found{}, &Error{Reason: "payload-encoding", Detail: keyword}
	}
	text = bytes.TrimPrefix(text, utf8BOM)
	if inner, ok := unwrapped(bytes.TrimSpace(text)); ok {
		text = inner
	}
	switch sniff(text) {
	case formJSON:
		inner := bytes.TrimSpace(bytes.TrimSpace(text)[1:])
		if bytes.HasPrefix(inner, []byte("&quot;")) {
			return found(c, keyword, []byte(html.UnescapeString(string(text))))
		}
		return found(c, keyword, text)
	case formJWS, formURL:
		return found(c, keyword, bytes.TrimSpace(text))
	default:
		if plain := html.UnescapeString(string(text)); len(plain) < len(text) && sniff([]byte(plain)) == formJSON {
			return found(c, keyword, []byte(plain))
		}
		if len(bytes.TrimSpace(text)) == 0 {
			return Found{}, &Error{Reason: "empty-payload", Detail: keyword}
		}
		return Found{}, &Error{Reason: "bad-payload", Detail: keyword}
	}
}
