package verify

import (
	"encoding/json"
	"slices"
	"strings"
)

// asList returns the elements of an array, a single value as a list of one, nothing for nil.
func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func asObject(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func asString(v any) string {
	s, _ := v.(string)
	return s
}

// idOf reads an identifier that is a string or an object with one.
func idOf(v any) string {
	if l, ok := v.([]any); ok && len(l) == 1 {
		v = l[0]
	}
	if m, ok := v.(map[string]any); ok {
		if id := asString(m["id"]); id != "" {
			return id
		}
		return asString(m["@id"])
	}
	return asString(v)
}

func typesOf(m map[string]any) []string {
	v := m["type"]
	if v == nil {
		v = m["@type"]
	}
	var out []string
	for _, t := range asList(v) {
		if s, ok := t.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func hasType(m map[string]any, names ...string) bool {
	v := m["type"]
	if v == nil {
		v = m["@type"]
	}
	if list, ok := v.([]any); ok {
		return slices.ContainsFunc(list, func(t any) bool { return isOneOf(t, names) })
	}
	return isOneOf(v, names)
}

func isOneOf(v any, names []string) bool {
	s, ok := v.(string)
	return ok && slices.Contains(names, s)
}

// intOf reads a whole number from a JSON number or a string of digits.
func intOf(v any) (int64, bool) {
	var n json.Number
	switch v := v.(type) {
	case json.Number:
		n = v
	case string:
		n = json.Number(v)
	default:
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

// isIRI reports whether s is an absolute IRI: a scheme and something behind it, without the
// characters that RFC 3987 §2.2 forbids.
func isIRI(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon < 0 || colon == len(s)-1 || !isScheme(s[:colon]) {
		return false
	}
	bad := byte(0)
	for len(s) >= 8 { // a key as a DID has some hundred bytes
		bad |= notInIRI[s[0]] | notInIRI[s[1]] | notInIRI[s[2]] | notInIRI[s[3]] |
			notInIRI[s[4]] | notInIRI[s[5]] | notInIRI[s[6]] | notInIRI[s[7]]
		s = s[8:]
	}
	for i := range len(s) {
		bad |= notInIRI[s[i]]
	}
	return bad == 0
}

// notInIRI has 1 for the bytes that no IRI has.
var notInIRI = func() (set [256]byte) {
	for c := range 0x21 {
		set[c] = 1
	}
	for _, c := range []byte("<>\"{}|\\^`\x7f") {
		set[c] = 1
	}
	return set
}()

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// isDangerous reports whether an address would run or read something when opened.
func isDangerous(s string) bool {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(s), ":")
	switch strings.ToLower(scheme) {
	case "javascript", "vbscript", "file", "blob", "filesystem", "about", "view-source":
		return true
	case "data":
		const picture = "image/"
		return len(rest) < len(picture) || !strings.EqualFold(rest[:len(picture)], picture)
	}
	return false
}

func isWeb(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}
