// Package art is all work on pictures: it looks at uploaded ones, makes safe
// thumbnails, and draws cards, badges and avatars.
//
// It owns what of a stranger's picture may be served: pixels drawn anew
// (metadata gone) or an SVG rewritten by allow-list. It has no tables and sends
// no events. core/badge and core/account call Inspect and Thumbnail, the pages
// that draw link previews call Card and ProfileCard, the demo community calls
// Badge. All results are deterministic for the same input.
package art

import (
	"errors"
	"fmt"

	"github.com/osier-passport/osier/core/art/raster"
	"github.com/osier-passport/osier/core/art/svg"
)

// Type is a picture format.
type Type string

// The formats that are taken in.
const (
	PNG  Type = "png"
	JPEG Type = "jpeg"
	GIF  Type = "gif"
	WebP Type = "webp"
	SVG  Type = "svg"
)

// MIME is the media type.
func (t Type) MIME() string {
	if t == SVG {
		return "image/svg+xml"
	}
	return "image/" + string(t)
}

// Info is what a look at a picture tells.
type Info struct {
	Type          Type
	Width, Height int // pixels; CSS pixels for SVG
}

// Error is a named reason why a picture is not taken. Reason is a machine
// name: "image-unknown", "image-too-large", "image-broken", "image-unsafe".
type Error struct {
	Reason string
	err    error
}

// Error implements the error interface.
func (e *Error) Error() string { return "picture refused: " + e.Reason + ": " + e.err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

func refused(err error) error {
	var s *svg.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, raster.ErrDimensions):
		return &Error{"image-too-large", err}
	case errors.Is(err, raster.ErrBroken):
		return &Error{"image-broken", err}
	case errors.Is(err, raster.ErrFormat):
		return &Error{"image-unknown", err}
	case !errors.As(err, &s):
		return fmt.Errorf("read picture: %w", err)
	case s.Reason == "not-an-svg":
		return &Error{"image-unknown", err}
	case s.Reason == "svg-too-large", s.Reason == "svg-too-complex", s.Reason == "svg-dimensions":
		return &Error{"image-too-large", err}
	case s.Reason == "svg-malformed":
		return &Error{"image-broken", err}
	default:
		return &Error{"image-unsafe", err}
	}
}

// Inspect tells format and size from a picture's bytes without decoding its
// pixels: at most 25 megapixels and 8192 a side. SVG files are parsed whole.
// Errors are *Error.
func Inspect(b []byte) (Info, error) {
	if looksLikeSVG(b) {
		size, err := svg.Measure(b)
		if err != nil {
			return Info{}, refused(err)
		}
		return Info{SVG, int(size.Width + 0.5), int(size.Height + 0.5)}, nil
	}
	c, err := raster.Read(b)
	if err != nil {
		return Info{}, refused(err)
	}
	w, h := c.Width, c.Height
	if orientation(b) > 4 {
		w, h = h, w
	}
	return Info{Type(c.Type), w, h}, nil
}

// CleanSVG rewrites an SVG by allow-list, so that it may be served (still only
// as an image, under a sandbox). Errors are *Error.
func CleanSVG(b []byte) ([]byte, error) {
	out, err := svg.Clean(b)
	return out, refused(err)
}

func looksLikeSVG(b []byte) bool {
	for _, c := range b[:min(len(b), 1024)] {
		switch c {
		case '<':
			return true
		case ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf:
		default:
			return false
		}
	}
	return false
}
