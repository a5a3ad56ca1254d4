package bake

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
)

// The kinds of PDF objects (ISO 32000-2 §7.3). Null is nil, booleans are
// bool, numbers are int or float64, strings are []byte, arrays are []any.
type (
	pdfName    string
	pdfRef     int // the number of an indirect object; generations are not told apart
	pdfKeyword string
	pdfDict    []pdfEntry
	pdfEntry   struct {
		key   pdfName
		value any
	}
	pdfStream struct {
		dict pdfDict
		raw  []byte // still packed
	}
)

// get gives the value of a key, or nil. The first one counts, should there be two.
func (d pdfDict) get(key pdfName) any {
	for _, e := range d {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

const (
	maxPDFDepth  = 64      // arrays and dictionaries in one another
	maxPDFValues = 200_000 // values in one object
)

// errPDFSyntax says that an object cannot be read. It ends nothing: the object is left out.
var errPDFSyntax = errors.New("pdf syntax")

// pdfLexer reads objects from src, beginning at pos.
type pdfLexer struct {
	src    []byte
	pos    int
	values int
}

// value reads one object; an operator or other bare word is a pdfKeyword.
func (l *pdfLexer) value(depth int) (any, error) {
	l.blanks()
	if l.values++; l.pos >= len(l.src) || depth > maxPDFDepth || l.values > maxPDFValues {
		return nil, errPDFSyntax
	}
	switch c := l.src[l.pos]; {
	case c == '/':
		l.pos++
		return l.name(), nil
	case c == '(':
		return l.literal()
	case c == '[':
		l.pos++
		return l.array(depth)
	case c == '<' && l.pos+1 < len(l.src) && l.src[l.pos+1] == '<':
		l.pos += 2
		return l.dict(depth)
	case c == '<':
		return l.hexadecimal()
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		return l.number()
	default:
		return l.keyword()
	}
}

// blanks moves past white space and comments (§7.2.3).
func (l *pdfLexer) blanks() {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case isPDFBlank(c):
			l.pos++
		case c == '%':
			n := bytes.IndexAny(l.src[l.pos:], "\r\n")
			if n < 0 {
				n = len(l.src) - l.pos
			}
			l.pos += n
		default:
			return
		}
	}
}

// pdfClass tells white space (1) and delimiters (2) from regular characters (§7.2.3).
var pdfClass = [256]byte{
	0: 1, '\t': 1, '\n': 1, '\f': 1, '\r': 1, ' ': 1,
	'(': 2, ')': 2, '<': 2, '>': 2, '[': 2, ']': 2, '{': 2, '}': 2, '/': 2, '%': 2,
}

func isPDFBlank(c byte) bool { return pdfClass[c] == 1 }

// word takes the regular characters that follow.
func (l *pdfLexer) word() []byte {
	from := l.pos
	for l.pos < len(l.src) && pdfClass[l.src[l.pos]] == 0 {
		l.pos++
	}
	return l.src[from:l.pos]
}

func (l *pdfLexer) name() pdfName {
	w := l.word()
	if bytes.IndexByte(w, '#') < 0 {
		return pdfName(w)
	}
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) {
			if b, err := hex.DecodeString(string(w[i+1 : i+3])); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, w[i])
	}
	return pdfName(out)
}

func (l *pdfLexer) keyword() (any, error) {
	switch w := string(l.word()); w {
	case "":
		return nil, errPDFSyntax
	case "null":
		return nil, nil //nolint:nilnil // null is an object like any other
	case "true", "false":
		return w == "true", nil
	default:
		return pdfKeyword(w), nil
	}
}

// number reads a number, or a reference, which begins with two.
func (l *pdfLexer) number() (any, error) {
	w := l.word()
	n, ok := digits(w)
	if !ok {
		if n, err := strconv.Atoi(string(w)); err == nil {
			return n, nil
		}
		f, err := strconv.ParseFloat(string(w), 64)
		if err != nil {
			return nil, errPDFSyntax
		}
		return f, nil
	}
	after := l.pos
	l.blanks()
	_, ok = digits(l.word())
	l.blanks()
	if ok && string(l.word()) == "R" {
		return pdfRef(n), nil
	}
	l.pos = after
	return n, nil
}

// natural reads a number that is not negative.
func (l *pdfLexer) natural() (int, bool) {
	l.blanks()
	return digits(l.word())
}

// digits reads a number of up to 15 digits and nothing else.
func digits(w []byte) (int, bool) {
	n := 0
	for _, c := range w {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(w) > 0 && len(w) <= 15
}

func (l *pdfLexer) array(depth int) (any, error) {
	out := []any{}
	for {
		if l.blanks(); l.pos < len(l.src) && l.src[l.pos] == ']' {
			l.pos++
			return out, nil
		}
		v, err := l.member(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (l *pdfLexer) dict(depth int) (any, error) {
	out := pdfDict{}
	for {
		l.blanks()
		rest := l.src[l.pos:]
		if bytes.HasPrefix(rest, []byte(">>")) {
			l.pos += 2
			return out, nil
		}
		if len(rest) == 0 || rest[0] != '/' {
			return nil, errPDFSyntax
		}
		l.pos++
		key := l.name()
		v, err := l.member(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, pdfEntry{key, v})
	}
}

// member is a value in a container, where a bare word has no place.
func (l *pdfLexer) member(depth int) (any, error) {
	v, err := l.value(depth + 1)
	if _, bare := v.(pdfKeyword); bare {
		return nil, errPDFSyntax
	}
	return v, err
}

// literal reads (text) with its nested brackets and escapes (§7.3.4.2).
func (l *pdfLexer) literal() (any, error) {
	var out []byte
	open := 0
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		l.pos++
		switch c {
		case '\\':
			out = l.escape(out)
			continue
		case '(':
			if open++; open == 1 {
				continue
			}
		case ')':
			if open--; open == 0 {
				return append([]byte{}, out...), nil
			}
		case '\r': // every line end in a string is a line feed
			if l.pos < len(l.src) && l.src[l.pos] == '\n' {
				l.pos++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, errPDFSyntax
}

// escape reads what follows a backslash.
func (l *pdfLexer) escape(out []byte) []byte {
	if l.pos >= len(l.src) {
		return out
	}
	c := l.src[l.pos]
	l.pos++
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c == '\r' && l.pos < len(l.src) && l.src[l.pos] == '\n':
		l.pos++
		return out
	case c == '\r', c == '\n':
		return out
	case c < '0' || c > '7':
		return append(out, c)
	}
	n := int(c - '0')
	for i := 0; i < 2 && l.pos < len(l.src) && l.src[l.pos] >= '0' && l.src[l.pos] <= '7'; i++ {
		n = n*8 + int(l.src[l.pos]-'0')
		l.pos++
	}
	return append(out, byte(n)) //nolint:gosec // high-order overflow is ignored, as §7.3.4.2 says
}

// hexadecimal reads <4F70> (§7.3.4.3).
func (l *pdfLexer) hexadecimal() (any, error) {
	end := bytes.IndexByte(l.src[l.pos:], '>')
	if end < 0 {
		return nil, errPDFSyntax
	}
	out, err := fromHex(l.src[l.pos+1 : l.pos+end])
	l.pos += end + 1
	return out, err
}

// fromHex decodes hexadecimal digits; blanks are skipped and a missing last digit is zero.
func fromHex(b []byte) ([]byte, error) {
	digits := make([]byte, 0, len(b)+1)
	for _, c := range b {
		if !isPDFBlank(c) {
			digits = append(digits, c)
		}
	}
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make([]byte, len(digits)/2)
	if _, err := hex.Decode(out, digits); err != nil {
		return nil, errPDFSyntax
	}
	return out, nil
}
