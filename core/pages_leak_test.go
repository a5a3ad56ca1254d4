package core

import (
	"net/url"
	"strings"
	"testing"
)

// secretPage is a page whose title and words hold a marker, with all badges of the
// holder on it.
type secretPage struct {
	state, marker, id, key, file string
}

// pageSeenBy tells who sees a page in each state.
var pageSeenBy = map[string]string{
	"public": "all", "members": "members", "private": "holder", "link": "holder", "password": "holder", "ended": "holder",
	"removed": "nobody", "public-to-private": "holder", "public-to-members": "members", "link-renewed": "holder",
}

// keepPages makes a page in each state, as it is at first.
func (s *scene) keepPages() {
	form := []string{}
	for _, b := range s.badges {
		if b.holder == s.holder {
			form = append(form, "badge", b.id)
		}
	}
	for state := range pageSeenBy {
		p := secretPage{state: state, marker: marker(strings.ReplaceAll("page"+state, "-", ""))}
		made := []string{"title", p.marker + " title", "do", "draft"}
		full := state == "public" || state == "members" || state == "public-to-private"
		if full { // what the others hold is looked at no less, and drawn sooner
			made = append(made, form...)
		}
		a := s.holder.post("/pages", made...).is(s.t, 303)
		p.id = strings.TrimSuffix(strings.TrimPrefix(a.location(), "/pages/"), "/edit")
		s.addTo(p.id, "text", "text", p.marker+" text")
		s.holder.post("/pages/"+p.id+"/head", "title", p.marker+" title", "style", "willow", "tags", p.marker, "rev", s.texts(`SELECT CAST(head_rev AS TEXT) FROM page WHERE public_id = $1`, p.id)[0]).is(s.t, 303)
		if full {
			s.addTo(p.id, "issuer", "of", s.badges[0].issuer)
		}
		s.addTo(p.id, "profile", "field", "about", "field", "place")
		p.file = s.addTo(p.id, "image", "file", s.texts(`SELECT public_id FROM file WHERE type = 'image/png'`)[0])
		first, _, _ := strings.Cut(state, "-")
		set := []string{"visibility", first}
		switch state {
		case "password":
			set = []string{"visibility", "public", "password", "a secret of ours"}
		case "ended", "removed":
			set[1] = "public"
		}
		s.sharePage(p.id, set...)
		if first == "link" {
			p.key = s.texts(`SELECT link_secret FROM page WHERE public_id = $1`, p.id)[0]
		}
		s.pages = append(s.pages, p)
	}
}

// addTo adds a block with words to a page, and gives its id.
func (s *scene) addTo(page, kind string, pairs ...string) string {
	a := s.holder.post("/pages/"+page+"/blocks", "kind", kind).is(s.t, 303)
	_, id, _ := strings.Cut(a.location(), "#block-")
	rev := s.texts(`SELECT CAST(rev AS TEXT) FROM page_block WHERE id = $1`, id)[0]
	s.holder.post("/pages/"+page+"/blocks/"+id, append([]string{"kind", kind, "rev", rev}, pairs...)...).is(s.t, 303)
	return id
}

// sharePage leaves out what others do not see.
func (s *scene) sharePage(id string, pairs ...string) {
	a := s.holder.post("/pages/"+id+"/sharing", pairs...).is(s.t, 303)
	if strings.Contains(a.location(), "?to=") {
		s.holder.post("/pages/"+id+"/sharing", append(pairs, "badges", "leave")...).is(s.t, 303)
	}
}

// thenPages brings each page to its state.
func (s *scene) thenPages() {
	for _, p := range s.pages {
		switch p.state {
		case "public-to-private":
			s.sharePage(p.id, "visibility", "private")
		case "public-to-members":
			s.sharePage(p.id, "visibility", "members")
		case "link-renewed":
			s.sharePage(p.id, "visibility", "private")
			s.sharePage(p.id, "visibility", "link")
		case "ended":
			s.write(`UPDATE page SET until = 1 WHERE public_id = $1`, p.id)
		case "removed":
			s.holder.post("/pages/"+p.id+"/delete").is(s.t, 303)
		}
	}
}

func mayPage(kind string, p secretPage) bool {
	switch pageSeenBy[p.state] {
	case "all":
		return true
	case "members":
		return kind != "anon"
	case "holder":
		return kind == "holder"
	}
	return false
}

// lookAtPages finds nothing of a page that is for somebody else.
func (s *scene) lookAtPages(t *testing.T, kind string, a answer, text string) {
	t.Helper()
	for _, p := range s.pages {
		if mayPage(kind, p) || p.state == "removed" && kind == "holder" {
			continue
		}
		if strings.Contains(text, p.marker) {
			t.Errorf("%s finds the %s page: %s: …%s…", kind, p.state, a.name, around(text, p.marker))
		}
		if strings.Contains(a.name, p.id) && a.status < 400 && !strings.HasPrefix(a.location(), "/login?") {
			t.Errorf("%s: the %s page is there: %s", kind, p.state, a)
		}
		if !strings.Contains(a.name, p.id) && strings.Contains(text, p.id) {
			t.Errorf("%s finds the address of the %s page: %s", kind, p.state, a.name)
		}
	}
}

// pagePaths are the addresses of all pages; KEY is the secret of a link that shows
// nothing any more.
func pagePaths(before string, ends ...string) func(*scene) []string {
	return func(s *scene) []string {
		var list []string
		for _, p := range s.pages {
			for _, e := range ends {
				if before == "/pages/" && p.state != "public" && p.state != "private" && p.state != "removed" {
					continue // the editor is its owner's alone, whatever the state
				}
				if strings.Contains(e, "KEY") && p.state != "link-renewed" {
					continue
				}
				list = append(list, before+p.id+strings.NewReplacer("KEY", url.QueryEscape(p.key), "BLOCK", p.file).Replace(e))
			}
		}
		return list
	}
}

// foundPages looks for pages by the beginning of their words, beside what
// searched does. Their tags stand among the filters.
func foundPages(paths ...string) func(*scene) []string {
	return func(s *scene) []string {
		list := searched(paths...)(s)
		for _, p := range s.pages {
			list = append(list, "/explore?tab=pages&q="+p.marker[:len(p.marker)-3])
		}
		return list
	}
}
