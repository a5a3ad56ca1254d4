package raster

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
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

// pngHeader is the beginning of a PNG (PNG §11.2.1).
func pngHeader(side uint32, depth, kind, interlace byte) string {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, side), side)
	b = append(b, depth, kind, 0, 0, interlace)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:])))
}

// jpegHeader is the beginning of a JPEG with a frame of a kind (ITU-T T.81 §B.2.2).
func jpegHeader(side uint16, frame byte) string {
	b := append([]byte("\xff\xd8\xff\xe0\x00\x04ab\xff"), frame, 0, 17, 8)
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, side), side)
	return string(b) + "\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01" + "\xff\xda\x00\x0c"
}

// TestDecodersHaveTheirPrice: what costs a decoder more memory may have fewer pixels.
func TestDecodersHaveTheirPrice(t *testing.T) {
	const truecolour, alpha, grey = 2, 6, 0
	for _, c := range []struct {
		name string
		file string
		want error
	}{
		{"usual", pngHeader(5000, 8, alpha, 0), nil},
		{"deep", pngHeader(5000, 16, alpha, 0), ErrDimensions},
		{"deep without alpha", pngHeader(5000, 16, truecolour, 0), ErrDimensions},
		{"deep grey", pngHeader(5000, 16, grey, 0), ErrDimensions},
		{"deep and smaller", pngHeader(3500, 16, alpha, 0), nil},
		{"interlaced", pngHeader(5000, 8, alpha, 1), ErrDimensions},
		{"interlaced and smaller", pngHeader(3500, 8, alpha, 1), nil},
		{"deep and interlaced", pngHeader(3500, 16, alpha, 1), ErrDimensions},
		{"photograph", jpegHeader(5000, 0xc0), nil},
		{"progressive photograph", jpegHeader(5000, 0xc2), ErrDimensions},
		{"progressive and smaller", jpegHeader(3100, 0xc2), nil},
	} {
		if _, err := Read([]byte(c.file)); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
