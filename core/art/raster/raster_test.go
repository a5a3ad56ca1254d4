package raster

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"testing"
)

func TestReadAndDecode(t *testing.T) {
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file string
		want error
	}{
		{"good", small.String(), nil},
		{"nothing", "", ErrFormat},
		{"text", "hello", ErrFormat},
		{"cut header", small.String()[:20], ErrBroken},
		{"cut pixels", small.String()[:50], ErrBroken},
		{"wide GIF", "GIF89a\xff\xff\x01\x00\x00\x00\x00;", ErrDimensions},
		{"flat GIF", "GIF89a\x00\x00\x01\x00\x00\x00\x00;", ErrDimensions},
	} {
		_, err := Decode([]byte(c.file), MaxPixels)
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := Decode(small.Bytes(), 5); !errors.Is(err, ErrDimensions) {
		t.Errorf("a picture over the caller's limit: %v", err)
	}
}
