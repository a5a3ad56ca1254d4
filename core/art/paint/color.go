package paint

import (
	"image/color"
	"math"
	"slices"
)

// Paint gives the colour of a place of the canvas, not premultiplied.
type Paint interface {
	At(x, y float64) color.NRGBA
}

// Solid is one colour.
type Solid color.NRGBA

// At implements Paint.
func (s Solid) At(_, _ float64) color.NRGBA { return color.NRGBA(s) }

// RGB makes a colour from 0xRRGGBB.
func RGB(hex uint32) color.NRGBA {
	return color.NRGBA{byte(hex >> 16), byte(hex >> 8), byte(hex), 255} //nolint:gosec // the bytes are meant
}

// Alpha gives c at a share of its opacity.
func Alpha(c color.NRGBA, share float64) color.NRGBA {
	c.A = byte(math.Round(float64(c.A) * max(0, min(share, 1))))
	return c
}

// Mix goes from a (t = 0) to b (t = 1).
func Mix(a, b color.NRGBA, t float64) color.NRGBA {
	t = max(0, min(t, 1))
	f := func(x, y byte) byte { return byte(math.Round(float64(x) + (float64(y)-float64(x))*t)) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), f(a.A, b.A)}
}

// Stop is one colour of a gradient at a place from 0 to 1.
type Stop struct {
	At    float64
	Color color.NRGBA
}

// Spread says how a gradient goes on beyond its ends.
type Spread int

// The spread methods of SVG.
const (
	Pad Spread = iota
	Reflect
	Repeat
)

// Gradient is a linear gradient from (X1, Y1) to (X2, Y2), or, with Radial, one
// from the focus (X1, Y1) to the circle of radius R about (X2, Y2).
type Gradient struct {
	Radial            bool
	X1, Y1, X2, Y2, R float64
	Stops             []Stop
	Spread            Spread
	Inverse           Matrix // from the canvas to the gradient's own space
}

// Linear is a gradient between two points of the canvas.
func Linear(a, b Point, stops ...Stop) *Gradient {
	return &Gradient{X1: a.X, Y1: a.Y, X2: b.X, Y2: b.Y, Stops: stops, Inverse: Identity()}
}

// Radial is a gradient from the middle of a circle outward.
func Radial(c Point, r float64, stops ...Stop) *Gradient {
	return &Gradient{Radial: true, X1: c.X, Y1: c.Y, X2: c.X, Y2: c.Y, R: r, Stops: stops, Inverse: Identity()}
}

// At implements Paint.
func (g *Gradient) At(x, y float64) color.NRGBA { return g.color(g.place(x, y)) }

// place is how far along the gradient a place of the canvas is, from 0 to 1.
func (g *Gradient) place(x, y float64) float64 {
	p := g.Inverse.Apply(Point{x, y})
	t := 1.0
	if g.Radial {
		t = g.radius(p)
	} else if dx, dy := g.X2-g.X1, g.Y2-g.Y1; dx != 0 || dy != 0 {
		t = ((p.X-g.X1)*dx + (p.Y-g.Y1)*dy) / (dx*dx + dy*dy)
	}
	return g.fold(t)
}

// Faded is the gradient at a share of its opacity.
func (g *Gradient) Faded(share float64) *Gradient {
	out := *g
	out.Stops = slices.Clone(g.Stops)
	for i := range out.Stops {
		out.Stops[i].Color = Alpha(out.Stops[i].Color, share)
	}
	return &out
}

// table is a gradient whose colours were computed beforehand.
type table struct {
	*Gradient

	colors [1024]color.NRGBA
}

// quick makes a paint ready for many places.
func quick(p Paint) Paint {
	g, ok := p.(*Gradient)
	if !ok {
		return p
	}
	t := &table{Gradient: g}
	for i := range t.colors {
		t.colors[i] = g.color(float64(i) / float64(len(t.colors)-1))
	}
	return t
}

// At implements Paint.
func (t *table) At(x, y float64) color.NRGBA {
	return t.colors[int(t.place(x, y)*float64(len(t.colors)-1)+0.5)]
}

// radius finds t so that p lies on the circle between focus and outer circle.
func (g *Gradient) radius(p Point) float64 {
	dx, dy := p.X-g.X1, p.Y-g.Y1
	cx, cy := g.X2-g.X1, g.Y2-g.Y1
	a := g.R*g.R - cx*cx - cy*cy
	if g.R <= 0 || a <= 0 {
		return 1
	}
	b := dx*cx + dy*cy
	root := math.Sqrt(max(0, b*b+a*(dx*dx+dy*dy)))
	return (root - b) / a
}

func (g *Gradient) fold(t float64) float64 {
	switch {
	case math.IsNaN(t):
		return 0
	case g.Spread == Repeat:
		return t - math.Floor(t)
	case g.Spread == Reflect:
		return 1 - math.Abs(math.Mod(math.Abs(t), 2)-1)
	default:
		return max(0, min(t, 1))
	}
}

func (g *Gradient) color(t float64) color.NRGBA {
	if len(g.Stops) == 0 {
		return color.NRGBA{}
	}
	for i, s := range g.Stops {
		if t > s.At {
			continue
		}
		if i == 0 || s.At == g.Stops[i-1].At {
			return s.Color
		}
		before := g.Stops[i-1]
		return Mix(before.Color, s.Color, (t-before.At)/(s.At-before.At))
	}
	return g.Stops[len(g.Stops)-1].Color
}
