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
	var t tag
	if err := s.readTag(&t); err != nil {
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
		if b.verify != nil {
			return malformed("attribute") // twice: two readers would see two badges
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
func (s *scanner) readTag(t *tag) error {
	t.start = s.pos
	rest := s.src[s.pos+1:]
	n := nameLength(rest)
	if n == 0 {
		return malformed("element name")
	}
	t.name = rest[:n]
	i := n
	for {
		a, err := readAttribute(rest, i)
		if err != nil {
			return err
		}
		if i = a.next; a.nameEnd == 0 {
			break
		}
		if rest[a.name] == 'x' {
			if err := s.bind(rest[a.name:a.nameEnd], rest[a.value:a.valueEnd]); err != nil {
				return err
			}
		}
	}
	t.attributes = rest[n:i]
	if rest[i] == '/' {
		t.empty = true
		i++
	}
	if i == len(rest) || rest[i] != '>' {
		return malformed("attribute")
	}
	t.end = s.pos + i + 2
	s.pos = t.end
	return nil
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

// attribute is where one name="value" of a start tag lies, and what follows it begins.
// At the end of the tag nameEnd is 0 and ">" or "/" is next. It has no slices: it is
// handed back for each attribute of a file, in registers.
type attribute struct{ name, nameEnd, value, valueEnd, next int }

// readAttribute reads the next attribute of the start tag that goes on at b[i].
func readAttribute(b []byte, i int) (attribute, error) {
	from := i
	i += blanks(b[i:])
	if i == len(b) {
		return attribute{}, &Error{Reason: "svg-truncated"}
	}
	if b[i] == '>' || b[i] == '/' {
		return attribute{next: i}, nil
	}
	a := attribute{name: i}
	i += nameLength(b[i:])
	if a.name == from || i == a.name {
		return a, malformed("attribute")
	}
	a.nameEnd = i
	i += blanks(b[i:])
	if i == len(b) || b[i] != '=' {
		return a, malformed("attribute")
	}
	i++
	i += blanks(b[i:])
	if i == len(b) || b[i] != '"' && b[i] != '\'' {
		return a, malformed("attribute")
	}
	a.value = i + 1
	n := bytes.IndexByte(b[a.value:], b[i])
	if n < 0 {
		return a, &Error{Reason: "svg-truncated"}
	}
	a.valueEnd = a.value + n
	a.next = a.valueEnd + 1
	return a, nil
}

// eachAttribute calls f with each name and raw value of a start tag that was
// read before.
func eachAttribute(b []byte, f func(name, value []byte) error) error {
	b = bytes.TrimRight(b, " \t\r\n")
	for i := 0; i < len(b); {
		a, err := readAttribute(b, i)
		if err != nil {
			return err
		}
		if err := f(b[a.name:a.nameEnd], b[a.value:a.valueEnd]); err != nil {
			return err
		}
		i = a.next
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
