package gallery

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// PlacePage is the page "gallery/place": where a person says that they are.
type PlacePage struct {
	Country, CountryFor, SpotFor string
	Latitude, Longitude          string
	Countries                    []Country
	Errors                       map[string]string
}

// Meta titles the page.
func (PlacePage) Meta() web.Meta { return web.Meta{Title: "gallery.place.title", NoIndex: true} }

func (g *Gallery) place(c *web.Ctx) error {
	p, err := getPlace(c.Context(), g.base.Read(), c.Viewer().Person)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	page := PlacePage{Country: p.Country, CountryFor: p.CountryFor, SpotFor: p.SpotFor, Countries: allCountries(c)}
	if err != nil {
		page.CountryFor, page.SpotFor = forPublic, forNobody
	} else if p.SpotFor != forNobody {
		page.Latitude, page.Longitude = strconv.FormatInt(p.Latitude, 10), strconv.FormatInt(p.Longitude, 10)
	}
	return c.Render("gallery/place", page)
}

func (g *Gallery) setPlace(c *web.Ctx) error {
	me := c.Viewer().Person
	if err := c.Limit("place", strconv.FormatInt(me, 10), 60, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	p, wrong := parsePlace(form.Get)
	if len(wrong) > 0 {
		return c.RenderStatus(http.StatusUnprocessableEntity, "gallery/place", PlacePage{
			Country: clip(form.Get("country"), 10), CountryFor: clip(form.Get("country_for"), 10), SpotFor: clip(form.Get("spot_for"), 10),
			Latitude: clip(form.Get("latitude"), 20), Longitude: clip(form.Get("longitude"), 20), Countries: allCountries(c), Errors: wrong,
		})
	}
	if err := g.SetPlace(c.Context(), me, p); err != nil {
		return err
	}
	c.Flash(web.Done, "gallery.place.saved")
	return c.Redirect("/settings/map")
}

// SetPlace keeps where a person says that they are. A spot that nobody sees is not kept.
func (g *Gallery) SetPlace(ctx context.Context, person int64, p Place) error {
	if p.SpotFor == forNobody {
		p.Latitude, p.Longitude = 0, 0
	}
	return g.base.Tx(ctx, func(tx *db.Tx) error { return putPlace(ctx, tx, person, p) })
}
