package art

import (
	"fmt"
	"hash/fnv"
	"image/color"
	"strings"
	"unicode"

	"github.com/osier-passport/osier/core/art/paint"
)

// tints are the quiet grounds of monograms, each with the ink that reads on it.
var tints = []struct{ ground, ink color.NRGBA }{
	{paint.RGB(0xe3e8d5), paint.RGB(0x36491f)},
	{paint.RGB(0xf0e1cb), paint.RGB(0x6a4413)},
	{paint.RGB(0xdde6e6), paint.RGB(0x1f4a4d)},
	{paint.RGB(0xefdcd6), paint.RGB(0x74301f)},
	{paint.RGB(0xe4dfec), paint.RGB(0x443263)},
	{paint.RGB(0xe9e5c9), paint.RGB(0x56501a)},
}

// Monogram draws a person without a picture: initials of name on a tinted disc
// whose colour comes from seed (a stable id), size pixels a side, as PNG.
func Monogram(name, seed string, size int) ([]byte, error) {
	size = max(16, min(size, 1024))
	c := paint.NewCanvas(size, size)
	monogram(c, name, seed, paint.Box{W: float64(size), H: float64(size)})
	b, err := encode(c.RGBA)
	if err != nil {
		return nil, fmt.Errorf("draw monogram: %w", err)
	}
	return b, nil
}

func monogram(c paint.Canvas, name, seed string, at paint.Box) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed))
	tint := tints[h.Sum32()%uint32(len(tints))] //nolint:gosec // six tints
	mx, my := at.X+at.W/2, at.Y+at.H/2
	c.Fill(paint.Circle(mx, my, at.W/2), paint.Solid(tint.ground))
	font := paint.Embedded().SansBold
	letters := initials(name)
	if font.Covers(letters) < 1 {
		letters = ""
	}
	if letters == "" { // a head and shoulders, cut to the disc
		figure := paint.Circle(mx, my-at.H*0.09, at.W*0.17)
		figure.Append(paint.Ellipse(mx, my+at.H*0.42, at.W*0.31, at.H*0.27))
		layer := paint.NewCanvas(c.Size())
		layer.Fill(figure, paint.Solid(tint.ink))
		c.Lay(layer, 0.8, paint.Mask(paint.Circle(mx, my, at.W/2), paint.NonZero, c.Rect))
		return
	}
	size := at.H * 0.4
	outline, width := font.Set(letters, size, 0.02)
	c.Fill(outline.Transform(paint.Translate(mx-width/2, my+size*0.36)), paint.Solid(tint.ink))
}

// initials gives the first letters of the first and last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '\u2019' })
	var out []rune
	for i, w := range words {
		if i == 0 || i == len(words)-1 {
			out = append(out, unicode.ToUpper([]rune(w)[0]))
		}
	}
	return string(out)
}
