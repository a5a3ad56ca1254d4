package bake

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	nsSVG = "http://www.w3.org/2000/svg"

	maxDepth    = 512
	maxBindings = 1000
)

// svgBadge is one badge element: its byte range in the file and its content.
type svgBadge struct {
	start, end int
	name       string
	verify     []byte // decoded attribute
	body       []byte
}

// svgFile is what one walk over an SVG finds.
type svgFile struct {
	root   tag
	badges []svgBadge
}

// extractSVG reads the badge of an SVG (OB2 baking, OB3 §5.3.2). A JWS in the
// verify attribute is the badge; else the body is; else verify is the URL.
func extractSVG(file []byte) (Found, error) {
	svg, err := readSVG(file)
	if err != nil {
		return Found{}, err
	}
	if len(svg.badges) == 0 {
		return Found{}, &Error{Reason: "no-badge-data"}
	}
	first, err := svg.badges[0].found()
	if err != nil {
		return Found{}, err
	}
	for _, b := range svg.badges[1:] {
		f, err := b.found()
		if err != nil || !bytes.Equal(f.Payload, first.Payload) {
			return Found{}, &Error{Reason: "two-badges"}
		}
	}
	return first, nil
}

func (b svgBadge) found() (Found, error) {
	verify := bytes.TrimSpace(b.verify)
	if isJWS(verify) || len(bytes.TrimSpace(b.body)) == 0 {
		return carried(CarrierSVG, b.name, verify)
	}
	return carried(CarrierSVG, b.name, b.body)
}

// readSVG walks the whole file once. It is a scanner for well-formed XML made
// for one question, some twenty times faster than a general parser; it expands
// no entity and loads nothing. A document type with an internal subset is
// refused; a bare one, which many drawing programs write, is skipped.
func readSVG(file []byte) (svgFile, error) {
	if !utf8.Valid(file) || bytes.IndexByte(file, 0) >= 0 {
		return svgFile{}, &Error{Reason: "svg-encoding"}
	}
	s := scanner{src: file}
	for s.pos < len(s.src) {
		if err := s.step(); err != nil {
			return svgFile{}, err
		}
	}
	if !s.rooted {
		return svgFile{}, &Error{Reason: "not-a-badge-file"}
	}
	if len(s.open) > 0 {
		return svgFile{}, &Error{Reason: "svg-truncated"}
	}
	return s.svgFile, nil
}

// scanner is the state of one walk.
type scanner struct {
	svgFile

	src    []byte
	pos    int
	rooted bool // the root element was seen
	open   []element
	bound  []binding

	inside   bool // within the last of badges
	text     []byte
	cdata    []byte
	sections int // CDATA sections seen in it
}

type element struct {
	name  []byte
	bound int // how many bindings were in force outside it
}

// binding is one xmlns:prefix="uri"; the empty prefix is the default.
type binding struct{ prefix, uri string }

// step consumes the text before the next mark-up and the mark-up itself.
func (s *scanner) step() error {
	n := bytes.IndexByte(s.src[s.pos:], '<')
	if n < 0 {
		n = len(s.src) - s.pos
	}
	if err := s.chars(s.src[s.pos : s.pos+n]); err != nil {
		return err
	}
	s.pos += n
	if s.pos == len(s.src) {
		return nil
	}
	if s.pos+1 == len(s.src) {
		return &Error{Reason: "svg-truncated"}
	}
	switch s.src[s.pos+1] {
	case '/':
		return s.endTag()
	case '?':
		return s.instruction()
	case '!':
		return s.declaration()
	default:
		return s.startTag()
	}
}

// declaration consumes a comment, a CDATA section or a document type.
func (s *scanner) declaration() error {
	rest := s.src[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		_, err := s.until("<!--", "-->")
		return err
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return s.cdataSection()
	default:
		return s.doctype()
	}
}

func malformed(detail string) error { return &Error{Reason: "svg-malformed", Detail: detail} }

// until moves past opening and its closing mark and gives what is between.
func (s *scanner) until(opening, closing string) ([]byte, error) {
	from := s.pos + len(opening)
	n := bytes.Index(s.src[from:], []byte(closing))
	if n < 0 {
		return nil, &Error{Reason: "svg-truncated"}
	}
	s.pos = from + n + len(closing)
	return s.src[from : from+n], nil
}

// chars takes text between mark-up; only the text of a badge matters.
func (s *scanner) chars(text []byte) error {
	switch {
	case s.inside && len(text) > 0:
		plain, err := unescape(text)
		s.text = append(s.text, plain...)
		return err
	case len(s.open) == 0 && len(bytes.TrimSpace(text)) > 0:
		return malformed("text outside the root")
	}
	return nil
}

func (s *scanner) cdataSection() error {
	if len(s.open) == 0 {
		return malformed("CDATA outside the root")
	}
	text, err := s.until("<![CDATA[", "]]>")
	if err != nil || !s.inside {
		return err
	}
	switch s.sections++; s.sections {
	case 1:
		s.cdata = text
	case 2:
		s.cdata = append(bytes.Clone(s.cdata), text...)
	default:
		s.cdata = append(s.cdata, text...)
	}
	return nil
}

// doctype skips a document type declaration that declares nothing.
func (s *scanner) doctype() error {
	if s.rooted || !bytes.HasPrefix(s.src[s.pos:], []byte("<!DOCTYPE")) && !bytes.HasPrefix(s.src[s.pos:], []byte("<!doctype")) {
		return &Error{Reason: "svg-dtd"}
	}
	var quote byte
	for i, c := range s.src[s.pos:] {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			return &Error{Reason: "svg-dtd"}
		case c == '>':
			s.pos += i + 1
			return nil
		}
	}
	return &Error{Reason: "svg-truncated"}
}

// instruction skips a processing instruction. The XML declaration may name no
// other encoding than the one that we read, unless the file is plain ASCII.
func (s *scanner) instruction() error {
	body, err := s.until("<?", "?>")
	if err != nil || !bytes.HasPrefix(body, []byte("xml ")) {
		return err
	}
	_, rest, ok := strings.Cut(strings.ToLower(string(body)), "encoding")
	if !ok || strings.Contains(rest, `"utf-8"`) || strings.Contains(rest, `'utf-8'`) {
		return nil
	}
	if !bytes.ContainsFunc(s.src, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return nil
	}
	return &Error{Reason: "svg-encoding"}
}

func (s *scanner) endTag() error {
	rest := s.src[s.pos+2:]
	n := nameLength(rest)
	if len(s.open) == 0 || string(rest[:n]) != string(s.open[len(s.open)-1].name) {
		return malformed("end tag")
	}
	n += blanks(rest[n:])
	if n == len(rest) {
		return &Error{Reason: "svg-truncated"}
	}
	if rest[n] != '>' {
		return malformed("end tag")
	}
	s.pos += n + 3
	s.leave()
	if s.inside {
		s.closeBadge()
	}
	return nil
}
