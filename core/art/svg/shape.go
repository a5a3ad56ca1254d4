package svg

import (
	"math"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/art/paint"
)

// shape gives the outline of a basic shape (SVG 2 §10).
func (r *renderer) shape(n *node, s style) (paint.Path, bool) {
	l := func(name string, axis byte) float64 { return r.length(n, name, s, axis, 0) }
	var p paint.Path
	switch n.name {
	case "path":
		p, _ = paint.ParsePath(n.get("d")) // a broken path is drawn up to the mistake
	case "rect":
		b := paint.Box{X: l("x", 'x'), Y: l("y", 'y'), W: l("width", 'x'), H: l("height", 'y')}
		rx, ry := r.length(n, "rx", s, 'x', -1), r.length(n, "ry", s, 'y', -1)
		if rx < 0 {
			rx = ry
		}
		if ry < 0 {
			ry = rx
		}
		if b.W <= 0 || b.H <= 0 {
			return p, false
		}
		p = paint.Rect(b, rx, ry)
	case "circle":
		if l("r", 'r') <= 0 {
			return p, false
		}
		p = paint.Circle(l("cx", 'x'), l("cy", 'y'), l("r", 'r'))
	case "ellipse":
		rx, ry := r.length(n, "rx", s, 'x', -1), r.length(n, "ry", s, 'y', -1)
		if rx <= 0 && ry <= 0 {
			return p, false
		}
		if rx < 0 {
			rx = ry
		}
		if ry < 0 {
			ry = rx
		}
		p = paint.Ellipse(l("cx", 'x'), l("cy", 'y'), rx, ry)
	case "line":
		p.MoveTo(l("x1", 'x'), l("y1", 'y'))
		p.LineTo(l("x2", 'x'), l("y2", 'y'))
	default:
		p = points(n.get("points"), n.name == "polygon")
	}
	return p, !p.Empty()
}

func points(value string, closed bool) paint.Path {
	var p paint.Path
	values := numbers(value)
	for i := 0; i+1 < len(values); i += 2 {
		if i == 0 {
			p.MoveTo(values[0], values[1])
		} else {
			p.LineTo(values[i], values[i+1])
		}
	}
	if closed && !p.Empty() {
		p.Close()
	}
	return p
}

// numbers reads a list of numbers.
func numbers(value string) []float64 {
	var out []float64
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r <= ' ' }) {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsNaN(f) || math.Abs(f) > 1e9 {
			return out
		}
		out = append(out, f)
	}
	return out
}

// parseTransform reads a list of transform functions (CSS Transforms 1 §7).
func parseTransform(value string) paint.Matrix {
	m := paint.Identity()
	for {
		name, rest, ok := strings.Cut(value, "(")
		args, after, closed := strings.Cut(rest, ")")
		if !ok || !closed {
			return m
		}
		m = m.Mul(transform(strings.ToLower(strings.Trim(name, " \t\r\n,")), args))
		value = after
	}
}

func transform(name, args string) paint.Matrix {
	args = strings.NewReplacer("px", "", "deg", "").Replace(args)
	v := numbers(args)
	at := func(i int, fallback float64) float64 {
		if i < len(v) {
			return v[i]
		}
		return fallback
	}
	rad := at(0, 0) * math.Pi / 180
	switch name {
	case "matrix":
		if len(v) == 6 {
			return paint.Matrix{A: v[0], B: v[1], C: v[2], D: v[3], E: v[4], F: v[5]}
		}
	case "translate":
		return paint.Translate(at(0, 0), at(1, 0))
	case "translatex":
		return paint.Translate(at(0, 0), 0)
	case "translatey":
		return paint.Translate(0, at(0, 0))
	case "scale":
		return paint.Scale(at(0, 1), at(1, at(0, 1)))
	case "scalex":
		return paint.Scale(at(0, 1), 1)
	case "scaley":
		return paint.Scale(1, at(0, 1))
	case "rotate":
		x, y := at(1, 0), at(2, 0)
		return paint.Translate(x, y).Mul(paint.Rotate(rad)).Mul(paint.Translate(-x, -y))
	case "skewx":
		return paint.Matrix{A: 1, C: math.Tan(rad), D: 1}
	case "skewy":
		return paint.Matrix{A: 1, B: math.Tan(rad), D: 1}
	}
	return paint.Identity()
}
