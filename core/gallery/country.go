package gallery

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// The audiences of a place.
const (
	forPublic  = "public"
	forMembers = "members"
	forNobody  = "private"
)

// Place is where a person says that they are, and to whom. A spot on the map is of
// whole degrees, about a hundred kilometres.
type Place struct {
	Country    string // ISO 3166-1 alpha-2, "" for none
	CountryFor string // public, members, private

	Latitude, Longitude int64
	SpotFor             string // public, members, private
}

// parsePlace reads a form. The faults are of kind Invalid, by field.
func parsePlace(get func(string) string) (Place, map[string]string) {
	wrong := map[string]string{}
	p := Place{Country: strings.ToUpper(strings.TrimSpace(get("country"))), CountryFor: get("country_for"), SpotFor: get("spot_for")}
	middle, known := countries[p.Country]
	if p.Country != "" && !known {
		wrong["country"] = "gallery.place.error.country"
	}
	for name, audience := range map[string]string{"country_for": p.CountryFor, "spot_for": p.SpotFor} {
		if audience != forPublic && audience != forMembers && audience != forNobody {
			wrong[name] = "gallery.place.error.audience"
		}
	}
	var ok bool
	if p.Latitude, ok = degrees(get("latitude"), middle.latitude, 90); !ok {
		wrong["latitude"] = "gallery.place.error.latitude"
	}
	if p.Longitude, ok = degrees(get("longitude"), middle.longitude, 180); !ok {
		wrong["longitude"] = "gallery.place.error.longitude"
	}
	if p.SpotFor != forNobody && !known && (get("latitude") == "" || get("longitude") == "") {
		wrong["latitude"] = "gallery.place.error.nowhere"
	}
	return p, wrong
}

// degrees rounds what somebody typed to whole degrees; nothing is the middle of
// the country.
func degrees(s string, middle, most int64) (int64, bool) {
	s = strings.TrimSpace(strings.Replace(s, ",", ".", 1))
	if s == "" {
		return middle, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= -float64(most) && f <= float64(most)) {
		return 0, false
	}
	return int64(f + 0.5*sign(f)), true
}

func sign(f float64) float64 {
	if f < 0 {
		return -1
	}
	return 1
}

// spotValue names a spot in addresses: latitude,longitude.
func spotValue(latitude, longitude int64) string { return fmt.Sprintf("%d,%d", latitude, longitude) }

// spot is a place on the map in whole degrees, north and east.
type spot struct{ latitude, longitude int64 }

// spotOf reads what spotValue writes. What is no spot is a fault of kind Malformed.
func spotOf(value string) (spot, error) {
	a, b, _ := strings.Cut(value, ",")
	latitude, err := strconv.ParseInt(a, 10, 16)
	longitude, err2 := strconv.ParseInt(b, 10, 16)
	s := spot{latitude, longitude}
	if err := errors.Join(err, err2); err != nil || max(latitude, -latitude) > 90 || max(longitude, -longitude) > 180 {
		return spot{}, fault.New(fault.Malformed, "gallery.error.spot").With("spot", clip(value, labelMax)).Wrap(err)
	}
	return s, nil
}

// name writes a spot as people do: 50° N, 8° E.
func (s spot) name(c *web.Ctx) string {
	latitude, longitude := s.latitude, s.longitude
	north, east := "north", "east"
	if latitude < 0 {
		latitude, north = -latitude, "south"
	}
	if longitude < 0 {
		longitude, east = -longitude, "west"
	}
	return c.T("gallery.map."+north, "degrees", strconv.FormatInt(latitude, 10)) + ", " + c.T("gallery.map."+east, "degrees", strconv.FormatInt(longitude, 10))
}

// countryName is the name of a country in the reader's language.
func countryName(c *web.Ctx, code string) string {
	if _, known := countries[code]; !known {
		return code
	}
	return c.T("country." + code)
}

// Country is one in a list.
type Country struct{ Code, Name string }

// allCountries lists the countries by their names.
func allCountries(c *web.Ctx) []Country {
	list := make([]Country, 0, len(countries))
	for code := range countries {
		list = append(list, Country{code, countryName(c, code)})
	}
	slices.SortFunc(list, func(a, b Country) int { return cmp.Compare(db.Fold(a.Name), db.Fold(b.Name)) })
	return list
}
