package gallery

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// kindPlace is the kind of items that this feature finds in an archive.
const kindPlace = "place"

// Returns says what of this feature's part of an archive comes back. Of what explore
// knows, words and visits are made anew.
func (g *Gallery) Returns() []archive.Return {
	return []archive.Return{{Document: "explore", Kinds: []string{kindPlace}}}
}

// place reads what was exported by the rules of the form; false for what cannot be.
func (e exportedPlace) place() (Place, bool) {
	fields := map[string]string{
		"country": e.Country, "country_for": e.CountryFor, "spot_for": e.SpotFor,
		"latitude": strconv.FormatInt(e.Latitude, 10), "longitude": strconv.FormatInt(e.Longitude, 10),
	}
	p, wrong := parsePlace(func(name string) string { return fields[name] })
	if p.SpotFor == forNobody {
		p.Latitude, p.Longitude = 0, 0
	}
	return p, len(wrong) == 0
}

// Plan gives where somebody said that they are.
func (g *Gallery) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var e exported
	if err := a.JSON("explore/explore.json", &e); err != nil || e.Place == nil {
		return err
	}
	item := archive.Item{Kind: kindPlace, Title: archive.Clip(e.Place.Country), Source: "explore/explore.json", State: archive.Add}
	p, ok := e.Place.place()
	now, err := getPlace(ctx, g.base.Read(), person)
	switch {
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return err
	case !ok:
		item.State, item.Reason = archive.Refused, "gallery.place.error.country"
	case err == nil && now == p:
		item.State = archive.Known
	}
	return archive.AddWith(add, item, p)
}

// OnlyMe shows the place to nobody.
func (g *Gallery) OnlyMe(item archive.Item) (archive.Item, error) {
	var p Place
	if err := json.Unmarshal(item.Data, &p); err != nil {
		return item, err
	}
	p.CountryFor = forNobody
	if p.SpotFor != forNobody {
		p.SpotFor, p.Latitude, p.Longitude = forNobody, 0, 0
	}
	var err error
	item.Data, err = json.Marshal(p)
	return item, err
}

// Restore keeps a place.
func (g *Gallery) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var p Place
	if err := json.Unmarshal(item.Data, &p); err != nil {
		return item, err
	}
	item.State = archive.Done
	return item, putPlace(ctx, tx, person, p)
}
