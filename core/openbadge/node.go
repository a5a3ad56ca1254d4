package openbadge

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// reader keeps the first type error met while reading a document. Paths cost a text
// for each field, so they are made only when asked for: see Envelope.Credential.
type reader struct {
	err   *Error
	paths bool
}

func (r *reader) fail(reason, path string) {
	if r.err == nil {
		r.err = &Error{Reason: reason, Detail: path}
	}
}

// node is a JSON value with its path, so that an error can name the field. JSON-LD lets
// most properties be a string, an object or an array of either (JSON-LD 1.1 §4.3).
type node struct {
	r    *reader
	path string
	v    any
}

func (n node) get(key string) node {
	m, _ := n.v.(map[string]any)
	path := key
	if n.r.paths && n.path != "" {
		path = n.path + "." + key
	}
	return node{n.r, path, m[key]}
}

// first returns the first of several properties that is present: names differ by version.
func (n node) first(keys ...string) node {
	for _, k := range keys {
		if c := n.get(k); c.v != nil {
			return c
		}
	}
	return n.get(keys[0])
}

func (n node) absent() bool { return n.v == nil }

func (n node) isObject() bool { _, ok := n.v.(map[string]any); return ok }

// list returns the elements of an array, a single value as a list of one, and nothing for null.
func (n node) list() []node {
	switch v := n.v.(type) {
	case nil:
		return nil
	case []any:
		out := make([]node, 0, len(v))
		for i, e := range v {
			if e != nil {
				out = append(out, node{n.r, n.element(i), e})
			}
		}
		return out
	default:
		return []node{n}
	}
}

func (n node) element(i int) string {
	if !n.r.paths {
		return n.path
	}
	return n.path + "[" + strconv.Itoa(i) + "]"
}

// one returns the first element of a property that may be single or an array.
func (n node) one() node {
	if l := n.list(); len(l) > 0 {
		return l[0]
	}
	return node{n.r, n.path, nil}
}

// text reads a string, a JSON-LD value object, a language map or an array of these.
// The language asked for first wins, then English, then the first in order.
func (n node) text(lang string) string {
	switch v := n.v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		return n.textOfList(lang)
	case map[string]any:
		if val, ok := v["@value"]; ok {
			return node{n.r, n.path + ".@value", val}.text(lang)
		}
		return n.textOfMap(v, lang)
	default:
		n.r.fail("bad-type", n.path)
		return ""
	}
}

func (n node) textOfList(lang string) string {
	best := ""
	for _, e := range n.list() {
		t := e.text(lang)
		m, _ := e.v.(map[string]any)
		if l, _ := m["@language"].(string); l != "" && sameLanguage(l, lang) {
			return t
		}
		if best == "" {
			best = t
		}
	}
	return best
}

func (n node) textOfMap(m map[string]any, lang string) string {
	keys := slices.Sorted(maps.Keys(m))
	if len(keys) == 0 {
		n.r.fail("bad-type", n.path)
		return ""
	}
	pick := keys[0]
	for _, want := range []string{"en", lang} {
		for _, k := range keys {
			if want != "" && sameLanguage(k, want) {
				pick = k
			}
		}
	}
	s, ok := m[pick].(string)
	if !ok {
		n.r.fail("bad-type", n.path)
	}
	return s
}

func sameLanguage(tag, want string) bool {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	wantBase, _, _ := strings.Cut(strings.ToLower(want), "-")
	return base == wantBase
}

// str reads a plain string.
func (n node) str() string {
	switch v := n.one().v.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		n.r.fail("bad-type", n.path)
		return ""
	}
}

// id reads an identifier: a string, or an object that has one.
func (n node) id() string {
	one := n.one()
	switch v := one.v.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any:
		return one.first("id", "@id").str()
	default:
		n.r.fail("bad-type", n.path)
		return ""
	}
}

func (n node) boolean() bool {
	switch v := n.v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	default:
		n.r.fail("bad-type", n.path)
		return false
	}
}

// strings reads one string or an array of strings.
func (n node) strings() []string {
	var out []string
	for _, e := range n.list() {
		s, ok := e.v.(string)
		if !ok {
			e.r.fail("bad-type", e.path)
			continue
		}
		out = append(out, s)
	}
	return out
}

func (n node) types() []string { return n.first("type", "@type").strings() }

func (n node) hasType(names ...string) bool {
	for _, t := range n.types() {
		if slices.Contains(names, t) {
			return true
		}
	}
	return false
}
