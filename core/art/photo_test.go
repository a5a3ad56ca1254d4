package art

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// corner is a picture of 40 x 20 whose left upper quarter is red.
func corner(alpha uint8) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	for y := range 20 {
		for x := range 40 {
			c := color.NRGBA{0, 0, 255, alpha}
			if x < 20 && y < 10 {
				c = color.NRGBA{255, 0, 0, alpha}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t *testing.T, orientation byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, corner(255), nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("\xff\xe1\x00\x2cExif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(orientation) + "\x00\x00secretplace!")
	exif[3] = byte(len(exif) - 2)
	return append(append([]byte("\xff\xd8"), exif...), out.Bytes()[2:]...)
}

func TestPhotoTurnsUprightAndDropsMetadata(t *testing.T) {
	// where the red quarter is, for each orientation: right and low halves
	for orientation, want := range map[byte][2]bool{1: {false, false}, 2: {true, false}, 3: {true, true}, 4: {false, true}, 5: {false, false}, 6: {true, false}, 7: {true, true}, 8: {false, true}} {
		p, err := Photo(t.Context(), asJPEG(t, orientation), 1000)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(p.Data))
		if err != nil || p.Type != JPEG || bytes.Contains(p.Data, []byte("secretplace")) || bytes.Contains(p.Data, []byte("Exif")) {
			t.Fatalf("orientation %d: %s, %v", orientation, p.Type, err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if (w < h) != (orientation > 4) || w != p.Width || h != p.Height {
			t.Errorf("orientation %d: %d x %d, said %d x %d", orientation, w, h, p.Width, p.Height)
		}
		x, y := w/4, h/4
		if want[0] {
			x = w - w/4
		}
		if want[1] {
			y = h - h/4
		}
		if r, _, b, _ := m.At(x, y).RGBA(); r < b {
			t.Errorf("orientation %d: the red quarter is elsewhere", orientation)
		}
	}
}

// TestABarePhotoStaysAsItIs: what was drawn anew before is not drawn again; what
// has anything beside its pixels is.
func TestABarePhotoStaysAsItIs(t *testing.T) {
	first, err := Photo(t.Context(), asJPEG(t, 1), 100)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Photo(t.Context(), first.Data, 100)
	if err != nil || !bytes.Equal(first.Data, again.Data) {
		t.Errorf("a bare photo changed, %v", err)
	}
	for name, data := range map[string][]byte{
		"bytes behind the end": append(bytes.Clone(first.Data), "<script>"...),
		"a comment":            append([]byte("\xff\xd8\xff\xfe\x00\x0c<script>!!"), first.Data[2:]...),
	} {
		p, err := Photo(t.Context(), data, 100)
		if err != nil || bytes.Contains(p.Data, []byte("<script>")) {
			t.Errorf("%s: kept, %v", name, err)
		}
	}
}

func TestPhotoKindsAndSizes(t *testing.T) {
	var glass, moving bytes.Buffer
	if err := png.Encode(&glass, corner(100)); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(&moving, corner(255), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		side int
		want Picture
	}{
		"png":            {glass.Bytes(), 100, Picture{Type: PNG, Width: 40, Height: 20}},
		"gif":            {moving.Bytes(), 100, Picture{Type: PNG, Width: 40, Height: 20}},
		"scaled":         {glass.Bytes(), 10, Picture{Type: PNG, Width: 10, Height: 5}},
		"scaled, turned": {asJPEG(t, 6), 10, Picture{Type: JPEG, Width: 5, Height: 10}},
	} {
		got, err := Photo(t.Context(), c.data, c.side)
		if err != nil || got.Type != c.want.Type || got.Width != c.want.Width || got.Height != c.want.Height {
			t.Errorf("%s: %s %d x %d, %v", name, got.Type, got.Width, got.Height, err)
		}
	}
	for _, bad := range []string{"", "text", "\x89PNG\r\n\x1a\n", "<svg xmlns='http://www.w3.org/2000/svg'/>"} {
		if _, err := Photo(t.Context(), []byte(bad), 100); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
