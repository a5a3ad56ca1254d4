package art

import (
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/art/paint"
)

// badgeSide is the width and height of drawn badges in pixels.
const badgeSide = 512

// Spec says how a badge is drawn. Unknown names fall back to the first of
// their list, so that any spec gives a badge.
type Spec struct {
	Shape   string // see ShapeNames
	Palette string // see PaletteNames
	Icon    string // see IconNames; where empty, Letters are shown
	Letters string // one to three letters or digits in place of an icon
	Pattern string // see PatternNames; "" is a plain face
	Ring    string // short text around the upper edge; of circle, rosette, medal and burst only
	Banner  string // short text on a ribbon across the lower part
	Stars   int    // 0 to 5 stars under the icon, for levels
}

// ShapeNames lists the outlines that Badge knows.
func ShapeNames() []string { return slices.Sorted(maps.Keys(shapes)) }

// PaletteNames lists the colours that Badge knows.
func PaletteNames() []string { return slices.Sorted(maps.Keys(palettes)) }

// IconNames lists the emblems that Badge knows.
func IconNames() []string { return slices.Sorted(maps.Keys(icons)) }

// PatternNames lists the backgrounds that Badge knows.
func PatternNames() []string { return slices.Sorted(maps.Keys(patterns)) }

// Badge draws a badge of 512 by 512 pixels on a transparent ground, as PNG.
func Badge(s Spec) ([]byte, error) {
	b, err := encode(drawBadge(s))
	if err != nil {
		return nil, fmt.Errorf("draw badge: %w", err)
	}
	return b, nil
}

// Placeholder draws a badge for a class that has no art, or none that can be
// read: its initials on a rosette whose colour comes from seed (a stable id).
// It is what Card shows for such a badge, with the name as seed. The error is as
// Card's.
func Placeholder(ctx context.Context, name, seed string) ([]byte, error) {
	done, err := soon(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	b, err := encode(standIn(name, seed))
	if err != nil {
		return nil, fmt.Errorf("draw placeholder: %w", err)
	}
	return b, nil
}

func standIn(name, seed string) *image.RGBA {
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed))
	names := PaletteNames()
	return drawBadge(Spec{Shape: "rosette", Palette: names[int(h.Sum32())%len(names)], Letters: initials(readable(name)), Pattern: "rings"})
}

// press draws one badge, layer on layer.
type press struct {
	Spec
	paint.Canvas

	colors palette
	shape  shape
	middle paint.Point // of the emblem
	radius float64     // of the shape
}

func drawBadge(s Spec) *image.RGBA {
	p := press{Spec: s, Canvas: paint.NewCanvas(badgeSide, badgeSide), radius: 226}
	var ok bool
	if p.shape, ok = shapes[s.Shape]; !ok {
		p.shape = shapes["circle"]
	}
	if p.colors, ok = palettes[s.Palette]; !ok {
		p.colors = palettes["willow"]
	}
	if !p.shape.round {
		p.Ring = ""
	}
	p.middle = p.shape.middle
	p.body()
	p.face()
	p.ring()
	p.emblem()
	p.stars()
	p.banner()
	return p.RGBA
}

// outline is the shape at a share of its size.
func (p *press) outline(k float64) paint.Path {
	path := p.shape.draw(p.radius)
	c := p.shape.center
	return path.Transform(paint.Translate(c.X, c.Y).Mul(paint.Scale(k, k)))
}

func vertical(top, bottom color.NRGBA) paint.Paint {
	return paint.Linear(paint.Point{Y: 40}, paint.Point{Y: 472}, paint.Stop{Color: top}, paint.Stop{At: 1, Color: bottom})
}

// body lays the shadow, the edge and the bright rim.
func (p *press) body() {
	c := p.colors
	if p.shape.behind != nil {
		p.shape.behind(p)
	}
	p.Shadow(p.outline(1), paint.Point{Y: 9}, 9, color.NRGBA{40, 30, 16, 88})
	p.Fill(p.outline(1), vertical(paint.Mix(c.deep, c.face, 0.35), c.deep))
	p.Fill(p.outline(0.945), vertical(paint.Mix(c.rim, white, 0.45), paint.Mix(c.rim, c.deep, 0.12)))
	p.Fill(p.outline(0.915), paint.Solid(c.deep))
}

var (
	white = paint.RGB(0xffffff)
	cream = paint.RGB(0xfffaf0)
)

// face lays the coloured field with its pattern, lit from above.
func (p *press) face() {
	c := p.colors
	edge := 0.895
	if p.Ring != "" {
		p.Fill(p.outline(0.895), vertical(paint.Mix(c.deep, c.face, 0.25), paint.Mix(c.deep, c.face, 0.1)))
		p.Fill(p.outline(0.685), paint.Solid(c.rim))
		edge = 0.665
	}
	field := p.outline(edge)
	light := paint.Radial(paint.Point{X: p.middle.X, Y: p.middle.Y - 90}, 330,
		paint.Stop{Color: paint.Mix(c.face, white, 0.2)}, paint.Stop{At: 0.45, Color: c.face}, paint.Stop{At: 1, Color: paint.Mix(c.face, c.deep, 0.62)})
	p.Fill(field, light)
	if draw, ok := patterns[p.Pattern]; ok {
		layer := paint.NewCanvas(badgeSide, badgeSide)
		draw(p, layer)
		p.Lay(layer, 1, paint.Mask(field, paint.NonZero, p.Rect))
	}
	gloss := paint.Ellipse(256, 40, 330, 170)
	layer := paint.NewCanvas(badgeSide, badgeSide)
	layer.Fill(gloss, paint.Linear(paint.Point{Y: 20}, paint.Point{Y: 210}, paint.Stop{Color: paint.Alpha(white, 0.2)}, paint.Stop{At: 1, Color: paint.Alpha(white, 0.03)}))
	p.Lay(layer, 1, paint.Mask(field, paint.NonZero, p.Rect))
}

// ring sets text along the upper edge, and a dot at each end of it.
func (p *press) ring() {
	text := strings.ToUpper(p.Ring)
	if text == "" {
		return
	}
	font, c := paint.Embedded().SansBold, p.shape.center
	r, size, spacing := p.radius*0.745, 33.0, 0.08
	_, width := font.Set(text, size, spacing)
	if most := r * 1.45 * math.Pi; width > most {
		size *= most / width
		_, width = font.Set(text, size, spacing)
	}
	angle := -width / r / 2
	for _, letter := range text {
		glyph, w := font.Set(string(letter), size, 0)
		w += spacing * size
		mid := angle + w/r/2
		m := paint.Translate(c.X, c.Y).Mul(paint.Rotate(mid)).Mul(paint.Translate(-w/2+spacing*size/2, -r))
		p.Fill(glyph.Transform(m), paint.Solid(p.colors.rim))
		angle += w / r
	}
	half := width/r/2 + 0.16
	for i := range 40 {
		a := half + 0.115*float64(i)
		if a > 2*math.Pi-half+0.02 {
			break
		}
		sin, cos := math.Sincos(a)
		p.Fill(paint.Circle(c.X+sin*(r+10), c.Y-cos*(r+10), 3.4), paint.Solid(paint.Alpha(p.colors.rim, 0.55)))
	}
}

// emblem lays the icon or the letters, with a flat shadow.
func (p *press) emblem() {
	size := p.shape.room
	at := p.middle
	if p.Ring != "" {
		size *= 0.8
		at = p.shape.center
	}
	if p.Stars > 0 {
		at.Y -= 22
		size *= 0.9
	}
	if p.Banner != "" {
		at.Y -= 30
		size *= 0.88
	}
	m := paint.Translate(at.X-size/2, at.Y-size/2).Mul(paint.Scale(size/100, size/100))
	parts, ok := icons[p.Icon]
	if !ok {
		p.letters(at, size)
		return
	}
	shadow := paint.Alpha(p.colors.deep, 0.38)
	drop := paint.Translate(0, 6).Mul(m)
	layer := paint.NewCanvas(badgeSide, badgeSide)
	for _, part := range parts {
		if part.tone != dark {
			layer.Fill(part.outline(drop), paint.Solid(color.NRGBA{shadow.R, shadow.G, shadow.B, 255}))
		}
	}
	p.Lay(layer, 0.38, nil)
	for _, part := range parts {
		p.Fill(part.outline(m), p.colors.tone(part.tone))
	}
}

func (p *press) letters(at paint.Point, size float64) {
	font := paint.Embedded().SerifBold
	text := []rune(p.Letters)
	if len(text) > 3 {
		text = text[:3]
	}
	height := size * []float64{1.25, 1.25, 0.95, 0.72}[len(text)]
	outline, width := font.Set(string(text), height, 0)
	m := paint.Translate(at.X-width/2, at.Y+height*0.335)
	p.Fill(outline.Transform(paint.Translate(0, 6).Mul(m)), paint.Solid(paint.Alpha(p.colors.deep, 0.38)))
	p.Fill(outline.Transform(m), p.colors.tone(light))
}

// stars lays a row of stars under the emblem.
func (p *press) stars() {
	n := min(p.Stars, 5)
	y := p.middle.Y + p.shape.room*0.5 + 6
	if p.Banner != "" {
		y -= 46
	}
	if p.Ring != "" {
		y = p.shape.center.Y + p.radius*0.47
	}
	for i := range n {
		x := p.middle.X + (float64(i)-float64(n-1)/2)*44
		dy := 0.0
		if n > 2 {
			dy = -math.Pow(math.Abs(float64(i)-float64(n-1)/2), 2) * 3
		}
		star := paint.Rounded(2, paint.Star(5, paint.Point{X: x, Y: y + dy}, 20, 8.6)...)
		p.Fill(star.Transform(paint.Translate(0, 4)), paint.Solid(paint.Alpha(p.colors.deep, 0.4)))
		p.Fill(star, p.colors.tone(accent))
	}
}

// banner lays a ribbon with text across the lower part.
func (p *press) banner() {
	text := strings.ToUpper(p.Banner)
	if text == "" {
		return
	}
	font, c := paint.Embedded().SansBold, p.colors
	size, spacing := 40.0, 0.07
	_, width := font.Set(text, size, spacing)
	if width > 300 {
		size *= 300 / width
		_, width = font.Set(text, size, spacing)
	}
	half, y, h := min(190, max(width/2+38, 120)), p.shape.bannerY, 74.0
	x := p.shape.center.X
	ribbon := func(side float64) paint.Path {
		out := x + side*(half+36)
		in := x + side*(half-26)
		return paint.Polygon(paint.Point{X: in, Y: y + 18}, paint.Point{X: out, Y: y + 18}, paint.Point{X: out - side*22, Y: y + 18 + h/2}, paint.Point{X: out, Y: y + 18 + h}, paint.Point{X: in, Y: y + 18 + h})
	}
	for _, side := range []float64{-1, 1} {
		tail := ribbon(side)
		p.Shadow(tail, paint.Point{Y: 5}, 4, color.NRGBA{40, 30, 16, 70})
		p.Fill(tail, paint.Solid(paint.Mix(c.rim, c.deep, 0.3)))
		p.Fill(paint.Polygon(paint.Point{X: x + side*half, Y: y + h}, paint.Point{X: x + side*(half-26), Y: y + h}, paint.Point{X: x + side*(half-26), Y: y + h + 18}), paint.Solid(paint.Mix(c.rim, c.deep, 0.66)))
	}
	band := paint.Rect(paint.Box{X: x - half, Y: y, W: 2 * half, H: h}, 3, 3)
	p.Shadow(band, paint.Point{Y: 4}, 4, color.NRGBA{40, 30, 16, 80})
	p.Fill(band, paint.Linear(paint.Point{Y: y}, paint.Point{Y: y + h}, paint.Stop{Color: paint.Mix(c.rim, white, 0.5)}, paint.Stop{At: 1, Color: c.rim}))
	for _, dy := range []float64{7, h - 9} {
		p.Fill(paint.Rect(paint.Box{X: x - half, Y: y + dy, W: 2 * half, H: 2}, 0, 0), paint.Solid(paint.Alpha(c.deep, 0.35)))
	}
	outline, _ := font.Set(text, size, spacing)
	p.Fill(outline.Transform(paint.Translate(x-width/2, y+h/2+size*0.36)), paint.Solid(paint.Mix(c.deep, paint.RGB(0x000000), 0.15)))
}
