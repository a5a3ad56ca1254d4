package svg

import (
	"strings"

	"github.com/osier-passport/osier/core/art/paint"
)

// run is a piece of text of one style, at its place within a line.
type run struct {
	n *node
	s style
	p paint.Path // at the origin
	x float64
	y float64
}

// line collects runs up to the next absolute position, for text-anchor.
type line struct {
	runs   []run
	anchor string
	start  float64
	end    float64
}

// textLayout walks a text element.
type textLayout struct {
	r        *renderer
	x, y     float64
	preserve bool
	space    bool // a blank was just set
	now      line
	done     []line
}

// text sets a text element: one run after another, left to right.
func (r *renderer) text(n *node, to paint.Canvas, s style, m paint.Matrix) {
	t := textLayout{r: r, preserve: n.get("xml:space") == "preserve", space: true}
	t.now.anchor = s.anchor
	t.span(n, s)
	t.breakLine("")
	for _, l := range t.done {
		shift := 0.0
		switch l.anchor {
		case "middle":
			shift = (l.start - l.end) / 2
		case "end":
			shift = l.start - l.end
		}
		for _, piece := range l.runs {
			if piece.s.visible {
				r.paintShape(piece.n, piece.p.Transform(paint.Translate(piece.x+shift, piece.y)), to, piece.s, m)
			}
		}
	}
}

func (t *textLayout) breakLine(anchor string) {
	t.now.end = t.x
	if len(t.now.runs) > 0 {
		t.done = append(t.done, t.now)
	}
	t.now = line{anchor: anchor}
}

func (t *textLayout) span(n *node, s style) {
	if n.get("display") == "none" {
		return
	}
	if n.get("x") != "" || n.get("y") != "" {
		t.breakLine(s.anchor)
		if v := n.get("x"); v != "" {
			t.x = t.r.length(first(n, "x"), "x", s, 'x', 0)
		}
		if v := n.get("y"); v != "" {
			t.y = t.r.length(first(n, "y"), "y", s, 'y', 0)
		}
		t.now.start, t.space = t.x, true
	}
	t.x += t.r.length(first(n, "dx"), "dx", s, 'x', 0)
	t.y += t.r.length(first(n, "dy"), "dy", s, 'y', 0)
	for _, child := range n.children {
		switch child.name {
		case "":
			t.set(n, s, child.text)
		case "tspan", "textPath":
			t.span(child, s.with(child))
		}
	}
}

// first keeps the first value of a list of positions.
func first(n *node, name string) *node {
	values := strings.FieldsFunc(n.get(name), func(r rune) bool { return r == ',' || r <= ' ' })
	if len(values) == 0 {
		return &node{}
	}
	return &node{attrs: []attr{{name, values[0]}}}
}

func (t *textLayout) set(n *node, s style, text string) {
	if !t.preserve {
		text = t.collapse(text)
	}
	if text == "" {
		return
	}
	outline, width := fontOf(s).Set(text, s.size, s.spacing/s.size)
	y := t.y
	switch s.baseline {
	case "middle", "central":
		y += 0.32 * s.size
	case "hanging", "text-before-edge":
		y += 0.75 * s.size
	}
	t.now.runs = append(t.now.runs, run{n, s, outline, t.x, y})
	t.x += width + s.spacing
}

// collapse makes one blank of many, across runs too.
func (t *textLayout) collapse(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' {
			if !t.space {
				out.WriteByte(' ')
			}
			t.space = true
			continue
		}
		t.space = false
		out.WriteRune(r)
	}
	return out.String()
}

// fontOf chooses between the embedded fonts by the family's name.
func fontOf(s style) paint.Font {
	fonts := paint.Embedded()
	serif := false
	for _, name := range []string{"serif", "times", "georgia", "garamond", "playfair", "palatino", "merriweather", "roman", "baskerville", "lora"} {
		serif = serif || strings.Contains(s.family, name)
	}
	if strings.Contains(s.family, "sans") {
		serif = false
	}
	switch {
	case serif && s.bold:
		return fonts.SerifBold
	case serif:
		return fonts.Serif
	case s.bold:
		return fonts.SansBold
	default:
		return fonts.Sans
	}
}
