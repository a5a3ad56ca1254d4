package bake

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tag is one start tag: its byte range, its name, and its attributes unread.
type tag struct {
	start, end int
	name       []byte
	attributes []byte
	empty      bool // <name/>
}

// startTag enters an element and notes a badge.
func (s *scanner) startTag() error {
	if s.inside {
		return malformed("element inside a badge")
	}
	if len(s.open) == 0 && s.rooted {
		return malformed("second root")
	}
	outer := len(s.bound)
	t, err := s.readTag()
	if err != nil {
		return err
	}
	if len(s.open) >= maxDepth {
		return &Error{Reason: "svg-depth"}
	}
	s.open = append(s.open, element{name: t.name, bound: outer})
	if !s.rooted {
		if err := s.enterRoot(t); err != nil {
			return err
		}
	} else if err := s.enterBadge(t); err != nil {
		return err
	}
	if t.empty {
		s.leave()
		if s.inside {
			s.closeBadge()
		}
	}
	return nil
}

func (s *scanner) enterRoot(t tag) error {
	ns, local := s.resolve(t.name)
	if local != "svg" || ns != nsSVG && ns != "" {
		return &Error{Reason: "not-a-badge-file"}
	}
	s.rooted, s.root = true, t
	return nil
}

func (s *scanner) enterBadge(t tag) error {
	if !bytes.HasSuffix(t.name, []byte(style2.element)) && !bytes.HasSuffix(t.name, []byte(style3.element)) {
		return nil
	}
	ns, local := s.resolve(t.name)
	if !isBadgeElement(ns, local) {
		return nil
	}
	b := svgBadge{start: t.start, name: local}
	err := eachAttribute(t.attributes, func(name, value []byte) error {
		if string(name) != "verify" {
			return nil
		}
		var err error
		b.verify, err = unescape(value)
		return err
	})
	s.inside, s.text, s.cdata, s.sections = true, nil, nil, 0
	s.badges = append(s.badges, b)
	return err
}

// closeBadge ends the badge whose end tag was just read. Blanks around CDATA
// sections are layout; else all text is the body.
func (s *scanner) closeBadge() {
	b := &s.badges[len(s.badges)-1]
	b.end, s.inside = s.pos, false
	switch {
	case s.sections == 0:
		b.body = s.text
	case len(bytes.TrimSpace(s.text)) == 0:
		b.body = s.cdata
	default:
		b.body = append(bytes.Clone(s.text), s.cdata...)
	}
}

// leave closes the innermost element and forgets its namespace bindings.
func (s *scanner) leave() {
	last := len(s.open) - 1
	s.bound = s.bound[:s.open[last].bound]
	s.open = s.open[:last]
}

// readTag reads a start tag, moves past it and binds its namespaces.
func (s *scanner) readTag() (tag, error) {
	t := tag{start: s.pos}
	rest := s.src[s.pos+1:]
	n := nameLength(rest)
	t.name, rest = rest[:n], rest[n:]
	if n == 0 {
		return t, malformed("element name")
	}
	t.attributes = rest
	for {
		a, err := readAttribute(rest)
		if err != nil {
			return t, err
		}
		rest = a.rest
		if a.name == nil {
			break
		}
		if a.name[0] == 'x' {
			if err := s.bind(a.name, a.value); err != nil {
				return t, err
			}
		}
	}
	t.attributes = t.attributes[:len(t.attributes)-len(rest)]
	if rest, t.empty = bytes.CutPrefix(rest, []byte("/")); len(rest) == 0 || rest[0] != '>' {
		return t, malformed("attribute")
	}
	t.end = len(s.src) - len(rest) + 1
	s.pos = t.end
	return t, nil
}

// bind notes a namespace declaration.
func (s *scanner) bind(name, value []byte) error {
	if !bytes.HasPrefix(name, []byte("xmlns")) {
		return nil
	}
	prefix := string(name[len("xmlns"):])
	if prefix != "" && prefix[0] != ':' {
		return nil
	}
	if len(s.bound) >= maxBindings {
		return &Error{Reason: "svg-depth"}
	}
	uri, err := unescape(value)
	s.bound = append(s.bound, binding{strings.TrimPrefix(prefix, ":"), string(uri)})
	return err
}

// resolve splits a name into its namespace and local part.
func (s *scanner) resolve(name []byte) (ns, local string) {
	prefix, local, ok := strings.Cut(string(name), ":")
	if !ok {
		prefix, local = "", string(name)
	}
	for _, v := range slices.Backward(s.bound) {
		if v.prefix == prefix {
			return v.uri, local
		}
	}
	if ok {
		return "unbound:" + prefix, local
	}
	return "", local
}

// attribute is one name="value" of a start tag and what follows it. At the end
// of the tag the name is nil and rest begins with ">" or "/".
type attribute struct{ name, value, rest []byte }

// readAttribute reads the next attribute of the start tag that b continues.
func readAttribute(b []byte) (attribute, error) {
	i := blanks(b)
	if i == len(b) {
		return attribute{}, &Error{Reason: "svg-truncated"}
	}
	if b[i] == '>' || b[i] == '/' {
		return attribute{rest: b[i:]}, nil
	}
	n := nameLength(b[i:])
	if i == 0 || n == 0 {
		return attribute{}, malformed("attribute")
	}
	name := b[i : i+n]
	b = b[i+n:]
	b = b[blanks(b):]
	if len(b) == 0 || b[0] != '=' {
		return attribute{}, malformed("attribute")
	}
	b = b[1:]
	b = b[blanks(b):]
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return attribute{}, malformed("attribute")
	}
	end := bytes.IndexByte(b[1:], b[0])
	if end < 0 {
		return attribute{}, &Error{Reason: "svg-truncated"}
	}
	return attribute{name: name, value: b[1 : end+1], rest: b[end+2:]}, nil
}

// eachAttribute calls f with each name and raw value of a start tag that was
// read before.
func eachAttribute(b []byte, f func(name, value []byte) error) error {
	for b = bytes.TrimRight(b, " \t\r\n"); len(b) > 0; {
		a, err := readAttribute(b)
		if err != nil {
			return err
		}
		if err := f(a.name, a.value); err != nil {
			return err
		}
		b = a.rest
	}
	return nil
}

// blanks counts the white space that b begins with.
func blanks(b []byte) int {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// nameLength counts the bytes of the name that b begins with. It is wider than
// XML's names and refuses only what would let a tag be read in two ways.
func nameLength(b []byte) int {
	if len(b) == 0 || b[0] <= '9' {
		return 0
	}
	i := 1
	for i < len(b) && !endsName[b[i]] {
		i++
	}
	return i
}

// endsName are the bytes that a name does not have.
var endsName = func() (set [256]bool) {
	for c := range ' ' + 1 {
		set[c] = true
	}
	for _, c := range []byte(`>=/"'<&`) {
		set[c] = true
	}
	return set
}()

// unescape decodes the five entities of XML and character references; there
// are no others without a document type.
func unescape(b []byte) ([]byte, error) {
	if bytes.IndexByte(b, '&') < 0 {
		return b, nil
	}
	out := make([]byte, 0, len(b))
	for {
		text, rest, ok := bytes.Cut(b, []byte("&"))
		out = append(out, text...)
		if !ok {
			return out, nil
		}
		name, after, ok := bytes.Cut(rest[:min(len(rest), 12)], []byte(";"))
		r := entity(string(name))
		if !ok || r < 0 {
			return nil, &Error{Reason: "svg-entity"}
		}
		out = utf8.AppendRune(out, r)
		b = rest[len(rest[:min(len(rest), 12)])-len(after):]
	}
}

// entity gives the character of a reference, or -1.
func entity(name string) rune {
	switch name {
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "amp":
		return '&'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return -1
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return -1
	}
	return rune(n)
}
