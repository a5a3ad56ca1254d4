package art

import (
	"context"
	"errors"
	"fmt"
	"image"

	"golang.org/x/image/draw"

	"github.com/osier-passport/osier/core/art/paint"
)

// ProfileInput is what the preview card of a person shows. Texts are whole and
// in the reader's language ("12 badges"); empty ones are left out.
type ProfileInput struct {
	Portrait []byte // the person's picture; a monogram stands in
	Seed     string // stable id that chooses the monogram's colour
	Name     string
	Handle   string
	Count    string
	Arts     [][]byte // of public badges, the first six are shown
	Site     string
	Colors   CardColors
}

// ProfileCard draws the preview card of a person, like Card.
func ProfileCard(ctx context.Context, in ProfileInput) ([]byte, error) {
	done, err := soon(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	c := card{Canvas: paint.NewCanvas(CardWidth, CardHeight), colors: in.Colors.orDefault(), fonts: paint.Embedded()}
	c.ground()
	arts, err := pictures(ctx, in.Arts, 138)
	if err != nil {
		return nil, fmt.Errorf("draw profile card: %w", err)
	}
	left, width := 110.0, 980.0
	if len(arts) > 0 {
		left, width = 96, 450
		c.grid(arts)
	}
	c.brand(readable(in.Site), left, safeTop+34, width)
	if err := c.portrait(ctx, in, paint.Box{X: left, Y: 160, W: 132, H: 132}); err != nil {
		return nil, fmt.Errorf("draw profile card: %w", err)
	}
	name := readable(in.Name)
	if name == "" {
		name = readable(in.Handle)
	}
	size, lines := c.title(name, width)
	if len(lines) > 2 {
		size, lines = 50, c.fonts.SerifBold.Wrap(name, 50, width, 2)
	}
	y := 322 + size*0.78
	for _, line := range lines {
		c.set(c.fonts.SerifBold, line, size, paint.Point{X: left - 2, Y: y}, c.colors.Ink)
		y += size * 1.12
	}
	sans, bold := c.fonts.Sans, c.fonts.SansBold
	c.set(sans, sans.Fit(readable(in.Handle), 30, width), 30, paint.Point{X: left, Y: y - size*0.78 + 44}, c.colors.Muted)
	c.set(bold, bold.Fit(readable(in.Count), 30, width), 30, paint.Point{X: left, Y: safeBottom - 9}, c.colors.Accent)
	return c.encode()
}

// pictures decodes up to six badges and leaves out those it cannot.
func pictures(ctx context.Context, arts [][]byte, size int) ([]*image.RGBA, error) {
	var out []*image.RGBA
	for _, b := range arts {
		if len(out) == 6 {
			break
		}
		m, err := fitted(ctx, b, size, false)
		var e *Error
		switch {
		case err == nil:
			out = append(out, m)
		case !errors.As(err, &e):
			return nil, err
		}
	}
	return out, nil
}

// grid lays badges on their plates, three in a row or four in a square.
func (c card) grid(arts []*image.RGBA) {
	const plate, gap, left = 162, 18, 594
	columns := 3
	if len(arts) == 4 {
		columns = 2
	}
	rows := (len(arts) + columns - 1) / columns
	top := (CardHeight - 10 - rows*plate - (rows-1)*gap) / 2
	for i, m := range arts {
		row, n := i/columns, min(columns, len(arts)-i/columns*columns)
		x := left + (3-n)*(plate+gap)/2 + i%columns*(plate+gap)
		y := top + row*(plate+gap)
		box := paint.Rect(paint.Box{X: float64(x), Y: float64(y), W: plate, H: plate}, 14, 14)
		c.Fill(box, paint.Solid(c.colors.Plate))
		c.Stroke(box, paint.Stroke{Width: 1.5}, paint.Solid(c.colors.Line))
		c.place(m, image.Pt(x+12, y+12))
	}
}

// portrait lays the person's picture as a disc.
func (c card) portrait(ctx context.Context, in ProfileInput, at paint.Box) error {
	if len(in.Portrait) > 0 {
		m, err := fitted(ctx, in.Portrait, int(at.W), true)
		if err == nil {
			disc := paint.Mask(paint.Circle(at.X+at.W/2, at.Y+at.H/2, at.W/2), paint.NonZero, c.Rect)
			layer := paint.NewCanvas(c.Size())
			draw.Draw(layer.RGBA, m.Rect.Add(image.Pt(int(at.X), int(at.Y))), m, image.Point{}, draw.Src)
			c.Lay(layer, 1, disc)
			return nil
		}
		if _, ok := errors.AsType[*Error](err); !ok {
			return err
		}
	}
	monogram(c.Canvas, in.Name, in.Seed, at)
	return nil
}
