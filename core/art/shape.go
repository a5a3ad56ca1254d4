package art

import (
	"image/color"
	"math"
	"math/rand/v2"

	"github.com/osier-passport/osier/core/art/paint"
)

// shape is the outline of a badge and where things go on it. Outlines are
// drawn about the origin.
type shape struct {
	draw    func(r float64) paint.Path
	behind  func(*press) // what hangs behind it, may be nil
	center  paint.Point
	middle  paint.Point // where the emblem stands
	room    float64     // width and height for the emblem
	bannerY float64     // top of the banner
	round   bool        // whether text can run around it
}

var centered = paint.Point{X: 256, Y: 252}

func plain(draw func(float64) paint.Path, room float64) shape {
	return shape{draw: draw, center: centered, middle: centered, room: room, bannerY: 338}
}

func round(draw func(float64) paint.Path, room float64) shape {
	s := plain(draw, room)
	s.round = true
	return s
}

func raised(s shape, up float64) shape {
	s.middle.Y -= up
	return s
}

var shapes = map[string]shape{
	"circle":   round(func(r float64) paint.Path { return paint.Circle(0, 0, r) }, 255),
	"rosette":  round(wavy(18, 0.035), 235),
	"burst":    round(func(r float64) paint.Path { return paint.Rounded(8, paint.Star(24, paint.Point{}, r*1.03, r*0.93)...) }, 233),
	"flower":   plain(petals(8), 227),
	"clover":   plain(petals(4), 235),
	"hexagon":  plain(polygon(6, 0, 1.06, 26), 249),
	"octagon":  plain(polygon(8, math.Pi/8, 1.05, 22), 260),
	"nut":      plain(polygon(6, math.Pi/6, 1.08, 26), 249),
	"diamond":  plain(polygon(4, 0, 1.14, 44), 216),
	"triangle": raised(shape{draw: triangle, center: paint.Point{X: 256, Y: 252}, middle: paint.Point{X: 256, Y: 292}, room: 192, bannerY: 360}, 0),
	"shield":   raised(plain(shield, 244), 16),
	"crest":    raised(plain(crest, 227), 10),
	"arch":     plain(arch, 242),
	"squircle": plain(squircle, 268),
	"ticket":   plain(ticket, 249),
	"leaf":     plain(leafShape, 244),
	"star":     raised(shape{draw: starShape, center: paint.Point{X: 256, Y: 268}, middle: paint.Point{X: 256, Y: 280}, room: 190, bannerY: 372}, 0),
	"pennant":  raised(plain(pennant, 227), 30),
	"medal": {
		draw: func(r float64) paint.Path { return wavy(24, 0.022)(r * 0.8) }, behind: tails,
		center: paint.Point{X: 256, Y: 212}, middle: paint.Point{X: 256, Y: 212}, room: 200, bannerY: 300, round: true,
	},
}

// wavy is a circle with n soft waves.
func wavy(n int, depth float64) func(float64) paint.Path {
	return func(r float64) paint.Path {
		var p paint.Path
		const steps = 720
		for i := range steps {
			a := 2 * math.Pi * float64(i) / steps
			q := r * (1 - depth + depth*math.Cos(float64(n)*a))
			x, y := q*math.Sin(a), -q*math.Cos(a)
			if i == 0 {
				p.MoveTo(x, y)
			} else {
				p.LineTo(x, y)
			}
		}
		p.Close()
		return p
	}
}

// petals is n round petals about a disc.
func petals(n int) func(float64) paint.Path {
	return func(r float64) paint.Path {
		p := paint.Circle(0, 0, r*0.7)
		away := r * 0.62
		size := r * math.Sin(math.Pi/float64(n)) * 0.86
		if n < 6 {
			away, size = r*0.5, r*0.52
		}
		for _, c := range paint.Regular(n, paint.Point{}, away, math.Pi/float64(n)) {
			p.Append(paint.Circle(c.X, c.Y, size))
		}
		return p
	}
}

func polygon(n int, turn, grow, corner float64) func(float64) paint.Path {
	return func(r float64) paint.Path {
		return paint.Rounded(corner*r/226, paint.Regular(n, paint.Point{}, r*grow, turn)...)
	}
}

func triangle(r float64) paint.Path {
	pts := paint.Regular(3, paint.Point{Y: r * 0.24}, r*1.24, 0)
	return paint.Rounded(r*0.34, pts...)
}

// unit draws path data made for a radius of 100.
func unit(data string) func(float64) paint.Path {
	p := paint.MustPath(data)
	return func(r float64) paint.Path { return p.Transform(paint.Scale(r/100, r/100)) }
}

var (
	shield   = unit("M0-98C-26-82-56-76-82-76Q-88-76-88-70V-6C-88 46-48 82 0 102C48 82 88 46 88-6V-70Q88-76 82-76C56-76 26-82 0-98Z")
	crest    = unit("M-84-92H84Q92-92 92-84C82-62 80-46 86-22C96 26 52 72 8 96Q0 102-8 96C-52 72-96 26-86-22C-80-46-82-62-92-84Q-92-92-84-92Z")
	arch     = unit("M-84 88V-6C-84-58-46-98 0-98C46-98 84-58 84-6V88Q84 98 74 98H-74Q-84 98-84 88Z")
	ticket   = unit("M-78-92H78A14 14 0 0 0 92-78V78A14 14 0 0 0 78 92H-78A14 14 0 0 0-92 78V-78A14 14 0 0 0-78-92Z")
	leafBase = unit("M-92-34C-92-70-70-92-34-92H84Q92-92 92-84V34C92 70 70 92 34 92H-84Q-92 92-92 84Z")
	pennant  = unit("M-76-94H76Q84-94 84-86V90Q84 104 73 95L6 54Q0 50-6 54L-73 95Q-84 104-84 90V-86Q-84-94-76-94Z")
)

func leafShape(r float64) paint.Path { return leafBase(r) }

func starShape(r float64) paint.Path {
	return paint.Rounded(r*0.13, paint.Star(5, paint.Point{}, r*1.16, r*0.66)...)
}

func squircle(r float64) paint.Path {
	var p paint.Path
	const steps = 240
	for i := range steps {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / steps)
		x := math.Copysign(math.Pow(math.Abs(cos), 0.5), cos) * r * 0.93
		y := math.Copysign(math.Pow(math.Abs(sin), 0.5), sin) * r * 0.93
		if i == 0 {
			p.MoveTo(x, y)
		} else {
			p.LineTo(x, y)
		}
	}
	p.Close()
	return p
}

// tails are the two ribbons that hang from a medal.
func tails(p *press) {
	c := p.colors
	for _, side := range []float64{-1, 1} {
		tail := paint.Polygon(paint.Point{X: -46, Y: 0}, paint.Point{X: 46, Y: 0}, paint.Point{X: 46, Y: 196}, paint.Point{X: 0, Y: 166}, paint.Point{X: -46, Y: 196})
		m := paint.Translate(256+side*62, 292).Mul(paint.Rotate(-side * 0.22))
		at := tail.Transform(m)
		p.Shadow(at, paint.Point{Y: 8}, 7, color.NRGBA{40, 30, 16, 80})
		p.Fill(at, paint.Solid(paint.Mix(c.face, c.deep, 0.3)))
		stripe := paint.Polygon(paint.Point{X: -13, Y: 0}, paint.Point{X: 13, Y: 0}, paint.Point{X: 13, Y: 174}, paint.Point{X: 0, Y: 166}, paint.Point{X: -13, Y: 174})
		p.Fill(stripe.Transform(m), paint.Solid(c.rim))
	}
}

// patterns draw the background of a face; the caller cuts them to it.
var patterns = map[string]func(*press, paint.Canvas){
	"rays":   rays,
	"rings":  rings,
	"dots":   dots,
	"hills":  hills,
	"stripe": stripes,
	"waves":  waves,
	"spark":  spark,
	"grid":   grid,
}

func rays(p *press, to paint.Canvas) {
	c := p.emblemPlace()
	for i := range 16 {
		a := 2 * math.Pi * (float64(i) + 0.5) / 16
		pts := []paint.Point{c}
		for _, d := range []float64{-math.Pi / 32, math.Pi / 32} {
			sin, cos := math.Sincos(a + d)
			pts = append(pts, paint.Point{X: c.X + 420*sin, Y: c.Y - 420*cos})
		}
		to.Fill(paint.Polygon(pts...), paint.Radial(c, 250, paint.Stop{Color: paint.Alpha(white, 0.3)}, paint.Stop{At: 1, Color: paint.Alpha(white, 0.06)}))
	}
}

// emblemPlace is the middle of the emblem, for patterns about it.
func (p *press) emblemPlace() paint.Point {
	if p.Banner != "" {
		return paint.Point{X: p.middle.X, Y: p.middle.Y - 24}
	}
	return p.middle
}

func rings(p *press, to paint.Canvas) {
	c := p.emblemPlace()
	for i := 5; i > 0; i-- {
		to.Fill(paint.Circle(c.X, c.Y, 52*float64(i)), paint.Solid(paint.Alpha(white, 0.07)))
	}
}

func dots(_ *press, to paint.Canvas) {
	for y := range 20 {
		for x := range 20 {
			cx, cy := float64(x)*28+float64(y%2)*14, float64(y)*25
			to.Fill(paint.Circle(cx, cy, 2.5+5.5*max(0, (cy-230)/280)), paint.Solid(paint.Alpha(white, 0.13)))
		}
	}
}

func hills(p *press, to paint.Canvas) {
	c := p.colors
	to.Fill(paint.Circle(366, 150, 52), paint.Solid(paint.Alpha(white, 0.2)))
	for i, d := range []string{
		"M0 512V330Q90 250 180 318T360 300T560 340V512Z",
		"M0 512V390Q120 300 240 372T470 350T600 400V512Z",
		"M0 512V440Q140 384 270 424T560 420V512Z",
	} {
		to.Fill(paint.MustPath(d), paint.Solid(paint.Mix(c.face, c.deep, 0.28+0.24*float64(i))))
	}
}

func stripes(_ *press, to paint.Canvas) {
	for i := range 14 {
		x := float64(i)*64 - 256
		to.Fill(paint.Polygon(paint.Point{X: x, Y: 512}, paint.Point{X: x + 32, Y: 512}, paint.Point{X: x + 288}, paint.Point{X: x + 256}), paint.Solid(paint.Alpha(white, 0.085)))
	}
}

func waves(p *press, to paint.Canvas) {
	for i := range 5 {
		y := 300 + 42*float64(i)
		d := paint.Path{}
		d.MoveTo(-40, y)
		for x := -40.0; x < 560; x += 80 {
			d.QuadTo(x+20, y-26, x+40, y)
			d.QuadTo(x+60, y+26, x+80, y)
		}
		d.LineTo(560, 520)
		d.LineTo(-40, 520)
		d.Close()
		to.Fill(d, paint.Solid(paint.Alpha(p.colors.deep, 0.24)))
	}
}

// spark strews small stars and dots, the same ones each time.
func spark(p *press, to paint.Canvas) {
	random := rand.New(rand.NewPCG(7, 20))
	next := func(n float64) float64 { return random.Float64() * n }
	for i := range 70 {
		x, y := next(512), next(512)
		if i%5 == 0 {
			to.Fill(paint.Rounded(1, paint.Star(4, paint.Point{X: x, Y: y}, 13, 3.2)...), paint.Solid(paint.Alpha(p.colors.spot, 0.85)))
		} else {
			to.Fill(paint.Circle(x, y, 1.5+next(3)), paint.Solid(paint.Alpha(white, 0.4)))
		}
	}
}

func grid(_ *press, to paint.Canvas) {
	for i := range 17 {
		at := float64(i) * 32
		to.Fill(paint.Rect(paint.Box{X: at, W: 2, H: 512}, 0, 0), paint.Solid(paint.Alpha(white, 0.14)))
		to.Fill(paint.Rect(paint.Box{Y: at, W: 512, H: 2}, 0, 0), paint.Solid(paint.Alpha(white, 0.14)))
	}
}
