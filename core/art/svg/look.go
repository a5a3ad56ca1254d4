package svg

import (
	"image/color"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"

	"github.com/osier-passport/osier/core/art/paint"
)

// style is what elements inherit.
type style struct {
	fill, stroke               string
	color                      string
	fillOpacity, strokeOpacity float64
	evenOdd, clipEvenOdd       bool
	line                       paint.Stroke
	fixedStroke                bool
	visible                    bool
	size                       float64 // font size
	family, anchor, baseline   string
	bold                       bool
	spacing                    float64
}

func defaultStyle() style {
	return style{
		fill: "black", color: "black", fillOpacity: 1, strokeOpacity: 1,
		line: paint.Stroke{Width: 1, MiterLimit: 4}, visible: true, size: 16,
	}
}

// with gives the style within n.
func (s style) with(n *node) style {
	s.fixedStroke = false
	for _, a := range n.attrs {
		if a.value == "inherit" {
			continue
		}
		switch a.name {
		case "fill":
			s.fill = a.value
		case "stroke":
			s.stroke = a.value
		case "color":
			s.color = a.value
		case "fill-opacity":
			s.fillOpacity = share(a.value, 1)
		case "stroke-opacity":
			s.strokeOpacity = share(a.value, 1)
		case "fill-rule":
			s.evenOdd = a.value == "evenodd"
		case "clip-rule":
			s.clipEvenOdd = a.value == "evenodd"
		case "visibility":
			s.visible = a.value == "visible"
		case "vector-effect":
			s.fixedStroke = a.value == "non-scaling-stroke"
		default:
			setText(&s, a)
			setLine(&s, a)
		}
	}
	return s
}

func setLine(s *style, a attr) {
	switch a.name {
	case "stroke-width":
		s.line.Width = measure(a.value, s.size, 1)
	case "stroke-miterlimit":
		s.line.MiterLimit = max(1, measure(a.value, s.size, 4))
	case "stroke-linecap":
		s.line.Cap = map[string]paint.Cap{"round": paint.RoundCap, "square": paint.SquareCap}[a.value]
	case "stroke-linejoin":
		s.line.Join = map[string]paint.Join{"round": paint.RoundJoin, "bevel": paint.BevelJoin}[a.value]
	case "stroke-dashoffset":
		s.line.DashOffset = measure(a.value, s.size, 0)
	case "stroke-dasharray":
		s.line.Dash = nil
		for _, part := range strings.FieldsFunc(a.value, func(r rune) bool { return r == ',' || r <= ' ' }) {
			if len(s.line.Dash) < 100 {
				s.line.Dash = append(s.line.Dash, measure(part, s.size, 0))
			}
		}
	}
}

func setText(s *style, a attr) {
	switch a.name {
	case "font-size":
		s.size = max(0.01, min(measure(a.value, s.size, s.size), 10_000))
	case "font-family":
		s.family = strings.ToLower(a.value)
	case "font-weight":
		weight, err := strconv.Atoi(a.value)
		s.bold = a.value == "bold" || a.value == "bolder" || err == nil && weight >= 600
	case "text-anchor":
		s.anchor = a.value
	case "dominant-baseline":
		s.baseline = a.value
	case "letter-spacing":
		s.spacing = measure(a.value, s.size, 0)
	}
}

// measure reads a length: a number with or without an absolute unit, em or %.
// of is what 100 % is; fallback is given for what is no length.
func measure(value string, em, fallback float64) float64 {
	value = strings.TrimSpace(value)
	for _, unit := range []struct {
		name  string
		scale float64
	}{{"rem", 16}, {"em", em}, {"ex", em / 2}, {"%", em / 100}, {"px", 1}, {"pt", 4.0 / 3}, {"pc", 16}, {"mm", 96 / 25.4}, {"cm", 96 / 2.54}, {"in", 96}, {"", 1}} {
		digits, ok := strings.CutSuffix(value, unit.name)
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if err != nil || math.IsNaN(f) || math.Abs(f) > 1e7 {
			return fallback
		}
		return f * unit.scale
	}
	return fallback
}

// length reads a geometry attribute; % is of the view box's width, height or
// diagonal by axis.
func (r *renderer) length(n *node, name string, s style, axis byte, fallback float64) float64 {
	value := n.get(name)
	if value == "" || value == "auto" {
		return fallback
	}
	if strings.HasSuffix(value, "%") {
		whole := map[byte]float64{'x': r.view.w, 'y': r.view.h, 'r': math.Hypot(r.view.w, r.view.h) / math.Sqrt2}[axis]
		return measure(value, whole, fallback)
	}
	return measure(value, s.size, fallback)
}

// share reads an opacity.
func share(value string, fallback float64) float64 {
	if value == "" {
		return fallback
	}
	return max(0, min(measure(value, 1, fallback), 1))
}

// faded lowers the opacity of a paint.
func faded(p paint.Paint, opacity float64) paint.Paint {
	if opacity >= 1 {
		return p
	}
	switch p := p.(type) {
	case paint.Solid:
		return paint.Solid(paint.Alpha(color.NRGBA(p), opacity))
	case *paint.Gradient:
		return p.Faded(opacity)
	default:
		return p
	}
}

// parseColor reads a CSS colour.
func parseColor(value string, s style) (color.NRGBA, bool) {
	value = strings.ToLower(strings.TrimSpace(value))
	switch {
	case value == "currentcolor":
		if s.color == "currentcolor" {
			return color.NRGBA{A: 255}, true
		}
		return parseColor(s.color, style{color: "currentcolor"})
	case value == "transparent":
		return color.NRGBA{}, true
	case strings.HasPrefix(value, "#"):
		return hexColor(value[1:])
	case strings.HasSuffix(value, ")"):
		return functionColor(value)
	default:
		c, ok := colornames.Map[value]
		return color.NRGBA(c), ok
	}
}

func hexColor(digits string) (color.NRGBA, bool) {
	if len(digits) == 3 || len(digits) == 4 {
		var long strings.Builder
		for i := range len(digits) {
			long.WriteString(strings.Repeat(digits[i:i+1], 2))
		}
		digits = long.String()
	}
	if len(digits) == 6 {
		digits += "ff"
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) != 8 {
		return color.NRGBA{}, false
	}
	return color.NRGBA{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}, true //nolint:gosec // the bytes are meant
}

// functionColor reads rgb(), rgba(), hsl() and hsla().
func functionColor(value string) (color.NRGBA, bool) {
	name, args, _ := strings.Cut(strings.TrimSuffix(value, ")"), "(")
	parts := strings.FieldsFunc(args, func(r rune) bool { return r == ',' || r == '/' || r <= ' ' })
	if len(parts) < 3 || len(parts) > 4 {
		return color.NRGBA{}, false
	}
	alpha := 1.0
	if len(parts) == 4 {
		alpha = share(parts[3], 1)
	}
	channel := func(f float64) byte { return byte(math.Round(max(0, min(f, 255)))) }
	switch name {
	case "rgb", "rgba":
		c := color.NRGBA{channel(measure(parts[0], 255, 0)), channel(measure(parts[1], 255, 0)), channel(measure(parts[2], 255, 0)), 255}
		return paint.Alpha(c, alpha), true
	case "hsl", "hsla":
		h, sat, light := measure(strings.TrimSuffix(parts[0], "deg"), 1, 0), share(parts[1], 0), share(parts[2], 0)
		f := func(n float64) byte {
			k := math.Mod(math.Mod(n+h/30, 12)+12, 12)
			return channel(255 * (light - sat*min(light, 1-light)*max(-1, min(k-3, 9-k, 1))))
		}
		return paint.Alpha(color.NRGBA{f(0), f(8), f(4), 255}, alpha), true
	default:
		return color.NRGBA{}, false
	}
}
