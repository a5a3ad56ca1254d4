package openbadge

import (
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
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
	v    strictjson.Value
}

func (n node) get(key string) node {
	path := key
	if n.r.paths && n.path != "" {
		path = n.path + "." + key
	}
	return node{n.r, path, n.v.Get(key)}
}

// first returns the first of several properties that is present: names differ by version.
func (n node) first(keys ...string) node {
	for _, k := range keys {
		if c := n.get(k); !c.absent() {
			return c
		}
	}
	return n.get(keys[0])
}

// plain is a property that is a string, as nearly all are, or is not there. It spares the
// making of a node for it; ok is false for anything else.
func (n node) plain(key string) (text string, ok bool) {
	switch v := n.v.Get(key); v.Kind() {
	case strictjson.String:
		return v.Text(), true
	case strictjson.Absent, strictjson.Null:
		return "", true
	}
	return "", false
}

// textAt is get(key).text(lang).
func (n node) textAt(key, lang string) string {
	if s, ok := n.plain(key); ok {
		return s
	}
	return n.get(key).text(lang)
}

// strAt is get(key).str().
func (n node) strAt(key string) string {
	if s, ok := n.plain(key); ok {
		return s
	}
	return n.get(key).str()
}

// idAt is get(key).id().
func (n node) idAt(key string) string {
	if s, ok := n.plain(key); ok {
		return s
	}
	return n.get(key).id()
}

func (n node) absent() bool { return !n.v.Present() }

func (n node) isObject() bool { return n.v.IsObject() }

// all gives the elements of an array, a single value as a list of one, and nothing for null.
func (n node) all(yield func(node) bool) {
	if !n.v.IsList() {
		if n.v.Present() {
			yield(n)
		}
		return
	}
	i := 0
	for e := n.v.Items(); e.Exists(); e = e.Next() {
		if e.Present() && !yield(node{n.r, n.element(i), e}) {
			return
		}
		i++
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
	if !n.v.IsList() {
		return n
	}
	i := 0
	for e := n.v.Items(); e.Exists(); e = e.Next() {
		if e.Present() {
			return node{n.r, n.element(i), e}
		}
		i++
	}
	return node{r: n.r, path: n.path}
}

// text reads a string, a JSON-LD value object, a language map or an array of these.
// The language asked for first wins, then English, then the first in order.
func (n node) text(lang string) string {
	switch n.v.Kind() {
	case strictjson.Absent, strictjson.Null:
		return ""
	case strictjson.String:
		return n.v.Text()
	case strictjson.Array:
		return n.textOfList(lang)
	case strictjson.Object:
		if val := n.v.Get("@value"); val.Exists() {
			return node{n.r, n.path + ".@value", val}.text(lang)
		}
		return n.textOfMap(lang)
	default:
		n.r.fail("bad-type", n.path)
		return ""
	}
}

func (n node) textOfList(lang string) string {
	best := ""
	for e := range n.all {
		t := e.text(lang)
		if l := e.v.Get("@language").Text(); l != "" && sameLanguage(l, lang) {
			return t
		}
		if best == "" {
			best = t
		}
	}
	return best
}

func (n node) textOfMap(lang string) string {
	keys := make([]string, 0, n.v.Size())
	for _, m := range n.v.Sorted() {
		keys = append(keys, m.Name())
	}
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
	s := n.v.Get(pick)
	if !s.IsText() {
		n.r.fail("bad-type", n.path)
	}
	return s.Text()
}

func sameLanguage(tag, want string) bool {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	wantBase, _, _ := strings.Cut(strings.ToLower(want), "-")
	return base == wantBase
}

// str reads a plain string.
func (n node) str() string {
	one := n.one()
	if !one.absent() && !one.v.IsText() {
		n.r.fail("bad-type", n.path)
	}
	return one.v.Text()
}

// id reads an identifier: a string, or an object that has one.
func (n node) id() string {
	one := n.one()
	switch {
	case one.isObject():
		return one.first("id", "@id").str()
	case !one.absent() && !one.v.IsText():
		n.r.fail("bad-type", n.path)
	}
	return one.v.Text()
}

func (n node) boolean() bool {
	switch n.v.Kind() {
	case strictjson.Absent, strictjson.Null:
		return false
	case strictjson.True, strictjson.False:
		return n.v.Kind() == strictjson.True
	case strictjson.String:
		return strings.EqualFold(n.v.Text(), "true")
	default:
		n.r.fail("bad-type", n.path)
		return false
	}
}

// strings reads one string or an array of strings.
func (n node) strings() []string {
	if !n.v.Present() {
		return nil
	}
	var out []string
	n.eachText(func(s string) {
		if out == nil {
			out = make([]string, 0, n.v.Len())
		}
		out = append(out, s)
	})
	return out
}

// eachText gives the strings of a property that may be single or an array, of which
// nothing else but null may be an element.
func (n node) eachText(f func(string)) {
	i := 0
	for e := n.v.Items(); e.Exists(); e = e.Next() {
		switch {
		case e.IsText():
			f(e.Text())
		case !e.Present():
		case n.v.IsList():
			n.r.fail("bad-type", n.element(i))
		default:
			n.r.fail("bad-type", n.path)
		}
		i++
	}
}

func (n node) types() []string { return n.first("type", "@type").strings() }

func (n node) hasType(names ...string) bool {
	found := false
	n.first("type", "@type").eachText(func(s string) { found = found || slices.Contains(names, s) })
	return found
}
