package paint

import "math"

const (
	farAway   = 1e6 // coordinates beyond it are cut
	maxSteps  = 200 // lines that one curve becomes
	maxPoints = 500_000
	tolerance = 0.1 // pixels that a line may leave its curve
)

// polyline is a run of straight lines.
type polyline struct {
	points []Point
	closed bool
}

func (p Point) finite() bool {
	return !math.IsNaN(p.X) && !math.IsNaN(p.Y) && !math.IsInf(p.X, 0) && !math.IsInf(p.Y, 0)
}

func (p Point) cut() Point {
	return Point{max(-farAway, min(p.X, farAway)), max(-farAway, min(p.Y, farAway))}
}

// flatten turns curves into lines, within tolerance of a picture whose pixels
// are 1/scale of the path's unit.
func (p *Path) flatten(scale float64) []polyline {
	f := flattener{steps: math.Max(scale, 1e-6)}
	at := 0
	for _, v := range p.verbs {
		pts := p.points[at : at+verbPoints[v]]
		at += len(pts)
		for _, q := range pts {
			if !q.finite() {
				return f.lines
			}
		}
		f.verb(v, pts)
		if f.count > maxPoints {
			break
		}
	}
	f.end(false)
	return f.lines
}

type flattener struct {
	steps float64
	count int
	lines []polyline
	now   []Point
}

func (f *flattener) verb(v verb, pts []Point) {
	if v == moveTo {
		f.end(false)
		f.now = append(f.now, pts[0].cut())
		return
	}
	if len(f.now) == 0 {
		// After a close, drawing goes on where the closed part began.
		if len(f.lines) == 0 {
			return
		}
		f.now = append(f.now, f.lines[len(f.lines)-1].points[0])
	}
	last := f.now[len(f.now)-1]
	switch v {
	case lineTo:
		f.now = append(f.now, pts[0].cut())
	case quadTo:
		c, e := pts[0], pts[1]
		f.cubic(last, Point{last.X + (c.X-last.X)*2/3, last.Y + (c.Y-last.Y)*2/3},
			Point{e.X + (c.X-e.X)*2/3, e.Y + (c.Y-e.Y)*2/3}, e)
	case cubicTo:
		f.cubic(last, pts[0], pts[1], pts[2])
	case closePath:
		f.end(true)
	}
}

func (f *flattener) cubic(a, b, c, d Point) {
	// The second differences bound how far a chord leaves the curve.
	bend := math.Max(math.Hypot(a.X-2*b.X+c.X, a.Y-2*b.Y+c.Y), math.Hypot(b.X-2*c.X+d.X, b.Y-2*c.Y+d.Y))
	n := int(math.Ceil(math.Sqrt(math.Min(bend*f.steps, 1e9) * 0.75 / tolerance)))
	n = max(1, min(n, maxSteps))
	f.count += n
	for i := 1; i <= n; i++ {
		t := float64(i) / float64(n)
		u := 1 - t
		k0, k1, k2, k3 := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		f.now = append(f.now, Point{k0*a.X + k1*b.X + k2*c.X + k3*d.X, k0*a.Y + k1*b.Y + k2*c.Y + k3*d.Y}.cut())
	}
}

func (f *flattener) end(closed bool) {
	if len(f.now) > 0 {
		f.lines = append(f.lines, polyline{f.now, closed})
	}
	f.now = nil
}
