package core

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestExploreByWords: badges by name and by issuer, people and pages by name, page after
// page and with a search; and what a person of a name shows, but for what they keep
// their name from.
func TestExploreByWords(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, zoe, anybody := p.member("ada"), p.member("zoe"), p.visitor()
		alder, willow := newSigner(t, "Alder school"), newSigner(t, "Willow school")
		take := func(v *visitor, s signer, name string) string {
			t.Helper()
			id := v.take(t, s, s.badge(name, v.person.Handle+"@people.test"))
			v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
			return id
		}
		take(ada, willow, "Carving")
		take(zoe, alder, "Élan")
		nameless := take(zoe, willow, "Baskets")
		take(zoe, alder, "Zinc")
		for _, f := range []folio{ada.folio("Beta"), zoe.folio("alpha")} {
			f.post(f.path+"/sharing", "visibility", "public").is(t, 303)
		}
		for v, audience := range map[*visitor]string{ada: "members", zoe: "public"} {
			v.post("/settings/map", "country", "DE", "country_for", audience, "latitude", "", "longitude", "", "spot_for", "private").is(t, 303)
		}
		p.indexed()
		names := func(path string) []string {
			t.Helper()
			a := anybody.get("/explore?"+path).is(t, 200)
			return append(append(a.names(t, ".badge-grid h3"), a.names(t, ".folio-tile-name")...), a.names(t, ".rows-plate .person-name")...)
		}
		for path, want := range map[string][]string{
			"tab=badges&sort=name":                      {"Baskets", "Carving", "Élan", "Zinc"},
			"tab=badges&sort=issuer":                    {"Élan", "Zinc", "Baskets", "Carving"},
			"tab=badges&sort=name&q=school":             {"Baskets", "Carving", "Élan", "Zinc"},
			"tab=badges&sort=issuer&q=willow":           {"Baskets", "Carving"},
			"tab=people&sort=name":                      {"ada", "zoe"},
			"tab=people&sort=name&country=DE":           {"zoe"},
			"tab=people&q=ada&country=DE":               {},
			"tab=people&q=ada&country=DE&sort=name":     {},
			"tab=people&q=zoe&country=DE":               {"zoe"},
			"tab=pages&sort=name":                       {"alpha", "Beta"},
			"tab=badges&holder=ada":                     {"Carving"},
			"tab=badges&holder=@ad":                     {},
			"tab=badges&holder=zoe&sort=name":           {"Baskets", "Élan", "Zinc"},
			"tab=badges&holder=zoe&sort=issuer&q=alder": {"Élan", "Zinc"},
			"tab=badges&holder=nobody":                  {},
			"tab=pages&owner=@zoe":                      {"alpha"},
		} {
			if got := names(path); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
		issuer := p.texts(`SELECT public_id FROM issuer WHERE name = 'Willow school'`)[0]
		if got := names("tab=badges&sort=name&issuer=" + issuer); !slices.Equal(got, []string{"Baskets", "Carving"}) {
			t.Errorf("of one issuer by name: %q", got)
		}
		carving := p.count(`SELECT d.id FROM search_doc d JOIN badge_class c ON c.id = d.object WHERE d.kind = 'class' AND c.name = 'Carving'`)
		last := strconv.FormatInt(int64(carving), 36)
		for _, sort := range []string{"name", "issuer"} {
			if got := names("tab=badges&sort=" + sort + "&after=0." + last); sort == "name" && !slices.Equal(got, []string{"Élan", "Zinc"}) || sort == "issuer" && len(got) != 0 {
				t.Errorf("%s behind Carving: %q", sort, got)
			}
		}
		hidden := p.count(`SELECT d.id FROM search_doc d JOIN person p ON p.id = d.object WHERE d.kind = 'person' AND p.handle = 'ada'`)
		p.write(`UPDATE search_doc SET public = 0, name = 'm' WHERE id = $1`, hidden)
		if got := names("tab=people&sort=name&after=0." + strconv.FormatInt(int64(hidden), 36)); !slices.Equal(got, []string{"zoe"}) {
			t.Errorf("behind somebody whom visitors do not find: %q", got)
		}
		if got := names("tab=badges&sort=name&after=0." + strconv.FormatInt(int64(hidden), 36)); len(got) != 4 {
			t.Errorf("the place of a name that is not shown among others tells it: %q", got)
		}
		zoe.post("/b/"+nameless+"/visibility", "show_name", "0").is(t, 303)
		p.indexed()
		if got := names("tab=badges&holder=zoe&sort=name"); strings.Join(got, " ") != "Élan Zinc" {
			t.Errorf("a badge without its holder's name is found by it: %q", got)
		}
		anybody.get("/explore?tab=people&spot=abc").is(t, 400)
	})
}
