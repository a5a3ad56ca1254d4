package art

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/osier-passport/osier/core/art/paint"
)

func decoded(t testing.TB, b []byte, w, h int) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds() != image.Rect(0, 0, w, h) {
		t.Fatalf("size %v, want %d by %d", m.Bounds(), w, h)
	}
	return m
}

func TestGalleryHasDistinctBadges(t *testing.T) {
	seen := map[string]string{}
	specs, keys := map[Spec]bool{}, map[string]bool{}
	for i, s := range Gallery() {
		if shapes[s.Spec.Shape].draw == nil || palettes[s.Spec.Palette] == (palette{}) || icons[s.Spec.Icon] == nil && s.Spec.Letters == "" || s.Spec.Pattern != "" && patterns[s.Spec.Pattern] == nil {
			t.Errorf("%s: the spec names something unknown: %+v", s.Key, s.Spec)
		}
		if specs[s.Spec] || keys[s.Key] {
			t.Errorf("%s: named or drawn twice", s.Key)
		}
		specs[s.Spec], keys[s.Key] = true, true
		if i%8 != 0 {
			continue
		}
		b, err := Badge(s.Spec)
		if err != nil {
			t.Fatal(err)
		}
		decoded(t, b, badgeSide, badgeSide)
		if other := seen[string(b)]; other != "" {
			t.Errorf("%s looks like %s", s.Key, other)
		}
		seen[string(b)] = s.Key
	}
}

func TestEveryShapeAndPatternDraws(t *testing.T) {
	specs := []Spec{{}, {Letters: "Überlang", Ring: "round and round and round and round and round", Banner: "a banner that is too long", Stars: 9}}
	all := PatternNames()
	for i, n := range ShapeNames() {
		specs = append(specs, Spec{Shape: n, Pattern: all[i%len(all)], Letters: "A", Banner: "x", Stars: 2})
	}
	if testing.Short() {
		specs = specs[:3]
	}
	for _, s := range specs {
		m := drawBadge(s)
		if m.RGBAAt(0, 0).A != 0 || m.RGBAAt(256, 300).A != 255 {
			t.Errorf("%+v: corner or middle is wrong", s)
		}
	}
}

func TestIconsStayOnTheirField(t *testing.T) {
	for name, parts := range icons {
		for _, p := range parts {
			outline := p.outline(paint.Identity())
			lo, hi := outline.Bounds()
			if outline.Empty() || lo.X < -6 || lo.Y < -6 || hi.X > 106 || hi.Y > 106 {
				t.Errorf("%s: a part reaches from %v to %v", name, lo, hi)
			}
		}
	}
}

func TestMonogram(t *testing.T) {
	for name, want := range map[string]string{"Ada Lovelace": "AL", "zoë": "Z", "Jean-Luc O'Neil": "JO", "": "", " !": "", "Anna Maria Berg": "AB"} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"Ada", "李小龍", ""} {
		b, err := Monogram(name, "seed", 96)
		if err != nil {
			t.Fatal(err)
		}
		m := decoded(t, b, 96, 96)
		if _, _, _, a := m.At(0, 0).RGBA(); a != 0 {
			t.Errorf("%q: the corner is not transparent", name)
		}
	}
}

func TestPlaceholder(t *testing.T) {
	a, err := Placeholder(t.Context(), "Bike repair", "1")
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, a, badgeSide, badgeSide)
	if b, err := Placeholder(t.Context(), "Bike repair", "2"); err != nil || bytes.Equal(a, b) {
		t.Errorf("another seed gives the same picture (%v)", err)
	}
}

// noise is a picture that compresses badly.
func noise(side int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func TestCard(t *testing.T) {
	long := "A very long name of a badge that goes on and on, over many lines, and does not end where one would wish it to end, at all"
	for _, c := range []struct {
		name string
		in   CardInput
	}{
		{"empty", CardInput{}},
		{"plain", CardInput{Name: "Bike repair", Issuer: "Issued by Riverside", Earner: "Awarded to Ada", Date: "May 2026", Verified: "Verified", Site: "Osier"}},
		{"long", CardInput{Name: long, Issuer: long, Earner: long, Date: long, Verified: long, Site: long}},
		{"one word", CardInput{Name: "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung"}},
		{"no letters for it", CardInput{Name: "自然観察", Issuer: "محمد", Site: "Osier"}},
		{"broken art", CardInput{Name: "X", Art: []byte("\x89PNG\r\n\x1a\nbroken")}},
		{"rich art", CardInput{Name: "X", Art: encoded(t, PNG, noise(500))}},
		{"drawing", CardInput{Name: "X", Art: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h2v2z"/></svg>`)}},
		{"own colours", CardInput{Name: "X", Colors: CardColors{Ground: color.NRGBA{1, 2, 3, 255}}}},
	} {
		b, err := Card(t.Context(), c.in)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		decoded(t, b, CardWidth, CardHeight)
		if len(b) > maxCard {
			t.Errorf("%s: %d bytes", c.name, len(b))
		}
		if c.name != "rich art" && c.name != "plain" {
			continue
		}
		again, err := Card(t.Context(), c.in)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: a second card differs (%v)", c.name, err)
		}
	}
}

func TestProfileCard(t *testing.T) {
	art := encoded(t, PNG, half(64, 64))
	for n := range 5 {
		in := ProfileInput{Name: "Ada Okonkwo", Handle: "@ada", Count: "12 badges", Site: "Osier", Seed: "1"}
		for range n {
			in.Arts = append(in.Arts, art)
		}
		if n%2 == 1 {
			in.Portrait = encoded(t, JPEG, half(300, 200))
			in.Arts[0] = []byte("broken")
		}
		b, err := ProfileCard(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		decoded(t, b, CardWidth, CardHeight)
		if len(b) > maxCard {
			t.Errorf("%d bytes", len(b))
		}
	}
}

func TestCardEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Card(ctx, CardInput{Name: "X", Art: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"/>`)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkThumbnail(b *testing.B) {
	file, err := Badge(Gallery()[0].Spec)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Thumbnail(b.Context(), file, 256); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCard(b *testing.B) {
	file, err := Badge(Gallery()[0].Spec)
	if err != nil {
		b.Fatal(err)
	}
	in := CardInput{Art: file, Name: "Bike repair volunteer", Issuer: "Issued by Riverside", Earner: "Awarded to Ada", Verified: "Verified", Site: "Osier"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Card(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBadge(b *testing.B) {
	for b.Loop() {
		if _, err := Badge(Gallery()[4].Spec); err != nil {
			b.Fatal(err)
		}
	}
}
