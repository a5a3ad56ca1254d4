// Package strictjson reads JSON of strangers so that every reader of the
// result sees the same value, and writes the canonical form of RFC 8785.
//
// It owns no table and raises no event. Badge parsing, verification and
// JSON-LD processing call it before anything else looks at the bytes.
package strictjson

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of one document; a zero field means its default.
type Limits struct {
	Depth  int // nested objects and arrays, default 64
	Size   int // bytes, default 5,000,000
	Values int // values of every kind together, default 200,000
}

const (
	defaultDepth  = 64
	defaultSize   = 5_000_000
	defaultValues = 200_000
)

// Error is why a document was refused. Reason is a machine name
// ("json-too-large", "json-too-deep", "json-too-many-values",
// "json-encoding", "json-syntax", "json-trailing", "json-duplicate-key",
// "json-case-variant-key", "json-number"); Detail is the key, the number or
// the byte offset concerned.
type Error struct{ Reason, Detail string }

// Error implements error.
func (e *Error) Error() string {
	if e.Detail == "" {
		return "read json: " + e.Reason
	}
	return "read json: " + e.Reason + ": " + e.Detail
}

// Decode is Read with the value as map[string]any, []any, string, json.Number,
// bool or nil.
func Decode(b []byte, lim Limits) (any, error) {
	v, err := Read(b, lim)
	if err != nil {
		return nil, err
	}
	return v.Any(), nil
}

// Read reads exactly one JSON value (RFC 8259). Beyond the grammar it refuses a
// byte order mark, invalid UTF-8, unpaired surrogates, keys of one object that
// are equal or differ only in case, and whatever passes the limits. Every error
// is an *Error.
func Read(b []byte, lim Limits) (Value, error) {
	lim = lim.filled()
	if len(b) > min(lim.Size, math.MaxInt32) {
		return Value{}, &Error{"json-too-large", strconv.Itoa(len(b))}
	}
	return ReadText(string(b), lim)
}

// ReadText is Read of a string, whose memory the Value shares.
func ReadText(s string, lim Limits) (Value, error) {
	lim = lim.filled()
	if len(s) > min(lim.Size, math.MaxInt32) {
		return Value{}, &Error{"json-too-large", strconv.Itoa(len(s))}
	}
	if !utf8.ValidString(s) || strings.HasPrefix(s, byteOrderMark) {
		return Value{}, &Error{Reason: "json-encoding"}
	}
	p := newParser(s, lim)
	defer p.release()
	return p.whole()
}

const byteOrderMark = "\xEF\xBB\xBF"

// whole reads the value that is all of the text.
func (p *parser) whole() (Value, error) {
	p.space()
	if err := p.value(0, span{}); err != nil {
		return Value{}, err
	}
	p.space()
	if p.pos != len(p.text) {
		return Value{}, p.fail("json-trailing")
	}
	return (&document{text: p.text, plain: string(p.plain), entries: p.entries, box: p.box}).root(), nil
}

func (l Limits) filled() Limits {
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Size <= 0 {
		l.Size = defaultSize
	}
	if l.Values <= 0 {
		l.Values = defaultValues
	}
	return l
}

// parser is a recursive descent over text, which is valid UTF-8.
type parser struct {
	text    string
	pos     int
	count   int
	terms   int // enclosing "@context" members
	lim     Limits
	entries []entry  // what was read so far, see document
	box     *[]entry // of the entries, see room
	plain   []byte   // strings with escapes, without them
	folds   []uint64 // foldSum of the names of the objects being read, a stack
}

func (p *parser) fail(reason string) error {
	return &Error{reason, strconv.Itoa(p.pos)}
}

// space passes white space, of which there is none in most places.
func (p *parser) space() {
	if p.pos < len(p.text) && p.text[p.pos] > ' ' {
		return
	}
	p.spaces()
}

func (p *parser) spaces() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// value reads a value that has a name in an object, or none.
func (p *parser) value(depth int, name span) error {
	if p.count++; p.count > p.lim.Values {
		return p.fail("json-too-many-values")
	}
	switch c := p.peek(); {
	case c == '"':
		text, err := p.str()
		p.entries = append(p.entries, entry{name, text, String})
		return err
	case c == '{' || c == '[':
		if depth >= p.lim.Depth {
			return p.fail("json-too-deep")
		}
		p.pos++
		if c == '{' {
			return p.object(depth+1, name)
		}
		return p.array(depth+1, name)
	case c == '-' || isDigit(c):
		return p.number(name)
	case c == 't':
		return p.literal("true", name, True)
	case c == 'f':
		return p.literal("false", name, False)
	case c == 'n':
		return p.literal("null", name, Null)
	}
	return p.fail("json-syntax")
}

func (p *parser) literal(word string, name span, kind Kind) error {
	if len(p.text)-p.pos < len(word) || p.text[p.pos:p.pos+len(word)] != word {
		return p.fail("json-syntax")
	}
	p.pos += len(word)
	p.entries = append(p.entries, entry{name: name, kind: kind})
	return nil
}

// shut ends the object or array whose entry is at a place.
func (p *parser) shut(at, children int) error {
	p.entries[at].text = span{int32(len(p.entries)), int32(children)} //nolint:gosec // G115: not more than bytes
	return nil
}

// array reads what follows '['.
func (p *parser) array(depth int, name span) error {
	at := len(p.entries)
	p.entries = append(p.entries, entry{name: name, kind: Array})
	p.space()
	if p.peek() == ']' {
		p.pos++
		return p.shut(at, 0)
	}
	for n := 1; ; n++ {
		p.space()
		if err := p.value(depth, span{}); err != nil {
			return err
		}
		if more, err := p.next(']'); err != nil {
			return err
		} else if !more {
			return p.shut(at, n)
		}
	}
}

// object reads what follows '{'. Equal names are looked for at the end, and before
// another error further on is told: the first one counts.
func (p *parser) object(depth int, name span) error {
	at, sums := len(p.entries), len(p.folds)
	p.entries = append(p.entries, entry{name: name, kind: Object})
	p.space()
	if p.peek() == '}' {
		p.pos++
		return p.shut(at, 0)
	}
	ascii, err := p.members(depth)
	folds := p.folds[sums:]
	if p.folds = p.folds[:sums]; !distinct(folds) || err == nil && !ascii {
		names := p.names(at, len(folds))
		if repeated := repeatedKey(names); repeated != nil {
			return repeated
		}
		if err == nil && p.terms == 0 {
			err = caseVariant(names)
		}
	}
	if err != nil {
		return err
	}
	return p.shut(at, len(folds))
}

// members reads those of an object and notes the sum of each name; ascii says that
// all of them are.
func (p *parser) members(depth int) (ascii bool, err error) {
	ascii = true
	for {
		sum, plain, err := p.member(depth)
		if err != nil {
			return ascii, err
		}
		p.folds, ascii = append(p.folds, sum), ascii && plain
		if more, err := p.next('}'); err != nil || !more {
			return ascii, err
		}
	}
}

// names are those of the first members of an object whose entry is at a place.
func (p *parser) names(at, n int) []string {
	d := &document{text: p.text, plain: string(p.plain), entries: p.entries}
	out := make([]string, 0, n)
	for next := int32(at + 1); len(out) < n; next = d.next(next) { //nolint:gosec // G115: not more than bytes
		out = append(out, d.piece(d.entries[next].name))
	}
	return out
}

func (p *parser) member(depth int) (sum uint64, ascii bool, err error) {
	p.space()
	if p.peek() != '"' {
		return 0, false, p.fail("json-syntax")
	}
	name, err := p.str()
	if err != nil {
		return 0, false, err
	}
	p.space()
	if p.peek() != ':' {
		return 0, false, p.fail("json-syntax")
	}
	p.pos++
	p.space()
	text := p.piece(name)
	sum, ascii = foldSum(text)
	if text != "@context" {
		return sum, ascii, p.value(depth, name)
	}
	p.terms++
	err = p.value(depth, name)
	p.terms--
	return sum, ascii, err
}

// piece is a text that was read.
func (p *parser) piece(s span) string {
	if s.from < 0 {
		return string(p.plain[-1-s.from : -1-s.to])
	}
	return p.text[s.from:s.to]
}

// next reads the comma (true) or the closing byte (false) after an element.
func (p *parser) next(closing byte) (bool, error) {
	p.space()
	switch p.peek() {
	case ',':
		p.pos++
		return true, nil
	case closing:
		p.pos++
		return false, nil
	}
	return false, p.fail("json-syntax")
}

// number reads the grammar of RFC 8259 §6 and keeps the digits as written.
func (p *parser) number(name span) error {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if !p.digits() {
		return p.fail("json-syntax")
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return p.fail("json-syntax")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return p.fail("json-syntax")
		}
	}
	p.entries = append(p.entries, entry{name, span{int32(start), int32(p.pos)}, Number}) //nolint:gosec // G115: not more than bytes
	return nil
}

func (p *parser) digits() bool {
	start := p.pos
	for isDigit(p.peek()) {
		p.pos++
	}
	return p.pos > start
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
