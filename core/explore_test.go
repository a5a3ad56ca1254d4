package core

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
)

// explored is a community of two people: one shows a badge and where they are, the
// other shows nothing.
func explored(t *testing.T, p *passport) (ada *visitor, class string) {
	t.Helper()
	ada = p.member("ada")
	hidden := p.member("zebulon")
	issuer := newSigner(t, "Willow College")
	c := issuer.badge("Data weaving", "ada@people.test")
	c.Tags = []string{"Weaving"}
	c.Alignments = []openbadge.Alignment{{Name: "Analyse data", URL: "http://data.europa.eu/esco/skill/42", Framework: "ESCO", Code: "S42"}}
	ada.post("/b/"+ada.take(t, issuer, c)+"/visibility", "visibility", "public").is(t, 303)
	secret := newSigner(t, "Occult order")
	s := secret.badge("Whispering", "zebulon@people.test")
	s.Tags = []string{"Occult"}
	s.Alignments = []openbadge.Alignment{{Name: "Levitation", URL: "https://own.test/l1", Framework: "Own", Code: "L1"}}
	id := hidden.take(t, secret, s)
	hidden.post("/b/"+id+"/visibility", "visibility", "link").is(t, 303)
	ada.post("/settings/map", "country", "DE", "country_for", "public", "latitude", "50,6", "longitude", "8", "spot_for", "public").is(t, 303)
	hidden.post("/settings/map", "country", "FR", "country_for", "private", "latitude", "", "longitude", "", "spot_for", "private").is(t, 303)
	p.indexed()
	return ada, p.texts(`SELECT public_id FROM badge_class WHERE name = 'Data weaving'`)[0]
}

// TestExploring goes where a visitor goes.
func TestExploring(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, class := explored(t, p)
		skill := p.texts(`SELECT public_id FROM facet WHERE kind = 'skill' AND label = 'Analyse data'`)[0]
		v := p.visitor()
		for path, says := range map[string]string{
			"/explore?tab=badges":                      "/c/" + class,
			"/explore?tab=badges&tag=weaving":          "/c/" + class,
			"/explore?tab=badges&country=DE&sort=held": "/c/" + class,
			"/explore?tab=badges&q=weavng":             "/c/" + class,
			"/explore?tab=people&country=DE":           "/@ada",
			"/explore?tab=people&spot=51%2C8":          "/@ada",
			"/explore?tab=issuers&q=willow":            "Willow College",
			"/explore?tab=skills":                      "/skills/" + skill,
			"/search?q=dta+weaving":                    "weaving",
			"/search?q=lovel+ada":                      "Nothing found",
			"/search?q=analyse":                        "/skills/" + skill,
			"/skills":                                  "Analyse data",
			"/skills?scheme=esco":                      "Analyse data",
			"/skills?q=analise":                        "Analyse data",
			"/skills/" + skill:                         "/c/" + class,
			"/map":                                     "Germany",
		} {
			if a := v.get(path).is(t, 200); !strings.Contains(string(a.body), says) {
				t.Errorf("%s does not say %q", path, says)
			}
		}
		for _, path := range []string{
			"/explore?tab=badges", "/explore?tab=badges&tag=occult", "/explore?tab=people", "/explore?tab=issuers", "/explore?tab=skills", "/search?q=occult",
			"/search?q=ocult", "/search?q=zebulon", "/search?q=zebuln", "/skills", "/skills?scheme=other", "/skills?q=levitation", "/map", "/explore",
		} {
			for _, who := range []*visitor{v, ada} {
				body := string(who.get(path).is(t, 200).body)
				for _, secret := range []string{"Whispering", "Occult order", ">Occult<", "Levitation", "/@zebulon", "France"} {
					if strings.Contains(body, secret) {
						t.Errorf("%s tells %s of %q", path, who.person.Handle, secret)
					}
				}
			}
		}
		ada.post("/settings/hidden", "action", "hide").is(t, 303)
		p.indexed()
		v.get("/skills/"+skill).is(t, 404)
		for _, path := range []string{"/explore?tab=badges", "/map", "/skills", "/search?q=weaving"} {
			if body := string(v.get(path).is(t, 200).body); strings.Contains(body, "Data weaving") || strings.Contains(body, "Germany") || strings.Contains(body, "Analyse") {
				t.Errorf("%s shows what is hidden", path)
			}
		}
		if n := p.count(`SELECT count(*) FROM search_doc`); n != 0 {
			t.Errorf("%d documents of what nobody shows", n)
		}
	})
}

// TestExploreOfMembers is closed to visitors where the site says so.
func TestExploreOfMembers(t *testing.T) {
	p := startPassport(t, options{})
	p.write(`INSERT INTO setting (name, value, changed_at) VALUES ('site.explore', 'members', 1)`)
	ada, class := explored(t, p)
	skill := p.texts(`SELECT public_id FROM facet WHERE kind = 'skill'`)[0]
	for _, path := range []string{"/explore?tab=badges", "/search?q=weaving", "/skills", "/map"} {
		if body := string(p.visitor().get(path).is(t, 200).body); strings.Contains(body, "/c/"+class) || strings.Contains(body, "Germany") || strings.Contains(body, skill) {
			t.Errorf("%s is open", path)
		}
		ada.get(path).is(t, 200)
	}
	p.visitor().get("/skills/"+skill).is(t, 404)
}

// TestPlaces: what is typed is kept in whole degrees, and mistakes are told.
func TestPlaces(t *testing.T) {
	p := startPassport(t, options{})
	v := p.member("ada")
	for _, wrong := range [][]string{
		{"country", "XX", "country_for", "public", "spot_for", "private"},
		{"country", "DE", "country_for", "all", "spot_for", "private"},
		{"country", "DE", "country_for", "public", "spot_for", "public", "latitude", "91", "longitude", "0"},
		{"country", "DE", "country_for", "public", "spot_for", "public", "latitude", "NaN", "longitude", "0"},
		{"country", "", "country_for", "public", "spot_for", "public", "latitude", "", "longitude", ""},
	} {
		v.post("/settings/map", wrong...).is(t, 422)
	}
	for want, right := range map[string][]string{
		"DE 51 10 public":   {"country", "de", "country_for", "public", "spot_for", "public", "latitude", "", "longitude", ""},
		"FR -34 19 members": {"country", "FR", "country_for", "members", "spot_for", "members", "latitude", "-33.9", "longitude", "18,6"},
		" 0 0 private":      {"country", "", "country_for", "private", "spot_for", "private", "latitude", "12", "longitude", "12"},
	} {
		v.post("/settings/map", right...).is(t, 303)
		if got := p.texts(`SELECT country || ' ' || latitude || ' ' || longitude || ' ' || spot_for FROM explore_place`)[0]; got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
}

// TestNews counts what came since the last visit.
func TestNews(t *testing.T) {
	p := startPassport(t, options{})
	v := p.member("reader")
	v.get("/explore").is(t, 200)
	explored(t, p)
	p.write(`UPDATE explore_visit SET at = at - 3600000000`)
	if body := string(v.get("/explore").is(t, 200).body); !strings.Contains(body, "1 new badge") {
		t.Error("no news")
	}
}
