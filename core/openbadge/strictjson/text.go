package strictjson

import (
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string whose opening quote is next (RFC 8259 §7).
func (p *parser) str() (span, error) {
	start := p.pos + 1
	for i := start + plainRun(p.text[start:]); i < len(p.text); i++ {
		c := p.text[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		if c == '"' {
			p.pos = i + 1
			return span{int32(start), int32(i)}, nil //nolint:gosec // G115: not more than bytes
		}
		if p.pos = i; c == '\\' {
			return p.escaped(start)
		}
		return span{}, p.fail("json-syntax")
	}
	p.pos = len(p.text)
	return span{}, p.fail("json-syntax")
}

// plainRun counts the bytes before the first quote, backslash or control character,
// eight at a time; of the last seven bytes of s it knows nothing. A byte is found by
// the borrow that it alone, or one below it, gives to its highest bit.
func plainRun(s string) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for n := 0; ; n += 8 {
		if len(s)-n < 8 {
			return n
		}
		w := word(s[n:])
		quote, slash := w^ones*'"', w^ones*'\\'
		found := ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & tops
		if found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
}

// word is the first eight bytes of s, the first of them lowest.
func word(s string) uint64 {
	b := s[:8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// escaped reads on from the first backslash, which is next, of the string that
// began at start.
func (p *parser) escaped(start int) (span, error) {
	from := len(p.plain)
	p.plain = append(p.plain, p.text[start:p.pos]...)
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"':
			p.pos++
			return plainSpan(from, len(p.plain)), nil
		case c < 0x20:
			return span{}, p.fail("json-syntax")
		case c != '\\':
			p.plain = append(p.plain, c)
			p.pos++
		default:
			r, err := p.escape()
			if err != nil {
				return span{}, err
			}
			p.plain = utf8.AppendRune(p.plain, r)
		}
	}
	return span{}, p.fail("json-syntax")
}

// escape reads one escape sequence, or the two of a surrogate pair.
func (p *parser) escape() (rune, error) {
	p.pos++
	c := p.peek()
	p.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return p.unicode()
	}
	return 0, p.fail("json-syntax")
}

// unicode reads the digits after \u; an unpaired surrogate has no UTF-8 form
// and is refused (RFC 8785 §3.2.2.2).
func (p *parser) unicode() (rune, error) {
	r, err := p.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if len(p.text)-p.pos < 2 || p.text[p.pos:p.pos+2] != `\u` {
		return 0, p.fail("json-encoding")
	}
	p.pos += 2
	low, err := p.hex4()
	if err != nil {
		return 0, err
	}
	pair := utf16.DecodeRune(r, low)
	if pair == utf8.RuneError {
		return 0, p.fail("json-encoding")
	}
	return pair, nil
}

func (p *parser) hex4() (rune, error) {
	if len(p.text)-p.pos < 4 {
		return 0, p.fail("json-syntax")
	}
	n, err := strconv.ParseUint(p.text[p.pos:p.pos+4], 16, 16)
	if err != nil {
		return 0, p.fail("json-syntax")
	}
	p.pos += 4
	return rune(n), nil
}
