package ld

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxWork bounds Hash N-Degree Quads: related nodes hashed, permutations
// tried and identifiers copied. Every dataset that people make needs far less
// (RDFC-1.0 §7.1 asks for such a limit).
const maxWork = 200_000

// canon is one run of RDFC-1.0 (W3C Recommendation of 2024-05-21).
type canon struct {
	ctx    context.Context //nolint:containedctx // lives for one call
	data   *dataset
	hash   crypto.Hash
	about  [][]int32 // the quads of each blank node
	first  []string  // first degree hashes, hexadecimal
	labels []string  // canonical identifiers by blank node, "" before they are issued
	given  int       // canonical identifiers issued
	budget *Budget
}

// issuer gives identifiers to blank nodes (RDFC-1.0 §4.5).
type issuer struct {
	prefix string
	ids    map[int]int
	order  []int
}

func newIssuer(prefix string) *issuer {
	return &issuer{prefix: prefix, ids: map[int]int{}}
}

func (i *issuer) clone() *issuer {
	return &issuer{prefix: i.prefix, ids: maps.Clone(i.ids), order: slices.Clone(i.order)}
}

func (i *issuer) issue(blank int) {
	if _, has := i.ids[blank]; !has {
		i.ids[blank] = len(i.order)
		i.order = append(i.order, blank)
	}
}

func (i *issuer) has(blank int) bool {
	_, has := i.ids[blank]
	return has
}

func (i *issuer) label(out []byte, blank int) []byte {
	return strconv.AppendInt(append(out, i.prefix...), int64(i.ids[blank]), 10)
}

// stopped turns the end of ctx into an error.
func stopped(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("canonicalise: %w", err)
	}
	return nil
}

// has reports a blank node with a canonical identifier.
func (c *canon) has(blank int) bool { return c.labels[blank] != "" }

// issue gives a blank node the next canonical identifier.
func (c *canon) issue(blank int) {
	if !c.has(blank) {
		c.labels[blank] = "_:c14n" + strconv.Itoa(c.given)
		c.given++
	}
}

// canonicalise is the algorithm of RDFC-1.0 §4.4.3.
func canonicalise(ctx context.Context, data *dataset, h crypto.Hash, b *Budget) ([]byte, error) {
	c, err := identify(ctx, data, h, b)
	if err != nil {
		return nil, err
	}
	return c.lines(), nil
}

// identify issues the canonical identifiers of a dataset (RDFC-1.0 §4.4.3 steps 1 to 5).
func identify(ctx context.Context, data *dataset, h crypto.Hash, b *Budget) (*canon, error) {
	if err := stopped(ctx); err != nil {
		return nil, err
	}
	data.unique()
	c := &canon{ctx: ctx, data: data, hash: h, budget: b, labels: make([]string, data.blanks+1)}
	c.group()
	hashed, err := c.firstDegrees()
	if err != nil {
		return nil, err
	}
	for group := range c.groups(hashed) {
		if len(group) == 1 {
			c.issue(group[0])
		}
	}
	for group := range c.groups(hashed) {
		if len(group) > 1 {
			if err := c.distinguish(group); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// groups gives the blank nodes of equal first degree hash, in the order of the
// hashes; nodes are sorted by that hash.
func (c *canon) groups(nodes []int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		for from := 0; from < len(nodes); {
			to := from + 1
			for to < len(nodes) && c.first[nodes[to]] == c.first[nodes[from]] {
				to++
			}
			if !yield(nodes[from:to]) {
				return
			}
			from = to
		}
	}
}

// group finds the quads of each blank node.
func (c *canon) group() {
	if c.about = make([][]int32, c.data.blanks+1); c.data.blanks == 0 {
		return
	}
	for i := range c.data.quads {
		q := &c.data.quads[i]
		for at, n := range [...]int{q.s.blank, q.o.blank, q.g.blank} {
			repeated := at > 0 && n == q.s.blank || at > 1 && n == q.o.blank
			if n > 0 && !repeated {
				c.about[n] = append(c.about[n], int32(i))
			}
		}
	}
}

// firstDegrees hashes every blank node by its own quads (RDFC-1.0 §4.6) and
// returns the nodes sorted by their hashes, those of equal hash by number.
func (c *canon) firstDegrees() ([]int, error) {
	c.first = make([]string, len(c.about))
	nodes := make([]int, 0, len(c.about))
	labels := make([]string, len(c.about))
	for n := range labels {
		labels[n] = "_:z"
	}
	var text []byte
	var lines lineSet
	for n := 1; n < len(c.about); n++ {
		if n%256 == 0 {
			if err := stopped(c.ctx); err != nil {
				return nil, err
			}
		}
		if len(c.about[n]) == 0 {
			continue
		}
		labels[n] = "_:a"
		lines = lines[:0]
		for _, i := range c.about[n] {
			lines = lines.with(&c.data.quads[i], labels)
		}
		labels[n] = "_:z"
		text = lines.write(text[:0])
		c.first[n] = c.sum(text)
		nodes = append(nodes, n)
	}
	slices.SortStableFunc(nodes, func(a, b int) int { return strings.Compare(c.first[a], c.first[b]) })
	return nodes, nil
}

// sum is a hash in hexadecimal.
func (c *canon) sum(text []byte) string {
	if c.hash == crypto.SHA256 {
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:])
	}
	h := c.hash.New()
	_, _ = h.Write(text) // a hash takes everything
	return hex.EncodeToString(h.Sum(nil))
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

// lines writes the dataset with canonical identifiers, sorted.
func (c *canon) lines() []byte {
	lines, size := make(lineSet, 0, len(c.data.quads)), 0
	for i := range c.data.quads {
		lines = lines.with(&c.data.quads[i], c.labels)
		size += lines[i].size()
	}
	return lines.write(make([]byte, 0, size))
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
