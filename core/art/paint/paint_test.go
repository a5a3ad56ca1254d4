package paint

import (
	"errors"
	"image"
	"math"
	"strings"
	"testing"
)

// area is how many pixels a shape covers.
func area(p Path, rule Rule) float64 {
	m := Mask(p, rule, image.Rect(0, 0, 100, 100))
	if m == nil {
		return 0
	}
	sum := 0
	for _, v := range m.Pix {
		sum += int(v)
	}
	return float64(sum) / 255
}

func TestAreas(t *testing.T) {
	line := func(s Stroke, data string) Path { return s.Outline(MustPath(data), 1) }
	twice := Rect(Box{10, 10, 40, 40}, 0, 0)
	twice.Append(Rect(Box{20, 20, 20, 20}, 0, 0))
	for _, c := range []struct {
		name string
		path Path
		rule Rule
		want float64
	}{
		{"square", Rect(Box{10, 10, 20, 20}, 0, 0), NonZero, 400},
		{"between pixels", Rect(Box{10.5, 10.25, 20, 20}, 0, 0), NonZero, 400},
		{"cut at the edge", Rect(Box{-50, -50, 60, 60}, 0, 0), NonZero, 100},
		{"outside", Rect(Box{200, 0, 60, 60}, 0, 0), NonZero, 0},
		{"circle", Circle(50, 50, 30), NonZero, math.Pi * 900},
		{"round corners", Rect(Box{10, 10, 40, 40}, 10, 10), NonZero, 1600 - 400 + math.Pi*100},
		{"arc", MustPath("M20 50A30 30 0 1 1 80 50A30 30 0 1 1 20 50Z"), NonZero, math.Pi * 900},
		{"hole", twice, EvenOdd, 1200},
		{"no hole", twice, NonZero, 1600},
		{"butt line", line(Stroke{Width: 4}, "M10 50H60"), NonZero, 200},
		{"square line", line(Stroke{Width: 4, Cap: SquareCap}, "M10 50H60"), NonZero, 216},
		{"round line", line(Stroke{Width: 4, Cap: RoundCap}, "M10 50H60"), NonZero, 200 + math.Pi*4},
		{"mitred square", line(Stroke{Width: 4}, "M20 20H60V60H20Z"), NonZero, 44*44 - 36*36},
		{"mitred the other way", line(Stroke{Width: 4}, "M20 20V60H60V20Z"), NonZero, 44*44 - 36*36},
		{"bevelled square", line(Stroke{Width: 4, Join: BevelJoin}, "M20 20H60V60H20Z"), NonZero, 44*44 - 36*36 - 8},
		{"dashes", line(Stroke{Width: 4, Dash: []float64{5, 5}}, "M10 50H60"), NonZero, 100},
		{"dashes that start late", line(Stroke{Width: 4, Dash: []float64{5}, DashOffset: 5}, "M10 50H60"), NonZero, 100},
		{"not a number", Rect(Box{math.NaN(), 0, 1, 1}, 0, 0), NonZero, 0},
		{"endless", Rect(Box{math.Inf(-1), 0, math.Inf(1), 1}, 0, 0), NonZero, 0},
	} {
		if got := area(c.path, c.rule); math.Abs(got-c.want) > 0.01*c.want+0.6 {
			t.Errorf("%s: %.1f, want %.1f", c.name, got, c.want)
		}
	}
}

func TestParsePath(t *testing.T) {
	for data, want := range map[string]string{
		"M1 2L3 4z":                       "m1,2 l3,4 z",
		"m1 2 3 4 5 6":                    "m1,2 l4,6 l9,12",
		"M0 0h1v2H3V4":                    "m0,0 l1,0 l1,2 l3,2 l3,4",
		"M0-1.5.5e1-2":                    "m0,-1.5 l0.5e1,-2",
		"M0 0Q1 1 2 0T4 0":                "m0,0 q1,1 2,0 q3,-1 4,0",
		"M0 0C1 1 2 1 3 0S5-1 6 0":        "m0,0 c1,1 2,1 3,0 c4,-1 5,-1 6,0",
		"M1 1zm2 2l1 1":                   "m1,1 z m3,3 l4,4",
		"M0 0a1 1 0 014 0a1 1 0 0 1 0 0z": "",
	} {
		got, err := ParsePath(data)
		if err != nil {
			t.Errorf("%s: %v", data, err)
		}
		if want == "" {
			continue
		}
		if expect := plainPath(t, want); !equal(got, expect) {
			t.Errorf("%s: %v, want %v", data, got, expect)
		}
	}
	for _, data := range []string{"L1 1", "M1", "M0 0L1 1 x", "M0 0A1 1 0 5 1 2 2", "M0 0z1 1", "M0 0L" + strings.Repeat("9", 400) + " 1"} {
		if _, err := ParsePath(data); !errors.Is(err, ErrPathData) {
			t.Errorf("%.20s: %v", data, err)
		}
	}
}

// plainPath reads "m1,2 l3,4 c1,2 3,4 5,6 z", all absolute.
func plainPath(t *testing.T, s string) Path {
	t.Helper()
	p, err := ParsePath(strings.ToUpper(s))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func equal(a, b Path) bool {
	if string(verbBytes(a)) != string(verbBytes(b)) || len(a.points) != len(b.points) {
		return false
	}
	for i := range a.points {
		if math.Hypot(a.points[i].X-b.points[i].X, a.points[i].Y-b.points[i].Y) > 1e-9 {
			return false
		}
	}
	return true
}

func verbBytes(p Path) []byte {
	out := make([]byte, 0, len(p.verbs))
	for _, v := range p.verbs {
		out = append(out, byte(v))
	}
	return out
}

func TestText(t *testing.T) {
	f := Embedded().Serif
	if w := f.Width("Badge", 40); w < 80 || w > 120 {
		t.Errorf("width %v", w)
	}
	if f.Covers("Zażółć Ελλάς привет") != 1 || f.Covers("自然") != 0 || f.Covers("") != 1 {
		t.Error("coverage is wrong")
	}
	lines := f.Wrap("one two three four five six seven eight nine ten", 30, 200, 2)
	if len(lines) != 2 || !strings.HasSuffix(lines[1], "…") {
		t.Errorf("lines %q", lines)
	}
	for _, line := range append(lines, f.Wrap(strings.Repeat("x", 100), 30, 200, 3)...) {
		if w := f.Width(line, 30); w > 200 {
			t.Errorf("%q is %v wide", line, w)
		}
	}
	if got := f.Fit("short", 30, 200); got != "short" {
		t.Errorf("got %q", got)
	}
}

func TestGradients(t *testing.T) {
	a, b := RGB(0x000000), RGB(0xffffff)
	g := Linear(Point{0, 0}, Point{100, 0}, Stop{0, a}, Stop{1, b})
	r := Radial(Point{50, 50}, 50, Stop{0, a}, Stop{1, b})
	for _, c := range []struct {
		got  byte
		want byte
	}{
		{g.At(-10, 0).R, 0},
		{g.At(50, 9).R, 128},
		{g.At(500, 0).R, 255},
		{r.At(50, 50).R, 0},
		{r.At(75, 50).R, 128},
		{r.At(50, 200).R, 255},
	} {
		if d := int(c.got) - int(c.want); d < -1 || d > 1 {
			t.Errorf("got %d, want %d", c.got, c.want)
		}
	}
}

func TestLayAndBlur(t *testing.T) {
	below, top := NewCanvas(10, 10), NewCanvas(10, 10)
	below.Fill(Rect(Box{0, 0, 10, 10}, 0, 0), Solid(RGB(0xffffff)))
	top.Fill(Rect(Box{0, 0, 5, 10}, 0, 0), Solid(RGB(0x000000)))
	below.Lay(top, 0.5, nil)
	if l, r := below.RGBAAt(1, 1), below.RGBAAt(8, 8); l.R < 126 || l.R > 129 || l.A != 255 || r.R != 255 {
		t.Errorf("left %v, right %v", l, r)
	}
	top.Blur(2)
	if mid := top.RGBAAt(5, 5).A; mid < 60 || mid > 190 {
		t.Errorf("the blurred edge is %d", mid)
	}
}

func FuzzOutline(f *testing.F) {
	f.Add("M0 0C1 1 2 1 3 0S5-1 6 0a1 2 3 0 1 4 5z", 2.0, 3.0)
	f.Fuzz(func(t *testing.T, data string, width, dash float64) {
		p, err := ParsePath(data)
		if err != nil && !errors.Is(err, ErrPathData) {
			t.Error(err)
		}
		outline := Stroke{Width: width, Dash: []float64{dash}, Join: RoundJoin}.Outline(p, 1)
		Mask(outline, NonZero, image.Rect(0, 0, 32, 32))
		Mask(p, EvenOdd, image.Rect(0, 0, 32, 32))
	})
}
