// Package paint draws vector shapes and text into pixels.
//
// It owns geometry (Path, Matrix), filling and stroking with smooth edges,
// gradients, soft shadows, and text set in the embedded Liberation and DejaVu
// fonts. It has no tables and sends no events, does no input or output and
// never panics on wild numbers: points that are not finite are dropped and
// shapes are cut to the canvas. core/art draws cards, badges and avatars with
// it, core/art/svg renders SVG files with it.
package paint

import "math"

// Point is a place in pixels, y down.
type Point struct{ X, Y float64 }

// Matrix maps (x, y) to (A x + C y + E, B x + D y + F), as in SVG.
type Matrix struct{ A, B, C, D, E, F float64 }

// Identity changes nothing.
func Identity() Matrix { return Matrix{A: 1, D: 1} }

// Translate moves by (x, y).
func Translate(x, y float64) Matrix { return Matrix{A: 1, D: 1, E: x, F: y} }

// Scale stretches about the origin.
func Scale(x, y float64) Matrix { return Matrix{A: x, D: y} }

// Rotate turns clockwise (y is down) by an angle in radians about the origin.
func Rotate(angle float64) Matrix {
	sin, cos := math.Sincos(angle)
	return Matrix{cos, sin, -sin, cos, 0, 0}
}

// Mul gives the matrix that does n first, then m.
func (m Matrix) Mul(n Matrix) Matrix {
	return Matrix{
		m.A*n.A + m.C*n.B, m.B*n.A + m.D*n.B,
		m.A*n.C + m.C*n.D, m.B*n.C + m.D*n.D,
		m.A*n.E + m.C*n.F + m.E, m.B*n.E + m.D*n.F + m.F,
	}
}

// Apply maps a point.
func (m Matrix) Apply(p Point) Point {
	return Point{m.A*p.X + m.C*p.Y + m.E, m.B*p.X + m.D*p.Y + m.F}
}

// Invert gives the inverse; ok is false for a matrix that flattens the plane.
func (m Matrix) Invert() (inverse Matrix, ok bool) {
	det := m.A*m.D - m.B*m.C
	if math.Abs(det) < 1e-12 || math.IsNaN(det) || math.IsInf(det, 0) {
		return Identity(), false
	}
	return Matrix{
		m.D / det, -m.B / det, -m.C / det, m.A / det,
		(m.C*m.F - m.D*m.E) / det, (m.B*m.E - m.A*m.F) / det,
	}, true
}

// Size is the mean factor by which m stretches lengths.
func (m Matrix) Size() float64 { return math.Sqrt(math.Abs(m.A*m.D - m.B*m.C)) }

type verb byte

const (
	moveTo verb = iota
	lineTo
	quadTo
	cubicTo
	closePath
)

var verbPoints = [...]int{moveTo: 1, lineTo: 1, quadTo: 2, cubicTo: 3, closePath: 0}

// Path is an outline of lines and curves. The zero value is empty.
type Path struct {
	verbs  []verb
	points []Point
}

// Empty tells whether nothing was drawn.
func (p *Path) Empty() bool { return len(p.verbs) == 0 }

func (p *Path) add(v verb, pts ...Point) {
	p.verbs = append(p.verbs, v)
	p.points = append(p.points, pts...)
}

// MoveTo begins a new part at (x, y).
func (p *Path) MoveTo(x, y float64) { p.add(moveTo, Point{x, y}) }

// LineTo draws a line.
func (p *Path) LineTo(x, y float64) { p.add(lineTo, Point{x, y}) }

// QuadTo draws a quadratic curve by one control point.
func (p *Path) QuadTo(x1, y1, x, y float64) { p.add(quadTo, Point{x1, y1}, Point{x, y}) }

// CubicTo draws a cubic curve by the control points a and b.
func (p *Path) CubicTo(a, b, end Point) { p.add(cubicTo, a, b, end) }

// Close draws a line to where the part began.
func (p *Path) Close() { p.add(closePath) }

// Append adds the outline of q.
func (p *Path) Append(q Path) {
	p.verbs = append(p.verbs, q.verbs...)
	p.points = append(p.points, q.points...)
}

// Transform gives p seen through m.
func (p *Path) Transform(m Matrix) Path {
	out := Path{verbs: p.verbs, points: make([]Point, len(p.points))}
	for i, pt := range p.points {
		out.points[i] = m.Apply(pt)
	}
	return out
}

// Bounds gives the box around all points, control points included.
func (p *Path) Bounds() (lo, hi Point) {
	if len(p.points) == 0 {
		return lo, hi
	}
	lo, hi = p.points[0], p.points[0]
	for _, q := range p.points {
		lo = Point{min(lo.X, q.X), min(lo.Y, q.Y)}
		hi = Point{max(hi.X, q.X), max(hi.Y, q.Y)}
	}
	return lo, hi
}

// kappa places the control points of a quarter circle.
const kappa = 0.5522847498

// Ellipse is a closed ellipse.
func Ellipse(cx, cy, rx, ry float64) Path {
	var p Path
	kx, ky := rx*kappa, ry*kappa
	p.MoveTo(cx+rx, cy)
	p.CubicTo(Point{cx + rx, cy + ky}, Point{cx + kx, cy + ry}, Point{cx, cy + ry})
	p.CubicTo(Point{cx - kx, cy + ry}, Point{cx - rx, cy + ky}, Point{cx - rx, cy})
	p.CubicTo(Point{cx - rx, cy - ky}, Point{cx - kx, cy - ry}, Point{cx, cy - ry})
	p.CubicTo(Point{cx + kx, cy - ry}, Point{cx + rx, cy - ky}, Point{cx + rx, cy})
	p.Close()
	return p
}

// Circle is a closed circle.
func Circle(cx, cy, r float64) Path { return Ellipse(cx, cy, r, r) }

// Box is a place and a size.
type Box struct{ X, Y, W, H float64 }

// Rect is a closed rectangle with corners rounded by the radii rx and ry.
func Rect(b Box, rx, ry float64) Path {
	var p Path
	rx, ry = max(0, min(rx, b.W/2)), max(0, min(ry, b.H/2))
	if rx == 0 || ry == 0 {
		p.MoveTo(b.X, b.Y)
		p.LineTo(b.X+b.W, b.Y)
		p.LineTo(b.X+b.W, b.Y+b.H)
		p.LineTo(b.X, b.Y+b.H)
		p.Close()
		return p
	}
	kx, ky := rx*(1-kappa), ry*(1-kappa)
	r, d := b.X+b.W, b.Y+b.H
	p.MoveTo(b.X+rx, b.Y)
	p.LineTo(r-rx, b.Y)
	p.CubicTo(Point{r - kx, b.Y}, Point{r, b.Y + ky}, Point{r, b.Y + ry})
	p.LineTo(r, d-ry)
	p.CubicTo(Point{r, d - ky}, Point{r - kx, d}, Point{r - rx, d})
	p.LineTo(b.X+rx, d)
	p.CubicTo(Point{b.X + kx, d}, Point{b.X, d - ky}, Point{b.X, d - ry})
	p.LineTo(b.X, b.Y+ry)
	p.CubicTo(Point{b.X, b.Y + ky}, Point{b.X + kx, b.Y}, Point{b.X + rx, b.Y})
	p.Close()
	return p
}

// Polygon is a closed outline of straight lines.
func Polygon(pts ...Point) Path {
	var p Path
	for i, q := range pts {
		if i == 0 {
			p.MoveTo(q.X, q.Y)
		} else {
			p.LineTo(q.X, q.Y)
		}
	}
	p.Close()
	return p
}

// Rounded is a polygon whose corners are rounded by radius.
func Rounded(radius float64, pts ...Point) Path {
	var p Path
	n := len(pts)
	for i, q := range pts {
		a, b := toward(q, pts[(i+n-1)%n], radius), toward(q, pts[(i+1)%n], radius)
		if i == 0 {
			p.MoveTo(a.X, a.Y)
		} else {
			p.LineTo(a.X, a.Y)
		}
		p.QuadTo(q.X, q.Y, b.X, b.Y)
	}
	p.Close()
	return p
}

// toward is the point at distance d from p on the way to q, at most half way.
func toward(p, q Point, d float64) Point {
	length := math.Hypot(q.X-p.X, q.Y-p.Y)
	if length == 0 {
		return p
	}
	t := min(d/length, 0.5)
	return Point{p.X + (q.X-p.X)*t, p.Y + (q.Y-p.Y)*t}
}

// Regular gives the corners of a regular polygon, the first one at angle turn
// (radians) from the top.
func Regular(n int, c Point, r, turn float64) []Point {
	pts := make([]Point, n)
	for i := range pts {
		sin, cos := math.Sincos(2*math.Pi*float64(i)/float64(n) + turn)
		pts[i] = Point{c.X + r*sin, c.Y - r*cos}
	}
	return pts
}

// Star gives the corners of a star with n points between two radii, a point at the top.
func Star(n int, c Point, outer, inner float64) []Point {
	pts := Regular(2*n, c, outer, 0)
	for i, q := range Regular(2*n, c, inner, 0) {
		if i%2 == 1 {
			pts[i] = q
		}
	}
	return pts
}
