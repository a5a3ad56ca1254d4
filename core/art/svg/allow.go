package svg

import "strings"

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// elements are all that may be in a cleaned file.
var elements = set(`svg g defs symbol use title desc path rect circle ellipse line polyline polygon
	text tspan textPath linearGradient radialGradient stop clipPath mask pattern marker image filter
	feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG
	feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset`)

// unwrapped are elements whose content is kept as a group.
var unwrapped = set("a switch")

// textual elements keep their text.
var textual = set("text tspan textPath title desc a")

// properties may come from attributes, from style attributes and from style
// sheets; all of them are presentation attributes (SVG 2 §6.6).
var properties = set(`fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap
	stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset opacity color display visibility
	clip-path clip-rule mask filter stop-color stop-opacity flood-color flood-opacity font-family font-size
	font-weight font-style text-anchor letter-spacing word-spacing dominant-baseline alignment-baseline
	baseline-shift text-decoration vector-effect paint-order color-interpolation-filters overflow
	shape-rendering text-rendering image-rendering marker-start marker-mid marker-end`)

// geometry are the other attributes.
var geometry = set(`x y x1 y1 x2 y2 cx cy r rx ry fx fy fr width height d points transform
	gradientTransform gradientUnits spreadMethod offset patternUnits patternContentUnits patternTransform
	maskUnits maskContentUnits clipPathUnits viewBox preserveAspectRatio pathLength dx dy rotate textLength
	lengthAdjust startOffset filterUnits primitiveUnits in in2 result stdDeviation operator k1 k2 k3 k4
	mode values type tableValues slope intercept amplitude exponent radius markerWidth markerHeight refX
	refY orient markerUnits xml:space`)

// functions may be called in a value.
var functions = set(`rgb rgba hsl hsla url matrix translate translatex translatey scale scalex scaley
	rotate skewx skewy`)

// safeValue tells whether a value holds nothing but words, numbers, strings
// and calls of known functions, and refers to this file alone. It gives the
// value with its references written plainly.
func safeValue(value string) (string, bool) {
	if len(value) > 1<<20 || strings.ContainsAny(value, "\\@{};:<>&`!$|") || strings.ContainsFunc(value, isControl) {
		return "", false
	}
	if !strings.ContainsRune(value, '(') {
		return strings.TrimSpace(value), true
	}
	var out strings.Builder
	for {
		i := strings.IndexByte(value, '(')
		if i < 0 {
			out.WriteString(value)
			return strings.TrimSpace(out.String()), true
		}
		name := strings.ToLower(value[strings.LastIndexAny(value[:i], " \t\n\r,)")+1 : i])
		end := strings.IndexByte(value[i:], ')')
		if !functions[name] || end < 0 {
			return "", false
		}
		inside := value[i+1 : i+end]
		if name == "url" {
			id, ok := localReference(strings.Trim(strings.TrimSpace(inside), `'"`))
			if !ok {
				return "", false
			}
			inside = "#" + id
		} else if strings.ContainsAny(inside, `('"#`) {
			return "", false
		}
		out.WriteString(value[:i+1] + inside + ")")
		value = value[i+end+1:]
	}
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r == 0xfeff || r == 0xfffd
}

// localReference reads "#id".
func localReference(s string) (id string, ok bool) {
	id, ok = strings.CutPrefix(strings.TrimSpace(s), "#")
	return id, ok && isIdentifier(id)
}

func isIdentifier(s string) bool {
	if s == "" || len(s) > 200 {
		return false
	}
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '_' && r != '-' && r != '.' && r < 0x80 {
			return false
		}
	}
	return true
}
