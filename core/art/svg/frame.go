package svg

import (
	"math"
	"strconv"
	"strings"
)

const maxSide = 8192

// view is a viewBox.
type view struct{ x, y, w, h float64 }

// String writes the viewBox.
func (v view) String() string {
	return number(v.x) + " " + number(v.y) + " " + number(v.w) + " " + number(v.h)
}

func number(f float64) string { return strconv.FormatFloat(math.Round(f*1000)/1000, 'f', -1, 64) }

// frame gives the view box of the root and the size it is shown at. A size
// that is missing, relative or huge comes from the view box.
func frame(root *node) (view, Size, error) {
	v, boxed := parseView(root.get("viewBox"))
	w, okW := absolute(root.get("width"))
	h, okH := absolute(root.get("height"))
	switch {
	case !boxed && okW && okH:
		v = view{0, 0, w, h}
	case !boxed && root.get("viewBox") == "" && !okW && !okH:
		v = view{0, 0, defaultSide, defaultSide}
	case !boxed:
		return view{}, Size{}, &Error{Reason: "svg-dimensions"}
	}
	switch {
	case okW && okH:
	case okW:
		h = w * v.h / v.w
	case okH:
		w = h * v.w / v.h
	default:
		w, h = v.w, v.h
	}
	if k := max(w, h); k > maxSide/4 {
		w, h = w*maxSide/4/k, h*maxSide/4/k
	}
	if w < 0.5 || h < 0.5 || v.w/v.h > 100 || v.h/v.w > 100 {
		return view{}, Size{}, &Error{Reason: "svg-dimensions"}
	}
	return v, Size{w, h}, nil
}

func parseView(s string) (view, bool) {
	var v [4]float64
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r <= ' ' })
	if len(parts) != 4 {
		return view{}, false
	}
	for i, part := range parts {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsNaN(f) || math.Abs(f) > 1e6 {
			return view{}, false
		}
		v[i] = f
	}
	return view{v[0], v[1], v[2], v[3]}, v[2] > 1e-3 && v[3] > 1e-3
}

// absolute reads a length that does not depend on its surroundings, in CSS
// pixels.
func absolute(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	units := []struct {
		name  string
		scale float64
	}{{"px", 1}, {"pt", 4.0 / 3}, {"pc", 16}, {"mm", 96 / 25.4}, {"cm", 96 / 2.54}, {"in", 96}, {"", 1}}
	for _, u := range units {
		if digits, ok := strings.CutSuffix(s, u.name); ok {
			f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
			return f * u.scale, err == nil && f > 0 && f < 1e6 && !math.IsNaN(f)
		}
	}
	return 0, false
}
