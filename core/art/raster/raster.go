// Package raster reads pictures made of pixels: PNG, JPEG, GIF and WebP.
//
// It owns the guards that stand between strangers' files and the decoders:
// what a file is comes from its bytes, its size in pixels from its header, and
// only a picture within the limits is decoded. It has no tables and sends no
// events. core/art and core/art/svg call it.
package raster

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// Limits of what is decoded.
const (
	MaxSide   = 8192       // pixels of one side
	MaxPixels = 25_000_000 // pixels of a picture of the usual kind

	maxBytes = 4 * MaxPixels // that a decoder may hold for one picture
)

// Errors that callers tell apart.
var (
	ErrFormat     = errors.New("no known picture format")
	ErrDimensions = errors.New("picture dimensions out of bounds")
	ErrBroken     = errors.New("broken picture")
)

// Config is what the header of a picture says.
type Config struct {
	Type          string // "png", "jpeg", "gif" or "webp"
	Width, Height int    // pixels, as stored (before EXIF orientation)
}

type format struct {
	name   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func sniff(b []byte) (format, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return format{"png", png.DecodeConfig, png.Decode}, true
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return format{"jpeg", jpeg.DecodeConfig, jpeg.Decode}, true
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return format{"gif", gif.DecodeConfig, gif.Decode}, true
	case len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return format{"webp", webp.DecodeConfig, webp.Decode}, true
	default:
		return format{}, false
	}
}

// Read looks at the header alone. Errors are ErrFormat, ErrDimensions and
// ErrBroken.
func Read(b []byte) (Config, error) {
	f, ok := sniff(b)
	if !ok {
		return Config{}, ErrFormat
	}
	return f.read(b)
}

func (f format) read(b []byte) (Config, error) {
	c, err := f.config(bytes.NewReader(b))
	if err != nil {
		return Config{}, fmt.Errorf("read %s header: %w: %w", f.name, ErrBroken, err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height*f.cost(b, c) > maxBytes {
		return Config{}, fmt.Errorf("%w: %d x %d", ErrDimensions, c.Width, c.Height)
	}
	return Config{f.name, c.Width, c.Height}, nil
}

// cost is how many bytes the decoder holds for each pixel: more for deep colours,
// for interlaced pictures, which it has twice, and for progressive photographs,
// whose coefficients it collects.
func (f format) cost(b []byte, c image.Config) int {
	bytes := 4
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		bytes = 8
	}
	const interlace = 28 // offset of the method in a PNG (PNG §11.2.1)
	switch {
	case f.name == "png" && len(b) > interlace && b[interlace] != 0:
		bytes *= 2
	case f.name == "jpeg" && progressive(b):
		bytes = 10
	}
	return bytes
}

// progressive looks for the frame header of a progressive picture among the
// segments before the first scan (ITU-T T.81 §B.1.1.3).
func progressive(b []byte) bool {
	const (
		sof2 = 0xc2
		sos  = 0xda
	)
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xff || b[i+1] == 0xff {
			i++
			continue
		}
		switch b[i+1] {
		case sof2:
			return true
		case sos:
			return false
		}
		i += 2 + int(b[i+2])<<8 + int(b[i+3])
	}
	return false
}

// Decode reads the pixels of a picture of at most maxPixels, the first one of
// an animation. Errors are those of Read.
func Decode(b []byte, maxPixels int) (image.Image, error) {
	f, ok := sniff(b)
	if !ok {
		return nil, ErrFormat
	}
	c, err := f.read(b)
	if err != nil {
		return nil, err
	}
	if c.Width*c.Height > maxPixels {
		return nil, fmt.Errorf("%w: %d x %d", ErrDimensions, c.Width, c.Height)
	}
	m, err := f.decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w: %w", f.name, ErrBroken, err)
	}
	return m, nil
}
