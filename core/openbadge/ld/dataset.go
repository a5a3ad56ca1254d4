package ld

import (
	"bytes"
	"slices"
	"strings"
)

// ref is a node or a predicate: a blank node by its number from 1, or a piece of
// the terms. The zero ref is the default graph.
type ref struct{ from, to, blank int32 }

func (r ref) size() int { return int(r.to - r.from) }

type quad struct{ s, p, o, g ref }

// dataset is a set of quads with blank nodes 1 to blanks. Its terms, as N-Quads
// write them, stand one behind the other in one text: nothing in it is a pointer.
type dataset struct {
	quads  []quad
	terms  []byte
	blanks int32
	size   int // bytes of all terms of all quads

	runs  []run   // scratch of arrange, and of lines
	order []int32 // scratch of arrange
	spare []quad  // scratch of arrange
}

// run is a piece of a list.
type run struct{ from, to int32 }

func (d *dataset) reset() {
	d.quads, d.terms, d.blanks, d.size = d.quads[:0], d.terms[:0], 0, 0
}

// blank is a new blank node.
func (d *dataset) blank() ref {
	d.blanks++
	return ref{blank: d.blanks}
}

// bytes is the text of a node, empty for a blank one.
func (d *dataset) bytes(r ref) []byte { return d.terms[r.from:r.to] }

// since is the term that was appended from a place on.
func (d *dataset) since(from int) ref {
	return ref{from: int32(from), to: int32(len(d.terms))} //nolint:gosec // G115: a document has some MB
}

// iri appends an IRI.
func (d *dataset) iri(iri string) ref {
	from := len(d.terms)
	d.terms = append(append(append(d.terms, '<'), iri...), '>')
	return d.since(from)
}

// written appends what is written as N-Quads already.
func (d *dataset) written(text string) ref {
	from := len(d.terms)
	d.terms = append(d.terms, text...)
	return d.since(from)
}

// literal appends a literal.
func (d *dataset) literal(text, datatype string) ref {
	from := len(d.terms)
	d.terms = appendQuoted(d.terms, text)
	if datatype != xsdString {
		d.terms = append(append(append(d.terms, "^^<"...), datatype...), '>')
	}
	return d.since(from)
}

// tagged appends a literal with a language.
func (d *dataset) tagged(text, language string) ref {
	from := len(d.terms)
	d.terms = append(append(appendQuoted(d.terms, text), '@'), language...)
	return d.since(from)
}

// compare orders nodes: texts by their bytes, behind them blank nodes by number.
func (d *dataset) compare(a, b ref) int {
	if a.blank != b.blank {
		return int(a.blank) - int(b.blank)
	}
	if a == b {
		return 0
	}
	return bytes.Compare(d.bytes(a), d.bytes(b))
}

// compareRest orders quads of the same subject.
func (d *dataset) compareRest(a, b *quad) int {
	if c := d.compare(a.p, b.p); c != 0 {
		return c
	}
	if c := d.compare(a.o, b.o); c != 0 {
		return c
	}
	return d.compare(a.g, b.g)
}

// arrange sorts the quads and removes repeated ones: the order is that of the
// canonical form as far as it can be known before blank nodes have names.
// Quads of the same subject come in runs, so these are sorted first.
func (d *dataset) arrange() {
	d.runs, d.order, d.spare = d.runs[:0], d.order[:0], d.spare[:0]
	for i := range d.quads {
		if i == 0 || d.quads[i].s != d.quads[i-1].s {
			d.runs = append(d.runs, run{from: int32(i)}) // at most maxQuads
		}
		d.runs[len(d.runs)-1].to = int32(i + 1) // at most maxQuads
	}
	slices.SortFunc(d.runs, func(a, b run) int { return d.compare(d.quads[a.from].s, d.quads[b.from].s) })
	for i := 0; i < len(d.runs); {
		subject, from := d.quads[d.runs[i].from].s, len(d.order)
		for ; i < len(d.runs) && d.compare(d.quads[d.runs[i].from].s, subject) == 0; i++ {
			for q := d.runs[i].from; q < d.runs[i].to; q++ {
				d.order = append(d.order, q)
			}
		}
		d.take(subject, d.order[from:])
	}
	d.quads, d.spare = d.spare, d.quads
}

// take sorts the quads of one subject and takes each of them once.
func (d *dataset) take(subject ref, order []int32) {
	slices.SortFunc(order, func(a, b int32) int { return d.compareRest(&d.quads[a], &d.quads[b]) })
	for i, at := range order {
		q := d.quads[at]
		if q.s = subject; i > 0 && d.compareRest(&q, &d.spare[len(d.spare)-1]) == 0 {
			continue
		}
		d.spare = append(d.spare, q)
	}
}

// appendQuoted writes a string as canonical N-Quads do (RDFC-1.0 appendix A).
func appendQuoted(out []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	out = append(out, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if !escaped[c] {
			continue
		}
		out = append(out, s[from:i]...)
		from = i + 1
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			out = append(out, '\\', `"\bfnrt`[at])
		} else {
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(out, s[from:]...), '"')
}

// escaped are the bytes that a literal does not have as they are.
var escaped = func() (set [256]bool) {
	for c := range 0x20 {
		set[c] = true
	}
	set['"'], set['\\'], set[0x7F] = true, true, true
	return set
}()
