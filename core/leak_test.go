package core

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/osier-passport/osier/core/account"
)

// A badge whose every text holds a marker, in one state. Others may see it or
// not; who may not finds no marker in any answer of any route.
type secretBadge struct {
	state  string
	marker string
	holder *visitor
	id     string
	key    string // of the link, while there was one
	class  string
	issuer string
}

// seenBy tells who sees a badge in each state: nobody but the holder, members, or all.
var seenBy = map[string]string{
	"private":           "holder",
	"link":              "holder",
	"members":           "members",
	"public":            "all",
	"public-to-private": "holder",
	"public-to-link":    "holder",
	"public-to-members": "members",
	"members-private":   "holder",
	"link-to-private":   "holder",
	"private-to-public": "all",
	"found-forged":      "holder",
	"unclaimed":         "holder",
	"deleted":           "nobody",
	"removed-in-bulk":   "holder", // in their own data, until it is deleted
	"holder-disabled":   "nobody",
	"holder-erased":     "nobody",
	"holder-hidden":     "nobody",
	"link-to-hidden":    "nobody",
	"holder-shown-anew": "all",
	"holder-under-age":  "members",
	"link-of-under-age": "nobody",
	"holder-unfindable": "all",
	"holder-blocks":     "unblocked",
	"link-ended":        "holder",
	"link-renewed":      "holder",
}

// holders are the people who hold the badges of the states that hang on a person;
// s.holder holds the others.
var holders = map[string]string{
	"holder-disabled": "disabled", "holder-erased": "erased", "holder-hidden": "hidden", "link-to-hidden": "hidden", "holder-shown-anew": "shown",
	"holder-under-age": "young", "link-of-under-age": "young", "holder-unfindable": "loner", "holder-blocks": "blocker",
}

// scene is a community in which some saw what they may not see any more.
type scene struct {
	*passport
	badges                   []*secretBadge
	holder, follower, member *visitor
	admin, anon              *visitor
	former, blocked          *visitor // followed the holder once; is blocked by one
	people                   map[string]*visitor
	unnamed                  *visitor
	namelessBadge            *secretBadge
	fields                   []secretField
	exports                  map[*visitor][]answer // that were taken
	files                    []string              // public ids
	pages                    []secretPage
	calendars                map[string]string // by handle: secret addresses
}

// secretField is a marker in a part of a profile, and for whom it is.
type secretField struct{ marker, audience, owner string }

func (s *scene) viewers() map[string]*visitor {
	return map[string]*visitor{
		"anon": s.anon, "member": s.member, "follower": s.follower, "holder": s.holder, "admin": s.admin,
		"former": s.former, "blocked": s.blocked,
	}
}

func may(viewer string, b *secretBadge, who *visitor) bool {
	switch seenBy[b.state] {
	case "all":
		return true
	case "members":
		return viewer != "anon"
	case "unblocked":
		return viewer != "blocked"
	case "holder":
		return who == b.holder
	}
	return false
}

// as is the kind of viewer that an answer was made for: who looks at a page as
// somebody else sees it gets what that one gets.
func (s *scene) as(kind string, v *visitor, name string) (string, *visitor) {
	switch {
	case name == "GET "+s.calendars["holder"]:
		return "holder", s.holder
	case strings.Contains(name, "as=stranger"), strings.Contains(name, "/feed.atom"), strings.HasPrefix(name, "GET /embed/"), strings.HasPrefix(name, "GET /oembed?"): // these are for nobody's session
		return "anon", s.anon
	case v != s.anon && (strings.Contains(name, "as=member") || strings.Contains(name, "as=follower")):
		return "member", s.member
	}
	return kind, v
}

func newScene(t *testing.T) *scene {
	s := &scene{passport: startPassport(t, options{})}
	s.share.Settle()
	s.admin = s.administrator("keeper")
	s.holder, s.follower, s.member, s.anon = s.passport.member("holder"), s.passport.member("follower"), s.passport.member("stranger"), s.visitor()
	s.former, s.blocked, s.unnamed = s.passport.member("former"), s.passport.member("blocked"), s.passport.member(marker("shy"))
	s.people = map[string]*visitor{}
	for _, name := range holders {
		if s.people[name] == nil {
			s.people[name] = s.passport.member(name)
		}
	}
	s.tellFields()
	s.keepFiles()
	s.tellPlaces()
	s.keepCalendars()
	for _, h := range append(slices.Collect(maps.Values(s.people)), s.holder, s.unnamed) {
		s.follower.post("/@"+h.person.Handle+"/follow", "action", "follow").is(t, 303)
	}
	var g errgroup.Group
	g.SetLimit(4)
	s.former.post("/@holder/follow", "action", "follow").is(t, 303)
	for state := range seenBy {
		b := &secretBadge{state: state, marker: marker(strings.ReplaceAll(state, "-", "")), holder: s.holder}
		if name := holders[state]; name != "" {
			b.holder = s.people[name]
		}
		s.badges = append(s.badges, b)
		g.Go(func() error { s.receive(b); return nil })
	}
	s.namelessBadge = &secretBadge{state: "nameless", marker: marker("nameless"), holder: s.unnamed}
	g.Go(func() error { s.receive(s.namelessBadge); return nil })
	if err := g.Wait(); err != nil || t.Failed() {
		t.FailNow()
	}
	slices.SortFunc(s.badges, func(a, b *secretBadge) int { return strings.Compare(a.state, b.state) })
	return s
}

// keepFiles gives the holder files whose names, tags and bytes hold markers.
func (s *scene) keepFiles() {
	m := marker("holderfile")
	s.fields = append(s.fields, secretField{m, "private", "holder"})
	s.holder.upload("/files", "file", m+".txt", []byte("bytes of "+m)).is(s.t, 303)
	s.holder.upload("/files", "file", "on a page.png", picture(s.t)).is(s.t, 303)
	s.files = s.texts(`SELECT public_id FROM file WHERE type = 'text/plain'`)
	s.holder.post("/files/"+s.files[0], "name", m, "tags", m+" tag").is(s.t, 303)
}

func filePaths(end string) func(*scene) []string {
	return func(s *scene) []string {
		var list []string
		for _, id := range s.files {
			list = append(list, "/files/"+id+end)
		}
		return list
	}
}

// receive takes a badge in and finds its names.
func (s *scene) receive(b *secretBadge) {
	m := b.marker
	issuer := newSigner(s.t, m+" issuer")
	c := issuer.badge(m+" name", b.holder.person.Handle+"@people.test")
	c.Description, c.CriteriaText, c.CriteriaID = m+" description", m+" criteria", "https://issuer.test/"+m
	c.Issuer.Description, c.Issuer.URL = m+" issuer", "https://issuer.test/"+m+"/"
	c.Tags = []string{m + "tag"}
	c.Expires = time.Now().AddDate(2, 0, 0).UTC().Truncate(time.Second)
	c.Evidence = append(c.Evidence, evidence(m))
	c.Alignments = append(c.Alignments, alignment(m))
	if b.state == "unclaimed" {
		c.Recipient.Identities[0].Salt = "of somebody else"
	}
	a := b.holder.upload("/add", "file", m+".png", baked(s.t, issuer.sign(s.t, c)))
	if b.state == "unclaimed" {
		a.is(s.t, 422)
		a = b.holder.settled(b.holder.post(a.attribute(s.t, `form[action$="/keep"]`, "action")))
	}
	a.is(s.t, 303)
	b.id, _, _ = strings.Cut(strings.TrimPrefix(a.location(), "/b/"), "?")
	ids := s.texts(`SELECT c.public_id FROM badge b JOIN badge_class c ON c.id = b.class WHERE b.public_id = $1
		UNION ALL SELECT i.public_id FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer WHERE b.public_id = $1`, b.id)
	if len(ids) != 2 {
		s.t.Errorf("%s: not taken in: %s", b.state, a)
		return
	}
	b.class, b.issuer = ids[0], ids[1]
}

func (s *scene) show(b *secretBadge, visibility string) {
	s.t.Helper()
	b.holder.post("/b/"+b.id+"/visibility", "visibility", visibility).is(s.t, 303)
	if visibility == "link" {
		b.key = s.texts(`SELECT link_secret FROM badge WHERE public_id = $1`, b.id)[0]
	}
}

// first shows what will be hidden, and lets others follow it and talk about it.
func (s *scene) first() {
	for _, b := range s.badges {
		switch b.state {
		case "private", "private-to-public", "unclaimed":
			continue
		case "link", "link-to-private", "link-to-hidden", "link-of-under-age", "link-ended", "link-renewed":
			s.show(b, "link")
			continue
		case "members", "members-private":
			s.show(b, "members")
		default:
			s.show(b, "public")
			b.holder.post("/share/linkedin.post/"+b.id).is(s.t, 200, 303)
		}
		for _, v := range []*visitor{s.follower, s.member} {
			v.post("/c/"+b.class+"/follow", "action", "follow").is(s.t, 303)
			v.post("/c/"+b.class+"/comments", "text", "well done").is(s.t, 303)
		}
	}
	s.pin()
	for _, b := range s.badges {
		b.holder.post("/b/"+b.id+"/collections", "name", "Collection of "+b.holder.person.Handle).is(s.t, 303)
		b.holder.post("/b/"+b.id+"/tags", "tags", b.marker+"own").is(s.t, 303)
	}
	s.keepPages()
	s.show(s.namelessBadge, "public")
	s.unnamed.post("/b/"+s.namelessBadge.id+"/visibility", "show_name", "0").is(s.t, 303)
}

// pin lets badges that will be hidden stand first on profiles that machines may read.
func (s *scene) pin() {
	for _, b := range s.badges {
		b.holder.post("/settings/pins/machines", "credentials", "1").is(s.t, 303)
		switch b.state {
		case "private", "link", "public", "members-private", "public-to-members", "found-forged":
		default:
			if b.holder == s.holder {
				continue // six have place
			}
		}
		b.holder.post("/settings/pins", "action", "pin", "badge", b.id).is(s.t, 303)
	}
}

// then brings each badge to its state.
func (s *scene) then() {
	s.vouch()
	s.thenPages()
	for _, b := range s.badges {
		switch b.state {
		case "public-to-private", "members-private", "link-to-private":
			s.show(b, "private")
		case "public-to-link":
			s.show(b, "link")
		case "public-to-members":
			s.show(b, "members")
		case "private-to-public":
			s.show(b, "public")
		case "found-forged":
			s.write(`UPDATE badge SET verdict = 'invalid' WHERE public_id = $1`, b.id)
		case "link-ended":
			b.holder.post("/settings/links/"+b.id, "action", "end", "end", "day").is(s.t, 303)
			s.write(`UPDATE badge SET link_until = 1 WHERE public_id = $1`, b.id)
		case "link-renewed":
			b.holder.post("/settings/links/"+b.id, "action", "renew").is(s.t, 303)
		case "removed-in-bulk":
			b.holder.post("/badges/bulk", "badge", b.id, "do", "remove", "value", "yes").is(s.t, 303)
		case "deleted":
			b.holder.post("/b/"+b.id+"/remove").is(s.t, 303)
		}
	}
	s.holder.post("/settings/followers", "action", "remove", "handle", "former").is(s.t, 303)
	s.people["hidden"].post("/settings/hidden", "action", "hide").is(s.t, 303)
	s.people["shown"].post("/settings/hidden", "action", "hide").is(s.t, 303)
	s.people["shown"].post("/settings/hidden", "action", "show").is(s.t, 303)
	s.people["blocker"].post("/@blocked/block").is(s.t, 303)
	s.people["loner"].post("/settings/privacy", "profile", "public", "follow", "everyone", "comment", "members", "default_visibility", "private").is(s.t, 303)
	if err := s.accounts.AnswerAge(s.t.Context(), s.people["young"].person.ID, account.AgeUnder, "guardian@people.test"); err != nil {
		s.t.Error(err)
	}
	if err := s.accounts.SetDisabled(s.t.Context(), s.people["disabled"].person.Handle, true); err != nil {
		s.t.Error(err)
	}
	if err := s.remove(s.people["erased"].person.ID); err != nil {
		s.t.Error(err)
	}
}

// outlets gives for each route that answers GET the paths that could say
// something of a badge. A route that is not here fails the test.
var outlets = map[string]func(s *scene) []string{
	"/":                           fixed("/"),
	"/about":                      fixed("/about"),
	"/add":                        fixed("/add", "/add?url=x"),
	"/add/:id":                    imports,
	"/add/:id/errors.csv":         fixed("/add/none/errors.csv"),
	"/admin":                      fixed("/admin"),
	"/admin/hosts":                fixed("/admin/hosts", "/admin/hosts?after=1-a.test"),
	"/admin/joining":              fixed("/admin/joining"),
	"/admin/outbox":               fixed("/admin/outbox"),
	"/admin/people":               fixed("/admin/people", "/admin/people?q=a&state=active&sort=name", "/admin/people?sort=seen&after=zz.zz"),
	"/admin/people/:id":           heads(""),
	"/admin/people/:id/remove":    heads("/remove"),
	"/admin/record":               fixed("/admin/record", "/admin/record?after=zz"),
	"/enter/:token":               fixed("/enter/none"),
	"/invite/:token":              fixed("/invite/none"),
	"/join/:token":                fixed("/join/none"),
	"/settings/invitations":       fixed("/settings/invitations"),
	"/admin/plugins":              fixed("/admin/plugins"),
	"/admin/plugins/:id":          fixed("/admin/plugins/linkedin", "/admin/plugins/mastodon"),
	"/assets/*":                   fixed("/assets/app.css"),
	"/auth/:provider":             fixed("/auth/none"),
	"/auth/:provider/callback":    fixed("/auth/none/callback?state=0123456789abcdef"),
	"/auth/:provider/anew":        fixed("/auth/none/anew"),
	"/auth/:provider/icon":        fixed("/auth/none/icon"),
	"/auth/:provider/signed-out":  fixed("/auth/none/signed-out"),
	"/b/:id":                      badgePaths("", "?new=1", "?key=", "?key=wrong", "?key=KEY", "?as=stranger", "?as=member", "?as=follower"),
	"/b/:id/claim":                badgePaths("/claim"),
	"/b/:id/card.png":             badgePaths("/card.png", "/card.png?key=KEY"),
	"/b/:id/download/png":         badgePaths("/download/png", "/download/png?key=KEY"),
	"/b/:id/download/credential":  badgePaths("/download/credential", "/download/credential?key=KEY"),
	"/b/:id/download/pdf":         drawnPaths,
	"/badges/calendar":            fixed("/badges/calendar"),
	"/calendar/:token":            calendarPaths,
	"/badges/statistics":          fixed("/badges/statistics"),
	"/badges/export":              fixed("/badges/export"),
	"/b/:id/download/record":      badgePaths("/download/record", "/download/record?key=KEY"),
	"/b/:id/download/svg":         badgePaths("/download/svg", "/download/svg?key=KEY"),
	"/b/:id/download/received":    badgePaths("/download/received", "/download/received?key=KEY"),
	"/b/:id/image":                badgePaths("/image", "/image?key=KEY"),
	"/b/:id/qr.svg":               badgePaths("/qr.svg", "/qr.svg?key=KEY"),
	"/b/:id/kept/:hash":           badgePaths("/kept/"+strings.Repeat("0", 64), "/kept/"+strings.Repeat("0", 64)+"?key=KEY"),
	"/b/:id/record":               badgePaths("/record", "/record?key=KEY"),
	"/b/:id/remove":               badgePaths("/remove"),
	"/b/:id/share":                badgePaths("/share"),
	"/b/:id/share/:target":        badgePaths("/share/links.mail", "/share/fake.keyed"),
	"/connect/:target":            fixed("/connect/links.mail"),
	"/connect/callback":           fixed("/connect/callback", "/connect/callback?state=none&code=none"),
	"/connect/confirm/:token":     fixed("/connect/confirm/none"),
	"/oauth/client-metadata.json": fixed("/oauth/client-metadata.json"),
	"/settings/sharing":           fixed("/settings/sharing"),
	"/b/:id/verify":               badgePaths("/verify", "/verify?key=KEY"),
	"/badges":                     searched("/badges?", "/badges?state=valid", "/badges?visibility=private&sort=name", "/badges?sort=issuer&view=rows&after=zzzzzzzzzz"),
	"/badges/collections":         fixed("/badges/collections"),
	"/badges/collections/:id":     collections,
	"/c/:id": each(func(b *secretBadge) []string {
		return []string{"/c/" + b.class, "/c/" + b.class + "?holders=zzzzzzzzzz&comments=zzzzzzzzzz"}
	}),
	"/c/:id/image":      each(func(b *secretBadge) []string { return []string{"/c/" + b.class + "/image"} }),
	"/confirm/:token":   fixed("/confirm/none"),
	"/embed/@:name":     embeds,
	"/settings/contact": fixed("/settings/contact"),
	"/settings/layout":  fixed("/settings/layout"),
	"/settings/layout/:name": func(s *scene) []string {
		list := []string{"/settings/layout/none"}
		for _, name := range s.texts(`SELECT name FROM profile_block WHERE kind = 'chosen'`) {
			list = append(list, "/settings/layout/"+name)
		}
		return list
	},
	"/settings/pins": searched("/settings/pins?", "/settings/pins?before=zzzzzzzzzz&"),
	"/embed/b/:id": each(func(b *secretBadge) []string {
		return []string{"/embed/b/" + b.id, "/embed/b/" + b.id + "?lang=fr&theme=dark&key=" + b.key}
	}),
	"/oembed": func(s *scene) []string {
		return each(func(b *secretBadge) []string {
			at := "/oembed?url=" + url.QueryEscape(s.url+"/b/"+b.id)
			return []string{at, at + "&format=xml", at + url.QueryEscape("?key="+b.key)}
		})(s)
	},
	"/endorse/:token":              fixed("/endorse/none"),
	"/endorse/:token/data":         fixed("/endorse/none/data"),
	"/endorse/done":                fixed("/endorse/done"),
	"/endorsements":                fixed("/endorsements"),
	"/endorsements/:id/credential": endorsed,
	"/b/:id/details":               badgePaths("/details"),
	"/b/:id/report":                badgePaths("/report", "/report?key=KEY"),
	"/admin/reports":               fixed("/admin/reports"),
	"/b/:id/endorse":               badgePaths("/endorse"),
	"/b/:id/endorse/ask":           badgePaths("/endorse/ask"),
	"/b/:id/endorse/image":         badgePaths("/endorse/image"),
	"/endorse/:token/image":        fixed("/endorse/none/image"),
	"/.well-known/did.json":        fixed("/.well-known/did.json"),
	"/u/:id/did.json":              fixed("/u/none/did.json"),
	"/u/:id/status":                fixed("/u/none/status"),
	"/explore":                     both(placePaths, foundPages("/explore?", "/explore?tab=pages", "/explore?tab=badges&", "/explore?tab=people&", "/explore?tab=people&sort=common", "/explore?tab=issuers&", "/explore?tab=skills&", "/explore?tab=badges&sort=newest&", "/explore?before=zzzzzzzzzz&", "/explore?tab=badges&page=0&")),
	"/map":                         fixed("/map"),
	"/search":                      searched("/search?"),
	"/skills":                      searched("/skills?", "/skills?scheme=esco&", "/skills?scheme=other&", "/skills?scheme=tag&", "/skills?after=zz.zz&"),
	"/skills/:id": func(s *scene) []string {
		var list []string
		for _, id := range s.texts(`SELECT public_id FROM facet WHERE kind IN ('skill', 'tag')`) {
			list = append(list, "/skills/"+id)
		}
		return append(list, "/skills/none")
	},
	"/favicon.ico":                    fixed("/favicon.ico"),
	"/favicon.svg":                    fixed("/favicon.svg"),
	"/feed":                           fixed("/feed", "/feed?kind=badges", "/feed?kind=people", "/feed?kind=comments", "/feed?kind=pages", "/feed?before=zzzzzzzzzz"),
	"/files":                          fixed("/files", "/files?q=zq&tag=zq", "/files?before=zzzzzzzzzz"),
	"/files/:id":                      filePaths(""),
	"/files/:id/delete":               filePaths("/delete"),
	"/files/:id/download":             filePaths("/download"),
	"/files/:id/thumbnail":            filePaths("/thumbnail"),
	"/b/:id/evidence/:evidence/file":  evidencePaths,
	"/p/:id":                          pagePaths("/p/", "", "?key=wrong", "?key=KEY", "?as=stranger", "?as=member", "?as=follower"),
	"/p/:id/file/:block":              pagePaths("/p/", "/file/BLOCK", "/file/none", "/file/BLOCK?key=KEY"),
	"/p/:id/qr.svg":                   pagePaths("/p/", "/qr.svg", "/qr.svg?key=KEY"),
	"/p/:id/card.png":                 pagePaths("/p/", "/card.png", "/card.png?key=KEY"),
	"/p/:id/share":                    pagePaths("/p/", "/share"),
	"/p/:id/share/:target":            pagePaths("/p/", "/share/links.mail", "/share/fake.keyed"),
	"/embed/p/:id":                    pagePaths("/embed/p/", "", "?key=KEY"),
	"/pages":                          fixed("/pages", "/pages?tag=zq", "/pages?before=zzzzzzzzzz"),
	"/pages/new":                      fixed("/pages/new"),
	"/pages/:id/edit":                 pagePaths("/pages/", "/edit"),
	"/pages/:id/blocks/:block/badges": pagePaths("/pages/", "/blocks/BLOCK/badges"),
	"/pages/:id/history":              pagePaths("/pages/", "/history?show=3"),
	"/pages/:id/sharing":              pagePaths("/pages/", "/sharing?to=public"),
	"/pages/:id/export":               pagePaths("/pages/", "/export"),
	"/pages/:id/site.zip":             pagePaths("/pages/", "/site.zip?plain=1"),
	"/pages/:id/delete":               pagePaths("/pages/", "/delete"),
	"/healthz":                        fixed("/healthz"),
	"/i/:id":                          each(func(b *secretBadge) []string { return []string{"/i/" + b.issuer} }),
	"/login":                          fixed("/login"),
	"/login/fresh":                    fixed("/login/fresh"),
	"/login/link":                     fixed("/login/link"),
	"/login/link/:token":              fixed("/login/link/none"),
	"/login/recovery":                 fixed("/login/recovery"),
	"/manifest.webmanifest":           fixed("/manifest.webmanifest"),
	"/removed":                        fixed("/removed", "/removed?number=none"),
	"/removed/:receipt":               receipts,
	"/reset":                          fixed("/reset"),
	"/reset/:token":                   fixed("/reset/none"),
	"/robots.txt":                     fixed("/robots.txt"),
	"/settings":                       fixed("/settings"),
	"/settings/data":                  fixed("/settings/data"),
	"/settings/data/document":         documents,
	"/settings/data/import":           fixed("/settings/data/import"),
	"/settings/data/import/:id":       fixed("/settings/data/import/none"),
	"/settings/emails":                fixed("/settings/emails"),
	"/data-request":                   fixed("/data-request"),
	"/data-request/:token":            fixed("/data-request/none"),
	"/data-request/erased":            fixed("/data-request/erased"),
	"/settings/merge":                 fixed("/settings/merge"),
	"/settings/merge/done":            fixed("/settings/merge/done"),
	"/settings/merge/preview":         fixed("/settings/merge/preview"),
	"/settings/emails/:id/remove":     fixed("/settings/emails/1/remove"),
	"/settings/remove":                fixed("/settings/remove", "/settings/remove?step=2"),
	"/settings/security":              fixed("/settings/security"),
	"/settings/security/passkeys/new": fixed("/settings/security/passkeys/new"),
	"/setup/:token":                   fixed("/setup/none"),
	"/share/icons/:plugin/:target":    fixed("/share/icons/linkedin/post"),
	"/signup":                         fixed("/signup"),
	"/verify":                         each(func(b *secretBadge) []string { return []string{"/verify", "/verify?badge=" + b.id} }),
	"/@:handle/picture":               profiles("/picture"),
	"/@:name":                         profiles("", "?before=zzzzzzzzzz", "?q=zq", "?as=stranger", "?as=member", "?as=follower"),
	"/@:name/feed.atom":               profiles("/feed.atom", "/feed.atom?before=zzzzzzzzzz"),
	"/@:name/card.png":                profiles("/card.png"),
	"/@:name/qr.svg":                  profiles("/qr.svg"),
	"/@:name/share":                   profiles("/share"),
	"/@:name/share/:target":           profiles("/share/links.mail", "/share/fake.keyed"),

	"/settings/profile":       fixed("/settings/profile"),
	"/settings/handle":        fixed("/settings/handle"),
	"/settings/appearance":    fixed("/settings/appearance"),
	"/settings/privacy":       fixed("/settings/privacy"),
	"/settings/details":       fixed("/settings/details"),
	"/settings/hidden":        fixed("/settings/hidden"),
	"/settings/notifications": fixed("/settings/notifications"),
	"/settings/followers":     fixed("/settings/followers"),
	"/settings/links":         fixed("/settings/links"),
	"/settings/map":           fixed("/settings/map"),
	"/admin/texts":            fixed("/admin/texts"),
	"/admin/apps":             fixed("/admin/apps", "/admin/apps?before=1-x"),
	"/agree":                  fixed("/agree"),
	"/guardian":               fixed("/guardian"),
	"/guardian/:token":        fixed("/guardian/none"),
	"/privacy":                fixed("/privacy"),
	"/terms":                  fixed("/terms"),
	"/unsubscribe/:token":     fixed("/unsubscribe/none"),

	"/oauth/authorize":                        fixed("/oauth/authorize", "/oauth/authorize?client_id=none"),
	"/ims/ob/v3p0/discovery":                  fixed("/ims/ob/v3p0/discovery"),
	"/ims/ob/v3p0/credentials":                fixed("/ims/ob/v3p0/credentials", "/ims/ob/v3p0/credentials?offset=1"),
	"/ims/ob/v3p0/profile":                    fixed("/ims/ob/v3p0/profile"),
	"/settings/apps":                          fixed("/settings/apps"),
	"/.well-known/oauth-authorization-server": fixed("/.well-known/oauth-authorization-server"),
}

// heads are the pages of people for administrators.
func heads(end string) func(*scene) []string {
	return func(s *scene) []string {
		list := []string{"/admin/people/none" + end}
		for _, id := range s.texts(`SELECT public_id FROM person`) {
			list = append(list, "/admin/people/"+id+end)
		}
		return list
	}
}

func both(one, other func(*scene) []string) func(*scene) []string {
	return func(s *scene) []string { return append(one(s), other(s)...) }
}

func fixed(paths ...string) func(*scene) []string { return func(*scene) []string { return paths } }

func each(f func(*secretBadge) []string) func(*scene) []string {
	return func(s *scene) []string {
		var list []string
		for _, b := range s.badges {
			list = append(list, f(b)...)
		}
		return list
	}
}

// deadLinks are the states in which a link shows nothing any more.
var deadLinks = []string{"link-to-private", "link-to-hidden", "link-of-under-age", "link-ended", "link-renewed"}

func badgePaths(ends ...string) func(*scene) []string {
	return each(func(b *secretBadge) []string {
		var list []string
		for _, e := range ends {
			if strings.HasSuffix(e, "=KEY") && !slices.Contains(deadLinks, b.state) {
				continue // who has the link of a badge may see it
			}
			list = append(list, "/b/"+b.id+strings.ReplaceAll(e, "KEY", url.QueryEscape(b.key)))
		}
		return list
	})
}

// searched asks with and without a search for each badge. What is searched for
// is said again on the page, so it is the marker without its end.
func searched(paths ...string) func(*scene) []string {
	return func(s *scene) []string {
		list := slices.Clone(paths)
		for _, b := range s.badges {
			for _, p := range paths {
				if strings.HasSuffix(p, "&") || strings.HasSuffix(p, "?") {
					list = append(list, p+"q="+b.marker[:len(b.marker)-3])
				}
			}
		}
		return list
	}
}

func profiles(ends ...string) func(*scene) []string {
	return func(s *scene) []string {
		var list []string
		for _, v := range append(slices.Collect(maps.Values(s.people)), s.holder, s.follower, s.member, s.admin, s.unnamed, s.former, s.blocked) {
			for _, e := range ends {
				list = append(list, "/@"+v.person.Handle+e)
			}
		}
		return list
	}
}

func embeds(s *scene) []string {
	var list []string
	for _, path := range profiles("", "?lang=fr&theme=dark")(s) {
		list = append(list, "/embed"+path)
	}
	return list
}

func imports(s *scene) []string {
	var list []string
	for _, id := range s.texts(`SELECT public_id FROM badge_import UNION SELECT batch FROM badge_import WHERE batch <> ''`) {
		list = append(list, "/add/"+id, "/add/"+id+"?partial=1")
	}
	return list
}

// drawnPaths asks for the certificates of a badge of each level: they take longer to
// draw than all else, and who may have one is asked as for the other downloads.
func drawnPaths(s *scene) []string {
	var list []string
	for _, b := range s.badges {
		if slices.Contains([]string{"private", "link", "members", "public-to-private", "removed-in-bulk"}, b.state) {
			list = append(list, "/b/"+b.id+"/download/pdf")
		}
	}
	return list
}

func collections(s *scene) []string {
	list := []string{"/badges/collections/none"}
	for _, id := range s.texts(`SELECT public_id FROM collection`) {
		list = append(list, "/badges/collections/"+id)
	}
	return list
}

func documents(s *scene) []string {
	var list []string
	docs, err := s.data.Documents(s.t.Context(), s.follower.person.ID)
	if err != nil {
		s.t.Error(err)
	}
	for _, d := range docs {
		list = append(list, "/settings/data/document?name="+d.Name, "/settings/data/document?raw=1&name="+d.Name)
	}
	return append(list, "/settings/data/document?name=../badges/badges.json")
}

func receipts(s *scene) []string {
	list := []string{"/removed/none"}
	for _, number := range s.texts(`SELECT receipt FROM erasure`) {
		list = append(list, "/removed/"+number)
	}
	return list
}

// TestOutletsAreClassified: a new route that answers GET says here what it could leak.
func TestOutletsAreClassified(t *testing.T) {
	p := startPassport(t, options{})
	var routes []string
	for _, r := range p.web.Routes() {
		if path, ok := strings.CutPrefix(r, "GET "); ok {
			routes = append(routes, path)
			if outlets[path] == nil {
				t.Errorf("no line in outlets for GET %s", path)
			}
		}
	}
	for path := range outlets {
		if !slices.Contains(routes, path) {
			t.Errorf("outlets has a line for %s, which is no route", path)
		}
	}
}

// TestNothingLeaks walks every outlet as every kind of viewer and finds no marker
// of a badge that the viewer may not see; and it finds those that they may.
func TestNothingLeaks(t *testing.T) {
	s := newScene(t)
	s.first()
	s.walk(t, false) // fills what is cached
	s.then()
	found := s.walk(t, true)
	for _, b := range s.badges {
		for kind, v := range s.viewers() {
			if may(kind, b, v) && found[kind][b.state] == 0 {
				t.Errorf("%s does not find the %s badge anywhere", kind, b.state)
			}
		}
		for _, line := range []string{s.passport.log.String(), strings.Join(s.texts(`SELECT body_text FROM mail_outbox`), "\n")} {
			if strings.Contains(line, b.marker) {
				t.Errorf("the log or a mail names the %s badge", b.state)
			}
		}
	}
	s.log(t, found)
}

func (s *scene) log(t *testing.T, found map[string]map[string]int) {
	t.Helper()
	for kind, states := range found {
		t.Logf("%s: %v", kind, states)
	}
}

// walk asks for everything. It counts in how many answers each viewer found each badge.
func (s *scene) walk(t *testing.T, check bool) map[string]map[string]int {
	t.Helper()
	var paths []string
	for _, f := range outlets {
		paths = append(paths, f(s)...)
	}
	found := map[string]map[string]int{}
	var all sync.WaitGroup
	for kind, v := range s.viewers() {
		mine := map[string]int{}
		found[kind] = mine
		all.Go(func() {
			for _, path := range paths {
				for _, a := range s.ask(v, path, check) {
					s.look(t, kind, v, a, check, mine)
				}
			}
			if !check {
				return
			}
			for _, a := range s.writes(v, kind) {
				s.look(t, kind, v, a, check, mine)
			}
		})
	}
	all.Wait()
	return found
}

// ask asks for a path, and also in the other ways that something may answer to.
func (s *scene) ask(v *visitor, path string, check bool) []answer {
	list := []answer{v.get(path)}
	if check && (strings.HasPrefix(path, "/b/") || strings.HasPrefix(path, "/c/") || strings.HasPrefix(path, "/@") || strings.HasPrefix(path, "/p/")) {
		list = append(list, v.get(path, "Accept", "application/json", "Range", "bytes=0-5000", "If-None-Match", "*"),
			v.send(http.MethodHead, path, "", nil))
	}
	return list
}

// writes tries what changes something, and takes the export.
func (s *scene) writes(v *visitor, kind string) []answer {
	list := []answer{}
	if v == s.anon {
		return list
	}
	list = append(list, v.export())
	for _, b := range s.badges {
		if may(kind, b, v) {
			continue
		}
		for _, path := range []string{"/b/" + b.id + "/verify", "/b/" + b.id + "/visibility", "/b/" + b.id + "/remove", "/share/linkedin.post/" + b.id, "/c/" + b.class + "/follow", "/c/" + b.class + "/comments"} {
			statuses := []int{404}
			if b.state == "holder-erased" { // everybody saw it once: it is said to be gone
				statuses = []int{404, 410}
			}
			list = append(list, v.post(path, "action", "follow", "text", "hello", "visibility", "public").is(s.t, statuses...))
		}
	}
	return list
}

// look searches one answer for every marker.
func (s *scene) look(t *testing.T, kind string, v *visitor, a answer, check bool, found map[string]int) {
	t.Helper()
	if a.status >= 500 {
		t.Errorf("%s: %s", kind, a)
	}
	kind, v = s.as(kind, v, a.name)
	text := everything(t, a)
	for _, b := range s.badges {
		if strings.Contains(text, b.marker) {
			found[b.state]++
			if check && !may(kind, b, v) {
				t.Errorf("%s finds the %s badge: %s: …%s…", kind, b.state, a.name, around(text, b.marker))
			}
		}
		if check && !may(kind, b, v) && strings.Contains(a.name, b.id) && a.status < 400 && !strings.HasPrefix(a.location(), "/login?") {
			t.Errorf("%s: the %s badge is there: %s", kind, b.state, a)
		}
		if check && !may(kind, b, v) && !strings.Contains(a.name, b.id) && strings.Contains(text, b.id) {
			t.Errorf("%s finds the id of the %s badge: %s", kind, b.state, a.name)
		}
	}
	if check {
		s.lookAtFields(t, kind, v, a, text)
		s.lookAtPages(t, kind, a, text)
		s.lookAtPlaces(t, kind, v, a, text)
		s.lookAtCalendars(t, a, text)
	}
	shy := s.unnamed.person.Handle
	if check && kind != "admin" && !strings.Contains(a.name, shy) && strings.Contains(text, s.namelessBadge.marker) && strings.Contains(text, shy) {
		t.Errorf("%s: %s names the holder of a badge that is shown without a name: …%s…", kind, a.name, around(text, shy))
	}
	if check && strings.Contains(a.name, "/@"+shy) && strings.Contains(text, s.namelessBadge.marker) {
		t.Errorf("%s: %s shows a badge that hides its holder", kind, a.name)
	}
}

// everything is an answer as text: its headers, its body and what is packed in it.
func everything(t *testing.T, a answer) string {
	t.Helper()
	var s strings.Builder
	fmt.Fprintln(&s, a.header)
	s.Write(a.body)
	if a.header.Get("Content-Type") != "application/zip" {
		return s.String()
	}
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Errorf("%s: %v", a.name, err)
		return s.String()
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Errorf("%s: %v", a.name, err)
			continue
		}
		fmt.Fprintln(&s, f.Name)
		if _, err := io.Copy(&s, r); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
	}
	return s.String()
}

// tellFields puts markers into profiles, each for somebody else.
func (s *scene) tellFields() {
	put := func(owner, audience string) string {
		m := marker(owner + audience)
		s.fields = append(s.fields, secretField{m, audience, owner})
		return m
	}
	s.holder.post("/settings/profile", "name", "holder", "about", put("holder", "private"), "about_for", "private",
		"place", put("holder", "members"), "place_for", "members", "organisation", put("holder", "public"), "organisation_for", "public",
		"links", "https://"+put("holder", "private")+".test/", "links_for", "private").is(s.t, 303)
	s.holder.post("/settings/contact", "email", put("holder", "private")+"@people.test", "email_for", "private",
		"mastodon", put("holder", "members")+"@people.test", "mastodon_for", "members", "bluesky", put("holder", "public")+".people.test", "bluesky_for", "public").is(s.t, 303)
	s.people["hidden"].post("/settings/contact", "mastodon", put("hidden", "private")+"@people.test", "mastodon_for", "public").is(s.t, 303)
	s.people["hidden"].post("/settings/profile", "name", put("hidden", "private"), "about", put("hidden", "private")).is(s.t, 303)
	s.people["young"].post("/settings/profile", "name", put("young", "members"), "about", put("young", "members")).is(s.t, 303)
	s.people["loner"].post("/settings/profile", "name", put("loner", "known"), "about", put("loner", "known")).is(s.t, 303)
}

// lookAtFields finds no part of a profile that is for somebody else. What is for
// who knows of a person stands on their own pages, and nowhere that others come by.
func (s *scene) lookAtFields(t *testing.T, kind string, v *visitor, a answer, text string) {
	t.Helper()
	for _, f := range s.fields {
		if !strings.Contains(text, f.marker) || v.person.Handle == f.owner || strings.HasPrefix(a.name, "GET /admin") {
			continue
		}
		known := strings.Contains(a.name, "/@"+f.owner) || strings.Contains(a.name, "/b/")
		switch {
		case f.audience == "private", f.audience == "members" && kind == "anon",
			f.audience == "known" && !known && (strings.Contains(a.name, "/explore") || strings.Contains(a.name, "/c/") || strings.Contains(a.name, "/i/") || a.name == "GET /"):
			t.Errorf("%s finds what %s tells to %s: %s: …%s…", kind, f.owner, f.audience, a.name, around(text, f.marker))
		}
	}
}

func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-120):min(len(text), i+len(word)+60)]
}
