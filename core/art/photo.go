package art

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"runtime/debug"

	"golang.org/x/image/draw"

	"github.com/osier-passport/osier/core/art/raster"
)

// photoQuality is that of photographs that are drawn anew, of 100.
const photoQuality = 88

// Picture is a picture that was drawn anew.
type Picture struct {
	Data          []byte
	Type          Type // PNG or JPEG
	Width, Height int  // pixels
}

// Photo draws a picture anew as it is, turned upright and at most side pixels
// wide and high: photographs as JPEG, what has transparent parts or came as PNG or
// GIF as PNG. Nothing of the file but its pixels is kept, and of an animation its
// first picture. A photograph that holds nothing but pixels stays as it is: drawing it
// again would only cost quality. Errors are *Error or the context's.
func Photo(ctx context.Context, b []byte, side int) (Picture, error) {
	done, err := turn(ctx)
	if err != nil {
		return Picture{}, err
	}
	defer done()
	c, err := raster.Read(b)
	if err != nil {
		return Picture{}, refused(err)
	}
	weight := int64(c.Width) * int64(c.Height)
	if err := decoding.Acquire(ctx, weight); err != nil {
		return Picture{}, fmt.Errorf("wait to decode a picture: %w", err)
	}
	defer decoding.Release(weight)
	if weight > largePixels {
		defer debug.FreeOSMemory() // the next large one needs it
	}
	src, err := raster.Decode(b, raster.MaxPixels)
	if err != nil {
		return Picture{}, refused(err)
	}
	if c.Type == string(JPEG) && max(c.Width, c.Height) <= side && isBare(b) {
		return Picture{b, JPEG, c.Width, c.Height}, nil
	}
	m := standing(within(src, max(1, side)), orientation(b))
	p := Picture{Type: PNG, Width: m.Rect.Dx(), Height: m.Rect.Dy()}
	if (c.Type == string(JPEG) || c.Type == string(WebP)) && m.Opaque() {
		p.Type = JPEG
	}
	p.Data, err = encodeAs(m, p.Type)
	return p, err
}

// isBare reports whether a JPEG consists of what its pixels need alone, from the
// first byte to the last (ITU-T T.81 §B.1.1.3): no application data, no comment,
// nothing behind its end.
func isBare(b []byte) bool {
	const (
		app0, comment = 0xe0, 0xfe
		scan, end     = 0xda, 0xd9
	)
	i := 2
	for ; i+4 <= len(b) && b[i] == 0xff && b[i+1] != scan; i += 2 + int(b[i+2])<<8 + int(b[i+3]) {
		if b[i+1] >= app0 && b[i+1] <= comment {
			return false
		}
	}
	for ; i+1 < len(b); i++ {
		restart := b[i+1] >= 0xd0 && b[i+1] <= 0xd7
		switch {
		case b[i] != 0xff || b[i+1] == 0 || restart || b[i+1] == scan:
		case b[i+1] == end:
			return i+2 == len(b)
		default:
			return false
		}
	}
	return false
}

func encodeAs(m image.Image, t Type) ([]byte, error) {
	var out bytes.Buffer
	var err error
	if t == JPEG {
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: photoQuality})
	} else {
		err = png.Encode(&out, m)
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", t, err)
	}
	return out.Bytes(), nil
}

// within gives the pixels of src, scaled down where a side is longer than side.
func within(src image.Image, side int) *image.NRGBA {
	from := src.Bounds()
	k := math.Min(1, float64(side)/float64(max(from.Dx(), from.Dy())))
	w, h := max(1, int(math.Round(float64(from.Dx())*k))), max(1, int(math.Round(float64(from.Dy())*k)))
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	if k == 1 {
		draw.Draw(dst, dst.Rect, src, from.Min, draw.Src)
		return dst
	}
	draw.CatmullRom.Scale(dst, dst.Rect, src, from, draw.Src, nil)
	return dst
}

// standing turns a picture as its orientation asks (CIPA DC-008 §4.6.5).
func standing(m *image.NRGBA, orientation int) *image.NRGBA {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation > 4 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			sx, sy := x, y
			if orientation > 4 {
				sx, sy = y, x
			}
			switch orientation {
			case 2, 8:
				sx = w - 1 - sx
			case 3, 7:
				sx, sy = w-1-sx, h-1-sy
			case 4, 6:
				sy = h - 1 - sy
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
