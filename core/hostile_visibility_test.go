package core

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// caseStates are the states of the shared cases by their names in a scene.
var caseStates = map[string]string{
	"private": "private", "was public, now private": "public-to-private", "deleted": "deleted",
	"owner erased": "holder-erased", "visible to members only": "members",
}

// outletProbe asks, as somebody, for all that one outlet could say of a badge.
type outletProbe func(s *scene, b *secretBadge, v *visitor) []answer

// gets is a probe of paths, in which {b}, {c}, {i}, {m} and {h} stand for the badge,
// its class, its issuer, the start of its marker (pages repeat what was asked) and its
// holder.
func gets(paths ...string) outletProbe {
	return func(_ *scene, b *secretBadge, v *visitor) []answer {
		list := make([]answer, len(paths))
		for i, p := range paths {
			list[i] = v.get(b.path(p))
		}
		return list
	}
}

func (b *secretBadge) path(p string) string {
	return strings.NewReplacer("{b}", b.id, "{c}", b.class, "{i}", b.issuer, "{m}", b.marker[:12], "{h}", b.holder.person.Handle).Replace(p)
}

// asks is a probe with a method and headers.
func asks(method string, headers ...string) outletProbe {
	return func(_ *scene, b *secretBadge, v *visitor) []answer {
		var list []answer
		for _, p := range []string{"/b/{b}", "/b/{b}/image", "/b/{b}/card.png", "/c/{c}", "/@{h}", "/b/{b}/download/received"} {
			list = append(list, v.send(method, b.path(p), "", nil, headers...))
		}
		return list
	}
}

// absent is a probe of what this passport does not have: everything there is a 404,
// or at least says nothing.
func absent(paths ...string) outletProbe {
	return func(s *scene, b *secretBadge, v *visitor) []answer {
		list := gets(paths...)(s, b, v)
		for _, a := range list {
			if a.status != 404 && a.status != 405 {
				s.t.Errorf("%s is there now: probe it", a)
			}
		}
		return list
	}
}

// lying is a probe of what lies somewhere and is for nobody.
func lying(what string, read func(s *scene) []byte) outletProbe {
	return func(s *scene, _ *secretBadge, v *visitor) []answer {
		if v != s.anon {
			return nil
		}
		return []answer{{name: what, status: 200, body: read(s), header: http.Header{}}}
	}
}

// probes are the outlets of the shared cases.
var probes = map[string]outletProbe{
	"badge page HTML":                         gets("/b/{b}", "/b/{b}?new=1", "/b/{b}/verify", "/b/{b}/record"),
	"badge JSON API":                          asks("GET", "Accept", "application/json, application/ld+json"),
	"badge list API of owner by another user": gets("/@{h}", "/@{h}?before=zzzzzzzzzz", "/badges?q={m}"),
	"public profile":                          gets("/@{h}"),
	"profile JSON":                            asks("GET", "Accept", "application/activity+json, application/json"),
	"public gallery":                          gets("/explore", "/explore?tab=badges"),
	"gallery filters/facets counts":           gets("/explore?tab=badges&q={m}", "/explore?tab=issuers&q={m}", "/explore?tab=people&q={h}", "/explore?tab=badges&tag={m}tag"),
	"search results":                          gets("/explore?q={m}", "/explore?q={m}+name"),
	"search suggestions":                      gets("/explore?q={m}", "/badges?q={m}"),
	"search total count":                      gets("/explore?q={m}&tab=badges", "/explore?q={m}&tab=issuers"),
	"home feed of a follower":                 gets("/feed", "/feed?kind=badges"),
	"events stream":                           gets("/feed?kind=people", "/feed?before=zzzzzzzzzz", "/@{h}"),
	"notification e-mail":                     lying("mails", mailed),
	"digest e-mail":                           lying("mails", mailed),
	"Atom feed":                               gets("/@{h}/feed.atom"),
	"RSS feed":                                gets("/@{h}/feed.atom", "/@{h}/feed.json"),
	"sitemap.xml":                             gets("/sitemap.xml", "/robots.txt"),
	"robots/JSON-LD in page":                  gets("/robots.txt", "/b/{b}", "/@{h}"),
	"OG tags":                                 gets("/b/{b}", "/c/{c}", "/i/{i}"),
	"OG card image":                           gets("/b/{b}/card.png"),
	"oEmbed":                                  oEmbed,
	"iframe embed":                            gets("/embed/b/{b}", "/embed/b/{b}?theme=dark"),
	"thumbnail URL":                           gets("/b/{b}/image", "/c/{c}/image"),
	"original image URL":                      gets("/b/{b}/download/received", "/b/{b}/download/svg"),
	"baked PNG download":                      gets("/b/{b}/download/png"),
	"hosted assertion URL":                    gets("/b/{b}/download/credential", "/b/{b}/download/record"),
	"ActivityPub object":                      asks("GET", "Accept", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`),
	"ActivityPub outbox":                      absent("/@{h}/outbox", "/users/{h}/outbox"),
	"WebFinger":                               absent("/.well-known/webfinger?resource=acct:{h}@people.test"),
	`badge of the same class: "who else earned"`: gets("/c/{c}", "/c/{c}?holders=zzzzzzzzzz"),
	"issuer page counts":                         gets("/i/{i}"),
	"endorsement page":                           gets("/b/{b}/verify", "/c/{c}"),
	"comment permalink":                          gets("/c/{c}?comments=zzzzzzzzzz", "/feed?kind=comments"),
	"message attachment":                         absent("/messages", "/messages/{b}"),
	"page (portfolio) block":                     gets("/@{h}", "/"),
	"page preview":                               gets("/@{h}?as=stranger", "/@{h}?as=member", "/b/{b}?as=follower"),
	"page export PDF":                            gets("/b/{b}/download/pdf"),
	"export of another user":                     exported,
	"admin report CSV":                           absent("/admin/report.csv", "/admin/people.csv"),
	"webhook payload":                            lying("jobs", queued),
	"plugin share payload":                       shared,
	"RSS of tag":                                 gets("/explore?tab=badges&tag={m}tag", "/search?q={m}tag"),
	"autocomplete of mentions":                   gets("/explore?tab=people&q={m}", "/explore?tab=people&q={h}"),
	"API pagination total":                       gets("/explore?tab=badges&page=0&q={m}", "/explore?before=zzzzzzzzzz&q={m}"),
	"HTTP ETag/304":                              asks("GET", "If-None-Match", "*"),
	"HEAD request":                               asks("HEAD"),
	"Range request":                              asks("GET", "Range", "bytes=0-5000"),
	"CDN/cache after toggle":                     asks("GET", "Cache-Control", "only-if-cached"),
	"WebSocket/SSE stream":                       asks("GET", "Accept", "text/event-stream", "Connection", "Upgrade", "Upgrade", "websocket"),
	"error message text":                         gets("/b/{b}/nothing", "/b/{b}?key=%00", "/b/{b}/kept/0", "/c/{c}/nothing", "/i/{i}/nothing"),
	"slug or id guess (enumeration)":             gets("/b/{b}0", "/b/{b}/", "/B/{b}", "/b/{m}", "/c/{m}", "/i/{m}", "/@{m}"),
	"old URL after rename":                       gets("/badge/info/{b}", "/profile/{h}", "/badge/badge_info/{b}/{h}", "/user/profile/{h}"),
	"log files":                                  lying("log", func(s *scene) []byte { return []byte(s.passport.log.String()) }),
}

func mailed(s *scene) []byte {
	return []byte(strings.Join(s.texts(`SELECT subject || ' ' || body_text || ' ' || body_html FROM mail_outbox`), "\n"))
}

func queued(s *scene) []byte {
	return []byte(strings.Join(s.texts(`SELECT payload || ' ' || last_error FROM job`), "\n"))
}

func oEmbed(s *scene, b *secretBadge, v *visitor) []answer {
	at := "/oembed?url=" + url.QueryEscape(s.url+"/b/"+b.id)
	return []answer{v.get(at), v.get(at + "&format=xml")}
}

// shared tries to have a badge of somebody else sent somewhere.
func shared(s *scene, b *secretBadge, v *visitor) []answer {
	if v == s.anon {
		return []answer{v.get("/b/" + b.id + "/share")}
	}
	return []answer{v.get("/b/" + b.id + "/share"), v.post("/share/linkedin.post/"+b.id, "text", "x"), v.post("/share/linkedin.profile/" + b.id)}
}

// exported takes the archive of everybody but the holder.
func exported(s *scene, _ *secretBadge, v *visitor) []answer {
	if v == s.anon {
		return []answer{v.get("/settings/data")}
	}
	if s.exports[v] == nil {
		s.exports[v] = []answer{v.get("/settings/data"), v.export()}
	}
	return s.exports[v]
}

// visibilityCase is a state and an outlet.
type visibilityCase struct{ name, state, outlet string }

// specCases gives the shared cases of a surface that are played and not sent; none
// where the shared folder is not at hand.
func specCases(t *testing.T, surface string) []hostileCase {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "shared", "hostile", "cases.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []hostileCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c hostileCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Surface == surface && c.Kind == "spec" {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		t.Errorf("no case of %s: the search is broken", surface)
	}
	return list
}

// visibilityCases reads the shared cases; where they are not at hand it takes every
// state through every outlet.
func visibilityCases(t *testing.T) []visibilityCase {
	t.Helper()
	var list []visibilityCase
	for _, c := range specCases(t, "visibility") {
		state, outlet, _ := strings.Cut(fmt.Sprint(c.Value), " badge through: ")
		list = append(list, visibilityCase{c.Name, state, outlet})
	}
	if len(list) > 0 {
		return list
	}
	for _, outlet := range slices.Sorted(maps.Keys(probes)) {
		for _, state := range slices.Sorted(maps.Keys(caseStates)) {
			list = append(list, visibilityCase{outlet + ", " + state, state, outlet})
		}
	}
	return list
}

// TestHostileVisibility takes a badge of each state through each outlet, as
// everybody who may not see it: there is no marker of it in any byte.
func TestHostileVisibility(t *testing.T) {
	cases := visibilityCases(t)
	s := newScene(t)
	s.first()
	s.walk(t, false) // fills what is cached
	s.then()
	s.exports = map[*visitor][]answer{}
	badges := map[string]*secretBadge{}
	for _, b := range s.badges {
		badges[b.state] = b
	}
	held, asked := 0, 0
	for _, c := range cases {
		b := badges[caseStates[c.state]]
		if b == nil {
			t.Errorf("%s: no badge is %q", c.name, c.state)
			continue
		}
		switch c.outlet {
		case "backup restored", "FTS shadow tables":
			held += s.kept(t, c, b)
			continue
		}
		p := probes[c.outlet]
		if p == nil {
			t.Errorf("%s: no probe for %q", c.name, c.outlet)
			continue
		}
		hits := 0
		for kind, v := range s.viewers() {
			for _, a := range p(s, b, v) {
				asked++
				kind, v := s.as(kind, v, a.name)
				if !may(kind, b, v) && strings.Contains(everything(t, a), b.marker) {
					hits++
					t.Errorf("%s: %s finds the %s badge: %s", c.name, kind, c.state, a.name)
				}
			}
		}
		if hits == 0 {
			held++
		}
	}
	control := s.finding(t, badges["private-to-public"])
	if control < 20 {
		t.Errorf("%d outlets show a badge that is for all: the search is broken", control)
	}
	t.Logf("%d of %d cases hold, %d answers searched; %d outlets show what is for all", held, len(cases), asked, control)
	if held != len(cases) {
		t.Errorf("%d of %d cases hold", held, len(cases))
	}
}

// finding counts the outlets in which a stranger, a member or a follower finds a
// badge that everybody may see.
func (s *scene) finding(t *testing.T, b *secretBadge) (n int) {
	t.Helper()
	for _, p := range probes {
		found := false
		for _, v := range []*visitor{s.anon, s.member, s.follower} {
			for _, a := range p(s, b, v) {
				found = found || strings.Contains(everything(t, a), b.marker)
			}
		}
		if found {
			n++
		}
	}
	return n
}

// kept is a case of what lies in the files: an erased badge is in none of them, and
// any other only in the database itself, which answers nobody but its holder.
func (s *scene) kept(t *testing.T, c visibilityCase, b *secretBadge) int {
	t.Helper()
	if n := s.count(`SELECT count(*) FROM sqlite_master WHERE name LIKE '%fts%' OR sql LIKE '%fts5%'`); n != 0 {
		t.Errorf("%s: there are %d tables of a text index: probe them", c.name, n)
		return 0
	}
	gone := c.state == "owner erased" || c.state == "deleted"
	if gone {
		if err := s.base.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ok := 1
	err := filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && bytes.Contains(text, []byte(b.marker)) && (gone || !strings.HasPrefix(filepath.Base(path), "passport.db")) {
			ok = 0
			t.Errorf("%s: the %s badge lies in %s", c.name, c.state, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ok
}
