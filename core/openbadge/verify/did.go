package verify

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// didMethod returns the method of a DID, or "".
func didMethod(s string) string {
	rest, ok := strings.CutPrefix(s, "did:")
	if !ok {
		return ""
	}
	method, _, _ := strings.Cut(rest, ":")
	return method
}

// isKeyDID reports whether a DID is its one key: naming it alone names that key.
func isKeyDID(did string) bool {
	m := didMethod(did)
	return m == "key" || m == "jwk"
}

// splitFragment cuts a DID URL or address at its fragment.
func splitFragment(s string) (base, fragment string) {
	base, fragment, _ = strings.Cut(s, "#")
	return base, fragment
}

// checkDID refuses DIDs that are malformed or that must never lead to a request: it is made
// before anything is fetched. One whose key is of a well-known kind that is not supported
// passes: its badge cannot be checked, and is not wrong for that.
func checkDID(did string) finding {
	base, _ := splitFragment(did)
	switch didMethod(base) {
	case "web":
		if _, f := didWebAddress(base); !f.ok() {
			return f
		}
	case "key":
		if _, err := didKey(base); err != nil && !errors.Is(err, errKeyKind) {
			return fail("did-key", base)
		}
	case "jwk":
		if _, err := didKey(base); err != nil && !errors.Is(err, errKeyKind) {
			return fail("did-jwk", base)
		}
	case "":
		return fail("did-syntax", did)
	default:
		if !isIRI(base) || strings.HasSuffix(base, ":") {
			return fail("did-syntax", did)
		}
	}
	return pass()
}

// didWebAddress turns a did:web into the address of its document (did:web §3.2 "Read").
// It is strict: a domain name of at least two labels in ASCII, a port only as %3A, path
// parts of plain characters. Addresses by number, local names, user parts and encoded
// slashes are refused.
func didWebAddress(did string) (string, finding) {
	bad := fail("did-web", did)
	parts := strings.Split(strings.TrimPrefix(did, "did:web:"), ":")
	host, port, hasPort := cutPort(parts[0])
	if !isDomain(host) || hasPort && !isPort(port) {
		return "", bad
	}
	for _, p := range parts[1:] {
		if !isPathPart(p) {
			return "", bad
		}
	}
	address := "https://" + host
	if hasPort {
		address += ":" + port
	}
	if len(parts) == 1 {
		return address + "/.well-known/did.json", pass()
	}
	return address + "/" + strings.Join(parts[1:], "/") + "/did.json", pass()
}

// DIDWebAddress gives the address of the document of a did:web (did:web §3.2 "Read"), and
// whether did is one that verifiers take.
func DIDWebAddress(did string) (address string, ok bool) {
	if !strings.HasPrefix(did, "did:web:") {
		return "", false
	}
	address, f := didWebAddress(did)
	return address, f.ok()
}

func cutPort(s string) (host, port string, has bool) {
	if host, port, has = strings.Cut(s, "%3A"); has {
		return host, port, true
	}
	return strings.Cut(s, "%3a")
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

// isDomain accepts DNS names in ASCII with two labels or more whose last label is not a
// number, and none of the names that are reserved for the own machine or network.
func isDomain(host string) bool {
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if !isLabel(l) {
			return false
		}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	last := strings.ToLower(labels[len(labels)-1])
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return false
	}
	switch last {
	case "localhost", "local", "internal", "localdomain", "lan", "home", "corp", "intranet", "onion", "arpa":
		return false
	}
	return true
}

func isLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for _, c := range l {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// isPathPart accepts unreserved characters and percent-encoded ones that are neither a
// slash, a dot nor a control character.
func isPathPart(p string) bool {
	if p == "" {
		return false
	}
	plain, err := url.PathUnescape(p)
	if err != nil || strings.Trim(plain, ".") == "" {
		return false
	}
	for _, c := range plain {
		if c <= 0x20 || c == 0x7f || strings.ContainsRune("/\\?#@%", c) {
			return false
		}
	}
	for _, c := range p {
		if c > 0x7e || strings.ContainsRune("<>\"{}|^`[]", c) {
			return false
		}
	}
	return true
}

// didJWK reads the key out of a did:jwk (did:jwk §"Read").
func didJWK(did string) (publicKey, error) {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(did, "did:jwk:"))
	if err != nil {
		return publicKey{}, errKeyForm
	}
	v, err := strictjson.Read(b, strictjson.Limits{})
	if err != nil {
		return publicKey{}, errKeyForm
	}
	return jwkKey(v.Map())
}
