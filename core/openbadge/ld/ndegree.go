package ld

import (
	"maps"
	"slices"
)

// nDegree hashes a blank node by the nodes it is linked with (RDFC-1.0 §4.8).
// It returns the hash and the issuer that gave it.
func (c *canon) nDegree(n int, ids *issuer) (string, *issuer, error) {
	related, err := c.related(n, ids)
	if err != nil {
		return "", nil, err
	}
	if len(related) == 0 {
		return c.hexSum(nil), ids, nil
	}
	var text []byte
	for _, hash := range slices.Sorted(maps.Keys(related)) {
		text = append(text, hash...)
		var path []byte
		if path, ids, err = c.shortest(related[hash], ids); err != nil {
			return "", nil, err
		}
		text = append(text, path...)
	}
	return c.hexSum(text), ids, nil
}

// related groups the blank nodes that share a quad with n by the hash of that
// relation (RDFC-1.0 §4.7).
func (c *canon) related(n int, ids *issuer) (map[string][]int, error) {
	var groups map[string][]int
	for _, i := range c.quadsOf(n) {
		q := &c.data.quads[i]
		for at, blank := range [...]int32{q.s.blank, q.o.blank, q.g.blank} {
			other := int(blank)
			if other == 0 || other == n {
				continue
			}
			if err := c.charge(1 + q.p.size()/256); err != nil {
				return nil, err
			}
			text := []byte{"sog"[at]}
			if at < 2 {
				text = append(text, c.data.bytes(q.p)...)
			}
			switch {
			case c.has(other):
				text = append(text, c.label(other)...)
			case ids.has(other):
				text = ids.label(text, other)
			default:
				text = append(text, c.hashOf(other)...)
			}
			hash := c.hexSum(text)
			if groups == nil {
				groups = map[string][]int{}
			}
			groups[hash] = append(groups[hash], other)
		}
	}
	return groups, nil
}

// shortest tries every order of a group and keeps the least path, with the
// issuer that led to it (RDFC-1.0 §4.8.3 step 5).
func (c *canon) shortest(group []int, ids *issuer) ([]byte, *issuer, error) {
	var best []byte
	bestIDs := ids
	slices.Sort(group)
	for more := true; more; more = permute(group) {
		path, pathIDs, err := c.path(group, ids, best)
		if err != nil {
			return nil, nil, err
		}
		if path != nil && (best == nil || string(path) < string(best)) {
			best, bestIDs = path, pathIDs
		}
	}
	return best, bestIDs, nil
}

// path is the path of one order of a group, nil once it is behind best.
func (c *canon) path(order []int, ids *issuer, best []byte) ([]byte, *issuer, error) {
	if err := c.charge(1 + len(order) + len(ids.order)); err != nil {
		return nil, nil, err
	}
	ids = ids.clone()
	path := []byte{}
	var unexplored []int
	for _, n := range order {
		if c.has(n) {
			path = append(path, c.label(n)...)
		} else {
			if !ids.has(n) {
				ids.issue(n)
				unexplored = append(unexplored, n)
			}
			path = ids.label(path, n)
		}
		if behind(path, best) {
			return nil, nil, nil
		}
	}
	for _, n := range unexplored {
		hash, next, err := c.nDegree(n, ids)
		if err != nil {
			return nil, nil, err
		}
		path = ids.label(path, n)
		path = append(append(append(path, '<'), hash...), '>')
		ids = next
		if behind(path, best) {
			return nil, nil, nil
		}
	}
	return path, ids, nil
}

// behind reports that no continuation of path can be the best one.
func behind(path, best []byte) bool {
	return best != nil && len(path) >= len(best) && string(path) > string(best)
}

// permute makes the next order of a list, false after the last.
func permute(list []int) bool {
	i := len(list) - 2
	for i >= 0 && list[i] >= list[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(list) - 1
	for list[j] <= list[i] {
		j--
	}
	list[i], list[j] = list[j], list[i]
	slices.Reverse(list[i+1:])
	return true
}
