package paint

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// Rule says which parts of a shape that crosses itself are inside.
type Rule int

// The fill rules of SVG.
const (
	NonZero Rule = iota
	EvenOdd
)

// fine is the number of sample lines in a row of pixels; along a line the
// coverage is exact.
const fine = 16

// maxWork bounds the crossings that are looked at for one shape, some half a
// second; the rest of a wilder shape stays empty.
const maxWork = 100_000_000

// Mask gives how much of each pixel within bounds the shape covers; the
// result's rectangle is as small as the shape. nil means that it covers nothing.
func Mask(p Path, rule Rule, bounds image.Rectangle) *image.Alpha {
	lines := p.flatten(1)
	lo, hi := Point{farAway, farAway}, Point{-farAway, -farAway}
	for _, line := range lines {
		for _, q := range line.points {
			lo = Point{min(lo.X, q.X), min(lo.Y, q.Y)}
			hi = Point{max(hi.X, q.X), max(hi.Y, q.Y)}
		}
	}
	box := image.Rect(int(math.Floor(lo.X)), int(math.Floor(lo.Y)), int(math.Ceil(hi.X)), int(math.Ceil(hi.Y)))
	if lo.X > hi.X || lo.Y > hi.Y {
		return nil
	}
	box = box.Intersect(bounds)
	if box.Empty() {
		return nil
	}
	s := sweep{rule: rule, w: box.Dx(), h: box.Dy()}
	dx, dy := float64(box.Min.X), float64(box.Min.Y)
	for _, line := range lines {
		pts := line.points
		for i := range pts {
			a, b := pts[i], pts[(i+1)%len(pts)]
			s.edge(Point{a.X - dx, a.Y - dy}, Point{b.X - dx, b.Y - dy})
		}
	}
	return s.run(box)
}

// edge is one line that crosses sample lines from first up to before last.
type edge struct {
	first, last int
	x, step     float64 // place on the present sample line, change to the next
	winding     int
}

type sweep struct {
	rule   Rule
	w, h   int
	edges  []edge
	active []edge
	row    []float32 // changes of coverage along a row of pixels
	lo, hi int       // columns of row that changed
	work   int
}

func (s *sweep) edge(a, b Point) {
	winding := 1
	if a.Y > b.Y {
		a, b, winding = b, a, -1
	}
	ay, by := a.Y*fine, b.Y*fine
	// A sample line lies in the middle of its strip.
	first, last := int(math.Ceil(ay-0.5)), int(math.Ceil(by-0.5))
	first, last = max(first, 0), min(last, s.h*fine)
	if first >= last {
		return
	}
	step := (b.X - a.X) / (by - ay)
	s.edges = append(s.edges, edge{first, last, a.X + (float64(first)+0.5-ay)*step, step, winding})
}

func (s *sweep) run(box image.Rectangle) *image.Alpha {
	if len(s.edges) == 0 {
		return nil
	}
	slices.SortFunc(s.edges, func(a, b edge) int { return a.first - b.first })
	out := image.NewAlpha(box)
	s.row = make([]float32, s.w+2)
	s.lo, s.hi = s.w+2, 0
	for y, next := s.edges[0].first, 0; (next < len(s.edges) || len(s.active) > 0) && s.work < maxWork; y++ {
		begin := next
		for next < len(s.edges) && s.edges[next].first <= y {
			s.active = append(s.active, s.edges[next])
			next++
		}
		s.sort(next - begin)
		s.sampleLine()
		s.advance(y + 1)
		if (y+1)%fine == 0 || next == len(s.edges) && len(s.active) == 0 {
			s.emit(out.Pix[y/fine*out.Stride:][:s.w])
		}
	}
	return out
}

// advance moves the active edges to sample line y and drops those that ended.
func (s *sweep) advance(y int) {
	kept := s.active[:0]
	for _, e := range s.active {
		if e.last > y {
			e.x += e.step
			kept = append(kept, e)
		}
	}
	s.active = kept
}

// sort puts the active edges in the order of x. They are nearly sorted unless many
// are fresh, or many cross: then moving each to its place would cost their square.
func (s *sweep) sort(fresh int) {
	a := s.active
	s.work += len(a)
	if fresh > 32 {
		slices.SortFunc(a, byX)
		return
	}
	moves := 0
	for i := 1; i < len(a); i++ {
		for j := i; j > 0 && a[j].x < a[j-1].x; j-- {
			a[j], a[j-1] = a[j-1], a[j]
			moves++
		}
		if moves > 16*len(a) {
			slices.SortFunc(a, byX)
			break
		}
	}
	s.work += moves
}

func byX(a, b edge) int { return cmp.Compare(a.x, b.x) }

// sampleLine adds the spans inside the shape on one sample line.
func (s *sweep) sampleLine() {
	a := s.active
	winding := 0
	for i := range a {
		before := s.inside(winding)
		winding += a[i].winding
		switch after := s.inside(winding); {
		case !before && after:
			s.cover(a[i].x, 1)
		case before && !after:
			s.cover(a[i].x, -1)
		}
	}
}

func (s *sweep) inside(winding int) bool {
	if s.rule == EvenOdd {
		return winding%2 != 0
	}
	return winding != 0
}

// cover notes that coverage changes by sign from x to the right.
func (s *sweep) cover(x float64, sign float32) {
	x = max(0, min(x, float64(s.w)))
	i := int(x)
	part := float32(x - float64(i))
	s.row[i] += sign * (1 - part)
	s.row[i+1] += sign * part
	s.lo, s.hi = min(s.lo, i), max(s.hi, i+2)
}

func (s *sweep) emit(pix []byte) {
	sum := float32(0)
	for i := s.lo; i < len(pix); i++ {
		if i < s.hi {
			sum += s.row[i]
		} else if sum < 0.01 {
			break
		}
		pix[i] = byte(max(0, min(sum*(255.0/fine)+0.5, 255)))
	}
	if s.lo < s.hi {
		clear(s.row[s.lo:s.hi])
	}
	s.lo, s.hi = s.w+2, 0
}
