package svg

import (
	"context"
	"image"
	"math"

	"github.com/osier-passport/osier/core/art/paint"
)

const maxLayers = 400 // off-screen pictures for groups, masks and filters

// Draw renders a file into a square of size pixels a side, whole and in the
// middle, the rest transparent. The file is cleaned first. Patterns, markers
// and unusual filters are left out; text is set in the fonts of core/art/paint.
// Errors are those of Clean and the context's.
func Draw(ctx context.Context, file []byte, size int) (*image.RGBA, error) {
	root, err := tree(file)
	if err != nil {
		return nil, err
	}
	v, shown, err := frame(root)
	if err != nil {
		return nil, err
	}
	r := renderer{ctx: ctx, ids: index(root), view: v, boxes: map[*node]box{}}
	k := float64(size) / max(shown.Width, shown.Height)
	target := paint.Box{X: (float64(size) - shown.Width*k) / 2, Y: (float64(size) - shown.Height*k) / 2, W: shown.Width * k, H: shown.Height * k}
	canvas := paint.NewCanvas(size, size)
	r.children(root, canvas, defaultStyle().with(root), fit(v, target, root.get("preserveAspectRatio")))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return canvas.RGBA, nil
}

// renderer draws a cleaned tree.
type renderer struct {
	ctx    context.Context //nolint:containedctx // lives for one Draw
	ids    map[string]*node
	view   view
	layers int
	depth  int
	boxes  map[*node]box
}

// box is the bounding box of a shape in its own coordinates.
type box struct{ lo, hi paint.Point }

// fit maps a view box into a target box (SVG 2 §8.6).
func fit(v view, target paint.Box, preserve string) paint.Matrix {
	kx, ky := target.W/v.w, target.H/v.h
	align, slice := preserve, false
	if n := len(preserve); n > 6 && preserve[n-5:] == "slice" {
		align, slice = preserve[:n-6], true
	}
	if align == "none" {
		return paint.Matrix{A: kx, D: ky, E: target.X - v.x*kx, F: target.Y - v.y*ky}
	}
	k := min(kx, ky)
	if slice {
		k = max(kx, ky)
	}
	ax, ay := 0.5, 0.5
	if len(align) >= 8 {
		places := map[string]float64{"Min": 0, "Mid": 0.5, "Max": 1}
		ax, ay = places[align[1:4]], places[align[5:8]]
	}
	return paint.Matrix{A: k, D: k, E: target.X + (target.W-v.w*k)*ax - v.x*k, F: target.Y + (target.H-v.h*k)*ay - v.y*k}
}

// children draws what is within n.
func (r *renderer) children(n *node, to paint.Canvas, s style, m paint.Matrix) {
	for _, child := range n.children {
		r.element(child, to, s, m)
	}
}

// element draws n and what is within it.
func (r *renderer) element(n *node, to paint.Canvas, s style, m paint.Matrix) {
	if r.ctx.Err() != nil || r.depth > maxDepth {
		return
	}
	switch n.name {
	case "g", "use", "svg", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "image":
	default:
		return
	}
	if n.get("display") == "none" {
		return
	}
	s = s.with(n)
	m = m.Mul(parseTransform(n.get("transform")))
	opacity := share(n.get("opacity"), 1)
	clip, clipped := reference(n.get("clip-path"))
	mask, masked := reference(n.get("mask"))
	filter, filtered := reference(n.get("filter"))
	clipped = clipped && r.ids[clip] != nil
	if opacity <= 0 {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	if opacity == 1 && !clipped && !masked && !filtered {
		r.content(n, to, s, m)
		return
	}
	if r.layers++; r.layers > maxLayers {
		return
	}
	layer := paint.NewCanvas(to.Size())
	r.content(n, layer, s, m)
	if filtered {
		layer = r.filter(filter, layer, m)
	}
	through := r.clip(clip, n, to, m)
	if through != nil || !clipped {
		through = multiply(through, r.mask(mask, n, to, m))
	}
	if clipped && through == nil {
		return
	}
	to.Lay(layer, opacity, through)
}

// content draws n without its group effects.
func (r *renderer) content(n *node, to paint.Canvas, s style, m paint.Matrix) {
	switch n.name {
	case "g":
		r.children(n, to, s, m)
	case "svg":
		r.nested(n, to, s, m)
	case "use":
		r.use(n, to, s, m)
	case "text":
		r.text(n, to, s, m)
	case "image":
		r.image(n, to, s, m)
	default:
		p, ok := r.shape(n, s)
		if ok && s.visible {
			r.paintShape(n, p, to, s, m)
		}
	}
}

func (r *renderer) nested(n *node, to paint.Canvas, s style, m paint.Matrix) {
	b := paint.Box{X: r.length(n, "x", s, 'x', 0), Y: r.length(n, "y", s, 'y', 0)}
	b.W, b.H = r.length(n, "width", s, 'x', r.view.w), r.length(n, "height", s, 'y', r.view.h)
	if v, ok := parseView(n.get("viewBox")); ok {
		m = m.Mul(fit(v, b, n.get("preserveAspectRatio")))
	} else {
		m = m.Mul(paint.Translate(b.X, b.Y))
	}
	r.children(n, to, s, m)
}

// use draws the element that it refers to; cost and cycles were checked.
func (r *renderer) use(n *node, to paint.Canvas, s style, m paint.Matrix) {
	id, ok := localReference(n.get("href"))
	target := r.ids[id]
	if !ok || target == nil {
		return
	}
	m = m.Mul(paint.Translate(r.length(n, "x", s, 'x', 0), r.length(n, "y", s, 'y', 0)))
	if target.name != "symbol" {
		r.element(target, to, s, m)
		return
	}
	s = s.with(target)
	if v, ok := parseView(target.get("viewBox")); ok {
		b := paint.Box{W: r.length(n, "width", s, 'x', v.w), H: r.length(n, "height", s, 'y', v.h)}
		m = m.Mul(fit(v, b, target.get("preserveAspectRatio")))
	}
	r.children(target, to, s, m)
}

// paintShape fills and strokes a path.
func (r *renderer) paintShape(n *node, p paint.Path, to paint.Canvas, s style, m paint.Matrix) {
	if with := r.server(s.fill, n, p, s, m); with != nil {
		rule := paint.NonZero
		if s.evenOdd {
			rule = paint.EvenOdd
		}
		to.FillRule(p.Transform(m), rule, faded(with, s.fillOpacity))
	}
	if s.stroke == "" || s.stroke == "none" || s.line.Width <= 0 {
		return
	}
	with := r.server(s.stroke, n, p, s, m)
	scale := m.Size()
	if with == nil || scale == 0 {
		return
	}
	line := s.line
	opacity := s.strokeOpacity
	if thin := line.Width * scale; thin < 0.3 { // a hair line fades and does not break up
		opacity *= math.Sqrt(thin / 0.3)
	}
	if s.fixedStroke {
		line.Width /= scale
	}
	outline := line.Outline(p, scale)
	to.Fill(outline.Transform(m), faded(with, opacity))
}
