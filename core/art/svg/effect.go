package svg

import (
	"image"
	"image/color"
	"math"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"github.com/osier-passport/osier/core/art/paint"
	"github.com/osier-passport/osier/core/art/raster"
)

// clip draws a clipPath as a mask; nil where nothing shows.
func (r *renderer) clip(id string, n *node, to paint.Canvas, m paint.Matrix) *image.Alpha {
	target := r.ids[id]
	if target == nil || target.name != "clipPath" {
		return nil
	}
	m = m.Mul(parseTransform(target.get("transform")))
	if target.get("clipPathUnits") == "objectBoundingBox" {
		m = m.Mul(r.unit(n))
	}
	layer := paint.NewCanvas(to.Size())
	for _, child := range target.children {
		r.clipShape(child, layer, defaultStyle().with(target), m)
	}
	return alphaOf(layer)
}

func (r *renderer) clipShape(n *node, to paint.Canvas, s style, m paint.Matrix) {
	s = s.with(n)
	s.fill, s.stroke, s.fillOpacity, s.evenOdd = "black", "none", 1, s.clipEvenOdd
	if n.name == "use" {
		id, _ := localReference(n.get("href"))
		if target := r.ids[id]; target != nil && r.depth < maxDepth {
			r.depth++
			r.clipShape(target, to, s, m.Mul(parseTransform(n.get("transform"))).Mul(paint.Translate(r.length(n, "x", s, 'x', 0), r.length(n, "y", s, 'y', 0))))
			r.depth--
		}
		return
	}
	bare := &node{name: n.name, children: n.children}
	for _, a := range n.attrs {
		if a.name != "opacity" && a.name != "fill" && a.name != "stroke" && a.name != "fill-opacity" && a.name != "fill-rule" {
			bare.attrs = append(bare.attrs, a)
		}
	}
	r.element(bare, to, s, m)
}

// mask draws a mask by its luminance; nil where the element has none.
func (r *renderer) mask(id string, n *node, to paint.Canvas, m paint.Matrix) *image.Alpha {
	target := r.ids[id]
	if target == nil || target.name != "mask" || r.layers > maxLayers {
		return nil
	}
	r.layers++
	if target.get("maskContentUnits") == "objectBoundingBox" {
		m = m.Mul(r.unit(n))
	}
	layer := paint.NewCanvas(to.Size())
	r.children(target, layer, defaultStyle().with(target), m)
	out := image.NewAlpha(layer.Rect)
	for i := range out.Pix {
		p := layer.Pix[4*i : 4*i+3 : 4*i+3]
		out.Pix[i] = byte((54*uint32(p[0]) + 183*uint32(p[1]) + 19*uint32(p[2])) >> 8) //nolint:gosec // at most 255
	}
	return out
}

// unit maps the unit square onto the bounding box of an element's shapes.
func (r *renderer) unit(n *node) paint.Matrix {
	p := r.outline(n, paint.Identity(), 0)
	lo, hi := p.Bounds()
	return paint.Matrix{A: hi.X - lo.X, D: hi.Y - lo.Y, E: lo.X, F: lo.Y}
}

func (r *renderer) outline(n *node, m paint.Matrix, depth int) paint.Path {
	var out paint.Path
	if depth > 8 {
		return out
	}
	if n.name == "g" {
		for _, child := range n.children {
			out.Append(r.outline(child, m.Mul(parseTransform(child.get("transform"))), depth+1))
		}
		return out
	}
	p, _ := r.shape(n, defaultStyle().with(n))
	return p.Transform(m)
}

func alphaOf(c paint.Canvas) *image.Alpha {
	out := image.NewAlpha(c.Rect)
	for i := range out.Pix {
		out.Pix[i] = c.Pix[4*i+3]
	}
	return out
}

// multiply joins two masks of the same size, each of which may be absent.
func multiply(a, b *image.Alpha) *image.Alpha {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	for i := range a.Pix {
		a.Pix[i] = byte(uint32(a.Pix[i]) * uint32(b.Pix[i]) / 255) //nolint:gosec // a share of a byte
	}
	return a
}

// image draws a picture that the file carries.
func (r *renderer) image(n *node, to paint.Canvas, s style, m paint.Matrix) {
	b, ok := dataURI(n.get("href"))
	if !ok || !s.visible || r.layers >= maxLayers {
		return
	}
	r.layers += 10
	src, err := raster.Decode(b, maxImage)
	if err != nil {
		return
	}
	size := src.Bounds()
	w, h := float64(size.Dx()), float64(size.Dy())
	target := paint.Box{X: r.length(n, "x", s, 'x', 0), Y: r.length(n, "y", s, 'y', 0), W: r.length(n, "width", s, 'x', w), H: r.length(n, "height", s, 'y', h)}
	m = m.Mul(fit(view{0, 0, w, h}, target, n.get("preserveAspectRatio")))
	m = m.Mul(paint.Translate(-float64(size.Min.X), -float64(size.Min.Y)))
	if _, ok := m.Invert(); ok {
		draw.BiLinear.Transform(to.RGBA, f64.Aff3{m.A, m.C, m.E, m.B, m.D, m.F}, src, size, draw.Over, nil)
	}
}

// filter applies the common part of filters: blur, offset, flood, merge and
// drop shadow. What it does not know passes through.
func (r *renderer) filter(id string, source paint.Canvas, m paint.Matrix) paint.Canvas {
	target := r.ids[id]
	if target == nil || target.name != "filter" {
		return source
	}
	results := map[string]paint.Canvas{"SourceGraphic": source}
	last := source
	for _, f := range target.children {
		if r.layers++; r.layers > maxLayers || r.ctx.Err() != nil {
			return source
		}
		in, ok := results[f.get("in")]
		if f.get("in") == "SourceAlpha" {
			in, ok = tinted(source, color.NRGBA{A: 255}), true
		}
		if !ok {
			in = last
		}
		last = primitive(f, in, results, m)
		results[f.get("result")] = last
	}
	return last
}

func primitive(f *node, in paint.Canvas, results map[string]paint.Canvas, m paint.Matrix) paint.Canvas {
	scale := m.Size()
	sigma := 0.0
	if v := numbers(f.get("stdDeviation")); len(v) > 0 {
		sigma = max(0, min(v[0]*scale, 500))
	}
	flood, ok := parseColor(f.get("flood-color"), defaultStyle())
	if !ok {
		flood = color.NRGBA{A: 255}
	}
	flood = paint.Alpha(flood, share(f.get("flood-opacity"), 1))
	dx, dy := measure(f.get("dx"), 1, 0)*scale, measure(f.get("dy"), 1, 0)*scale
	switch f.name {
	case "feGaussianBlur":
		out := copied(in)
		out.Blur(sigma)
		return out
	case "feOffset":
		return moved(in, dx, dy)
	case "feFlood":
		out := paint.NewCanvas(in.Size())
		draw.Draw(out.RGBA, out.Rect, image.NewUniform(flood), image.Point{}, draw.Src)
		return out
	case "feComposite":
		if in2, ok := results[f.get("in2")]; ok && f.get("operator") == "in" {
			out := paint.NewCanvas(in.Size())
			out.Lay(in, 1, alphaOf(in2))
			return out
		}
	case "feMerge":
		out := paint.NewCanvas(in.Size())
		for _, part := range f.children {
			if layer, ok := results[part.get("in")]; ok {
				out.Lay(layer, 1, nil)
			}
		}
		return out
	case "feDropShadow":
		out := moved(tinted(in, flood), dx, dy)
		out.Blur(sigma)
		out.Lay(in, 1, nil)
		return out
	case "feBlend":
		if below, ok := results[f.get("in2")]; ok && strings.TrimSpace(f.get("mode")) != "multiply" {
			out := copied(below)
			out.Lay(in, 1, nil)
			return out
		}
	}
	return in
}

func copied(c paint.Canvas) paint.Canvas {
	out := paint.NewCanvas(c.Size())
	copy(out.Pix, c.Pix)
	return out
}

func moved(c paint.Canvas, dx, dy float64) paint.Canvas {
	out := paint.NewCanvas(c.Size())
	at := image.Pt(int(math.Round(max(-1e4, min(dx, 1e4)))), int(math.Round(max(-1e4, min(dy, 1e4)))))
	draw.Draw(out.RGBA, c.Rect.Add(at), c.RGBA, image.Point{}, draw.Src)
	return out
}

// tinted keeps the shape of a picture and changes its colour.
func tinted(c paint.Canvas, col color.NRGBA) paint.Canvas {
	out := paint.NewCanvas(c.Size())
	out.Through(alphaOf(c), paint.Solid(col))
	return out
}
