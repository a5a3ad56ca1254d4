package paint

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Font is a typeface with its stand-in for letters that it lacks. Letters are
// set one by one from left to right with kerning: there is no shaping, so
// Arabic letters stay apart and right-to-left text keeps its logical order.
// Letters that no font has (CJK, emoji) are left out; see Covers.
type Font struct {
	main, spare *face
}

type face struct {
	data   []byte
	once   sync.Once
	font   *sfnt.Font
	glyphs sync.Map // sfnt.GlyphIndex -> glyph
}

type glyph struct {
	outline Path // in units of one em, y down, origin on the base line
	advance float64
}

// Fonts is the set of typefaces that text is drawn in.
type Fonts struct{ Serif, SerifBold, Sans, SansBold Font }

// Embedded gives the fonts that the program carries, read on first use.
var Embedded = sync.OnceValue(func() Fonts {
	spare, spareBold := &face{data: dejavusans.TTF}, &face{data: dejavusansbold.TTF}
	return Fonts{
		Serif:     Font{&face{data: liberationserifregular.TTF}, spare},
		SerifBold: Font{&face{data: liberationserifbold.TTF}, spareBold},
		Sans:      Font{&face{data: liberationsansregular.TTF}, spare},
		SansBold:  Font{&face{data: liberationsansbold.TTF}, spareBold},
	}
})

func (f *face) parsed() *sfnt.Font {
	f.once.Do(func() {
		parsed, err := sfnt.Parse(f.data)
		if err != nil {
			panic(fmt.Sprintf("paint: an embedded font is broken: %v", err))
		}
		f.font = parsed
	})
	return f.font
}

// em is the size at which glyphs are read, large enough to lose nothing.
const em = 1024

func (f *face) index(r rune, buf *sfnt.Buffer) sfnt.GlyphIndex {
	i, err := f.parsed().GlyphIndex(buf, r)
	if err != nil {
		return 0
	}
	return i
}

func (f *face) glyph(i sfnt.GlyphIndex, buf *sfnt.Buffer) glyph {
	if g, ok := f.glyphs.Load(i); ok {
		known, _ := g.(glyph)
		return known
	}
	g := f.load(i, buf)
	f.glyphs.Store(i, g)
	return g
}

func (f *face) load(i sfnt.GlyphIndex, buf *sfnt.Buffer) glyph {
	var g glyph
	if advance, err := f.font.GlyphAdvance(buf, i, fixed.I(em), font.HintingNone); err == nil {
		g.advance = float64(advance) / 64 / em
	}
	segments, err := f.font.LoadGlyph(buf, i, fixed.I(em), nil)
	if err != nil {
		return g
	}
	at := func(p fixed.Point26_6) Point { return Point{float64(p.X) / 64 / em, float64(p.Y) / 64 / em} }
	for _, s := range segments {
		a, b, c := at(s.Args[0]), at(s.Args[1]), at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			g.outline.MoveTo(a.X, a.Y)
		case sfnt.SegmentOpLineTo:
			g.outline.LineTo(a.X, a.Y)
		case sfnt.SegmentOpQuadTo:
			g.outline.QuadTo(a.X, a.Y, b.X, b.Y)
		case sfnt.SegmentOpCubeTo:
			g.outline.CubicTo(a, b, c)
		}
	}
	return g
}

// Set gives the outline of one line of text with its base line starting at
// the origin, and its width, at a size in pixels to the em. spacing is added
// after each letter, in ems.
func (f Font) Set(text string, size, spacing float64) (outline Path, width float64) {
	var buf sfnt.Buffer
	x := 0.0
	var lastFace *face
	var last sfnt.GlyphIndex
	for _, r := range text {
		face, i := f.find(r, &buf)
		if face == nil {
			continue
		}
		if face == lastFace {
			if k, err := face.parsed().Kern(&buf, last, i, fixed.I(em), font.HintingNone); err == nil {
				x += float64(k) / 64 / em
			}
		}
		g := face.glyph(i, &buf)
		outline.Append(g.outline.Transform(Matrix{size, 0, 0, size, x * size, 0}))
		x += g.advance + spacing
		lastFace, last = face, i
	}
	if x > 0 {
		x -= spacing
	}
	return outline, x * size
}

// Width measures a line of text in pixels.
func (f Font) Width(text string, size float64) float64 {
	_, w := f.Set(text, size, 0)
	return w
}

// find gives the font that has a letter; nil when none has it or when it is
// no letter to show.
func (f Font) find(r rune, buf *sfnt.Buffer) (*face, sfnt.GlyphIndex) {
	if unicode.IsSpace(r) {
		r = ' '
	}
	if !unicode.IsPrint(r) {
		return nil, 0
	}
	for _, face := range []*face{f.main, f.spare} {
		if i := face.index(r, buf); i != 0 {
			return face, i
		}
	}
	return nil, 0
}

// Covers tells the share of the letters of text that can be drawn, from 0 to
// 1; 1 for an empty text.
func (f Font) Covers(text string) float64 {
	var buf sfnt.Buffer
	all, have := 0, 0
	for _, r := range text {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) || unicode.Is(unicode.Variation_Selector, r) {
			continue
		}
		all++
		if face, _ := f.find(r, &buf); face != nil {
			have++
		}
	}
	if all == 0 {
		return 1
	}
	return float64(have) / float64(all)
}

// Wrap breaks text into at most n lines of a width in pixels; what does not
// fit ends with an ellipsis.
func (f Font) Wrap(text string, size, width float64, n int) []string {
	var lines []string
	words := strings.Fields(text)
	for len(words) > 0 && len(lines) < n {
		line := words[0]
		words = words[1:]
		for len(words) > 0 && f.Width(line+" "+words[0], size) <= width {
			line += " " + words[0]
			words = words[1:]
		}
		if len(lines) == n-1 && len(words) > 0 {
			line += " " + strings.Join(words, " ")
		} else if f.Width(line, size) > width && len(lines) < n-1 {
			head, tail := f.split(line, size, width)
			line = head
			words = append([]string{tail}, words...)
		}
		lines = append(lines, f.Fit(line, size, width))
	}
	return lines
}

// split breaks a single word that is too wide for a line.
func (f Font) split(word string, size, width float64) (head, tail string) {
	runes := []rune(word)
	n := len(runes) - 1
	for n > 1 && f.Width(string(runes[:n]), size) > width {
		n--
	}
	return string(runes[:n]), string(runes[n:])
}

// Fit shortens text to a width in pixels, with an ellipsis where it had to.
func (f Font) Fit(text string, size, width float64) string {
	if f.Width(text, size) <= width {
		return text
	}
	runes := []rune(text)
	lo, hi := 0, len(runes)
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if f.Width(string(runes[:mid])+"…", size) <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return strings.TrimRightFunc(string(runes[:lo]), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}
