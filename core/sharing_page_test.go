package core

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/share"
)

// TestAPageIsShared: as a badge is, once everybody may see it; what was shared goes
// with it.
func TestAPageIsShared(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.keyed")
	path := strings.TrimSuffix(s.who.post("/pages", "title", "Baskets of a year", "do", "draft").is(t, 303).location(), "/edit")
	id := strings.TrimPrefix(path, "/pages/")
	ref := "p." + id
	if page := s.who.get("/p/"+id+"/share").is(t, 200); len(page.all(t, `form[action^="/share/"]`)) != 0 || len(page.all(t, `a[href$="/sharing"]`)) == 0 {
		t.Errorf("a page that not everybody sees is offered: %s", page.body)
	}
	s.who.post("/share/linkedin.post/"+ref).is(t, 409)
	s.visitor().get("/p/"+id+"/card.png").is(t, 404)
	s.visitor().get("/embed/p/"+id).is(t, 404)
	s.member("mallory").post("/p/"+id+"/share").is(t, 404)
	s.write(`UPDATE page SET visibility = 'public', password = 'x', until = 1`)
	if to := s.who.post("/p/"+id+"/share").is(t, 303).location(); to != "/p/"+id+"/share" {
		t.Errorf("made public, and led to %s", to)
	}
	s.visitor().get("/p/"+id).is(t, 200)

	if page := s.who.get("/p/"+id+"/share").is(t, 200); len(page.all(t, `form[action="/share/linkedin.post/`+ref+`"]`)) != 1 {
		t.Errorf("the places: %s", page.body)
	}
	if away := s.who.post("/share/linkedin.post/"+ref).is(t, 200); len(away.all(t, `a[href*="%2Fp%2F`+id+`"]`)) == 0 {
		t.Errorf("led to %s", away.body)
	}
	s.who.post("/share/fake.keyed/"+ref, "account", account, "words", "Look", "option_audience", "followers", "agree", "yes").is(t, 303)
	job := s.texts(`SELECT public_id FROM share_job WHERE subject = $1`, ref)[0]
	s.becomes(t, job, share.JobPosted)
	for _, text := range s.remote.posts {
		if !strings.HasPrefix(text, "Look Baskets of a year http") || !strings.HasSuffix(text, "/p/"+id) {
			t.Errorf("posted %q", text)
		}
	}
	if page := s.who.get("/p/"+id+"/share").is(t, 200); len(page.all(t, "li.shared")) != 2 {
		t.Errorf("the history: %s", page.body)
	}
	s.member("eve").get("/p/"+id+"/share").is(t, 404)

	v := s.visitor()
	if head := v.get("/p/"+id).is(t, 200); len(head.all(t, `link[type="application/json+oembed"]`)) != 1 || len(head.all(t, `meta[property="og:image"]`)) != 1 {
		t.Errorf("the head: %.1500s", head.body)
	}
	var o share.OEmbed
	at := "/oembed?url=" + url.QueryEscape(s.url+"/p/"+id)
	if err := json.Unmarshal(v.get(at).is(t, 200).body, &o); err != nil || o.Title != "Baskets of a year" || !strings.Contains(o.HTML, "/embed/p/"+id) {
		t.Errorf("oEmbed %+v, %v", o, err)
	}
	if frame := v.get("/embed/p/"+id).is(t, 200); len(frame.all(t, "script")) != 0 || len(frame.all(t, `a[href$="/p/`+id+`"]`)) != 1 {
		t.Errorf("the frame: %s", frame.body)
	}
	if card := v.get("/p/"+id+"/card.png").is(t, 200); len(card.body) < 5000 || len(card.body) > 300_000 {
		t.Errorf("a card of %d bytes", len(card.body))
	}
}

// TestABadgeIsMadePublicAndShared: in one step, from its sheet.
func TestABadgeIsMadePublicAndShared(t *testing.T) {
	s := newSharer(t)
	s.who.post("/b/"+s.badge+"/visibility", "visibility", "private").is(t, 303)
	s.visitor().get("/b/"+s.badge).is(t, 404)
	if page := s.who.get("/b/"+s.badge+"/share").is(t, 200); len(page.all(t, `form[action="/b/`+s.badge+`/share"] button`)) != 1 {
		t.Errorf("the step is not offered: %s", page.body)
	}
	s.member("eve").post("/b/"+s.badge+"/share").is(t, 404)
	s.who.post("/b/"+s.badge+"/share").is(t, 303)
	s.visitor().get("/b/"+s.badge).is(t, 200)
}
