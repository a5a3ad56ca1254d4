package paint

import (
	"math"
	"slices"
)

// Cap is how a line ends.
type Cap int

// Join is how two lines meet.
type Join int

// Line ends, as in SVG.
const (
	ButtCap Cap = iota
	RoundCap
	SquareCap
)

// Line joins, as in SVG.
const (
	MiterJoin Join = iota
	RoundJoin
	BevelJoin
)

const maxDashes = 20_000

// Stroke is the style of a line; lengths in the units of the path.
type Stroke struct {
	Width      float64
	Cap        Cap
	Join       Join
	MiterLimit float64 // 0 means 4
	Dash       []float64
	DashOffset float64
}

// Outline gives the shape of a line of style s along p, to be filled by the
// non-zero rule. scale is pixels per unit, for the smoothness of round parts.
func (s Stroke) Outline(p Path, scale float64) Path {
	o := outliner{Stroke: s, half: s.Width / 2}
	if s.Width <= 0 || math.IsNaN(s.Width) {
		return Path{}
	}
	if o.MiterLimit == 0 {
		o.MiterLimit = 4
	}
	for _, line := range p.flatten(scale) {
		line.points = distinct(line.points)
		for _, dash := range s.dashes(line) {
			o.line(dash)
		}
	}
	return o.out
}

func distinct(pts []Point) []Point {
	out := pts[:1:1]
	for _, q := range pts[1:] {
		if last := out[len(out)-1]; math.Hypot(q.X-last.X, q.Y-last.Y) > 1e-9 {
			out = append(out, q)
		}
	}
	return out
}

type outliner struct {
	Stroke

	half float64
	out  Path
}

// line adds one outline: a quadrilateral for each piece, and its joins and caps.
func (o *outliner) line(l polyline) {
	pts := l.points
	if l.closed && len(pts) > 1 {
		if first, last := pts[0], pts[len(pts)-1]; math.Hypot(first.X-last.X, first.Y-last.Y) > 1e-9 {
			pts = append(slices.Clip(pts), first)
		}
	}
	if len(pts) < 2 {
		if o.Cap == RoundCap {
			o.out.Append(Circle(pts[0].X, pts[0].Y, o.half))
		}
		return
	}
	for i := 1; i < len(pts); i++ {
		o.piece(pts[i-1], pts[i], !l.closed && i == 1, !l.closed && i == len(pts)-1)
		if i+1 < len(pts) {
			o.join(pts[i-1], pts[i], pts[i+1])
		}
	}
	if l.closed {
		o.join(pts[len(pts)-2], pts[0], pts[1])
	}
}

func (o *outliner) piece(a, b Point, first, last bool) {
	length := math.Hypot(b.X-a.X, b.Y-a.Y)
	ux, uy := (b.X-a.X)/length*o.half, (b.Y-a.Y)/length*o.half
	if o.Cap == SquareCap && first {
		a = Point{a.X - ux, a.Y - uy}
	}
	if o.Cap == SquareCap && last {
		b = Point{b.X + ux, b.Y + uy}
	}
	o.out.Append(Polygon(Point{a.X + uy, a.Y - ux}, Point{b.X + uy, b.Y - ux}, Point{b.X - uy, b.Y + ux}, Point{a.X - uy, a.Y + ux}))
	if o.Cap == RoundCap && first {
		o.out.Append(Circle(a.X, a.Y, o.half))
	}
	if o.Cap == RoundCap && last {
		o.out.Append(Circle(b.X, b.Y, o.half))
	}
}

func (o *outliner) join(a, b, c Point) {
	l1, l2 := math.Hypot(b.X-a.X, b.Y-a.Y), math.Hypot(c.X-b.X, c.Y-b.Y)
	if l1 == 0 || l2 == 0 {
		return
	}
	u, v := Point{(b.X - a.X) / l1, (b.Y - a.Y) / l1}, Point{(c.X - b.X) / l2, (c.Y - b.Y) / l2}
	cross, dot := u.X*v.Y-u.Y*v.X, u.X*v.X+u.Y*v.Y
	if math.Abs(cross) < 1e-6 && dot > 0 {
		return
	}
	if o.Join == RoundJoin {
		o.out.Append(Circle(b.X, b.Y, o.half))
		return
	}
	side := o.half
	if cross > 0 {
		side = -side
	}
	p, q := Point{b.X - u.Y*side, b.Y + u.X*side}, Point{b.X - v.Y*side, b.Y + v.X*side}
	pts := []Point{b, p, q}
	// The miter's length is 1/sin of half the angle between the lines.
	if sin2 := (1 + dot) / 2; o.Join == MiterJoin && sin2 > 1e-9 && 1/sin2 <= o.MiterLimit*o.MiterLimit {
		mid := Point{(p.X+q.X)/2 - b.X, (p.Y+q.Y)/2 - b.Y}
		k := 1 / sin2
		pts = []Point{b, p, {b.X + mid.X*k, b.Y + mid.Y*k}, q}
	}
	if cross < 0 { // all parts turn the same way, so that none cancels another
		for i, j := 0, len(pts)-1; i < j; i, j = i+1, j-1 {
			pts[i], pts[j] = pts[j], pts[i]
		}
	}
	o.out.Append(Polygon(pts...))
}

// dashes cuts a line by the dash pattern.
func (s Stroke) dashes(l polyline) []polyline {
	pattern, total := s.Dash, 0.0
	for _, d := range pattern {
		if d < 0 || math.IsNaN(d) {
			return []polyline{l}
		}
		total += d
	}
	if len(pattern)%2 == 1 {
		pattern = append(slices.Clip(pattern), pattern...)
		total *= 2
	}
	pts := l.points
	if l.closed {
		pts = append(slices.Clip(pts), pts[0])
	}
	length := 0.0
	for i := 1; i < len(pts); i++ {
		length += math.Hypot(pts[i].X-pts[i-1].X, pts[i].Y-pts[i-1].Y)
	}
	if total <= 1e-6 || length/total*float64(len(pattern)) > maxDashes {
		return []polyline{l}
	}
	return cutDashes(pts, pattern, math.Mod(math.Mod(s.DashOffset, total)+total, total))
}

func cutDashes(pts []Point, pattern []float64, offset float64) []polyline {
	i := 0
	for i < len(pattern)-1 && offset >= pattern[i] {
		offset -= pattern[i]
		i++
	}
	left := pattern[i] - offset
	var out []polyline
	now := []Point{pts[0]}
	for k := 1; k < len(pts); k++ {
		a, b := pts[k-1], pts[k]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		done := 0.0
		for length-done > left {
			done += left
			q := Point{a.X + (b.X-a.X)*done/length, a.Y + (b.Y-a.Y)*done/length}
			if i%2 == 0 {
				out = append(out, polyline{points: append(now, q)})
			}
			now = []Point{q}
			i = (i + 1) % len(pattern)
			left = pattern[i]
		}
		left -= length - done
		now = append(now, b)
	}
	if i%2 == 0 && len(now) > 1 {
		out = append(out, polyline{points: now})
	}
	for j := range out {
		out[j].points = distinct(out[j].points)
	}
	return out
}
