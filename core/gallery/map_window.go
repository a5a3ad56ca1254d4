package gallery

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// The picture of the world is 360 degrees wide and 144 high. zoomMost shows a country
// of usual size; places are whole degrees, so there is nothing to see beyond.
const (
	mapWide  = 360
	mapHigh  = 144
	zoomMost = 8
)

// MapWay leads to another part of the picture; without an address there is nothing that way.
type MapWay struct {
	Name string // in, out, west, north, south, east
	URL  string
}

// mapWindow is the part of the picture that is looked at: its middle, in degrees from the
// upper left corner, and how many times it is enlarged, a power of two.
type mapWindow struct {
	x, y float64
	zoom int
}

// window reads what part of the map is asked for. What cannot be read is the whole; an
// enlarged one without a middle is that of the most, which is where a community is at home.
func window(c *web.Ctx, dots []Dot) mapWindow {
	w := mapWindow{x: mapWide / 2, y: mapHigh / 2, zoom: 1}
	n, err := strconv.Atoi(c.Query("zoom"))
	if err != nil || n <= 1 {
		return w
	}
	for w.zoom < min(n, zoomMost) {
		w.zoom *= 2
	}
	if at, err := spotOf(c.Query("at")); err == nil {
		w.x, w.y = float64(at.longitude+180), float64(mapTop-at.latitude)
	} else if len(dots) > 0 {
		most := slices.MaxFunc(dots, func(a, b Dot) int { return cmp.Compare(a.count, b.count) })
		w.x, w.y = float64(most.X), float64(most.Y)
	}
	return w.within()
}

// within moves the window so that all of it is on the picture.
func (w mapWindow) within() mapWindow {
	wide, high := w.size()
	w.x = min(max(w.x, wide/2), mapWide-wide/2)
	w.y = min(max(w.y, high/2), mapHigh-high/2)
	return w
}

func (w mapWindow) size() (wide, high float64) {
	return mapWide / float64(w.zoom), mapHigh / float64(w.zoom)
}

func (w mapWindow) url() string {
	if w.zoom <= 1 {
		return "/map"
	}
	at := strconv.Itoa(mapTop-int(math.Round(w.y))) + "," + strconv.Itoa(int(math.Round(w.x))-180)
	return badge.PathWith("/map", "zoom", strconv.Itoa(w.zoom), "at", at)
}

// look sets what is seen of the picture: marks keep about their size on the screen, and
// countries have their names as soon as there is room.
func (p *MapPage) look(w mapWindow) {
	wide, high := w.size()
	p.View = fmt.Sprintf("%.2f %.2f %.2f %.2f", w.x-wide/2, w.y-high/2, wide, high)
	p.Near = w.zoom > 1
	letter := 5 / float64(w.zoom)
	p.Letter = strconv.FormatFloat(letter, 'f', 2, 64)
	scale := math.Pow(float64(w.zoom), 0.85)
	for i := range p.Dots {
		d := &p.Dots[i]
		r := min(2+1.4*math.Log1p(float64(d.count)), 12) / scale // larger where more is
		d.Radius = strconv.FormatFloat(r, 'f', 2, 64)
		if w.zoom > 2 && !d.Spot {
			d.Name, d.Below = d.Label, strconv.FormatFloat(float64(d.Y)+r+letter, 'f', 2, 64)
		}
	}
	p.Ways = w.ways()
}

// ways are the steps from here; those that lead nowhere have no address.
func (w mapWindow) ways() []MapWay {
	wide, high := w.size()
	near := mapWindow{w.x, w.y, w.zoom * 2}
	far := mapWindow{w.x, w.y, w.zoom / 2}
	list := []MapWay{{"in", near.url()}, {"out", far.within().url()}}
	if w.zoom == 1 {
		list[0].URL = badge.PathWith("/map", "zoom", "4") // where the most is
		list[1].URL = ""
	}
	if w.zoom >= zoomMost {
		list[0].URL = ""
	}
	for _, step := range []struct {
		name string
		x, y float64
	}{{"west", -wide / 3, 0}, {"north", 0, -high / 3}, {"south", 0, high / 3}, {"east", wide / 3, 0}} {
		way := MapWay{Name: step.name}
		if to := (mapWindow{w.x + step.x, w.y + step.y, w.zoom}).within(); to != w {
			way.URL = to.url()
		}
		list = append(list, way)
	}
	return list
}
