package core

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// take uploads a credential and gives the id of its badge.
func (v *visitor) take(t testing.TB, s signer, c openbadge.Credential) string {
	t.Helper()
	a := v.upload("/add", "file", "badge.json", s.sign(t, c)).is(t, 303)
	id, _, _ := strings.Cut(strings.TrimPrefix(a.location(), "/b/"), "?")
	return id
}

// TestHidingIsImmediate: whoever asks after a badge was hidden finds nothing,
// while others ask all the time.
func TestHidingIsImmediate(t *testing.T) {
	p := startPassport(t, options{})
	holder, member := p.member("holder"), p.member("reader")
	m := marker("toggled")
	issuer := newSigner(t, m+" issuer")
	b := &secretBadge{state: "toggled", marker: m, holder: holder, id: holder.take(t, issuer, issuer.badge(m+" name", "holder@people.test"))}
	s := &scene{passport: p, badges: []*secretBadge{b}}
	s.show(b, "public")
	class := p.texts(`SELECT c.public_id FROM badge_class c`)[0]
	member.post("/c/"+class+"/follow", "action", "follow").is(t, 303)
	page := strings.TrimSuffix(holder.post("/pages", "title", "On a page", "badge", b.id, "do", "draft").is(t, 303).location(), "/edit")
	holder.post(page+"/sharing", "visibility", "public", "badges", "leave").is(t, 303)
	at := strings.Replace(page, "/pages/", "/p/", 1)
	paths := []string{
		at, "/embed" + at, "/embed/b/" + b.id, "/embed/@holder", "/oembed?url=" + url.QueryEscape(p.url+"/b/"+b.id), "/skills", "/explore?tab=pages", "/i/" + p.texts(`SELECT public_id FROM issuer`)[0],
		"/b/" + b.id, "/b/" + b.id + "/verify", "/b/" + b.id + "/download/received", "/c/" + class, "/@holder", "/@holder/feed.atom",
		"/feed", "/explore", "/explore?tab=badges", "/explore?tab=issuers", "/", "/search?q=" + m[:12],
	}
	for range 3 {
		s.show(b, "public")
		toggle(t, s, b, []*visitor{member, p.visitor(), p.visitor()}, paths)
	}
}

func toggle(t *testing.T, s *scene, b *secretBadge, readers []*visitor, paths []string) {
	t.Helper()
	var hidden atomic.Bool
	seen, stop := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	for i, v := range readers {
		all.Go(func() {
			for n := i; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				late := hidden.Load()
				a := v.get(paths[n%len(paths)])
				if !strings.Contains(string(a.body), b.marker) {
					continue
				}
				if late {
					t.Errorf("%s says it after it was hidden", a.name)
				}
				select {
				case seen <- struct{}{}:
				case <-stop:
				default:
				}
			}
		})
	}
	for range 10 {
		<-seen // the readers are at it
	}
	s.show(b, "private")
	hidden.Store(true)
	for _, path := range paths {
		if a := s.visitor().get(path); strings.Contains(string(a.body), b.marker) {
			t.Errorf("%s says it after it was hidden", a.name)
		}
	}
	close(stop)
	all.Wait()
}

var perRequest = regexp.MustCompile(`name="csrf" value="[^"]*"|nonce="[^"]*"|content="[A-Za-z0-9_-]{43}"`)

// TestNothingIsCounted: what others see is the same, byte for byte, before and
// after badges came in that they may not see.
func TestNothingIsCounted(t *testing.T) {
	now := time.Now()
	p := startPassport(t, options{clock: func() time.Time { return now }})
	holder, member, anon := p.member("holder"), p.member("reader"), p.visitor()
	issuer := newSigner(t, "Known issuer")
	s := &scene{passport: p}
	known := issuer.badge("Known", "holder@people.test")
	s.show(&secretBadge{holder: holder, id: holder.take(t, issuer, known)}, "public")
	member.post("/@holder/follow", "action", "follow").is(t, 303)
	ids := p.texts(`SELECT public_id FROM badge_class UNION ALL SELECT public_id FROM issuer`)
	paths := []string{
		"/", "/about", "/explore", "/explore?tab=badges", "/explore?tab=people", "/explore?tab=issuers", "/explore?tab=skills", "/search?q=known", "/search?q=knwon", "/skills", "/@holder",
		"/@holder/feed.atom", "/feed", "/c/" + ids[0], "/i/" + ids[1],
	}
	look := func() []string {
		p.indexed()
		var list []string
		for _, v := range []*visitor{member, anon} {
			for _, path := range paths {
				list = append(list, perRequest.ReplaceAllString(string(v.get(path).body), ""))
			}
		}
		return list
	}
	before := look()
	again := known // another one of the same class and issuer
	again.ID = "urn:uuid:" + uuid()
	other := newSigner(t, "Other issuer")
	for _, c := range []string{
		holder.take(t, issuer, again), holder.take(t, issuer, issuer.badge("Unknown", "holder@people.test")),
		holder.take(t, other, other.badge("Known too", "holder@people.test")),
	} {
		holder.get("/b/"+c).is(t, 200)
	}
	s.show(&secretBadge{holder: holder, id: holder.take(t, other, other.badge("Known by link", "holder@people.test"))}, "link")
	for i, text := range look() {
		if text != before[i] {
			t.Errorf("%s is another since badges came in that nobody may see:\n%s", paths[i%len(paths)], difference(before[i], text))
		}
	}
}

// difference is where two texts part.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return "was …" + a[max(0, i-60):min(len(a), i+80)] + "…\nis  …" + b[max(0, i-60):min(len(b), i+80)] + "…"
}
