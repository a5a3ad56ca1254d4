package ld

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"fmt"
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
	issued *issuer   // canonical identifiers
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
	c := &canon{ctx: ctx, data: data, hash: h, issued: newIssuer("_:c14n"), budget: b}
	c.group()
	groups, err := c.firstDegrees()
	if err != nil {
		return nil, err
	}
	hashes := slices.Sorted(maps.Keys(groups))
	for _, hash := range hashes {
		if group := groups[hash]; len(group) == 1 {
			c.issued.issue(group[0])
		}
	}
	for _, hash := range hashes {
		if group := groups[hash]; len(group) > 1 {
			if err := c.distinguish(group); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// group finds the quads of each blank node.
func (c *canon) group() {
	c.about = make([][]int32, c.data.blanks+1)
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
// groups those with equal hashes.
func (c *canon) firstDegrees() (map[string][]int, error) {
	c.first = make([]string, len(c.about))
	groups := map[string][]int{}
	var text []byte
	var lines [][]byte
	for n := 1; n < len(c.about); n++ {
		if n%256 == 0 {
			if err := stopped(c.ctx); err != nil {
				return nil, err
			}
		}
		if len(c.about[n]) == 0 {
			continue
		}
		label := func(out []byte, blank int) []byte {
			if blank == n {
				return append(out, "_:a"...)
			}
			return append(out, "_:z"...)
		}
		text, lines = text[:0], lines[:0]
		for _, i := range c.about[n] {
			text = appendQuad(text, &c.data.quads[i], label)
		}
		for line := range bytes.Lines(text) {
			lines = append(lines, line)
		}
		slices.SortFunc(lines, bytes.Compare)
		c.first[n] = c.sum(lines...)
		groups[c.first[n]] = append(groups[c.first[n]], n)
	}
	return groups, nil
}

func (c *canon) sum(parts ...[]byte) string {
	h := c.hash.New()
	for _, p := range parts {
		_, _ = h.Write(p) // a hash takes everything
	}
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
		if c.issued.has(n) {
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
			c.issued.issue(n)
		}
	}
	return nil
}

// lines writes the dataset with canonical identifiers, sorted.
func (c *canon) lines() []byte {
	text := make([]byte, 0, c.data.text+24*len(c.data.quads))
	ends := make([]int, 0, len(c.data.quads))
	for i := range c.data.quads {
		text = appendQuad(text, &c.data.quads[i], c.issued.label)
		ends = append(ends, len(text))
	}
	lines := make([][]byte, 0, len(ends))
	from := 0
	for _, to := range ends {
		lines = append(lines, text[from:to])
		from = to
	}
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, nil)
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
