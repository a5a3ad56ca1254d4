package ld

import (
	"hash/maphash"
	"strings"
)

// node is a subject, object or graph name: a blank node by its number from 1,
// or the text of an IRI or literal as N-Quads write it. The zero node is the
// default graph.
type node struct {
	text  string
	blank int
}

type quad struct {
	s, o, g node
	p       string // the predicate, as N-Quads write it
}

// dataset is a set of quads with blank nodes 1 to blanks.
type dataset struct {
	quads  []quad
	blanks int
	text   int // bytes of all terms
}

func (d *dataset) blank() node {
	d.blanks++
	return node{blank: d.blanks}
}

// unique removes repeated quads, by a table of open addresses over seeded
// hashes, so that no document can aim at collisions.
func (d *dataset) unique() {
	size := 16
	for size < 2*len(d.quads) {
		size *= 2
	}
	seed := maphash.MakeSeed()
	seen := make([]int32, size) // place in kept, from 1
	kept := d.quads[:0]
	for i := range d.quads {
		q := &d.quads[i]
		at := int(q.hash(seed)) & (size - 1) //nolint:gosec // G115: the low bits
		for seen[at] > 0 && kept[seen[at]-1] != *q {
			at = (at + 1) & (size - 1)
		}
		if seen[at] == 0 {
			kept = append(kept, *q)
			seen[at] = int32(len(kept)) //nolint:gosec // G115: at most maxQuads
		}
	}
	d.quads = kept
}

// hash is that of a table, not the one of RDFC-1.0.
func (q *quad) hash(seed maphash.Seed) uint64 {
	const odd = 0x9E3779B97F4A7C15
	sum := maphash.String(seed, q.p)
	for _, n := range [...]*node{&q.s, &q.o, &q.g} {
		sum = sum*odd ^ maphash.String(seed, n.text) + uint64(n.blank) //nolint:gosec // G115: numbers from 1
	}
	return sum ^ sum>>32
}

// in is the text of a node in a line.
func (n node) in(labels []string) string {
	if n.blank > 0 {
		return labels[n.blank]
	}
	return n.text
}

// quote writes a string as canonical N-Quads do (RDFC-1.0 appendix A).
func quote(s string) string { return string(appendQuoted(make([]byte, 0, len(s)+2), s)) }

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
