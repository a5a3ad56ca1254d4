package core

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/share"
)

// TestAProfileIsShared: by a link, by a post with its card, in a frame, and only once
// everybody may see it and by whose it is.
func TestAProfileIsShared(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { profileShared(t, newSharer(t)) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		profileShared(t, newSharer(t, func(c *config.Config) { c.Database = url }))
	})
}

func profileShared(t *testing.T, s *sharer) {
	t.Helper()
	account := s.connect(t, "fake.keyed")
	s.write(`UPDATE person SET profile = 'members' WHERE handle = 'ada'`)
	page := s.who.get("/@ada/share").is(t, 200)
	if len(page.all(t, `form[action^="/share/"]`)) != 0 || len(page.all(t, `a[href="/settings/privacy"]`)) == 0 {
		t.Errorf("a profile that not everybody sees is offered: %s", page.body)
	}
	s.who.post("/share/linkedin.post/@ada").is(t, 409)
	s.who.get("/@ada/qr.svg").is(t, 409)
	s.visitor().get("/embed/@ada").is(t, 404)
	s.write(`UPDATE person SET hidden_at = 1 WHERE handle = 'ada'`)
	if page = s.who.get("/@ada/share").is(t, 200); len(page.all(t, `form[action="/@ada/share"]`)) != 0 {
		t.Error("one step opens a profile that is hidden")
	}
	s.who.post("/@ada/share").is(t, 303)
	s.visitor().get("/@ada").is(t, 404)
	s.write(`UPDATE person SET hidden_at = 0 WHERE handle = 'ada'`)
	if to := s.who.post("/@ada/share").is(t, 303).location(); to != "/@ada/share" {
		t.Errorf("made public, and led to %s", to)
	}
	s.visitor().get("/@ada").is(t, 200)

	page = s.who.get("/@ada/share").is(t, 200)
	if len(page.all(t, `form[action="/share/linkedin.post/@ada"]`)) != 1 || len(page.all(t, `form[action="/share/linkedin.profile/@ada"]`)) != 0 {
		t.Errorf("the places: %s", page.body)
	}
	s.who.post("/share/linkedin.profile/@ada").is(t, 404)
	away := s.who.post("/share/linkedin.post/@ada").is(t, 200)
	if len(away.all(t, `a[href*="%2F%40ada"]`)) == 0 {
		t.Errorf("led to %s", away.body)
	}
	s.who.get("/@ada/share/fake.keyed").is(t, 200)
	s.who.post("/share/fake.keyed/@ada/preview", "account", account, "words", "All of them").is(t, 200)
	s.who.post("/share/fake.keyed/@ada", "account", account, "words", "All of them", "option_audience", "followers", "agree", "yes").is(t, 303)
	id := s.texts(`SELECT public_id FROM share_job WHERE subject = '@' AND badge IS NULL`)[0]
	s.becomes(t, id, share.JobPosted)
	for _, text := range s.remote.posts {
		if !strings.HasPrefix(text, "All of them ada http") || !strings.HasSuffix(text, "/@ada") {
			t.Errorf("posted %q", text)
		}
	}
	if len(s.remote.images) != 1 || len(s.remote.images[0]) < 4 {
		t.Errorf("pictures of %v bytes", s.remote.images)
	}
	if page = s.who.get("/@ada/share").is(t, 200); len(page.all(t, "li.shared")) != 2 {
		t.Errorf("the history: %s", page.body)
	}
	if page = s.who.get("/b/"+s.badge+"/share").is(t, 200); len(page.all(t, "li.shared")) != 0 {
		t.Error("what was shared of a profile is in the history of a badge")
	}
	if to := s.who.post("/shares/"+id, "do", "retract").is(t, 303).location(); to != "/@ada/share#s-history" {
		t.Errorf("led to %s", to)
	}
	s.becomes(t, id, share.JobRetracted)

	eve := s.member("eve")
	eve.get("/@ada/share").is(t, 404)
	eve.post("/share/linkedin.post/@ada").is(t, 404)
	if posts := string(s.who.get("/@ada/qr.svg").is(t, 200).body); !strings.HasPrefix(posts, "<svg") {
		t.Errorf("no QR code: %.80s", posts)
	}
}

// TestAProfileIsEmbedded: what sites and search engines read of a public profile.
func TestAProfileIsEmbedded(t *testing.T) {
	s := newSharer(t)
	s.write(`UPDATE person SET profile = 'public' WHERE handle = 'ada'`)
	v := s.visitor()
	head := v.get("/@ada").is(t, 200)
	link := head.all(t, `link[type="application/json+oembed"]`)
	if len(link) != 1 || len(head.all(t, `link[type="text/xml+oembed"]`)) != 1 || !strings.Contains(string(head.body), `"@type":"Person"`) {
		t.Fatalf("the head: %.1500s", head.body)
	}
	_, query, _ := strings.Cut(attr(link[0], "href"), "/oembed")
	var o share.OEmbed
	if err := json.Unmarshal(v.get("/oembed"+query).is(t, 200).body, &o); err != nil || o.Title != "ada" || !strings.Contains(o.HTML, "/embed/@ada") {
		t.Errorf("oEmbed %+v, %v", o, err)
	}
	frame := v.get("/embed/@ada").is(t, 200)
	if len(frame.all(t, "script")) != 0 || len(frame.all(t, `a[href$="/@ada"]`)) != 1 || !strings.Contains(string(frame.body), "1 badge") {
		t.Errorf("the frame: %s", frame.body)
	}
	v.get("/embed/@nobody").is(t, 404)
	if got := v.get("/@ada/card.png").is(t, 200); len(got.body) > 300_000 {
		t.Errorf("a card of %d bytes", len(got.body))
	}
}
