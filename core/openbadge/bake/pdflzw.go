package bake

// lzwCodes are the codes of the LZW filter: 256 bytes, "clear" and "end", and what follows
// (ISO 32000-2 §7.4.4).
const (
	lzwClear = 256
	lzwEnd   = 257
	lzwCodes = 4096
)

// lzwTable holds the sequences that the codes stand for: each is another and one byte more.
type lzwTable struct {
	before [lzwCodes]uint16
	last   [lzwCodes]byte
	length [lzwCodes]int
	next   int // the code that comes next
}

func (t *lzwTable) clear() { t.next = lzwEnd + 1 }

// write appends the sequence of a code, which is in the table.
func (t *lzwTable) write(out []byte, code int) []byte {
	if code < lzwClear {
		return append(out, byte(code)) //nolint:gosec // it is below 256
	}
	out = append(out, make([]byte, t.length[code])...)
	for at := len(out) - 1; code >= lzwClear; at-- {
		out[at] = t.last[code]
		code = int(t.before[code])
		if code < lzwClear {
			out[at-1] = byte(code)
		}
	}
	return out
}

func (t *lzwTable) add(before int, last byte) {
	if t.next >= lzwCodes {
		return
	}
	n := 1
	if before > lzwClear {
		n = t.length[before]
	}
	t.before[t.next], t.last[t.next], t.length[t.next] = uint16(before), last, n+1 //nolint:gosec // below lzwCodes
	t.next++
}

// unLZW undoes the LZW filter within a limit. early is 1 where codes grow one code too early,
// as most writers do.
func unLZW(data []byte, early, limit int) ([]byte, error) {
	var out []byte
	var bits uint32
	have, width, before := 0, 9, -1
	t := &lzwTable{}
	t.clear()
	for _, b := range data {
		bits, have = bits<<8|uint32(b), have+8
		if have < width {
			continue
		}
		have -= width
		code := int(bits>>have) & (1<<width - 1)
		switch {
		case code == lzwEnd:
			return out, nil
		case code == lzwClear:
			t.clear()
			width, before = 9, -1
			continue
		case code > t.next, code == t.next && before < 0, before < 0 && code > lzwEnd:
			return nil, errPDFSyntax
		}
		start := len(out)
		if code == t.next {
			out = t.write(out, before)
			out = append(out, out[start])
		} else {
			out = t.write(out, code)
		}
		if len(out) > limit {
			return nil, &Error{Reason: "pdf-complex"}
		}
		if before >= 0 {
			t.add(before, out[start])
		}
		before = code
		for width < 12 && t.next+early >= 1<<width {
			width++
		}
	}
	return out, nil // without an end, as some writers leave it
}
