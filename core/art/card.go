package art

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"unicode"

	"golang.org/x/image/draw"

	"github.com/osier-passport/osier/core/art/paint"
)

// Size of link preview cards in pixels, and the part of them that no network
// crops: what matters is drawn within.
const (
	CardWidth  = 1200
	CardHeight = 630
	safeLeft   = 150
	safeRight  = 1050
	safeTop    = 80
	safeBottom = 550
)

// CardColors are the colours of a card; the zero value stands for the default
// theme's.
type CardColors struct {
	Ground, Plate, Line, Ink, Muted, Accent color.NRGBA
}

func (c CardColors) orDefault() CardColors {
	if c != (CardColors{}) {
		return c
	}
	return CardColors{
		Ground: paint.RGB(0xfffdf9), Plate: paint.RGB(0xf4eee2), Line: paint.RGB(0xe0d9ca),
		Ink: paint.RGB(0x201d17), Muted: paint.RGB(0x635d50), Accent: paint.RGB(0x3d692e),
	}
}

// CardInput is what the preview card of a badge shows. All texts are whole and
// in the reader's language ("Issued by ..."); empty ones are left out.
type CardInput struct {
	Art      []byte // the picture as stored; a drawn badge stands in where it is absent or unreadable
	Name     string
	Issuer   string
	Earner   string
	Date     string
	Verified string // the words beside the verified mark; empty unless the verdict is valid
	Site     string
	Colors   CardColors
}

// Card draws the preview card of a badge: a PNG of 1200 by 630 pixels and at
// most 300 kB. Text is set from left to right without shaping; a text in a
// script that this cannot do (Arabic, CJK and others) is left out, see
// paint.Font. The error is the context's, or a fault Unavailable where too many
// are drawn at the moment.
func Card(ctx context.Context, in CardInput) ([]byte, error) {
	done, err := soon(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	c := card{Canvas: paint.NewCanvas(CardWidth, CardHeight), colors: in.Colors.orDefault(), fonts: paint.Embedded()}
	picture, err := pictureOr(ctx, in.Art, in.Name, 376)
	if err != nil {
		return nil, fmt.Errorf("draw card: %w", err)
	}
	c.ground()
	if readable(in.Name) == "" && readable(in.Issuer) == "" && readable(in.Earner) == "" {
		c.Fill(paint.Rect(paint.Box{W: CardWidth, H: CardHeight - 10}, 0, 0), paint.Solid(c.colors.Plate))
		c.place(picture, image.Pt(CardWidth/2-188, 92))
		c.centered(readable(in.Site), CardWidth/2, 535)
		return c.encode()
	}
	const panel = 560
	c.Fill(paint.Rect(paint.Box{W: panel, H: CardHeight - 10}, 0, 0), paint.Solid(c.colors.Plate))
	c.Fill(paint.Rect(paint.Box{X: panel - 1, W: 1.5, H: CardHeight - 10}, 0, 0), paint.Solid(c.colors.Line))
	c.place(picture, image.Pt(safeLeft+5, 122))
	c.words(in, panel+56)
	return c.encode()
}

// card is a preview card in the making.
type card struct {
	paint.Canvas

	colors CardColors
	fonts  paint.Fonts
}

// ground lays the paper and the line of accent at its foot.
func (c card) ground() {
	draw.Draw(c.RGBA, c.Rect, image.NewUniform(c.colors.Ground), image.Point{}, draw.Src)
	c.Fill(paint.Rect(paint.Box{Y: CardHeight - 10, W: CardWidth, H: 10}, 0, 0), paint.Solid(c.colors.Accent))
}

func (c card) place(m image.Image, at image.Point) {
	draw.Draw(c.RGBA, m.Bounds().Add(at), m, image.Point{}, draw.Over)
}

// set draws one line of text whose base line begins at a point.
func (c card) set(f paint.Font, text string, size float64, at paint.Point, col color.NRGBA) {
	outline, _ := f.Set(text, size, 0)
	c.Fill(outline.Transform(paint.Translate(at.X, at.Y)), paint.Solid(col))
}

func (c card) centered(text string, x, y float64) {
	c.set(c.fonts.SansBold, text, 28, paint.Point{X: x - c.fonts.SansBold.Width(text, 28)/2, Y: y}, c.colors.Accent)
}

// words sets the right-hand column: site, name, issuer and earner, and at the
// foot the verified mark and the date.
func (c card) words(in CardInput, x float64) {
	width := safeRight + 44 - x
	sans, bold := c.fonts.Sans, c.fonts.SansBold
	c.brand(readable(in.Site), x, safeTop+34, width)
	size, lines := c.title(readable(in.Name), width)
	issuerSize := 30.0
	if sans.Width(readable(in.Issuer), 26) <= width {
		issuerSize = min(issuerSize, 30*width/max(width, sans.Width(readable(in.Issuer), 30)))
	}
	issuer := sans.Wrap(readable(in.Issuer), issuerSize, width, 2)
	earner := sans.Wrap(readable(in.Earner), 30, width, 1)
	height := float64(len(lines))*size*1.14 + 12 + float64(len(issuer)+len(earner))*40
	y := max(safeTop+76, (safeTop+60+safeBottom-50-height)/2) + size*0.78
	for _, line := range lines {
		c.set(c.fonts.SerifBold, line, size, paint.Point{X: x - 2, Y: y}, c.colors.Ink)
		y += size * 1.14
	}
	y += 42 - size*0.78
	for i, line := range append(issuer, earner...) {
		if i < len(issuer) {
			c.set(sans, line, issuerSize, paint.Point{X: x, Y: y}, c.colors.Muted)
		} else {
			c.set(sans, line, 30, paint.Point{X: x, Y: y}, c.colors.Ink)
		}
		y += 40
	}
	at := x
	if verified := readable(in.Verified); verified != "" {
		c.check(x+19, safeBottom-19, 19)
		verified = bold.Fit(verified, 28, width-60)
		c.set(bold, verified, 28, paint.Point{X: x + 50, Y: safeBottom - 9}, c.colors.Accent)
		at = x + 50 + bold.Width(verified, 28) + 26
	}
	if date := readable(in.Date); date != "" && at+sans.Width(date, 26) <= x+width {
		c.set(sans, date, 26, paint.Point{X: at, Y: safeBottom - 9}, c.colors.Muted)
	}
}

// brand sets the site's name beside a willow leaf.
func (c card) brand(site string, x, y, width float64) {
	if site == "" {
		return
	}
	m := paint.Translate(x-1, y-25).Mul(paint.Scale(0.32, 0.32))
	leaf := paint.MustPath("M92 4C44 6 8 30 10 70C10 80 14 88 18 94C70 96 98 56 92 4Z")
	vein := paint.Stroke{Width: 7, Cap: paint.RoundCap}.Outline(paint.MustPath("M4 100C24 70 44 48 68 30"), 1)
	c.Fill(leaf.Transform(m), paint.Solid(c.colors.Accent))
	c.Fill(vein.Transform(m), paint.Solid(c.colors.Ground))
	c.set(c.fonts.SansBold, c.fonts.SansBold.Fit(site, 26, width-46), 26, paint.Point{X: x + 44, Y: y}, c.colors.Accent)
}

// title chooses the largest size at which a name stands on few lines.
func (c card) title(name string, width float64) (size float64, lines []string) {
	for _, try := range []struct {
		size  float64
		lines int
	}{{70, 2}, {60, 3}, {50, 4}} {
		size = try.size
		lines = c.fonts.SerifBold.Wrap(name, size, width, try.lines+1)
		if len(lines) <= try.lines {
			return size, lines
		}
	}
	return size, c.fonts.SerifBold.Wrap(name, size, width, 4)
}

// check draws the verified mark: a tick on a disc.
func (c card) check(x, y, r float64) {
	c.Fill(paint.Circle(x, y, r), paint.Solid(c.colors.Accent))
	var tick paint.Path
	tick.MoveTo(x-r*0.42, y+r*0.04)
	tick.LineTo(x-r*0.1, y+r*0.36)
	tick.LineTo(x+r*0.45, y-r*0.32)
	c.Stroke(tick, paint.Stroke{Width: r * 0.22, Cap: paint.RoundCap, Join: paint.RoundJoin}, paint.Solid(c.colors.Ground))
}

// readable gives the start of a text that can be set, "" for one that cannot:
// most letters missing in our fonts, or written from right to left.
func readable(text string) string {
	if runes := []rune(text); len(runes) > 400 {
		text = string(runes[:400])
	}
	letters, backward := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko) {
				backward++
			}
		}
	}
	if backward*3 > letters || paint.Embedded().Sans.Covers(text) < 0.6 {
		return ""
	}
	return text
}

// pictureOr decodes art into a square, or draws a badge with the name's
// initials where there is none to decode. The error is the context's.
func pictureOr(ctx context.Context, b []byte, name string, size int) (*image.RGBA, error) {
	if len(b) > 0 {
		m, err := fitted(ctx, b, size, false)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return m, err
		}
	}
	return square(standIn(name, name), size, false), nil
}
