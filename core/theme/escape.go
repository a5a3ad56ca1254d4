package theme

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// escaping is the escapers of a place, which html/template has chosen. It does by itself
// what is most frequent: words in HTML text and in quoted attributes, and addresses of
// nothing but letters, digits and signs that stay as they are. All else goes through the
// escapers of html/template themselves.
type escaping struct {
	kind  placeKind
	names []string
	slow  func() (*template.Template, error)
}

type placeKind int

const (
	otherPlace   placeKind = iota
	textPlace              // HTML text
	attrPlace              // a quoted attribute, the text of a title
	addressPlace           // a quoted attribute that is an address, from its beginning
	insidePlace            // the same, before its query but not at its beginning
	queryPlace             // in the query of an address
)

var escapings = struct {
	mu   sync.Mutex
	made map[string]*escaping
}{made: make(map[string]*escaping)}

// escaperOf gives the escapers of a place, by their names.
func escaperOf(names []string) *escaping {
	key := strings.Join(names, " ")
	escapings.mu.Lock()
	defer escapings.mu.Unlock()
	if e := escapings.made[key]; e != nil {
		return e
	}
	e := &escaping{kind: kindOfPlace(strings.ReplaceAll(key, escaper, "")), names: names}
	e.slow = sync.OnceValues(e.make)
	escapings.made[key] = e
	return e
}

func kindOfPlace(escapers string) placeKind {
	switch escapers {
	case "htmlescaper":
		return textPlace
	case "attrescaper", "rcdataescaper":
		return attrPlace
	case "urlfilter urlnormalizer attrescaper":
		return addressPlace
	case "urlnormalizer attrescaper":
		return insidePlace
	case "urlescaper attrescaper":
		return queryPlace
	}
	return otherPlace
}

// make prepares a template that does nothing but call the escapers.
func (e *escaping) make() (*template.Template, error) {
	t, err := template.New(workbench).Parse("{{.}}")
	if err != nil {
		return nil, err
	}
	if err := t.Execute(&bytes.Buffer{}, ""); err != nil { // it has the escapers from here on
		return nil, err
	}
	action, ok := t.Tree.Root.Nodes[0].(*parse.ActionNode)
	if !ok {
		return nil, fmt.Errorf("escapers %v: no action", e.names)
	}
	cmds := slices.Clip(action.Pipe.Cmds[:1])
	for _, name := range e.names {
		cmds = append(cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Args: []parse.Node{parse.NewIdentifier(name).SetTree(t.Tree)}})
	}
	action.Pipe.Cmds = cmds
	return t, nil
}

// by lets html/template escape a value.
func (e *escaping) by(out *bytes.Buffer, v any) {
	t, err := e.slow()
	if err != nil || t.Execute(out, v) != nil {
		giveUp()
	}
}

// html writes what is HTML already.
func (e *escaping) html(out *bytes.Buffer, s string) {
	if e.kind == textPlace {
		out.WriteString(s)
		return
	}
	e.by(out, template.HTML(s)) //nolint:gosec // G203: it was that already
}

// plain writes words.
func (e *escaping) plain(out *bytes.Buffer, s string) {
	switch {
	case e.kind == textPlace, e.kind == attrPlace,
		e.kind == addressPlace && normal(s) && safeScheme(s),
		e.kind == insidePlace && normal(s),
		e.kind == queryPlace && only(s, inQuery):
		escapeHTML(out, s)
	default:
		e.by(out, s)
	}
}

// value writes a value of any type.
func (e *escaping) value(out *bytes.Buffer, v reflect.Value) {
	if v.IsValid() && v.CanInterface() {
		switch {
		case v.Kind() == reflect.String:
			switch textOf(v.Type()) {
			case plainText:
				e.plain(out, v.String())
				return
			case htmlText:
				e.html(out, v.String())
				return
			}
		case v.Type() == intType && (e.kind == textPlace || e.kind == attrPlace):
			out.Write(strconv.AppendInt(out.AvailableBuffer(), v.Int(), 10))
			return
		}
	}
	if !v.IsValid() && e.kind != otherPlace { // nil is no words
		return
	}
	e.by(out, anyOf(v))
}

type textKind int

const (
	otherText textKind = iota
	plainText
	htmlText
)

var textKinds sync.Map // reflect.Type to textKind

// textOf says what the words of a type are: those of html/template mean something to it,
// and methods may say something else than the words.
func textOf(t reflect.Type) textKind {
	if t == stringType {
		return plainText
	}
	if kind, ok := textKinds.Load(t); ok {
		return kind.(textKind) //nolint:errcheck,forcetypeassert // nothing else is put in
	}
	kind := otherText
	switch {
	case t == reflect.TypeFor[template.HTML]():
		kind = htmlText
	case t.PkgPath() != "html/template" && t.NumMethod() == 0 && reflect.PointerTo(t).NumMethod() == 0:
		kind = plainText
	}
	textKinds.Store(t, kind)
	return kind
}

// escapeHTML writes words for HTML text or a quoted attribute, as html/template does.
func escapeHTML(out *bytes.Buffer, s string) {
	written := 0
	for i := range len(s) {
		by := escapes[s[i]]
		if by == "" {
			continue
		}
		out.WriteString(s[written:i])
		out.WriteString(by)
		written = i + 1
	}
	out.WriteString(s[written:])
}

var escapes = [256]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

// chars is a set of bytes.
type chars [256]bool

const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

// inAddress and inQuery stay as they are in an address and in its query (RFC 3986 §2).
var inAddress, inQuery = charsOf(unreserved + "!#$&*+,/:;=?@[]"), charsOf(unreserved)

func charsOf(s string) *chars {
	c := new(chars)
	for i := range len(s) {
		c[s[i]] = true
	}
	return c
}

func only(s string, c *chars) bool {
	for i := range len(s) {
		if !c[s[i]] {
			return false
		}
	}
	return true
}

// normal reports whether an address is written as it should be: %41 stays, a % alone
// does not.
func normal(s string) bool {
	for i := range len(s) {
		if !inAddress[s[i]] && (s[i] != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// safeScheme reports whether an address has no scheme, or one of the Web.
func safeScheme(s string) bool {
	scheme, _, ok := strings.Cut(s, ":")
	return !ok || strings.Contains(scheme, "/") || scheme == "https" || scheme == "http"
}
