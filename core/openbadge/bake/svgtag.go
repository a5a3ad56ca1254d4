package bake

import (
	"bytes"
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
	if !bytes.HasSuffix(t.name, []byte(elementOB2)) && !bytes.HasSuffix(t.name, []byte(elementOB3)) {
		return nil
	}
	ns, local := s.resolve(t.name)
	if local != elementOB2 && local != elementOB3 || ns != nsOB2 && ns != nsOB3 {
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
	i := s.pos + 1
	for i < len(s.src) && !isSpace(s.src[i]) && s.src[i] != '>' && s.src[i] != '/' {
		i++
	}
	t.name = s.src[s.pos+1 : i]
	if !isName(t.name) {
		return t, malformed("element name")
	}
	from := i
	for i < len(s.src) && s.src[i] != '>' {
		if c := s.src[i]; c == '"' || c == '\'' {
			n := bytes.IndexByte(s.src[i+1:], c)
			if n < 0 {
				return t, &Error{Reason: "svg-truncated"}
			}
			i += n + 1
		}
		i++
	}
	if i >= len(s.src) {
		return t, &Error{Reason: "svg-truncated"}
	}
	t.attributes, t.end, s.pos = s.src[from:i], i+1, i+1
	if n := len(t.attributes); n > 0 && t.attributes[n-1] == '/' {
		t.attributes, t.empty = t.attributes[:n-1], true
	}
	return t, eachAttribute(t.attributes, s.bind)
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
	for i := len(s.bound) - 1; i >= 0; i-- {
		if s.bound[i].prefix == prefix {
			return s.bound[i].uri, local
		}
	}
	if ok {
		return "unbound:" + prefix, local
	}
	return "", local
}

// eachAttribute calls f with each name and raw value of a start tag.
func eachAttribute(b []byte, f func(name, value []byte) error) error {
	for {
		i := 0
		for i < len(b) && isSpace(b[i]) {
			i++
		}
		if i == len(b) {
			return nil
		}
		name, rest, ok := bytes.Cut(b[i:], []byte("="))
		name = bytes.TrimRight(name, " \t\r\n")
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if i == 0 || !ok || !isName(name) || len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return malformed("attribute")
		}
		n := bytes.IndexByte(rest[1:], rest[0])
		if n < 0 {
			return malformed("attribute")
		}
		if err := f(name, rest[1:n+1]); err != nil {
			return err
		}
		b = rest[n+2:]
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// isName is wide: it refuses only what would let a tag be read in two ways.
func isName(b []byte) bool {
	if len(b) == 0 || b[0] <= '9' && b[0] != ':' {
		return false
	}
	for _, c := range b {
		if c <= ' ' || c == '<' || c == '>' || c == '"' || c == '\'' || c == '&' || c == '/' || c == '=' {
			return false
		}
	}
	return true
}

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
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) { //nolint:gosec // at most 21 bits
		return -1
	}
	return rune(n) //nolint:gosec // at most 21 bits
}
