package gallery

import (
	"strings"
	"testing"
)

// TestTheMapHasNoWayOut: wherever one goes, what is seen lies on the picture, each way
// leads to another part of it, and one that would not is closed.
func TestTheMapHasNoWayOut(t *testing.T) {
	for _, w := range []mapWindow{{180, 72, 1}, {0, 0, 2}, {360, 144, 4}, {177, 30, 8}, {-500, 900, 8}} {
		w = w.within()
		wide, high := w.size()
		if w.x-wide/2 < 0 || w.x+wide/2 > mapWide || w.y-high/2 < 0 || w.y+high/2 > mapHigh {
			t.Errorf("%+v shows more than there is", w)
		}
		for _, way := range w.ways() {
			if way.URL == w.url() {
				t.Errorf("%+v: %s leads nowhere", w, way.Name)
			}
		}
	}
	open := func(w mapWindow) (names []string) {
		for _, way := range w.within().ways() {
			if way.URL != "" {
				names = append(names, way.Name)
			}
		}
		return names
	}
	for _, c := range []struct {
		at   mapWindow
		want string
	}{
		{mapWindow{180, 72, 1}, "in"},
		{mapWindow{180, 72, zoomMost}, "out west north south east"},
		{mapWindow{0, 0, 4}, "in out south east"},
		{mapWindow{360, 144, 4}, "in out west north"},
	} {
		if got := strings.Join(open(c.at), " "); got != c.want {
			t.Errorf("from %+v one goes %s, want %s", c.at, got, c.want)
		}
	}
}

// TestTheMapNamesCountriesThatAreNear and no place that somebody gave.
func TestTheMapNamesCountriesThatAreNear(t *testing.T) {
	p := MapPage{Dots: []Dot{{X: 177, Y: 30, Label: "United Kingdom", count: 3}, {X: 177, Y: 30, Label: "54° N, 3° W", Spot: true, count: 1}}}
	p.look(mapWindow{180, 72, 1})
	if p.Near || p.Dots[0].Name != "" {
		t.Errorf("the whole world has names: %+v", p)
	}
	far := p.Dots[0].Radius
	p.look(mapWindow{177, 30, 8}.within())
	if !p.Near || p.Dots[0].Name != "United Kingdom" || p.Dots[1].Name != "" || p.Dots[0].Radius == far {
		t.Errorf("near: %+v", p)
	}
}
