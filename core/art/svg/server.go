package svg

import (
	"image/color"
	"strings"

	"github.com/osier-passport/osier/core/art/paint"
)

// server gives the paint for a fill or stroke value; nil for none.
func (r *renderer) server(value string, n *node, p paint.Path, s style, m paint.Matrix) paint.Paint {
	value = strings.TrimSpace(value)
	if value == "" || value == "none" {
		return nil
	}
	if id, ok := reference(value); ok {
		target := r.ids[id]
		if target != nil && (target.name == "linearGradient" || target.name == "radialGradient") {
			if g, ok := r.gradient(target, n, p, s, m); ok {
				return g
			}
			return nil
		}
		_, fallback, _ := strings.Cut(value, ")")
		if fallback = strings.TrimSpace(fallback); fallback == "" || fallback == "none" {
			return nil
		}
		value = fallback
	}
	c, ok := parseColor(value, s)
	if !ok {
		return nil
	}
	return paint.Solid(c)
}

// gradient builds a gradient (SVG 2 §14.2); attributes and stops that it lacks
// come from the gradients that it refers to.
func (r *renderer) gradient(g, n *node, p paint.Path, s style, m paint.Matrix) (paint.Paint, bool) {
	chain := r.chain(g)
	attribute := func(name, fallback string) string {
		for _, c := range chain {
			if v := c.get(name); v != "" {
				return v
			}
		}
		return fallback
	}
	var stops []paint.Stop
	for _, c := range chain {
		if stops = gradientStops(c, s); len(stops) > 0 {
			break
		}
	}
	if len(stops) == 0 {
		return nil, false
	}
	if len(stops) == 1 {
		return paint.Solid(stops[0].Color), true
	}
	object := attribute("gradientUnits", "objectBoundingBox") != "userSpaceOnUse"
	if object {
		b := r.bounds(n, p)
		w, h := b.hi.X-b.lo.X, b.hi.Y-b.lo.Y
		if w <= 0 || h <= 0 {
			return paint.Solid(stops[len(stops)-1].Color), true
		}
		m = m.Mul(paint.Matrix{A: w, D: h, E: b.lo.X, F: b.lo.Y})
	}
	m = m.Mul(parseTransform(attribute("gradientTransform", "")))
	inverse, ok := m.Invert()
	if !ok {
		return nil, false
	}
	l := func(name, fallback string, axis byte) float64 {
		value := attribute(name, fallback)
		if object {
			return measure(value, 1, 0)
		}
		return r.length(&node{attrs: []attr{{name, value}}}, name, s, axis, 0)
	}
	out := &paint.Gradient{Radial: g.name == "radialGradient", Stops: stops, Inverse: inverse}
	out.Spread = map[string]paint.Spread{"reflect": paint.Reflect, "repeat": paint.Repeat}[attribute("spreadMethod", "pad")]
	if !out.Radial {
		out.X1, out.Y1, out.X2, out.Y2 = l("x1", "0%", 'x'), l("y1", "0%", 'y'), l("x2", "100%", 'x'), l("y2", "0%", 'y')
		return out, true
	}
	out.X2, out.Y2, out.R = l("cx", "50%", 'x'), l("cy", "50%", 'y'), l("r", "50%", 'r')
	out.X1, out.Y1 = l("fx", attribute("cx", "50%"), 'x'), l("fy", attribute("cy", "50%"), 'y')
	return out, true
}

// chain follows the references from one gradient to another.
func (r *renderer) chain(g *node) []*node {
	chain := []*node{g}
	for len(chain) < 8 {
		id, ok := localReference(g.get("href"))
		if g = r.ids[id]; !ok || g == nil {
			break
		}
		chain = append(chain, g)
	}
	return chain
}

func gradientStops(g *node, s style) []paint.Stop {
	var stops []paint.Stop
	last := 0.0
	for _, child := range g.children {
		if child.name != "stop" {
			continue
		}
		c, ok := parseColor(child.get("stop-color"), s.with(child))
		if !ok {
			c = color.NRGBA{A: 255}
		}
		last = max(last, share(child.get("offset"), 0))
		stops = append(stops, paint.Stop{At: last, Color: paint.Alpha(c, share(child.get("stop-opacity"), 1))})
	}
	return stops
}

// bounds is the box around a shape, remembered by element.
func (r *renderer) bounds(n *node, p paint.Path) box {
	if b, ok := r.boxes[n]; ok {
		return b
	}
	lo, hi := p.Bounds()
	b := box{lo, hi}
	if n.name != "text" {
		r.boxes[n] = b
	}
	return b
}
