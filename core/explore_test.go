package core

import (
	"net/url"
	"regexp"
	"slices"
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

// TestPagesAreFound by who may see them, with their tags, and by nobody else: those
// that are behind a link or a password are in no list and no number, not even for
// their owner.
func TestPagesAreFound(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, reader, anybody := p.member("ada"), p.member("reader"), p.visitor()
		f := ada.folio("Baskets of willow")
		f.add("text", "text", "How I learned to **twine** the rods.")
		f.add("contact", "text", "Write to me", "mail", "ada@people.test")
		f.post(f.path+"/head", "title", "Baskets of willow", "style", "willow", "tags", "Handwerk", "rev", "1").is(t, 303)
		ada.post("/settings/map", "country", "DE", "country_for", "public", "latitude", "", "longitude", "", "spot_for", "private").is(t, 303)
		for _, v := range []struct {
			form []string
			who  []*visitor // who finds it
		}{
			{[]string{"visibility", "public"}, []*visitor{anybody, reader, ada}},
			{[]string{"visibility", "members"}, []*visitor{reader, ada}},
			{[]string{"visibility", "link"}, nil},
			{[]string{"visibility", "public", "password", "a secret of ours"}, nil},
			{[]string{"visibility", "private", "no_password", "1"}, nil},
			{[]string{"visibility", "public"}, []*visitor{anybody, reader, ada}},
		} {
			f.post(f.path+"/sharing", v.form...).is(t, 303)
			p.indexed()
			for _, who := range []*visitor{anybody, reader, ada} {
				for _, path := range []string{
					"/explore?tab=pages", "/explore?tab=pages&tag=handwerk", "/explore?tab=pages&country=DE", "/explore?tab=pages&q=willow+ada", "/explore?tab=pages&q=baskts",
					"/explore?tab=pages&q=twine&sort=newest", "/search?q=handwerk",
				} {
					a := who.get(path).is(t, 200)
					if want, got := slices.Contains(v.who, who), len(a.all(t, `.folio-tile-name a[href="`+f.view()+`"]`)) == 1; want != got {
						t.Errorf("%q: %s finds it for %q: %v", v.form, path, who.person.Handle, got)
					}
					if !slices.Contains(v.who, who) && strings.Contains(string(a.body), "Handwerk") {
						t.Errorf("%q: %s tells %q of its tag", v.form, path, who.person.Handle)
					}
				}
				for _, path := range []string{"/explore?tab=pages&q=people.test", "/search?q=" + "Write"} {
					if a := who.get(path).is(t, 200); len(a.all(t, ".folio-tile")) != 0 {
						t.Errorf("%s finds how to reach somebody", path)
					}
				}
			}
		}
		if n := p.count(`SELECT count(*) FROM facet WHERE of = 'page' AND kind = 'tag' AND public = 1`); n != 1 {
			t.Errorf("%d tags of pages", n)
		}
		anybody.get("/skills?scheme=tag").is(t, 200).hasNot(t, "Handwerk")
		if reader.get("/feed?kind=pages").is(t, 200); len(reader.get("/feed?kind=pages").all(t, ".event")) != 0 {
			t.Error("pages of somebody who is not followed")
		}
		reader.post("/@ada/follow", "action", "follow").is(t, 303)
		if got := len(reader.get("/feed?kind=pages").is(t, 200).all(t, `.event-line a[href="`+f.view()+`"]`)); got != 1 {
			t.Errorf("the feed of pages tells %d times of it", got)
		}
		if got := len(reader.get("/feed?kind=badges").is(t, 200).all(t, `.event-line a[href="`+f.view()+`"]`)); got != 0 {
			t.Error("the feed of badges tells of a page")
		}
	})
}

// TestPeopleWithTheSameBadges: who shows what the reader holds stands first, and what
// is not shown by name counts for nothing.
func TestPeopleWithTheSameBadges(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		issuer := newSigner(t, "Willow College")
		one, two := issuer.badge("Weaving", ""), issuer.badge("Dyeing", "")
		give := func(v *visitor, c openbadge.Credential, visibility string) string {
			mine := issuer.badge(c.Name, v.person.Handle+"@people.test")
			mine.AchievementID, mine.Description, mine.CriteriaText = c.AchievementID, c.Description, c.CriteriaText
			id := v.take(t, issuer, mine)
			v.post("/b/"+id+"/visibility", "visibility", visibility).is(t, 303)
			return id
		}
		me, both, some, silent := p.member("reader"), p.member("both"), p.member("some"), p.member("silent")
		give(me, one, "private")
		give(me, two, "private")
		give(both, one, "public")
		give(both, two, "members")
		give(some, two, "public")
		give(silent, one, "private")
		p.indexed()
		list := func(v *visitor) string {
			return strings.Join(v.get("/explore?tab=people&sort=common").is(t, 200).names(t, ".explore-found .person"), "|")
		}
		if got := list(me); !regexp.MustCompile(`(?s)both.*2 in common.*some.*1 in common`).MatchString(got) || strings.Contains(got, "silent") {
			t.Errorf("in common with me: %s", got)
		}
		if got := list(silent); !strings.Contains(got, "both") || strings.Contains(got, "some") || strings.Contains(got, "reader") {
			t.Errorf("in common with who shows nothing: %s", got)
		}
		if got := list(p.visitor()); strings.Contains(got, "common") {
			t.Errorf("in common with nobody: %s", got)
		}
		both.post("/settings/hidden", "action", "hide").is(t, 303)
		if got := list(me); strings.Contains(got, "both") {
			t.Errorf("who is hidden is there: %s", got)
		}
	})
}

// TestNoSuchSpot: an address with a place that is none says so.
func TestNoSuchSpot(t *testing.T) {
	p := startPassport(t, options{})
	v := p.visitor()
	for _, spot := range []string{"abc", "1", "1,", ",1", "91,0", "0,181", "1,2,3", "1.5,2", "9223372036854775808,0", "-9223372036854775808,1", "0x1,1", "٣,٤", " 1,2"} {
		if a := v.get("/explore?tab=people&spot="+url.QueryEscape(spot)).is(t, 400); !strings.Contains(string(a.body), "no place on the map") {
			t.Errorf("%q: the reason is not told", spot)
		}
	}
	v.get("/explore?tab=people&spot=0,0").is(t, 200)
	v.get("/explore?tab=people&spot=").is(t, 200)
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
