package core

import (
	"strings"
	"testing"
)

// secretPlace is where somebody says that they are, in a state.
type secretPlace struct {
	handle  string // whose
	country string // code
	name    string // of the country, which nobody else names
	at      string // latitude,longitude of the spot
	told    string // to whom: public, members, private
	spotFor string
	seenBy  string // who may find it: all, members, unblocked, nobody
}

var secretPlaces = []secretPlace{
	{"holder", "IS", "Iceland", "63,-21", "public", "members", "all"},
	{"shown", "FJ", "Fiji", "-17,177", "members", "members", "members"},
	{"former", "VU", "Vanuatu", "-15,166", "private", "private", "nobody"},
	{"hidden", "TV", "Tuvalu", "-8,179", "public", "public", "nobody"},
	{"disabled", "NR", "Nauru", "-1,167", "public", "public", "nobody"},
	{"erased", "PW", "Palau", "7,134", "public", "public", "nobody"},
	{"young", "KI", "Kiribati", "1,173", "public", "public", "nobody"},
	{"loner", "TO", "Tonga", "-21,-175", "public", "public", "nobody"}, // may not be found; nobody under age is either
	{"blocker", "BB", "Barbados", "13,-59", "public", "public", "unblocked"},
}

// tellPlaces has people say where they are, while all may still see them.
func (s *scene) tellPlaces() {
	all := map[string]*visitor{"holder": s.holder, "former": s.former}
	for _, p := range secretPlaces {
		v := all[p.handle]
		if v == nil {
			v = s.people[p.handle]
		}
		latitude, longitude, _ := strings.Cut(p.at, ",")
		v.post("/settings/map", "country", p.country, "country_for", p.told, "latitude", latitude, "longitude", longitude, "spot_for", p.spotFor).is(s.t, 303)
	}
}

func mayPlace(kind, seenBy string) bool {
	switch seenBy {
	case "all":
		return true
	case "members":
		return kind != "anon"
	case "unblocked":
		return kind != "blocked"
	}
	return false
}

// placePaths asks explore for what is at each place.
func placePaths(s *scene) []string {
	var list []string
	for _, p := range secretPlaces {
		for _, tab := range []string{"people", "badges"} {
			list = append(list, "/explore?tab="+tab+"&country="+p.country)
		}
		list = append(list, "/explore?tab=people&spot="+p.at, "/explore?tab=people&country="+p.country+"&spot="+p.at)
	}
	return list
}

// lookAtPlaces finds nobody at a place that is for others, and the place named on no
// page that they did not ask for.
func (s *scene) lookAtPlaces(t *testing.T, kind string, v *visitor, a answer, text string) {
	t.Helper()
	onMap := a.name == "GET /map"
	if !onMap && !strings.HasPrefix(a.name, "GET /explore") {
		return
	}
	asked := strings.Contains(a.name, "&country=") || strings.Contains(a.name, "&spot=")
	for _, p := range secretPlaces {
		may := mayPlace(kind, p.seenBy)
		if !asked && !may && (strings.Contains(text, p.name) || strings.Contains(text, "country="+p.country)) {
			t.Errorf("%s finds the place of %s: %s", kind, p.handle, a.name)
		}
		if onMap && may && !strings.Contains(text, p.name) {
			t.Errorf("%s does not find the place of %s on the map", kind, p.handle)
		}
		spot := strings.HasSuffix(a.name, "&spot="+p.at)
		if v.person.Handle == p.handle {
			continue // their own menu names them on each page
		}
		there := spot || strings.HasSuffix(a.name, "tab=people&country="+p.country)
		if there && (!may || spot && p.spotFor == "members" && kind == "anon") && strings.Contains(text, `"/@`+p.handle+`"`) {
			t.Errorf("%s finds %s by the place: %s", kind, p.handle, a.name)
		}
	}
}
