package ld

import "strings"

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

// unique removes repeated quads.
func (d *dataset) unique() {
	seen := make(map[quad]struct{}, len(d.quads))
	kept := d.quads[:0]
	for _, q := range d.quads {
		if _, dup := seen[q]; !dup {
			seen[q] = struct{}{}
			kept = append(kept, q)
		}
	}
	d.quads = kept
}

// appendQuad writes a canonical N-Quads line; label appends a blank node.
func appendQuad(out []byte, q *quad, label func([]byte, int) []byte) []byte {
	out = appendNode(out, q.s, label)
	out = append(append(append(out, ' '), q.p...), ' ')
	out = append(appendNode(out, q.o, label), ' ')
	if q.g != (node{}) {
		out = append(appendNode(out, q.g, label), ' ')
	}
	return append(out, '.', '\n')
}

func appendNode(out []byte, n node, label func([]byte, int) []byte) []byte {
	if n.blank > 0 {
		return label(out, n.blank)
	}
	return append(out, n.text...)
}

// quote writes a string as canonical N-Quads do (RDFC-1.0 appendix A).
func quote(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == 0x7F {
			plain = false
			break
		}
	}
	if plain {
		return `"` + s + `"`
	}
	const hex = "0123456789ABCDEF"
	out := append(make([]byte, 0, len(s)+16), '"')
	for i := range len(s) {
		c := s[i]
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			out = append(out, '\\', `"\bfnrt`[at])
		} else if c < 0x20 || c == 0x7F {
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}
