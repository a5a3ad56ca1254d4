package art

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"math"
	"runtime/debug"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/sync/semaphore"

	"github.com/osier-passport/osier/core/art/raster"
	"github.com/osier-passport/osier/core/art/svg"
)

// decoding bounds the pixels that are held decoded at one time, over all
// callers: some 300 MB in the worst format.
var decoding = semaphore.NewWeighted(raster.MaxPixels + 1)

// largePixels is the size from which a picture's memory is given back at once.
const largePixels = 4_000_000

// drawingTime is how long one SVG may take.
const drawingTime = 4 * time.Second

// Thumbnail draws a picture anew as a square PNG of size pixels a side: whole,
// in the middle, the rest transparent. Nothing of the file but its pixels is
// kept. Errors are *Error or the context's.
func Thumbnail(ctx context.Context, b []byte, size int) ([]byte, error) {
	return thumbnail(ctx, b, size, false)
}

// Portrait is Thumbnail for pictures of people: the middle square fills the
// whole picture.
func Portrait(ctx context.Context, b []byte, size int) ([]byte, error) {
	return thumbnail(ctx, b, size, true)
}

func thumbnail(ctx context.Context, b []byte, size int, fill bool) ([]byte, error) {
	done, err := turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	size = max(1, min(size, 2048))
	m, err := fitted(ctx, b, size, fill)
	if err != nil {
		return nil, err
	}
	return encode(m)
}

func encode(m image.Image) ([]byte, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		return nil, fmt.Errorf("encode png: %w", err)
	}
	return out.Bytes(), nil
}

// fitted decodes a picture into a square of size pixels a side.
func fitted(ctx context.Context, b []byte, size int, fill bool) (*image.RGBA, error) {
	if looksLikeSVG(b) {
		ctx, cancel := context.WithTimeout(ctx, drawingTime)
		defer cancel()
		m, err := svg.Draw(ctx, b, size)
		return m, refused(err)
	}
	c, err := raster.Read(b)
	if err != nil {
		return nil, refused(err)
	}
	weight := int64(c.Width) * int64(c.Height)
	if err := decoding.Acquire(ctx, weight); err != nil {
		return nil, fmt.Errorf("wait to decode a picture: %w", err)
	}
	defer decoding.Release(weight)
	if weight > largePixels {
		defer debug.FreeOSMemory() // the next large one needs it
	}
	src, err := raster.Decode(b, raster.MaxPixels)
	if err != nil {
		return nil, refused(err)
	}
	return upright(square(src, size, fill), orientation(b)), nil
}

// square scales src into, or with fill over, a square.
func square(src image.Image, size int, fill bool) *image.RGBA {
	from := src.Bounds()
	w, h := float64(from.Dx()), float64(from.Dy())
	dst := image.NewRGBA(image.Rect(0, 0, size, size))
	if fill {
		side := min(from.Dx(), from.Dy())
		at := from.Min.Add(image.Pt((from.Dx()-side)/2, (from.Dy()-side)/2))
		draw.CatmullRom.Scale(dst, dst.Rect, src, image.Rectangle{at, at.Add(image.Pt(side, side))}, draw.Src, nil)
		return dst
	}
	k := float64(size) / max(w, h)
	tw, th := max(1, int(math.Round(w*k))), max(1, int(math.Round(h*k)))
	at := image.Pt((size-tw)/2, (size-th)/2)
	draw.CatmullRom.Scale(dst, image.Rectangle{at, at.Add(image.Pt(tw, th))}, src, from, draw.Src, nil)
	return dst
}
