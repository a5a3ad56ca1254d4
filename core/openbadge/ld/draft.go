package ld

import (
	"strings"
)

// ref is a node of a draft: a blank node by its number from 1, or a piece of the
// text. The zero ref is the default graph.
type ref struct{ from, to, blank int32 }

func (r ref) size() int { return int(r.to - r.from) }

type draftQuad struct {
	s, o, g ref
	p       string // the predicate, as N-Quads write it
}

// draft is a dataset being made: its terms, as N-Quads write them, stand one
// behind the other in one text.
type draft struct {
	quads  []draftQuad
	terms  []byte
	blanks int32
	size   int // bytes of all terms of all quads
}

// blank is a new blank node.
func (d *draft) blank() ref {
	d.blanks++
	return ref{blank: d.blanks}
}

// at is the text of a node, "" for a blank one.
func (d *draft) at(r ref) string { return string(d.terms[r.from:r.to]) }

// since is the term that was appended from a place on.
func (d *draft) since(from int) ref {
	return ref{from: int32(from), to: int32(len(d.terms))} //nolint:gosec // G115: a document has some MB
}

// iri appends an IRI.
func (d *draft) iri(iri string) ref {
	from := len(d.terms)
	d.terms = append(append(append(d.terms, '<'), iri...), '>')
	return d.since(from)
}

// written appends what is written as N-Quads already.
func (d *draft) written(text string) ref {
	from := len(d.terms)
	d.terms = append(d.terms, text...)
	return d.since(from)
}

// literal appends a literal.
func (d *draft) literal(text, datatype string) ref {
	from := len(d.terms)
	d.terms = appendQuoted(d.terms, text)
	if datatype != xsdString {
		d.terms = append(append(append(d.terms, "^^<"...), datatype...), '>')
	}
	return d.since(from)
}

// tagged appends a literal with a language.
func (d *draft) tagged(text, language string) ref {
	from := len(d.terms)
	d.terms = append(appendQuoted(d.terms, text), '@')
	d.terms = append(d.terms, strings.ToLower(language)...)
	return d.since(from)
}

// dataset gives what was drafted.
func (d *draft) dataset() *dataset {
	text := string(d.terms)
	node := func(r ref) node { return node{text: text[r.from:r.to], blank: int(r.blank)} }
	out := &dataset{quads: make([]quad, len(d.quads)), blanks: int(d.blanks), text: d.size}
	for i := range d.quads {
		q := &d.quads[i]
		out.quads[i] = quad{s: node(q.s), p: q.p, o: node(q.o), g: node(q.g)}
	}
	return out
}
