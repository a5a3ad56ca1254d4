package pack

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
)

// The kinds of own.
const (
	kindText = 't'
	kindJWS  = 'j'
)

// partLeast is how much must be shared before it is worth a row.
const partLeast = 160

// Cut takes the part out of a credential and gives what is left, with where it stood.
//
//	own  = kind [header] cuts rest [signature]
//	cuts = how many, then for each: bytes of the rest before it, its length
//
// Numbers are unsigned varints; the header of a JWS has its length before it, and so
// has the rest of one, since its signature follows. The part is what was cut, end to end.
func Cut(credential []byte) (own, part []byte) {
	if header, payload, signature, ok := splitJWS(credential); ok {
		own = binary.AppendUvarint(append(own, kindJWS), uint64(len(header)))
		own = append(own, header...)
		rest, cuts, part := cutJSON(payload)
		own = appendCuts(own, cuts)
		own = binary.AppendUvarint(own, uint64(len(rest)))
		return append(append(own, rest...), signature...), part
	}
	rest, cuts, part := cutJSON(credential)
	own = appendCuts(append(make([]byte, 0, len(rest)+16), kindText), cuts)
	return append(own, rest...), part
}

type cut struct{ before, length int }

func appendCuts(own []byte, cuts []cut) []byte {
	own = binary.AppendUvarint(own, uint64(len(cuts)))
	for _, c := range cuts {
		own = binary.AppendUvarint(own, uint64(c.before)) //nolint:gosec // G115: lengths
		own = binary.AppendUvarint(own, uint64(c.length)) //nolint:gosec // G115: lengths
	}
	return own
}

// cutJSON takes what many credentials share out of one.
func cutJSON(text []byte) (rest []byte, cuts []cut, part []byte) {
	spans, all := sharedIn(text), 0
	for _, s := range spans {
		all += s.end - s.start
	}
	if all < partLeast {
		return text, nil, nil
	}
	rest, part = make([]byte, 0, len(text)-all), make([]byte, 0, all)
	at := 0
	for _, s := range spans {
		cuts = append(cuts, cut{s.start - at, s.end - s.start})
		rest = append(rest, text[at:s.start]...)
		part = append(part, text[s.start:s.end]...)
		at = s.end
	}
	return append(rest, text[at:]...), cuts, part
}

// splitJWS decodes a compact JWS whose base64url is the only way to write it.
func splitJWS(token []byte) (header, payload, signature []byte, ok bool) {
	pieces := bytes.Split(token, []byte("."))
	if len(pieces) != 3 || bytes.ContainsAny(token, "\r\n") {
		return nil, nil, nil, false
	}
	var out [3][]byte
	for i, p := range pieces {
		b, err := base64.RawURLEncoding.Strict().DecodeString(string(p))
		if err != nil {
			return nil, nil, nil, false
		}
		out[i] = b
	}
	return out[0], out[1], out[2], true
}

// reader reads what Cut wrote; bad is set where it ends too soon.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > textMost {
		r.bad = true
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// join puts the part back.
func join(own, part []byte) ([]byte, error) {
	r := reader{b: own}
	switch kind := r.take(1); {
	case r.bad:
		return nil, ErrBroken
	case kind[0] == kindText:
		cuts := r.cuts()
		return r.fill(cuts, r.b, part)
	case kind[0] != kindJWS:
		return nil, ErrBroken
	}
	header := r.take(r.number())
	cuts := r.cuts()
	rest := r.take(r.number())
	payload, err := r.fill(cuts, rest, part)
	if err != nil {
		return nil, err
	}
	e := base64.RawURLEncoding
	token := e.AppendEncode(make([]byte, 0, e.EncodedLen(len(own)+len(part))+4), header)
	token = e.AppendEncode(append(token, '.'), payload)
	return e.AppendEncode(append(token, '.'), r.b), nil
}

func (r *reader) cuts() []cut {
	n := r.number()
	var list []cut
	for range n {
		if r.bad {
			return nil
		}
		list = append(list, cut{r.number(), r.number()})
	}
	return list
}

// fill puts the pieces of the part between those of the rest.
func (r *reader) fill(cuts []cut, rest, part []byte) ([]byte, error) {
	if r.bad {
		return nil, ErrBroken
	}
	if len(cuts) == 0 {
		return rest, nil
	}
	text := make([]byte, 0, len(rest)+len(part))
	from, shared := reader{b: rest}, reader{b: part}
	for _, c := range cuts {
		text = append(append(text, from.take(c.before)...), shared.take(c.length)...)
	}
	if from.bad || shared.bad || len(shared.b) > 0 {
		return nil, ErrBroken
	}
	return append(text, from.b...), nil
}
