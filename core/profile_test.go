package core

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/osier-passport/osier/core/config"
)

// TestALinkThatLeadsBackIsShownAsVerified with its date, until the page elsewhere says
// otherwise; one that leads to somebody else's profile never is.
func TestALinkThatLeadsBackIsShownAsVerified(t *testing.T) {
	var leads atomic.Value
	leads.Store("")
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, `<a rel="me" href="%s">me</a>`, leads.Load())
	}))
	t.Cleanup(there.Close)
	p := startPassport(t, options{}, func(c *config.Config) { c.Fetch.Allow = []string{strings.TrimPrefix(there.URL, "http://")} })
	ada, visitor := p.member("ada"), p.visitor()
	p.member("eve")
	verified := func() bool {
		page := visitor.get("/@ada").is(t, 200)
		return strings.Contains(string(page.body), `class="led-back"`)
	}
	looked := 0
	look := func(to string) {
		t.Helper()
		leads.Store(to)
		p.write(`UPDATE profile_link SET checked_at = 0`)
		if looked++; looked == 1 {
			ada.post("/settings/profile", "name", "ada", "links", there.URL+"/ada").is(t, 303)
		} else {
			ada.post("/settings/contact/check").is(t, 303)
		}
		p.until(t, `SELECT count(*) FROM profile_link WHERE checked_at > 0`, 1)
	}
	look(p.url + "/@eve")
	if verified() {
		t.Error("the profile of another is proof")
	}
	look(p.url + "/@ada/")
	if !verified() {
		t.Error("the link that leads back is not shown as verified")
	}
	ada.post("/settings/handle", "handle", "countess").is(t, 303)
	look(p.url + "/@ada") // the name of before leads on
	if page := string(visitor.get("/@countess").is(t, 200).body); !strings.Contains(page, `class="led-back"`) {
		t.Error("the name of before does not count")
	}
	look("https://elsewhere.test/@ada")
	if page := string(visitor.get("/@countess").is(t, 200).body); strings.Contains(page, `class="led-back"`) {
		t.Error("a link that leads back no more is shown as verified")
	}
	ada.post("/settings/profile", "name", "ada", "links", "").is(t, 303)
	if n := p.count(`SELECT count(*) FROM profile_link`); n != 0 {
		t.Errorf("%d links are left", n)
	}
}

// TestPinnedBadgesStandFirst in the chosen order, six at most, and none that the viewer
// may not see; machines read badges only where the person chose so.
func TestPinnedBadgesStandFirst(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer := p.member("ada"), newSigner(t, "School")
	var ids []string
	for i := range 7 {
		id := ada.take(t, issuer, issuer.badge(fmt.Sprint("Badge number ", i), "ada@people.test"))
		ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
		ids = append(ids, id)
	}
	pinned := func(v *visitor) (list []int) {
		t.Helper()
		page := string(v.get("/@ada").is(t, 200).body)
		_, page, _ = strings.Cut(page, `id="pinned"`)
		page, _, _ = strings.Cut(page, `</section>`)
		for page != "" {
			var n int
			var found bool
			if _, page, found = strings.Cut(page, `href="/b/`); !found {
				break
			}
			for i, id := range ids {
				if strings.HasPrefix(page, id) {
					n = i
				}
			}
			if len(list) == 0 || list[len(list)-1] != n {
				list = append(list, n)
			}
		}
		return list
	}
	do := func(action string, i, status int) {
		ada.post("/settings/pins", "action", action, "badge", ids[i]).is(t, status)
	}
	for i := range 6 {
		do("pin", i, 303)
	}
	do("pin", 6, 409)
	do("up", 5, 303)
	do("down", 0, 303)
	do("unpin", 2, 303)
	p.member("eve").post("/settings/pins", "action", "pin", "badge", ids[0]).is(t, 404)
	if got := fmt.Sprint(pinned(ada)); got != "[1 0 3 5 4]" {
		t.Errorf("pinned: %s", got)
	}
	ada.post("/b/"+ids[3]+"/visibility", "visibility", "members").is(t, 303)
	if got := fmt.Sprint(pinned(p.visitor())); got != "[1 0 5 4]" {
		t.Errorf("for visitors: %s", got)
	}
	page := string(p.visitor().get("/@ada").is(t, 200).body)
	if !strings.Contains(page, `"Person"`) || strings.Contains(page, "hasCredential") {
		t.Error("machines read no person, or the badges unasked")
	}
	ada.post("/settings/pins/machines", "credentials", "1").is(t, 303)
	page = string(p.visitor().get("/@ada").is(t, 200).body)
	_, list, _ := strings.Cut(page, "hasCredential")
	if list, _, _ = strings.Cut(list, "</script>"); !strings.Contains(list, "Badge number 6") || strings.Contains(list, "Badge number 3") {
		t.Error("machines do not read the public badges alone")
	}
	frame := p.visitor().get("/embed/@ada").is(t, 200)
	if text := string(frame.body); !strings.Contains(text, "Badge number 1") || strings.Contains(text, "Badge number 3") || strings.Contains(text, "<script") || len(frame.header.Values("Set-Cookie")) > 0 {
		t.Error("the frame shows more than everybody sees, or has a script or a cookie")
	}
	ada.post("/b/"+ids[1]+"/remove").is(t, 303)
	if got := fmt.Sprint(pinned(ada)); got != "[0 3 5 4]" {
		t.Errorf("after a removal: %s", got)
	}
}
