package ld

import (
	"bytes"
	"slices"
)

// lines are quads whose blank nodes have labels, on their way to code point
// order. Terms and labels are pieces of one text; the graph is the zero ref for
// the default one.
type lines struct {
	of   *dataset
	list []quad
}

// sort puts the lines into code point order (RDFC-1.0 §4.4.3 step 7, §4.6.3 step
// 4). Comparing term by term gives the order of the whole lines: where one term
// is the beginning of another, the blank behind it sorts before all that a longer
// term can go on with. The lines come nearly sorted (see dataset.arrange), which
// an insertion makes use of; where they are not, it gives up.
func (l *lines) sort() {
	const patience = 4
	moves := patience * len(l.list)
	for i := 1; i < len(l.list); i++ {
		for at := i; at > 0 && l.compare(&l.list[at], &l.list[at-1]) < 0; at-- {
			if moves--; moves < 0 {
				slices.SortFunc(l.list, func(a, b quad) int { return l.compare(&a, &b) })
				return
			}
			l.list[at], l.list[at-1] = l.list[at-1], l.list[at]
		}
	}
}

func (l *lines) compare(a, b *quad) int {
	if c := l.terms(a.s, b.s); c != 0 {
		return c
	}
	if c := l.terms(a.p, b.p); c != 0 {
		return c
	}
	if c := l.terms(a.o, b.o); c != 0 {
		return c
	}
	return l.terms(a.g, b.g)
}

func (l *lines) terms(a, b ref) int {
	if a.from == b.from && a.to == b.to {
		return 0
	}
	return bytes.Compare(l.of.bytes(a), l.of.bytes(b))
}

// write appends the lines as canonical N-Quads.
func (l *lines) write(out []byte) []byte {
	for i := range l.list {
		n := &l.list[i]
		out = append(append(out, l.of.bytes(n.s)...), ' ')
		out = append(append(out, l.of.bytes(n.p)...), ' ')
		out = append(append(out, l.of.bytes(n.o)...), ' ')
		if n.g.to > 0 {
			out = append(append(out, l.of.bytes(n.g)...), ' ')
		}
		out = append(out, '.', '\n')
	}
	return out
}
