package ld

import (
	"slices"
	"strings"
)

// line is a quad whose blank nodes have labels: its four terms as N-Quads write
// them, the graph "" for the default one.
type line struct{ s, p, o, g string }

// lineSet is lines on their way to code point order.
type lineSet []line

// with appends a quad.
func (l lineSet) with(q *quad, labels []string) lineSet {
	return append(l, line{s: q.s.in(labels), p: q.p, o: q.o.in(labels), g: q.g.in(labels)})
}

// write appends the lines in code point order (RDFC-1.0 §4.4.3 step 7, §4.6.3
// step 4). Comparing term by term gives the order of the whole lines: where one
// term is the beginning of another, the blank behind it sorts before all that a
// longer term can go on with, and lines of the same subject, which come in a
// row, share the text of it, so that comparing it is free.
func (l lineSet) write(out []byte) []byte {
	order := make([]*line, len(l))
	for i := range l {
		order[i] = &l[i]
	}
	slices.SortFunc(order, compareLines)
	for _, n := range order {
		out = n.append(out)
	}
	return out
}

func compareLines(a, b *line) int {
	if c := strings.Compare(a.s, b.s); c != 0 {
		return c
	}
	if c := strings.Compare(a.p, b.p); c != 0 {
		return c
	}
	if c := strings.Compare(a.o, b.o); c != 0 {
		return c
	}
	return strings.Compare(a.g, b.g)
}

// size is the number of bytes that append writes, or one more.
func (n *line) size() int {
	const between = len("    .\n")
	return len(n.s) + len(n.p) + len(n.o) + len(n.g) + between
}

// append writes a canonical N-Quads line.
func (n *line) append(out []byte) []byte {
	out = append(append(out, n.s...), ' ')
	out = append(append(out, n.p...), ' ')
	out = append(append(out, n.o...), ' ')
	if n.g != "" {
		out = append(append(out, n.g...), ' ')
	}
	return append(out, '.', '\n')
}
