package ld

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxWork bounds Hash N-Degree Quads: related nodes hashed, permutations
// tried and identifiers copied. A ring of twenty nodes, the hardest dataset of
// the tests that has an answer, needs 61,000, the hardest credential seen 134
// (RDFC-1.0 §7.1 asks for such a limit).
const maxWork = 100_000

// canon is one run of RDFC-1.0 (W3C Recommendation of 2024-05-21).
type canon struct {
	ctx    context.Context //nolint:containedctx // lives for one call
	data   *dataset
	hash   crypto.Hash
	budget *Budget

	about  []int32 // the quads of each blank node, one node behind the other
	starts []int32 // where those of each begin
	first  []byte  // first degree hashes, hexadecimal, of each blank node
	labels []ref   // canonical identifiers by blank node, the zero ref before they are issued
	given  int     // canonical identifiers issued
	nodes  []int   // blank nodes in the order of their first degree hashes
	lines  lines
	out    []byte
}

// forget drops what belongs to one call.
func (c *canon) forget() { c.ctx, c.data, c.budget, c.lines.of = nil, nil, nil, nil }

// issuer gives identifiers to blank nodes (RDFC-1.0 §4.5).
type issuer struct {
	prefix string
	order  []int
	ids    map[int]int // places in order, once there are many
}

// fewIssued is how many identifiers are found without a map.
const fewIssued = 8

func newIssuer(prefix string) *issuer { return &issuer{prefix: prefix} }

func (i *issuer) clone() *issuer {
	return &issuer{prefix: i.prefix, order: slices.Clone(i.order), ids: maps.Clone(i.ids)}
}

func (i *issuer) issue(blank int) {
	if i.has(blank) {
		return
	}
	i.order = append(i.order, blank)
	switch {
	case i.ids != nil:
		i.ids[blank] = len(i.order) - 1
	case len(i.order) > fewIssued:
		i.ids = make(map[int]int, 2*fewIssued)
		for at, n := range i.order {
			i.ids[n] = at
		}
	}
}

// place is that of a blank node among those that have identifiers, -1 if it has none.
func (i *issuer) place(blank int) int {
	if i.ids == nil {
		return slices.Index(i.order, blank)
	}
	if at, has := i.ids[blank]; has {
		return at
	}
	return -1
}

func (i *issuer) has(blank int) bool { return i.place(blank) >= 0 }

func (i *issuer) label(out []byte, blank int) []byte {
	return strconv.AppendInt(append(out, i.prefix...), int64(i.place(blank)), 10)
}

// stopped turns the end of ctx into an error.
func stopped(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("canonicalise: %w", err)
	}
	return nil
}

// has reports a blank node with a canonical identifier.
func (c *canon) has(blank int) bool { return c.labels[blank].to > 0 }

// label is the canonical identifier of a blank node.
func (c *canon) label(blank int) []byte { return c.data.bytes(c.labels[blank]) }

// issue gives a blank node the next canonical identifier.
func (c *canon) issue(blank int) {
	if c.has(blank) {
		return
	}
	from := len(c.data.terms)
	c.data.terms = strconv.AppendInt(append(c.data.terms, "_:c14n"...), int64(c.given), 10)
	c.labels[blank] = c.data.since(from)
	c.given++
}

// run is the algorithm of RDFC-1.0 §4.4.3. Its result lasts until the next run.
func (c *canon) run(ctx context.Context, data *dataset, h crypto.Hash, b *Budget) ([]byte, error) {
	c.ctx, c.data, c.hash, c.budget, c.given, c.lines.of = ctx, data, h, b, 0, data
	if err := c.identify(); err != nil {
		return nil, err
	}
	return c.write(), nil
}

// identify issues the canonical identifiers (RDFC-1.0 §4.4.3 steps 1 to 5).
func (c *canon) identify() error {
	if err := stopped(c.ctx); err != nil {
		return err
	}
	c.data.arrange()
	c.group()
	if err := c.firstDegrees(); err != nil {
		return err
	}
	for from := 0; from < len(c.nodes); {
		to := c.alike(from)
		if to == from+1 {
			c.issue(c.nodes[from])
		}
		from = to
	}
	for from := 0; from < len(c.nodes); {
		to := c.alike(from)
		if to > from+1 {
			if err := c.distinguish(c.nodes[from:to]); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

// alike is the end of the blank nodes that have the same first degree hash as
// the one at from.
func (c *canon) alike(from int) int {
	to := from + 1
	for to < len(c.nodes) && bytes.Equal(c.hashOf(c.nodes[to]), c.hashOf(c.nodes[from])) {
		to++
	}
	return to
}

// quadsOf are the places of the quads that a blank node is in.
func (c *canon) quadsOf(n int) []int32 { return c.about[c.starts[n]:c.starts[n+1]] }

// group finds the quads of each blank node.
func (c *canon) group() {
	n := int(c.data.blanks) + 1
	c.labels, c.starts = cleared(c.labels, n), cleared(c.starts, n+1)
	c.eachBlank(func(blank int32, _ int) { c.starts[blank+1]++ })
	for i := 1; i <= n; i++ {
		c.starts[i] += c.starts[i-1]
	}
	c.about = cleared(c.about, int(c.starts[n]))
	c.eachBlank(func(blank int32, quad int) {
		c.about[c.starts[blank]] = int32(quad) //nolint:gosec // G115: at most maxQuads
		c.starts[blank]++
	})
	copy(c.starts[1:], c.starts[:n]) // each has moved on to where the next begins
	c.starts[0] = 0
}

// eachBlank gives the blank nodes of each quad, each once.
func (c *canon) eachBlank(f func(blank int32, quad int)) {
	for i := range c.data.quads {
		q := &c.data.quads[i]
		s, o, g := q.s.blank, q.o.blank, q.g.blank
		if s > 0 {
			f(s, i)
		}
		if o > 0 && o != s {
			f(o, i)
		}
		if g > 0 && g != s && g != o {
			f(g, i)
		}
	}
}

// cleared is a list of n zeros, in the memory of another where that is enough.
func cleared[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n, n+n/2)
	}
	list = list[:n]
	clear(list)
	return list
}

// hashOf is the first degree hash of a blank node, hexadecimal.
func (c *canon) hashOf(n int) []byte {
	width := hex.EncodedLen(c.hash.Size())
	return c.first[n*width : (n+1)*width]
}

// firstDegrees hashes every blank node by its own quads (RDFC-1.0 §4.6) and
// sorts them by their hashes, those of equal hash by number.
func (c *canon) firstDegrees() error {
	c.first = cleared(c.first, len(c.labels)*hex.EncodedLen(c.hash.Size()))
	c.nodes = c.nodes[:0]
	this, other := c.data.written("_:a"), c.data.written("_:z")
	for n := 1; n < len(c.labels); n++ {
		if n%256 == 0 {
			if err := stopped(c.ctx); err != nil {
				return err
			}
		}
		if len(c.quadsOf(n)) == 0 {
			continue
		}
		c.linesOf(n, this, other)
		c.out = c.lines.write(c.out[:0])
		c.sumInto(c.hashOf(n), c.out)
		c.nodes = append(c.nodes, n)
	}
	slices.SortStableFunc(c.nodes, func(a, b int) int { return bytes.Compare(c.hashOf(a), c.hashOf(b)) })
	return nil
}

// linesOf collects the quads of a blank node, which is called this and all
// others other. Subjects that are no blank nodes sort first, then the node.
func (c *canon) linesOf(n int, this, other ref) {
	named := func(r ref) ref {
		switch int(r.blank) {
		case 0:
			return r
		case n:
			return this
		}
		return other
	}
	c.lines.list = c.lines.list[:0]
	for pass := range 3 {
		for _, i := range c.quadsOf(n) {
			q := &c.data.quads[i]
			order := 2
			if int(q.s.blank) == n {
				order = 1
			} else if q.s.blank == 0 {
				order = 0
			}
			if order == pass {
				c.lines.list = append(c.lines.list, quad{s: named(q.s), p: q.p, o: named(q.o), g: named(q.g)})
			}
		}
	}
	c.lines.sort()
}

// sumInto writes a hash in hexadecimal.
func (c *canon) sumInto(out, text []byte) {
	if c.hash == crypto.SHA256 {
		digest := sha256.Sum256(text)
		hex.Encode(out, digest[:])
		return
	}
	hex.Encode(out, sum(c.hash, text))
}

// hexSum is a hash in hexadecimal.
func (c *canon) hexSum(text []byte) string { return hex.EncodeToString(sum(c.hash, text)) }

func sum(h crypto.Hash, text []byte) []byte {
	if h == crypto.SHA256 {
		digest := sha256.Sum256(text)
		return digest[:]
	}
	d := h.New()
	_, _ = d.Write(text) // a hash takes everything
	return d.Sum(nil)
}

// distinguish issues canonical identifiers to nodes of equal first degree
// hash (RDFC-1.0 §4.4.3 step 5).
func (c *canon) distinguish(group []int) error {
	type result struct {
		hash string
		ids  *issuer
	}
	var results []result
	for _, n := range group {
		if c.has(n) {
			continue
		}
		ids := newIssuer("_:b")
		ids.issue(n)
		hash, ids, err := c.nDegree(n, ids)
		if err != nil {
			return err
		}
		results = append(results, result{hash, ids})
	}
	slices.SortStableFunc(results, func(a, b result) int { return strings.Compare(a.hash, b.hash) })
	for _, r := range results {
		for _, n := range r.ids.order {
			c.issue(n)
		}
	}
	return nil
}

// write writes the dataset with canonical identifiers, sorted: subjects that are
// no blank nodes are so already, the blank ones are by their identifiers.
func (c *canon) write() []byte {
	d := c.data
	d.runs, c.lines.list = d.runs[:0], c.lines.list[:0]
	for i := range d.quads {
		at := int32(i) // at most maxQuads
		switch blank := d.quads[i].s.blank; {
		case blank == 0:
			c.line(at)
		case i > 0 && blank == d.quads[i-1].s.blank:
			d.runs[len(d.runs)-1].to = at + 1
		default:
			d.runs = append(d.runs, run{at, at + 1})
		}
	}
	slices.SortFunc(d.runs, func(a, b run) int {
		return bytes.Compare(c.label(int(d.quads[a.from].s.blank)), c.label(int(d.quads[b.from].s.blank)))
	})
	for _, r := range d.runs {
		for at := r.from; at < r.to; at++ {
			c.line(at)
		}
	}
	c.lines.sort()
	c.out = c.lines.write(c.out[:0])
	return c.out
}

// line appends the line of a quad.
func (c *canon) line(at int32) {
	q := c.data.quads[at]
	for _, r := range [...]*ref{&q.s, &q.o, &q.g} {
		if r.blank > 0 {
			*r = c.labels[r.blank]
		}
	}
	c.lines.list = append(c.lines.list, q)
}

// charge takes n units from the work budget.
func (c *canon) charge(n int) error {
	before := c.budget.Steps
	if c.budget.Steps -= n; c.budget.Steps < 0 {
		return refuse("too-complex", "work")
	}
	if before>>10 != c.budget.Steps>>10 {
		return stopped(c.ctx)
	}
	return nil
}
