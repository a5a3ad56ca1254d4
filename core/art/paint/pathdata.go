package paint

import (
	"errors"
	"math"
	"strconv"
)

const maxVerbs = 200_000

// ErrPathData says that path data breaks off; what came before it is drawn.
var ErrPathData = errors.New("path data is malformed")

// ParsePath reads SVG path data (SVG 2 §9.3). With ErrPathData it gives the
// part before the mistake, as the specification asks of renderers.
func ParsePath(data string) (Path, error) {
	r := pathReader{rest: data}
	for r.blank(); r.rest != ""; r.blank() {
		if c := r.rest[0]; c >= 'A' && c <= 'z' && c != 'e' && c != 'E' {
			r.command = c
			r.rest = r.rest[1:]
		} else if r.command == 0 || r.command == 'Z' || r.command == 'z' {
			return r.out, ErrPathData
		}
		if !r.segment() || len(r.out.verbs) > maxVerbs {
			return r.out, ErrPathData
		}
	}
	return r.out, nil
}

// MustPath is ParsePath for path data that is part of the program.
func MustPath(data string) Path {
	p, err := ParsePath(data)
	if err != nil {
		panic("paint: " + err.Error() + ": " + data)
	}
	return p
}

type pathReader struct {
	rest    string
	command byte
	out     Path
	at      Point // where the pen is
	start   Point // where the present part began
	control Point // last control point, for smooth curves
	smooth  byte  // 'C' or 'Q' when control is of use, else 0
}

func (r *pathReader) blank() {
	i := 0
	for i < len(r.rest) && (r.rest[i] <= ' ' || r.rest[i] == ',') {
		i++
	}
	r.rest = r.rest[i:]
}

// numbers reads n numbers into a fixed array; flags of arcs may be unspaced.
func (r *pathReader) numbers(n int) (v [7]float64, ok bool) {
	for i := range n {
		r.blank()
		if n == 7 && (i == 3 || i == 4) {
			if r.rest == "" || r.rest[0] != '0' && r.rest[0] != '1' {
				return v, false
			}
			v[i] = float64(r.rest[0] - '0')
			r.rest = r.rest[1:]
			continue
		}
		size := numberLength(r.rest)
		f, err := strconv.ParseFloat(r.rest[:size], 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return v, false
		}
		v[i] = f
		r.rest = r.rest[size:]
	}
	return v, true
}

// numberLength is how many bytes the number at the start of s takes.
func numberLength(s string) int {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	i += digits(s[i:])
	if i < len(s) && s[i] == '.' {
		i += 1 + digits(s[i+1:])
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if n := digits(s[j:]); n > 0 {
			i = j + n
		}
	}
	return i
}

func digits(s string) int {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

// segment reads the numbers of one command and draws it.
func (r *pathReader) segment() bool {
	upper := r.command &^ 0x20
	counts := map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'S': 4, 'Q': 4, 'T': 2, 'A': 7, 'Z': 0}
	n, known := counts[upper]
	if !known || len(r.out.verbs) == 0 && upper != 'M' {
		return false
	}
	v, ok := r.numbers(n)
	if !ok {
		return false
	}
	base := Point{}
	if r.command != upper {
		base = r.at
	}
	point := func(i int) Point { return Point{base.X + v[i], base.Y + v[i+1]} }
	r.drawSegment(upper, v, base, point)
	switch r.command {
	case 'M':
		r.command = 'L'
	case 'm':
		r.command = 'l'
	}
	return true
}

func (r *pathReader) drawSegment(command byte, v [7]float64, base Point, point func(int) Point) {
	smooth := byte(0)
	switch command {
	case 'M':
		r.at = point(0)
		r.start = r.at
		r.out.MoveTo(r.at.X, r.at.Y)
	case 'L':
		r.line(point(0))
	case 'H':
		r.line(Point{base.X + v[0], r.at.Y})
	case 'V':
		r.line(Point{r.at.X, base.Y + v[0]})
	case 'C':
		r.cubic(point(0), point(2), point(4))
		smooth = 'C'
	case 'S':
		r.cubic(r.mirrored('C'), point(0), point(2))
		smooth = 'C'
	case 'Q':
		r.quad(point(0), point(2))
		smooth = 'Q'
	case 'T':
		r.quad(r.mirrored('Q'), point(0))
		smooth = 'Q'
	case 'A':
		r.arc(v, point(5))
	case 'Z':
		r.out.Close()
		r.at = r.start
	}
	r.smooth = smooth
}

func (r *pathReader) mirrored(kind byte) Point {
	if r.smooth != kind {
		return r.at
	}
	return Point{2*r.at.X - r.control.X, 2*r.at.Y - r.control.Y}
}

func (r *pathReader) line(p Point) {
	r.at = p
	r.out.LineTo(p.X, p.Y)
}

func (r *pathReader) cubic(a, b, end Point) {
	r.out.CubicTo(a, b, end)
	r.control, r.at = b, end
}

func (r *pathReader) quad(c, end Point) {
	r.out.QuadTo(c.X, c.Y, end.X, end.Y)
	r.control, r.at = c, end
}

// arc draws an elliptical arc as cubic curves (SVG 2, implementation notes §B.2).
func (r *pathReader) arc(v [7]float64, end Point) {
	rx, ry := math.Abs(v[0]), math.Abs(v[1])
	if rx == 0 || ry == 0 || end == r.at {
		r.line(end)
		return
	}
	sin, cos := math.Sincos(v[2] * math.Pi / 180)
	dx, dy := (r.at.X-end.X)/2, (r.at.Y-end.Y)/2
	x, y := cos*dx+sin*dy, -sin*dx+cos*dy
	if k := x*x/(rx*rx) + y*y/(ry*ry); k > 1 {
		rx, ry = rx*math.Sqrt(k), ry*math.Sqrt(k)
	}
	k := math.Sqrt(max(0, (rx*rx*ry*ry-rx*rx*y*y-ry*ry*x*x)/(rx*rx*y*y+ry*ry*x*x)))
	if (v[3] == 1) == (v[4] == 1) {
		k = -k
	}
	cx, cy := k*rx*y/ry, -k*ry*x/rx
	from := math.Atan2((y-cy)/ry, (x-cx)/rx)
	sweep := math.Atan2((-y-cy)/ry, (-x-cx)/rx) - from
	if v[4] == 1 && sweep < 0 {
		sweep += 2 * math.Pi
	} else if v[4] == 0 && sweep > 0 {
		sweep -= 2 * math.Pi
	}
	frame := Matrix{cos * rx, sin * rx, -sin * ry, cos * ry, 0, 0}
	mid := Point{cos*cx - sin*cy + (r.at.X+end.X)/2, sin*cx + cos*cy + (r.at.Y+end.Y)/2}
	frame.E, frame.F = mid.X, mid.Y
	r.out.appendArc(frame, from, sweep)
	r.at = end
}

// appendArc goes on along the unit circle seen through m.
func (p *Path) appendArc(m Matrix, from, sweep float64) {
	n := int(math.Ceil(math.Abs(sweep)/(math.Pi/2) - 1e-9))
	if n < 1 || n > 4 {
		return
	}
	step := sweep / float64(n)
	k := 4.0 / 3 * math.Tan(step/4)
	for i := range n {
		s0, c0 := math.Sincos(from + float64(i)*step)
		s1, c1 := math.Sincos(from + float64(i+1)*step)
		p.CubicTo(m.Apply(Point{c0 - k*s0, s0 + k*c0}), m.Apply(Point{c1 + k*s1, s1 - k*c1}), m.Apply(Point{c1, s1}))
	}
}

// Arc goes on along a circle from the angle from over sweep (radians, 0 is
// right, clockwise); it begins with a line, or a new part where p is empty.
func (p *Path) Arc(c Point, r, from, sweep float64) {
	sin, cos := math.Sincos(from)
	if p.Empty() {
		p.MoveTo(c.X+r*cos, c.Y+r*sin)
	} else {
		p.LineTo(c.X+r*cos, c.Y+r*sin)
	}
	p.appendArc(Matrix{r, 0, 0, r, c.X, c.Y}, from, max(-2*math.Pi, min(sweep, 2*math.Pi)))
}
