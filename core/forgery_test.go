package core

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// things are one of each kind that paths name.
type things struct {
	badge, class, issuer, comment, email, session, pending, file, page, block string
}

// path puts a thing into each parameter of a route.
func (x things) path(t testing.TB, route string) string {
	t.Helper()
	id := x.badge
	switch {
	case strings.HasPrefix(route, "/c/"):
		id = x.class
	case strings.HasPrefix(route, "/comments/"):
		id = x.comment
	case strings.HasPrefix(route, "/settings/emails/"):
		id = x.email
	case strings.HasPrefix(route, "/admin/plugins/"):
		id = "twitter"
	case strings.HasPrefix(route, "/pages/"), strings.HasPrefix(route, "/p/"):
		id = x.page
	case strings.HasPrefix(route, "/files/"):
		id = x.file
	case strings.HasPrefix(route, "/add/"):
		id = x.pending
	}
	path := strings.NewReplacer(":id", id, ":name", "victim", ":handle", "victim", ":target", "linkedin.post", ":job", "none", ":block", x.block, ":provider", "none", ":receipt", "none", ":evidence", "none", ":hash", strings.Repeat("0", 64),
		":token", "0123456789012345678901234567890123456789012").Replace(route)
	if strings.ContainsAny(path, ":*") {
		t.Fatalf("%s: a parameter that this test does not know", route)
	}
	return path
}

// peopled is a passport in which victim has one of each thing.
func peopled(t *testing.T) (p *passport, admin, victim *visitor, x things) {
	t.Helper()
	p = startPassport(t, options{})
	p.share.Settle()
	admin, victim = p.administrator("keeper"), p.member("victim")
	issuer := newSigner(t, "Issuer")
	x.badge = victim.take(t, issuer, issuer.badge("Badge", "victim@people.test"))
	victim.post("/b/"+x.badge+"/visibility", "visibility", "public").is(t, 303)
	ids := p.texts(`SELECT public_id FROM badge_class UNION ALL SELECT public_id FROM issuer`)
	x.class, x.issuer = ids[0], ids[1]
	victim.post("/c/"+x.class+"/comments", "text", "mine").is(t, 303)
	x.comment = p.texts(`SELECT public_id FROM comment`)[0]
	victim.post("/settings/emails", "address", "second@people.test").is(t, 303)
	x.email = p.texts(`SELECT CAST(id AS TEXT) FROM email WHERE address = 'second@people.test'`)[0]
	x.session = p.texts(`SELECT public_id FROM session WHERE person = $1`, victim.person.ID)[0]
	victim.upload("/files", "file", "mine.txt", []byte("mine")).is(t, 303)
	x.file = p.texts(`SELECT public_id FROM file`)[0]
	f := victim.folio("Mine", x.badge)
	f.post(f.path+"/sharing", "visibility", "public").is(t, 303)
	x.page, x.block = f.path[len("/pages/"):], f.add("text", "text", "mine")
	x.pending = p.texts(`SELECT public_id FROM badge_import`)[0]
	return p, admin, victim, x
}

// every field that any form has, with values that change something.
var fields = []string{
	"lang", "fr", "scheme", "dark", "contrast", "high", "next", "/feed", "name", "Evil", "handle", "evil", "address", "evil@people.test",
	"password", "evil evil evil", "current", "evil evil evil", "site", "Evil", "tagline", "evil", "about", "evil", "signup", "closed",
	"explore", "members", "visibility", "public", "show_name", "0", "action", "disable", "text", "evil", "url", "", "id", "x", "all", "1",
	"default_visibility", "public", "language", "fr", "purpose", "link",
	"profile", "private", "findable", "0", "follow", "nobody", "comment", "nobody", "zone", "Europe/Paris", "kind", "terms", "body_en", "evil",
	"title", "Evil", "style", "ink", "tags", "evil", "do", "undo", "by", "up", "number", "1", "rev", "1", "force", "1", "until", "", "badges", "leave",
	"age", "under", "guardian", "evil@people.test", "end", "day", "mail", "none",
}

// received are the routes for messages of other servers, which carry their own
// proof and look at no cookie.
var received = map[string]bool{"/auth/:provider/backchannel": true, "/oauth/token": true, "/oauth/revoke": true, "/oauth/register": true}

// tokenRoutes are guarded by a secret in their path alone: a wrong one finds nothing.
var tokenRoutes = []string{"/unsubscribe/:token"}

// TestEveryWriteIsGuarded: no writing route does anything for a request that
// another site could make, whoever is signed in.
func TestEveryWriteIsGuarded(t *testing.T) {
	p, admin, victim, x := peopled(t)
	before := p.dump("session")
	token, foreign := victim.token(), admin.token()
	send := func(v *visitor, path, kind, token string, headers ...string) answer {
		pairs := append([]string{"csrf", token}, fields...)
		body := "csrf=" + token
		for i := 0; i+1 < len(pairs); i += 2 {
			body += "&" + pairs[i] + "=" + strings.ReplaceAll(pairs[i+1], " ", "+")
		}
		return v.send(http.MethodPost, path, kind, []byte(body), headers...)
	}
	const form = "application/x-www-form-urlencoded"
	n := 0
	for _, route := range p.web.Routes() {
		route, ok := strings.CutPrefix(route, "POST ")
		if !ok {
			continue
		}
		if slices.Contains(tokenRoutes, route) {
			send(victim, x.path(t, route), form, token, "Origin", "https://evil.test").is(t, 404)
			continue
		}
		if received[route] {
			continue
		}
		path, v, own, others := x.path(t, route), victim, token, foreign
		if strings.HasPrefix(route, "/admin") {
			v, own, others = admin, foreign, token
		}
		for _, a := range []answer{
			send(v, path, form, own, "Origin", "https://evil.test"),
			send(v, path, form, own, "Origin", "null"),
			send(v, path, form, own, "Origin", strings.Replace(p.url, "http:", "https:", 1)),
			send(v, path, form, own, "Origin", p.url+".evil.test"),
			send(v, path, form, own, "Origin", "", "Referer", "https://evil.test/"+p.url),
			send(v, path, form, own, "Sec-Fetch-Site", "cross-site"),
			send(v, path, form, own, "Sec-Fetch-Site", "same-site"),
			send(v, path, form, "", "Origin", ""),
			send(v, path, form, ""),
			send(v, path, form, others),
			send(v, path, form, own+"&csrf="+own),
			send(v, path, "text/plain", own),
			send(v, path, "text/plain", own, "Origin", ""),
			send(v, path, "application/json", own),
			send(v, path, "", own),
		} {
			n++
			a.is(t, 403)
		}
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if a := v.send(method, path, form, nil); a.status < 400 || a.status >= 500 {
				t.Errorf("%s", a)
			}
		}
	}
	for _, c := range changes(before, p.dump("session")) {
		t.Errorf("a forged request changed %s", c)
	}
	t.Logf("%d forged requests", n)
}

// TestReadingWritesNothing: no GET route changes a row, but for what remembers that
// somebody was there: when they last explored, which badge is new to them, and the
// views of a badge, which are counted without saying whose.
func TestReadingWritesNothing(t *testing.T) {
	p, admin, victim, x := peopled(t)
	visits := []string{"session", "oidc_state", "explore_visit", "badge_view"}
	victim.get("/b/"+x.badge).is(t, 200) // from now on it is not new
	before := p.dump(visits...)
	for _, route := range p.web.Routes() {
		route, ok := strings.CutPrefix(route, "GET ")
		if !ok || route == "/assets/*" {
			continue
		}
		path := strings.ReplaceAll(strings.ReplaceAll(route, ":plugin", "linkedin"), "icons/linkedin/:target", "icons/linkedin/post")
		path = x.path(t, path)
		for _, v := range []*visitor{admin, victim, p.visitor()} {
			for _, query := range []string{"", "?" + strings.ReplaceAll(strings.Join(pairsOf(fields), "&"), " ", "+")} {
				if a := v.get(path + query); a.status >= 500 {
					t.Errorf("%s", a)
				}
			}
		}
	}
	for _, c := range changes(before, p.dump(visits...)) {
		t.Errorf("reading changed %s", c)
	}
}

func pairsOf(list []string) []string {
	var out []string
	for i := 0; i+1 < len(list); i += 2 {
		out = append(out, list[i]+"="+list[i+1])
	}
	return out
}

// TestOthersThings: nobody changes what is somebody else's by naming it, not
// even an administrator, but for taking a comment away. A page without a password
// lets everybody pass.
func TestOthersThings(t *testing.T) {
	p, admin, victim, x := peopled(t)
	private := newSigner(t, "Quiet")
	x.badge = victim.take(t, private, private.badge("Quiet badge", "victim@people.test"))
	ids := p.texts(`SELECT c.public_id FROM badge b JOIN badge_class c ON c.id = b.class WHERE b.public_id = $1`, x.badge)
	x.class = ids[0]
	eve := p.member("eve")
	quiet := []string{"person", "email", "badge", "badge_class", "issuer", "comment", "identity", "password", "verification", "share", "setting", "plugin"}
	for name, v := range map[string]*visitor{"eve": eve, "nobody": p.visitor(), "admin": admin} {
		before := p.dump()
		for _, route := range p.web.Routes() {
			route, ok := strings.CutPrefix(route, "POST ")
			if !ok || !strings.Contains(route, ":") || strings.HasPrefix(route, "/admin") || route == "/@:name/follow" || route == "/p/:id/password" || route == "/@:handle/block" || name == "admin" && route == "/comments/:id/remove" {
				continue
			}
			for _, action := range []string{"follow", "remove", "primary", "resend"} {
				a := v.post(x.path(t, route), "action", action, "visibility", "public", "show_name", "0", "text", "evil", "password", "evil evil evil", "purpose", "link")
				if (a.status < 400 || a.status >= 500) && !strings.HasPrefix(a.location(), "/login?") {
					t.Errorf("%s: %s", name, a)
				}
			}
		}
		v.post("/settings/security/sessions", "id", x.session).is(t, 401, 404)
		after := p.dump()
		for _, table := range quiet {
			for _, c := range changes(map[string][]string{table: before[table]}, map[string][]string{table: after[table]}) {
				t.Errorf("%s changed %s", name, c)
			}
		}
	}
	victim.get("/settings").is(t, 200)
}

// TestFormsTakeNothingElse: fields that no form has change nothing, and give nobody
// a role, a verdict or an address.
func TestFormsTakeNothingElse(t *testing.T) {
	p, _, victim, x := peopled(t)
	extra := []string{}
	for _, name := range []string{
		"role", "is_admin", "admin", "Role", "IsAdmin", "person", "Person", "owner", "id", "public_id", "disabled", "confirmed", "confirmed_at",
		"is_primary", "primary", "verdict", "Verdict", "plain", "issued_to", "link_secret", "secret", "verified_at", "search", "density", "follows",
		"hidden", "session", "fresh", "fresh_at", "expires_at", "state", "checks", "holders", "linkedin", "class", "badge", "received", "equality",
		"user[role]", "user.role", "role[]", "__proto__", "constructor", "created_at",
	} {
		extra = append(extra, name, "admin")
	}
	first := p.rows("person")
	eve := p.visitor()
	eve.post("/signup", append(extra, "name", "Eve", "handle", "eve", "address", "eve@people.test", "password", "a long enough one")...).is(t, 303)
	for path, pairs := range map[string][]string{
		"/settings/profile":               {"name", "Victim", "about", ""},
		"/settings/handle":                {"handle", "victim"},
		"/settings/details":               {"ask_club", "victims"},
		"/settings/appearance":            {"scheme", "auto", "contrast", "auto", "language", "", "zone", ""},
		"/settings/privacy":               {"profile", "public", "findable", "1", "follow", "everyone", "comment", "members", "default_visibility", "private"},
		"/settings/notifications":         {"mail", "follow"},
		"/settings/links/" + x.badge:      {"action", "end", "end", "day"},
		"/settings/links":                 {},
		"/settings/emails":                {"address", "third@people.test"},
		"/b/" + x.badge + "/visibility":   {"visibility", "public"},
		"/b/" + x.badge + "/verify":       {},
		"/c/" + x.class + "/comments":     {"text", "more"},
		"/c/" + x.class + "/follow":       {"action", "follow"},
		"/language":                       {"lang", "en"},
		"/appearance":                     {"scheme", "dark"},
		"/settings/security/sessions":     {"all", "1"},
		"/share/linkedin.post/" + x.badge: {},
		"/settings/emails/" + x.email:     {"action", "resend"},
		"/settings/data/export":           {},
	} {
		if a := victim.post(path, append(extra, pairs...)...); a.status >= 500 {
			t.Errorf("%s", a)
		}
	}
	issuer := newSigner(t, "Another")
	victim.upload("/add", "file", "b.json", issuer.sign(t, issuer.badge("Another", "victim@people.test")), extra...).is(t, 303)
	for what, query := range map[string]string{
		"administrators":      `SELECT count(*) FROM person WHERE role <> 'member' AND handle <> 'keeper'`,
		"confirmed addresses": `SELECT count(*) FROM email WHERE confirmed_at > 0 AND address NOT IN ('keeper@people.test', 'victim@people.test')`,
		"hidden comments":     `SELECT count(*) FROM comment WHERE hidden`,
		"disabled people":     `SELECT count(*) FROM person WHERE disabled`,
		"public badges":       `SELECT count(*) FROM badge WHERE visibility <> 'private' AND public_id <> '` + x.badge + `'`,
		"foreign badges":      `SELECT count(*) FROM badge b JOIN person p ON p.id = b.person WHERE p.handle <> 'victim'`,
		"other verdicts":      `SELECT count(*) FROM badge WHERE verdict <> 'valid'`,
		"issuers at LinkedIn": `SELECT count(*) FROM issuer WHERE linkedin <> ''`,
	} {
		if n := p.count(query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if n := len(p.rows("person")); n != len(first)+1 {
		t.Errorf("%d people", n)
	}
	eve.get("/admin").is(t, 403)
	eve.get(fmt.Sprintf("/b/%s/share", x.badge)).is(t, 404)
}
