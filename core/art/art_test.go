package art

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// half is a picture whose left half is red and right half blue.
func half(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 200, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func encoded(t testing.TB, kind Type, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch kind {
	case JPEG:
		err = jpeg.Encode(&out, m, nil)
	case GIF:
		err = gif.Encode(&out, m, nil)
	default:
		err = png.Encode(&out, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// turned puts an EXIF orientation into a JPEG.
func turned(b []byte, orientation byte) []byte {
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
	out := append(bytes.Clone(b[:2]), 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
	return append(append(out, exif...), b[2:]...)
}

// onePixelWebP is a lossless WebP of one pixel.
const onePixelWebP = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

func TestInspect(t *testing.T) {
	for _, c := range []struct {
		name   string
		file   []byte
		want   Info
		reason string
	}{
		{"png", encoded(t, PNG, half(4, 2)), Info{PNG, 4, 2}, ""},
		{"jpeg", encoded(t, JPEG, half(4, 2)), Info{JPEG, 4, 2}, ""},
		{"jpeg held upright", turned(encoded(t, JPEG, half(4, 2)), 6), Info{JPEG, 2, 4}, ""},
		{"gif", encoded(t, GIF, half(4, 2)), Info{GIF, 4, 2}, ""},
		{"webp", []byte(onePixelWebP), Info{WebP, 1, 1}, ""},
		{"svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"/>`), Info{SVG, 4, 2}, ""},
		{"svg with entities", []byte(`<!DOCTYPE svg [<!ENTITY a "b">]><svg/>`), Info{}, "image-unsafe"},
		{"text", []byte("hello"), Info{}, "image-unknown"},
		{"page", []byte("<html></html>"), Info{}, "image-unknown"},
		{"cut", encoded(t, PNG, half(4, 2))[:20], Info{}, "image-broken"},
		{"wide", append([]byte("GIF89a\xff\xff\x01\x00\x00\x00\x00"), 0x3b), Info{}, "image-too-large"},
	} {
		got, err := Inspect(c.file)
		var e *Error
		if c.reason != "" {
			if !errors.As(err, &e) || e.Reason != c.reason {
				t.Errorf("%s: %v, want %s", c.name, err, c.reason)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestThumbnail(t *testing.T) {
	for _, c := range []struct {
		name                     string
		file                     []byte
		fill                     bool
		top, left, right, bottom color.RGBA
	}{
		{name: "wide", file: encoded(t, PNG, half(40, 20)), left: color.RGBA{200, 0, 0, 255}, right: color.RGBA{0, 0, 200, 255}},
		{name: "wide, filled", file: encoded(t, PNG, half(40, 20)), fill: true, left: color.RGBA{200, 0, 0, 255}, right: color.RGBA{0, 0, 200, 255}, top: color.RGBA{200, 0, 0, 255}, bottom: color.RGBA{0, 0, 200, 255}},
		{name: "held upright", file: turned(encoded(t, JPEG, half(64, 64)), 6), top: color.RGBA{200, 0, 0, 255}, bottom: color.RGBA{0, 0, 200, 255}, left: color.RGBA{0, 0, 200, 255}, right: color.RGBA{200, 0, 0, 255}},
		{name: "drawing", file: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path fill="#c80000" d="M0 0h2v2H0z"/><path fill="#0000c8" d="M2 0h2v2H2z"/></svg>`), left: color.RGBA{200, 0, 0, 255}, right: color.RGBA{0, 0, 200, 255}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Thumbnail
			if c.fill {
				f = Portrait
			}
			out, err := f(t.Context(), c.file, 32)
			if err != nil {
				t.Fatal(err)
			}
			m, err := png.Decode(bytes.NewReader(out))
			if err != nil || m.Bounds() != image.Rect(0, 0, 32, 32) {
				t.Fatalf("%v %v", m.Bounds(), err)
			}
			near(t, "left", m.At(3, 17), c.left)
			near(t, "right", m.At(28, 14), c.right)
			near(t, "top", m.At(14, 2), c.top)
			near(t, "bottom", m.At(17, 29), c.bottom)
		})
	}
}

func near(t *testing.T, where string, got color.Color, want color.RGBA) {
	t.Helper()
	r, g, b, a := got.RGBA()
	for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B), int(a>>8) - int(want.A)} {
		if d < -24 || d > 24 {
			t.Errorf("%s: %v, want %v", where, got, want)
			return
		}
	}
}

func TestThumbnailKeepsNoMetadata(t *testing.T) {
	file := turned(encoded(t, JPEG, half(8, 8)), 1)
	file = append(bytes.Clone(file[:2]), append([]byte("\xff\xfe\x00\x0dSECRETPLACE"), file[2:]...)...)
	out, err := Thumbnail(t.Context(), file, 16)
	if err != nil || bytes.Contains(out, []byte("SECRET")) || bytes.Contains(out, []byte("Exif")) {
		t.Errorf("metadata left (%v): %q", err, out)
	}
}

func TestThumbnailEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Thumbnail(ctx, []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"/>`), 16); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzThumbnail(f *testing.F) {
	f.Add(encoded(f, PNG, half(4, 4)))
	f.Add(turned(encoded(f, JPEG, half(4, 4)), 5))
	f.Add([]byte(onePixelWebP))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><linearGradient id="a"><stop offset="1"/></linearGradient><clipPath id="c"><path d="M0 0h9v9z"/></clipPath><filter id="f"><feDropShadow stdDeviation="2"/></filter></defs><g clip-path="url(#c)" opacity=".5"><circle r="5" stroke="url(#a)" stroke-dasharray="1 2"/><text filter="url(#f)">x<tspan dx="1">y</tspan></text></g></svg>`))
	f.Fuzz(func(t *testing.T, file []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if out, err := Thumbnail(ctx, file, 32); err == nil && len(out) == 0 {
			t.Error("no picture and no error")
		}
	})
}

// sharedDir finds the folder of test material beside the checkout, or skips.
func sharedDir(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no module root")
		}
		dir = filepath.Dir(dir)
	}
	shared := filepath.Join(filepath.Dir(dir), "shared")
	if _, err := os.Stat(shared); err != nil {
		t.Skip("no shared test material in this checkout")
	}
	return shared
}

func TestHostilePictures(t *testing.T) {
	dir := filepath.Join(sharedDir(t), "hostile")
	cases, err := os.ReadFile(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Skip(err)
	}
	n, taken := 0, 0
	for line := range strings.Lines(string(cases)) {
		var c struct{ Surface, Name, Demand, File string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if c.Surface != "png" && c.Surface != "svg" || c.File == "" {
			continue
		}
		file, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil {
			continue // made by the tests that need it
		}
		n++
		start := time.Now()
		_, err = Thumbnail(t.Context(), file, 128)
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s took %v", c.Name, d)
		}
		if err == nil {
			taken++
		}
		if err != nil && strings.HasPrefix(c.Name, "pngsuite/") && strings.HasSuffix(c.Name, ".png") && strings.HasPrefix(c.Demand, "accept") {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	t.Logf("%d files, %d became thumbnails", n, taken)
}

func TestVectorArtBecomesThumbnails(t *testing.T) {
	dir := filepath.Join(sharedDir(t), "vectors")
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Skip(err)
	}
	var records []struct{ File, Kind, Expect string }
	if err := json.Unmarshal(raw, &records); err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		// Most of them are of one series; every eighth will do.
		if !strings.HasPrefix(r.Kind, "baked-") || r.Expect != "valid" || strings.HasSuffix(r.File, ".svg") && i%8 != 0 {
			continue
		}
		file, err := os.ReadFile(filepath.Join(dir, r.File))
		if err != nil {
			t.Fatal(err)
		}
		out, err := Thumbnail(t.Context(), file, 64)
		if err != nil || len(out) < 200 {
			t.Errorf("%s: %d bytes, %v", r.File, len(out), err)
		}
	}
}
