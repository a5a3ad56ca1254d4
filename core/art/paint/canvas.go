package paint

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Canvas is a picture that shapes are drawn on, transparent at first.
type Canvas struct {
	*image.RGBA
}

// NewCanvas makes a transparent canvas of w by h pixels.
func NewCanvas(w, h int) Canvas { return Canvas{image.NewRGBA(image.Rect(0, 0, w, h))} }

// Size is the width and height in pixels.
func (c Canvas) Size() (w, h int) { return c.Rect.Dx(), c.Rect.Dy() }

// Fill fills a shape by the non-zero rule.
func (c Canvas) Fill(p Path, with Paint) { c.FillRule(p, NonZero, with) }

// FillRule fills a shape.
func (c Canvas) FillRule(p Path, rule Rule, with Paint) {
	c.Through(Mask(p, rule, c.Rect), with)
}

// Stroke draws a line along p.
func (c Canvas) Stroke(p Path, s Stroke, with Paint) { c.Fill(s.Outline(p, 1), with) }

// Through lays paint on the canvas as far as mask lets it through.
func (c Canvas) Through(mask *image.Alpha, with Paint) {
	if mask == nil {
		return
	}
	with = quick(with)
	solid, isSolid := with.(Solid)
	box := mask.Rect.Intersect(c.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := c.Pix[c.PixOffset(box.Min.X, y):][:4*box.Dx()]
		cover := mask.Pix[mask.PixOffset(box.Min.X, y):][:box.Dx()]
		for x, m := range cover {
			if m == 0 {
				continue
			}
			col := color.NRGBA(solid)
			if !isSolid {
				col = with.At(float64(box.Min.X+x)+0.5, float64(y)+0.5)
			}
			over(row[4*x:4*x+4:4*x+4], col, uint32(m))
		}
	}
}

// over blends a colour at a coverage of 0 to 255 onto a premultiplied pixel.
func over(pix []byte, c color.NRGBA, cover uint32) {
	a := uint32(c.A) * cover
	if a == 255*255 {
		pix[0], pix[1], pix[2], pix[3] = c.R, c.G, c.B, 255
		return
	}
	rest := 255*255 - a
	const half = 255 * 255 / 2
	for i, of := range [4]byte{c.R, c.G, c.B, 255} {
		pix[i] = byte((uint32(of)*a + uint32(pix[i])*rest + half) / (255 * 255)) //nolint:gosec // a mean of two bytes
	}
}

// Lay puts another canvas of the same size on top, at an opacity and, where
// mask is not nil, through it.
func (c Canvas) Lay(top Canvas, opacity float64, mask *image.Alpha) {
	share := uint32(math.Round(255 * max(0, min(opacity, 1))))
	box := c.Rect.Intersect(top.Rect)
	if mask != nil {
		box = box.Intersect(mask.Rect)
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		dst, src := c.Pix[c.PixOffset(box.Min.X, y):], top.Pix[top.PixOffset(box.Min.X, y):]
		for i := 0; i < 4*box.Dx(); i += 4 {
			k := share * 255
			if mask != nil {
				k = share * uint32(mask.Pix[mask.PixOffset(box.Min.X+i/4, y)])
			}
			if k != 0 && src[i+3] != 0 {
				layPixel(dst[i:i+4:i+4], src[i:i+4:i+4], k)
			}
		}
	}
}

// layPixel blends premultiplied src, at a share of 0 to 255*255, onto dst.
func layPixel(dst, src []byte, share uint32) {
	rest := 255 - (uint32(src[3])*share+32512)/65025
	for j := range 4 {
		v := (uint32(src[j])*share+32512)/65025 + (uint32(dst[j])*rest+127)/255
		dst[j] = byte(min(v, 255))
	}
}

// Shadow draws a soft shadow of a shape: moved by d, blurred by sigma pixels.
func (c Canvas) Shadow(p Path, d Point, sigma float64, col color.NRGBA) {
	m := image.NewAlpha(c.Rect)
	w, h := c.Size()
	part := Mask(p.Transform(Translate(d.X, d.Y)), NonZero, c.Rect)
	if part == nil {
		return
	}
	draw.Draw(m, part.Rect, part, part.Rect.Min, draw.Src)
	for range 3 {
		m.Pix = boxBlur(m.Pix, w, h, 1, sigma)
	}
	c.Through(m, Solid(col))
}

// Blur blurs the whole canvas by a Gaussian of sigma pixels.
func (c Canvas) Blur(sigma float64) {
	w, h := c.Size()
	for range 3 {
		copy(c.Pix, boxBlur(c.Pix, w, h, 4, sigma))
	}
}

// boxBlur is one of the three box filters that come near a Gaussian.
func boxBlur(pix []byte, w, h, channels int, sigma float64) []byte {
	r := int(math.Round(sigma * 0.94))
	if r < 1 {
		return pix
	}
	across := make([]byte, len(pix))
	blurLines(across, pix, lines{count: h, step: w * channels, length: w, stride: channels}, channels, r)
	down := make([]byte, len(pix))
	blurLines(down, across, lines{count: w, step: channels, length: h, stride: w * channels}, channels, r)
	return down
}

// lines describes the rows, or the columns, of a picture.
type lines struct{ count, step, length, stride int }

func blurLines(dst, src []byte, l lines, channels, r int) {
	r = min(r, l.length)
	for i := range l.count {
		for ch := range channels {
			at := i*l.step + ch
			sum := 0
			for k := range r {
				sum += int(src[at+k*l.stride])
			}
			for k := range l.length {
				if k+r < l.length {
					sum += int(src[at+(k+r)*l.stride])
				}
				if k-r-1 >= 0 {
					sum -= int(src[at+(k-r-1)*l.stride])
				}
				dst[at+k*l.stride] = byte(sum / (2*r + 1)) //nolint:gosec // a mean of bytes
			}
		}
	}
}
