// Package strictjson reads JSON of strangers so that every reader of the
// result sees the same value, and writes the canonical form of RFC 8785.
//
// It owns no table and raises no event. Badge parsing, verification and
// JSON-LD processing call it before anything else looks at the bytes.
package strictjson

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode"
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

// Decode reads exactly one JSON value (RFC 8259) as map[string]any, []any,
// string, json.Number, bool or nil. Beyond the grammar it refuses a byte
// order mark, invalid UTF-8, unpaired surrogates, keys of one object that are
// equal or differ only in case, and whatever passes the limits. Every error
// is an *Error.
func Decode(b []byte, lim Limits) (any, error) {
	lim = lim.filled()
	if len(b) > lim.Size {
		return nil, &Error{"json-too-large", strconv.Itoa(len(b))}
	}
	if !utf8.Valid(b) || hasMark(b) {
		return nil, &Error{Reason: "json-encoding"}
	}
	p := parser{text: string(b), lim: lim}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos != len(p.text) {
		return nil, p.fail("json-trailing")
	}
	return v, nil
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

func hasMark(b []byte) bool {
	return len(b) >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF
}

// parser is a recursive descent over text, which is valid UTF-8.
type parser struct {
	text  string
	pos   int
	count int
	terms int // enclosing "@context" members
	lim   Limits
}

func (p *parser) fail(reason string) error {
	return &Error{reason, strconv.Itoa(p.pos)}
}

func (p *parser) space() {
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

func (p *parser) value(depth int) (any, error) {
	if p.count++; p.count > p.lim.Values {
		return nil, p.fail("json-too-many-values")
	}
	switch c := p.peek(); {
	case c == '{' || c == '[':
		if depth >= p.lim.Depth {
			return nil, p.fail("json-too-deep")
		}
		p.pos++
		if c == '{' {
			return p.object(depth + 1)
		}
		return p.array(depth + 1)
	case c == '"':
		return p.str()
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't':
		return p.literal("true", true)
	case c == 'f':
		return p.literal("false", false)
	case c == 'n':
		return p.literal("null", nil)
	}
	return nil, p.fail("json-syntax")
}

func (p *parser) literal(word string, v any) (any, error) {
	if len(p.text)-p.pos < len(word) || p.text[p.pos:p.pos+len(word)] != word {
		return nil, p.fail("json-syntax")
	}
	p.pos += len(word)
	return v, nil
}

// array reads what follows '['.
func (p *parser) array(depth int) (any, error) {
	list := []any{}
	p.space()
	if p.peek() == ']' {
		p.pos++
		return list, nil
	}
	for {
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if more, err := p.next(']'); err != nil || !more {
			return list, err
		}
	}
}

// object reads what follows '{'.
func (p *parser) object(depth int) (any, error) {
	obj := map[string]any{}
	p.space()
	if p.peek() == '}' {
		p.pos++
		return obj, nil
	}
	var folds []string // folded names that differ from their key
	for {
		key, v, err := p.member(depth)
		if err != nil {
			return nil, err
		}
		if _, dup := obj[key]; dup {
			return nil, &Error{"json-duplicate-key", shorten(key)}
		}
		obj[key] = v
		if f := fold(key); f != key {
			folds = append(folds, f)
		}
		more, err := p.next('}')
		if err != nil {
			return nil, err
		}
		if !more {
			if p.terms > 0 {
				return obj, nil
			}
			return obj, caseVariant(obj, folds)
		}
	}
}

func (p *parser) member(depth int) (string, any, error) {
	p.space()
	if p.peek() != '"' {
		return "", nil, p.fail("json-syntax")
	}
	key, err := p.str()
	if err != nil {
		return "", nil, err
	}
	p.space()
	if p.peek() != ':' {
		return "", nil, p.fail("json-syntax")
	}
	p.pos++
	p.space()
	if key == "@context" {
		p.terms++
		defer func() { p.terms-- }()
	}
	v, err := p.value(depth)
	return key, v, err
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
func (p *parser) number() (any, error) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if !p.digits() {
		return nil, p.fail("json-syntax")
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return nil, p.fail("json-syntax")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return nil, p.fail("json-syntax")
		}
	}
	return json.Number(p.text[start:p.pos]), nil
}

func (p *parser) digits() bool {
	start := p.pos
	for isDigit(p.peek()) {
		p.pos++
	}
	return p.pos > start
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// caseVariant refuses an object in which two keys are equal after folding:
// decoders that match names without regard to case would mix them up.
func caseVariant(obj map[string]any, folds []string) error {
	slices.Sort(folds)
	for i, f := range folds {
		_, plain := obj[f]
		if plain || i > 0 && folds[i-1] == f {
			return &Error{"json-case-variant-key", shorten(f)}
		}
	}
	return nil
}

// fold maps a key to the smallest member of each rune's simple fold orbit, in
// lower case for ASCII: the same equivalence as strings.EqualFold.
func fold(key string) string {
	for i := range len(key) {
		if c := key[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return foldFrom(key, i)
		}
	}
	return key
}

func foldFrom(key string, i int) string {
	out := append(make([]byte, 0, len(key)), key[:i]...)
	for _, r := range key[i:] {
		out = utf8.AppendRune(out, foldRune(r))
	}
	return string(out)
}

func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least >= 'A' && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

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
