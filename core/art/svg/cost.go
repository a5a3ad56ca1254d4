package svg

import "strings"

// checkCost refuses a file whose references multiply its elements beyond
// reason, or lead back to themselves: a small file can ask a browser to draw
// millions of shapes.
func checkCost(root *node) error {
	c := costs{ids: index(root), known: map[*node]cost{}}
	total := c.of(root)
	if c.cycle {
		return &Error{Reason: "svg-too-complex", Detail: "circular reference"}
	}
	if total.draw > maxCost {
		return &Error{Reason: "svg-too-complex"}
	}
	return nil
}

// index finds the elements by their id.
func index(root *node) map[string]*node {
	ids := map[string]*node{}
	var walk func(*node)
	walk = func(n *node) {
		if id := n.get("id"); id != "" {
			ids[id] = n
		}
		for _, child := range n.children {
			walk(child)
		}
	}
	walk(root)
	return ids
}

// cost is what drawing an element takes: with all its references, and the
// number of elements that would inherit its paint.
type cost struct{ draw, size int }

type costs struct {
	ids   map[string]*node
	known map[*node]cost
	cycle bool
}

func (c *costs) of(n *node) cost {
	if n == nil || c.cycle {
		return cost{}
	}
	if known, ok := c.known[n]; ok {
		c.cycle = c.cycle || known.size < 0
		return known
	}
	c.known[n] = cost{0, -1}
	sum := cost{1, 1}
	add := func(more cost, times int) {
		sum.draw = min(sum.draw+more.draw*times, 1<<40)
		sum.size = min(sum.size+more.size, 1<<20)
	}
	for _, child := range n.children {
		add(c.of(child), 1)
	}
	if id, ok := strings.CutPrefix(n.get("href"), "#"); ok {
		add(c.of(c.ids[id]), 1)
	}
	for _, a := range n.attrs {
		id, ok := reference(a.value)
		target := c.ids[id]
		if !ok || target == nil || !properties[a.name] {
			continue
		}
		of := c.of(target)
		switch target.name {
		case "linearGradient", "radialGradient": // one colour look-up, however many stops
		case "pattern", "marker":
			sum.draw = min(sum.draw+of.draw*min(sum.size, 1<<20), 1<<40)
		default:
			sum.draw = min(sum.draw+of.draw, 1<<40)
		}
	}
	c.known[n] = sum
	return sum
}

// reference finds the id in a value with url(#id).
func reference(value string) (id string, ok bool) {
	_, rest, ok := strings.Cut(value, "url(#")
	if !ok {
		return "", false
	}
	id, _, ok = strings.Cut(rest, ")")
	return id, ok
}
