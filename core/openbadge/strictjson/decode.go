// Package strictjson reads JSON of strangers so that every reader of the
// result sees the same value, and writes the canonical form of RFC 8785.
//
// It owns no table and raises no event. Badge parsing, verification and
// JSON-LD processing call it before anything else looks at the bytes.
package strictjson

import (
	"strconv"
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
	if len(b) > lim.Size {
		return Value{}, &Error{"json-too-large", strconv.Itoa(len(b))}
	}
	if !utf8.Valid(b) || hasMark(b) {
		return Value{}, &Error{Reason: "json-encoding"}
	}
	p := newParser(string(b), lim)
	defer p.release()
	p.space()
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	p.space()
	if p.pos != len(p.text) {
		return Value{}, p.fail("json-trailing")
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
	*scratch

	text  string
	pos   int
	count int
	terms int // enclosing "@context" members
	lim   Limits
	most  int      // members that the text can have
	room  []Member // where the members of finished objects and arrays go
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

func (p *parser) value(depth int) (Value, error) {
	if p.count++; p.count > p.lim.Values {
		return Value{}, p.fail("json-too-many-values")
	}
	switch c := p.peek(); {
	case c == '"':
		text, err := p.str()
		return Value{kind: String, text: text}, err
	case c == '{' || c == '[':
		if depth >= p.lim.Depth {
			return Value{}, p.fail("json-too-deep")
		}
		p.pos++
		if c == '{' {
			return p.object(depth + 1)
		}
		return p.array(depth + 1)
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't':
		return p.literal("true", True)
	case c == 'f':
		return p.literal("false", False)
	case c == 'n':
		return p.literal("null", Null)
	}
	return Value{}, p.fail("json-syntax")
}

func (p *parser) literal(word string, kind Kind) (Value, error) {
	if len(p.text)-p.pos < len(word) || p.text[p.pos:p.pos+len(word)] != word {
		return Value{}, p.fail("json-syntax")
	}
	p.pos += len(word)
	return Value{kind: kind}, nil
}

// array reads what follows '['.
func (p *parser) array(depth int) (Value, error) {
	p.space()
	if p.peek() == ']' {
		p.pos++
		return Value{kind: Array}, nil
	}
	from := len(p.stack)
	for {
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return Value{}, err
		}
		p.push(Member{Value: v})
		if more, err := p.next(']'); err != nil {
			return Value{}, err
		} else if !more {
			return Value{kind: Array, kids: p.finish(from)}, nil
		}
	}
}

// object reads what follows '{'.
func (p *parser) object(depth int) (Value, error) {
	p.space()
	if p.peek() == '}' {
		p.pos++
		return Value{kind: Object}, nil
	}
	from, sums := len(p.stack), len(p.folds)
	v, err := p.members(depth, from, sums)
	p.folds = p.folds[:sums]
	return v, err
}

// members reads those of an object, whose stack and sums begin at from and sums.
// Equal keys are looked for at the end, and before another error further on is
// told: the first one counts.
func (p *parser) members(depth, from, sums int) (Value, error) {
	ascii := true
	for {
		key, v, err := p.member(depth)
		if err != nil {
			return Value{}, p.orRepeated(err, from, sums)
		}
		p.push(Member{key, v})
		sum, plain := foldSum(key)
		p.folds, ascii = append(p.folds, sum), ascii && plain
		more, err := p.next('}')
		if err != nil {
			return Value{}, p.orRepeated(err, from, sums)
		}
		if more {
			continue
		}
		if !ascii || !distinct(p.folds[sums:]) {
			if err := p.alike(p.stack[from:]); err != nil {
				return Value{}, err
			}
		}
		return Value{kind: Object, kids: p.finish(from)}, nil
	}
}

// orRepeated is the error to tell when reading ended inside an object.
func (p *parser) orRepeated(err error, from, sums int) error {
	if distinct(p.folds[sums:]) {
		return err
	}
	if repeated := repeatedKey(p.stack[from : from+len(p.folds)-sums]); repeated != nil {
		return repeated
	}
	return err
}

// alike refuses equal keys and, outside of contexts, keys that differ only in case.
func (p *parser) alike(members []Member) error {
	if err := repeatedKey(members); err != nil || p.terms > 0 {
		return err
	}
	return caseVariant(members)
}

func (p *parser) member(depth int) (string, Value, error) {
	p.space()
	if p.peek() != '"' {
		return "", Value{}, p.fail("json-syntax")
	}
	key, err := p.str()
	if err != nil {
		return "", Value{}, err
	}
	p.space()
	if p.peek() != ':' {
		return "", Value{}, p.fail("json-syntax")
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
func (p *parser) number() (Value, error) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if !p.digits() {
		return Value{}, p.fail("json-syntax")
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return Value{}, p.fail("json-syntax")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return Value{}, p.fail("json-syntax")
		}
	}
	return Value{kind: Number, text: p.text[start:p.pos]}, nil
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
