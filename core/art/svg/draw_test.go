package svg

import (
	"context"
	"errors"
	"image/color"
	"testing"
	"time"
)

func TestDraw(t *testing.T) {
	red, blue, none, white := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}, color.RGBA{}, color.RGBA{255, 255, 255, 255}
	const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">`
	// The picture is 40 pixels wide: four to a unit. Samples are in units.
	for _, c := range []struct {
		name, body string
		at         [2]float64
		want       color.RGBA
	}{
		{"rect", `<rect x="2" y="2" width="4" height="4" fill="red"/>`, [2]float64{4, 4}, red},
		{"beside it", `<rect x="2" y="2" width="4" height="4" fill="red"/>`, [2]float64{8, 8}, none},
		{"percent", `<rect width="100%" height="50%" fill="#f00"/>`, [2]float64{9, 4}, red},
		{"stroke", `<path d="M0 5H10" stroke="red" stroke-width="2"/>`, [2]float64{5, 5.5}, red},
		{"even-odd", `<path fill-rule="evenodd" fill="red" d="M0 0H10V10H0ZM3 3H7V7H3Z"/>`, [2]float64{5, 5}, none},
		{"non-zero", `<path fill="red" d="M0 0H10V10H0ZM3 3H7V7H3Z"/>`, [2]float64{5, 5}, red},
		{"current colour", `<g color="red"><rect width="9" height="9" fill="currentColor"/></g>`, [2]float64{5, 5}, red},
		{"hsl", `<rect width="9" height="9" fill="hsl(240, 100%, 50%)"/>`, [2]float64{5, 5}, blue},
		{"transform", `<rect transform="translate(5 5) rotate(45) scale(2)" x="-1" y="-1" width="2" height="2" fill="red"/>`, [2]float64{5, 2.6}, red},
		{"use and symbol", `<symbol id="s" viewBox="0 0 1 1"><rect width="1" height="1" fill="red"/></symbol><use href="#s" x="5" y="5" width="5" height="5"/>`, [2]float64{9, 9}, red},
		{"linear gradient", `<linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="0.5" stop-color="red"/><stop offset="0.5" stop-color="blue"/></linearGradient><rect width="10" height="10" fill="url(#g)"/>`, [2]float64{7, 5}, blue},
		{"gradient by reference", `<linearGradient id="h"><stop stop-color="red"/></linearGradient><radialGradient id="g" href="#h"/><rect width="10" height="10" fill="url(#g)"/>`, [2]float64{7, 5}, red},
		{"missing server", `<rect width="10" height="10" fill="url(#none) blue"/>`, [2]float64{7, 5}, blue},
		{"clip", `<clipPath id="c"><rect width="5" height="10"/></clipPath><rect width="10" height="10" fill="red" clip-path="url(#c)"/>`, [2]float64{7, 5}, none},
		{"within the clip", `<clipPath id="c"><rect width="5" height="10"/></clipPath><rect width="10" height="10" fill="red" clip-path="url(#c)"/>`, [2]float64{3, 5}, red},
		{"clip by box", `<clipPath id="c" clipPathUnits="objectBoundingBox"><rect width=".5" height="1"/></clipPath><rect width="10" height="10" fill="red" clip-path="url(#c)"/>`, [2]float64{7, 5}, none},
		{"mask", `<mask id="m"><rect width="5" height="10" fill="white"/></mask><rect width="10" height="10" fill="red" mask="url(#m)"/>`, [2]float64{7, 5}, none},
		{"within the mask", `<mask id="m"><rect width="5" height="10" fill="white"/></mask><rect width="10" height="10" fill="red" mask="url(#m)"/>`, [2]float64{3, 5}, red},
		{"opacity", `<rect width="10" height="10" fill="white"/><g opacity="0"><rect width="10" height="10" fill="red"/></g>`, [2]float64{5, 5}, white},
		{"hidden", `<rect width="10" height="10" fill="red" display="none"/><rect width="10" height="10" fill="red" visibility="hidden"/>`, [2]float64{5, 5}, none},
		{"text", `<text x="5" y="10" font-size="14" text-anchor="middle" font-weight="bold" fill="red">I</text>`, [2]float64{5, 5}, red},
		{"style sheet", `<style>.a{fill:red}</style><circle class="a" cx="5" cy="5" r="4"/>`, [2]float64{5, 5}, red},
		{"nested svg", `<svg x="5" y="5" width="5" height="5" viewBox="0 0 1 1"><rect width="1" height="1" fill="red"/></svg>`, [2]float64{8, 8}, red},
		{"picture", `<image width="10" height="10" href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="/>`, [2]float64{5, 5}, red},
		{"drop shadow", `<filter id="f"><feDropShadow dx="4" dy="0" stdDeviation="0" flood-color="blue"/></filter><rect width="3" height="10" fill="red" filter="url(#f)"/>`, [2]float64{5, 5}, blue},
		{"merged filter", `<filter id="f"><feGaussianBlur stdDeviation="0.1" result="b"/><feMerge><feMergeNode in="b"/><feMergeNode in="SourceGraphic"/></feMerge></filter><rect width="10" height="10" fill="red" filter="url(#f)"/>`, [2]float64{5, 5}, red},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Draw(t.Context(), []byte(head+c.body+"</svg>"), 40)
			if err != nil {
				t.Fatal(err)
			}
			got := m.RGBAAt(int(c.at[0]*4), int(c.at[1]*4))
			for _, d := range []int{int(got.R) - int(c.want.R), int(got.G) - int(c.want.G), int(got.B) - int(c.want.B), int(got.A) - int(c.want.A)} {
				if d < -12 || d > 12 {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestDrawEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	if _, err := Draw(ctx, []byte(open+`<rect width="1" height="1"/></svg>`), 8); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func FuzzDraw(f *testing.F) {
	f.Add(`<rect width="1e3%" rx="9" stroke="red" stroke-dasharray="1 2" transform="skewX(4) matrix(1 2 3 4 5 6)"/>`)
	f.Add(`<linearGradient id="a"><stop offset=".1" stop-color="hsl(1 2% 3%/.4)"/></linearGradient><g opacity=".5" clip-path="url(#b)" mask="url(#c)"><text fill="url(#a)" dx="1">x</text></g><clipPath id="b"><use href="#d"/></clipPath><mask id="c"><path id="d" d="M0 0t4 5"/></mask>`)
	f.Fuzz(func(t *testing.T, body string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := Draw(ctx, []byte(open+body+"</svg>"), 24); err != nil && ctx.Err() != nil {
			t.Errorf("took too long: %v", err)
		}
	})
}
