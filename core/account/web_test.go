package account

import (
	"bytes"
	"image"
	"image/png"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/web/webtest"
)

func TestSetupPage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		path, err := s.accounts.SetupPath(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c := s.Client()
		c.Get("/setup/wrong").Is(404)
		c.Get("/signup").Is(403).Says("not set up yet")
		c.Get(path).Is(200).Has(`form[method="post"] input[name="site"]`, `input[name="explore"][value="open"][checked]`)
		c.PostForm(path, "site", "", "name", "", "handle", "root", "address", "x", "password", "short").Is(422).
			Has("#f-site-error", "#f-name-error", "#f-handle-error", "#f-address-error", "#f-password-error").SaysNot("short\"")
		fields := []string{
			"site", "River Passport", "name", "Ruth", "handle", "ruth", "address", "ruth@example.org", "password", password,
			"explore", "members", "role", "member", "disabled", "1",
		}
		c.PostForm(path, fields...).Goes(home)
		s.Client().PostForm(path, fields...).Is(404)
		s.Client().Get(path).Is(404)
		p, err := s.accounts.PersonByHandle(t.Context(), s.Base.Read(), "ruth")
		if err != nil || !p.Admin() {
			t.Errorf("%+v, %v", p, err)
		}
		if got, err := s.accounts.Confirmed(t.Context(), s.Base.Read(), p.ID); err != nil || len(got) != 1 {
			t.Errorf("addresses: %v, %v", got, err)
		}
		site, err := s.accounts.Settings(t.Context())
		if err != nil || site.Name != "River Passport" || site.Explore || !site.SignUp() {
			t.Errorf("%+v, %v", site, err)
		}
	})
}

func TestJoinConfirmSignOutSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.Client()
		c.Get("/").Is(200).Has(`a[href="/signup"]`, `a[href="/login"]`)
		c.Get("/signup?next=/add").Is(200).Has(`input[name="next"][value="/add"]`)
		c.PostForm("/signup", "name", "Ada", "handle", "Ada", "address", "ada@x.test", "password", "ada@x.test").Is(422).
			Has("#f-password-error", `input[name="handle"][value="Ada"]`)
		c.PostForm("/signup", "name", "Ada", "handle", "Ada", "address", "ada@x.test", "password", password,
			"next", "/add", "role", "admin", "confirmed_at", "1").Goes("/add")
		if n := s.count("SELECT count(*) FROM person WHERE role = 'admin'"); n != 0 {
			t.Error("a form made an administrator")
		}
		token := s.link("ada@x.test", "confirm")
		s.Client().Get("/confirm/" + token).Goes("/login?next=%2Fconfirm%2F" + token)
		c.Get("/confirm/" + token).Is(200).Has(`form[action="/confirm/` + token + `"]`).Says("ada@x.test")
		if n := s.count("SELECT count(*) FROM email WHERE confirmed_at > 0"); n != 0 {
			t.Error("reading the page confirmed the address")
		}
		other := s.signedIn(s.person("eve"))
		other.Get("/confirm/" + token).Is(403)
		other.PostForm("/confirm/" + token).Is(403)
		c.PostForm("/confirm/" + token).Goes(home)
		c.PostForm("/confirm/" + token).Is(410)
		c.Get("/").Goes(home)
		c.Get("/login?next=/feed").Goes("/feed")
		old := c.Cookie("osier")
		c.PostForm("/logout").Goes("/")
		c.SetCookie("osier", old)
		c.Get("/settings").Goes("/login?next=%2Fsettings")
	})
}

func TestSignInPage(t *testing.T) {
	s, _ := timed(t)
	s.person("ada")
	unknown := s.Client().PostForm("/login", "address", "nobody@x.test", "password", password).Is(422)
	wrong := s.Client().PostForm("/login", "address", "ada@example.org", "password", "another password").Is(422)
	same := func(p *webtest.Page) string { return strings.ReplaceAll(p.Text("main"), "x.test", "example.org") }
	if same(unknown) != same(wrong) {
		t.Errorf("%s\n%s", same(unknown), same(wrong))
	}
	c := s.Client()
	c.SetCookie("osier", strings.Repeat("a", 43))
	before := c.Cookie("osier")
	c.PostForm("/login", "address", "ada", "password", password, "next", "//evil.test/").Goes(home)
	if after := c.Cookie("osier"); after == before || len(after) != 43 {
		t.Errorf("the session was fixed before the sign-in: %q", after)
	}
	c.Get("/settings").Is(200)
	for _, next := range []string{"https://evil.test", `/\evil.test`, "javascript:alert(1)", "/%09/evil.test/..//"} {
		p := s.Client().PostForm("/login", "address", "ada", "password", password, "next", next)
		if to, err := url.Parse(p.Location()); p.Status != 303 || err != nil || to.Host != "" || !strings.HasPrefix(p.Location(), "/") {
			t.Errorf("next=%s: %d to %q", next, p.Status, p.Location())
		}
	}
	s.Client().Post("/login", "application/x-www-form-urlencoded", "address=ada&password="+password).Is(403)
	for range 30 {
		unknown = s.Client().PostForm("/login", "address", "nobody@x.test", "password", password)
	}
	unknown.Is(429)
}

func TestResetPages(t *testing.T) {
	s, _ := timed(t)
	ada := s.signedIn(s.person("ada"))
	c := s.Client()
	known := c.PostForm("/reset", "address", "ada@example.org").Is(200)
	unknown := c.PostForm("/reset", "address", "bob@example.org").Is(200)
	if strings.ReplaceAll(known.Text("main"), "ada@", "bob@") != unknown.Text("main") {
		t.Errorf("%s\n%s", known.Text("main"), unknown.Text("main"))
	}
	c.PostForm("/reset", "address", "bob").Is(422).Has("#f-address-error")
	token := s.link("ada@example.org", "reset")
	c.Get("/reset/" + token).Is(200).Says("@ada")
	c.PostForm("/reset/"+token, "password", "short").Is(422).Has("#f-password-error").Says("@ada")
	c.PostForm("/reset/"+token, "password", "quite another one").Goes("/login")
	c.PostForm("/reset/"+token, "password", "quite another two").Is(410)
	ada.Get("/settings").Goes("/login?next=%2Fsettings")
	c.PostForm("/login", "address", "ada", "password", password).Is(422)
	c.PostForm("/login", "address", "ada", "password", "quite another one").Goes(home)
}

func TestProfileSettings(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.person("bob")
		c := s.signedIn(s.person("ada"))
		c.Get("/settings").Is(200).Has(`a[href="/settings/profile"]`, `a[href="/settings/privacy"]`)
		good := []string{"name", "Ada L", "about", "Hello <b>", "place", "Whitehorse", "organisation", "Engine Club", "links", "ada.example"}
		c.PostForm("/settings/profile", "name", "").Is(422).Has("#f-name-error")
		c.PostForm("/settings/profile", "name", "Ada", "about_for", "friends").Is(422)
		c.PostForm("/settings/profile", "name", "Ada", "links", "javascript:alert(1)").Is(422).Has("#f-links-error")
		c.Upload("/settings/profile", []webtest.Upload{{Field: "picture", Name: "a.png", Type: "image/png", Data: []byte("GIF89a")}}, good...).Is(422)
		c.Upload("/settings/profile", []webtest.Upload{{Field: "picture", Name: "a.png", Type: "image/png", Data: picture(t)}},
			append(good, "role", "admin", "id", "1")...).Goes("/settings/profile")
		c.Get("/settings/profile").Is(200).Has(`input[name="remove_picture"]`, `header img[src^="/@ada/picture?v="]`,
			`input[name="place"][value="Whitehorse"]`).Says("https://ada.example")
		p := s.Client().Get("/@ada/picture").Is(200)
		if m, err := png.Decode(bytes.NewReader(p.Body)); err != nil || m.Bounds().Dx() != pictureSide {
			t.Errorf("picture: %v", err)
		}
		bob := s.signedIn(s.person("cleo"))
		for _, who := range []struct {
			audience         string
			stranger, member int
		}{{"members", 404, 200}, {"private", 404, 404}, {"public", 200, 200}} {
			c.PostForm("/settings/profile", append(good, "picture_for", who.audience)...).Goes("/settings/profile")
			s.Client().Get("/@ada/picture").Is(who.stranger)
			bob.Get("/@ada/picture").Is(who.member)
			c.Get("/@ada/picture").Is(200)
		}
		c.PostForm("/settings/handle", "handle", "ada-l").Goes("/settings/handle")
		if to := s.Client().Get("/@ada/picture?v=1").Is(301).Location(); to != "/@ada-l/picture" {
			t.Errorf("the picture at the handle that was left leads to %q", to)
		}
		c.PostForm("/settings/privacy", "profile", "members", "follow", "everyone", "comment", "members", "default_visibility", "private").Goes("/settings/privacy")
		s.Client().Get("/@ada-l/picture").Is(200)
		s.Client().Get("/@ada/picture").Is(404) // nobody learns where a closed profile went
		c.PostForm("/settings/profile", append(good, "remove_picture", "1")...).Goes("/settings/profile")
		c.Get("/@ada-l/picture").Is(404)
		if n := s.count("SELECT count(*) FROM blob"); n != 0 {
			t.Error("the picture's bytes are left")
		}
	})
}

func TestAppearanceSettings(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.signedIn(s.person("ada"))
		for _, bad := range [][]string{
			{"scheme", "pink", "contrast", "auto"},
			{"scheme", "auto", "contrast", "loud"},
			{"scheme", "auto", "contrast", "auto", "language", "xx"},
			{"scheme", "auto", "contrast", "auto", "zone", "Local"},
			{"scheme", "auto", "contrast", "auto", "zone", "../../etc/passwd"},
		} {
			c.PostForm("/settings/appearance", bad...).Is(422)
		}
		c.PostForm("/settings/appearance", "scheme", "dark", "contrast", "high", "language", "fr", "zone", "America/Toronto").Goes("/settings/appearance")
		c.Get("/settings/appearance").Is(200).Has(`html[lang="fr"]`, `html[data-scheme="dark"]`, `option[value="America/Toronto"][selected]`)
		c.PostForm("/language", "lang", "en", "next", "/settings").Goes("/settings")
		c.Get("/settings").Has(`html[lang="en"]`)
	})
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 400, 300))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAddressSettings(t *testing.T) {
	s, _ := timed(t)
	c := s.signedIn(s.person("ada"))
	c.PostForm("/settings/emails", "address", "ada@example.org").Is(422).Has("#f-address-error")
	c.PostForm("/settings/emails", "address", "more@x.test").Goes("/settings/emails")
	page := c.Get("/settings/emails").Is(200).Says("more@x.test", "the link for more@x.test waits with the administrators")
	action := page.Attr(`form:has(button[value="resend"])`, "action")
	c.PostForm(action, "action", "resend").Goes("/settings/emails")
	c.PostForm(action, "action", "primary").Is(409)
	c.PostForm(action, "action", "steal").Is(400)
	s.signedIn(s.person("eve")).PostForm(action, "action", "remove").Is(404)
	c.PostForm("/settings/emails/x", "action", "remove").Is(404)
	c.PostForm(action, "action", "remove").Goes("/settings/emails")
	c.Get("/settings/emails").SaysNot("more@x.test")
	var last *webtest.Page
	for range 12 {
		last = c.PostForm("/settings/emails", "address", "more@x.test")
	}
	last.Is(429)
}

func TestSecuritySettings(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ada := s.person("ada")
		here, there := s.signedIn(ada), s.signedIn(ada)
		id := here.Get("/settings/security").Is(200).Attr(`button[name="id"]`, "value")
		s.signedIn(s.person("eve")).PostForm("/settings/security/sessions", "id", id).Is(404)
		there.Get("/settings").Is(200)
		here.PostForm("/settings/security/sessions", "id", id).Goes("/settings/security")
		there.Get("/settings").Goes("/login?next=%2Fsettings")
		there = s.signedIn(ada)
		here.PostForm("/settings/security/password", "password", "short").Is(422).Has("#f-password-error")
		before := here.Cookie("osier")
		here.PostForm("/settings/security/password", "password", "quite another one").Goes("/settings/security")
		if here.Cookie("osier") == before {
			t.Error("the session is the same as before")
		}
		here.Get("/settings").Is(200)
		there.Get("/settings").Goes("/login?next=%2Fsettings")
		there.PostForm("/login", "address", "ada", "password", "quite another one").Goes(home)
		here.PostForm("/settings/security/sessions", "all", "1").Goes("/settings/security")
		there.Get("/settings").Goes("/login?next=%2Fsettings")
	})
}

// through plays a whole sign-in at a provider in one browser.
func through(t *testing.T, c *webtest.Client, p *oidctest.Provider, spoil func(url.Values)) *webtest.Page {
	t.Helper()
	to := c.Get("/auth/uni").Is(303).Location()
	back := p.Approve(t, to)
	if spoil != nil {
		spoil(back)
	}
	return c.Get("/auth/uni/callback?" + back.Encode())
}

func TestProviderMakesAnAccount(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		c := s.Client()
		c.Get("/login?next=/add").Is(200).Has(`a[href^="/auth/uni?next="]`).Says("Continue with University")
		through(t, c, p, nil).Goes(home)
		ada, err := s.accounts.PersonByHandle(t.Context(), s.Base.Read(), "ada-lovelace")
		if err != nil || ada.Name != "Ada Lovelace" || ada.Role != RoleMember {
			t.Fatalf("%+v, %v", ada, err)
		}
		if got, err := s.accounts.Confirmed(t.Context(), s.Base.Read(), ada.ID); err != nil || len(got) != 1 || got[0] != "ada@example.org" {
			t.Errorf("addresses: %v, %v", got, err)
		}
		before := c.Cookie("osier")
		again := s.Client()
		through(t, again, p, nil).Goes(home)
		if n := s.count("SELECT count(*) FROM person"); n != 1 || again.Cookie("osier") == before {
			t.Errorf("%d people", n)
		}
		if n := s.count("SELECT count(*) FROM email_token") + s.count("SELECT count(*) FROM mail_outbox"); n != 0 {
			t.Error("a vouched address was mailed a link")
		}
		if err := s.accounts.SetDisabled(t.Context(), ada.Handle, true); err != nil {
			t.Fatal(err)
		}
		through(t, s.Client(), p, nil).Is(403)
		if n := s.count("SELECT count(*) FROM session"); n != 0 {
			t.Error("a disabled person is signed in")
		}
	})
}

// TestWhoTheProviderSaysItIs holds what claims may and may not do.
func TestWhoTheProviderSaysItIs(t *testing.T) {
	tests := []struct {
		name      string
		claims    oidctest.JSON
		status    int
		handle    string
		confirmed bool
	}{
		{"an address that nobody vouches for", oidctest.JSON{"email": "new@x.test", "email_verified": false}, 303, "ada-lovelace", false},
		{"the victim's address, not vouched", oidctest.JSON{"email": "victim@example.org", "email_verified": false}, 303, "ada-lovelace", false},
		{"the victim's address, vouched as text", oidctest.JSON{"email": "victim@example.org", "email_verified": "true"}, 303, "ada-lovelace", false},
		{"the victim's address, vouched", oidctest.JSON{"email": "Victim@Example.org", "email_verified": true}, 409, "", false},
		{"two addresses", oidctest.JSON{"email": "evil@x.test@example.org", "email_verified": true}, 303, "ada-lovelace", false},
		{"a header", oidctest.JSON{"email": "victim@example.org\r\nBcc: x@x.test", "email_verified": true}, 303, "ada-lovelace", false},
		{"an address with a name", oidctest.JSON{"email": "x <victim@example.org>", "email_verified": true}, 303, "ada-lovelace", false},
		{"a look-alike", oidctest.JSON{"email": "vıctim@example.org", "email_verified": true}, 303, "ada-lovelace", false},
		{"a name that is taken", oidctest.JSON{"preferred_username": "victim"}, 303, "victim-2", true},
		{"a reserved name", oidctest.JSON{"preferred_username": "admin"}, 303, "ada-lovelace", true},
		{"nothing that makes a handle", oidctest.JSON{"preferred_username": "../..", "name": "日本", "email": nil}, 303, "earner", false},
		{"a name that turns the text round", oidctest.JSON{"name": "\u202eevoL \x00", "preferred_username": "love"}, 303, "love", true},
		{"groups", oidctest.JSON{"groups": []string{"admin"}, "role": "admin", "roles": []string{"admin"}}, 303, "ada-lovelace", true},
	}
	p := oidctest.New(t)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := timed(t, p)
			victim := s.person("victim")
			p.Person = oidctest.JSON{"sub": strings.Repeat("s", i+1), "name": "Ada Lovelace", "email": "ada@x.test", "email_verified": true}
			maps.Copy(p.Person, tt.claims)
			through(t, s.Client(), p, nil).Is(tt.status).SaysNot("<script>")
			if got, err := s.accounts.Confirmed(t.Context(), s.Base.Read(), victim.ID); err != nil || len(got) != 1 {
				t.Errorf("the victim's addresses: %v, %v", got, err)
			}
			if n := s.count("SELECT count(*) FROM session WHERE person = $1", victim.ID); n != 0 {
				t.Error("signed in as the victim")
			}
			if tt.handle == "" {
				if n := s.count("SELECT count(*) FROM person"); n != 1 {
					t.Errorf("%d people", n)
				}
				return
			}
			who, err := s.accounts.PersonByHandle(t.Context(), s.Base.Read(), tt.handle)
			if err != nil || who.ID == victim.ID || who.Admin() || strings.ContainsAny(who.Name, "\u202e\x00") {
				t.Fatalf("%+v, %v", who, err)
			}
			if got, err := s.accounts.Confirmed(t.Context(), s.Base.Read(), who.ID); err != nil || (len(got) == 1) != tt.confirmed {
				t.Errorf("addresses: %v, %v", got, err)
			}
		})
	}
}

func TestTheWayBackBelongsToItsBrowser(t *testing.T) {
	p := oidctest.New(t)
	s, clock := timed(t, p)
	nobody := func(page *webtest.Page, status int) {
		t.Helper()
		page.Is(status).SaysNot("<script>", "evil")
		if n := s.count("SELECT count(*) FROM session"); n != 0 {
			t.Fatalf("%s: %d sessions", page.Name, n)
		}
	}
	nobody(through(t, s.Client(), p, func(q url.Values) { q.Del("state") }), 403)
	nobody(through(t, s.Client(), p, func(q url.Values) { q.Set("state", strings.Repeat("a", 43)) }), 403)
	nobody(through(t, s.Client(), p, func(q url.Values) { q.Set("state", strings.Repeat("a", 10_000)) }), 403)
	nobody(through(t, s.Client(), p, func(q url.Values) { q.Set("iss", "https://evil.test") }), 403)
	nobody(through(t, s.Client(), p, func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }), 403)
	nobody(through(t, s.Client(), p, func(q url.Values) {
		q.Set("error", "<script>evil</script>")
		q.Set("error_description", "<script>evil</script>")
	}), 403)

	attacker, victim := s.Client(), s.Client()
	back := p.Approve(t, attacker.Get("/auth/uni").Location())
	nobody(victim.Get("/auth/uni/callback?"+back.Encode()), 403)
	nobody(victim.Post("/auth/uni/callback", "application/x-www-form-urlencoded", back.Encode()), 405)

	late := s.Client()
	back = p.Approve(t, late.Get("/auth/uni").Location())
	clock.add(11 * time.Minute)
	nobody(late.Get("/auth/uni/callback?"+back.Encode()), 403)

	c := s.Client()
	first, second := p.Approve(t, c.Get("/auth/uni").Location()), p.Approve(t, c.Get("/auth/uni").Location())
	c.Get("/auth/uni/callback?" + first.Encode()).Goes(home)
	c.Get("/auth/uni/callback?" + second.Encode()).Goes(home)
	c.Get("/auth/uni/callback?" + first.Encode()).Is(403)
	s.Client().Get("/auth/none").Is(404)
}

func TestACallbackTwiceAtOnceCountsOnce(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		ctx := t.Context()
		to, ticket, err := s.accounts.Visit(ctx, Wish{Provider: "uni"})
		if err != nil {
			t.Fatal(err)
		}
		back := p.Approve(t, to)
		won, _ := atOnce(10, func(int) error {
			_, err := s.accounts.Arrive(ctx, Return{
				Provider: "uni", Ticket: ticket.Value, State: back.Get("state"), Code: back.Get("code"), Issuer: back.Get("iss"),
			})
			return err
		})
		if n := s.count("SELECT count(*) FROM person"); won != 1 || n != 1 {
			t.Errorf("%d won, %d people", won, n)
		}
		// Two visits of one new person at once make one account.
		p.Person["sub"], p.Person["email"] = "subject-2", "two@example.org"
		var visits []Return
		for range 5 {
			to, ticket, err := s.accounts.Visit(ctx, Wish{Provider: "uni"})
			if err != nil {
				t.Fatal(err)
			}
			back := p.Approve(t, to)
			visits = append(visits, Return{Provider: "uni", Ticket: ticket.Value, State: back.Get("state"), Code: back.Get("code"), Issuer: back.Get("iss")})
		}
		won, lost := atOnce(len(visits), func(i int) error { _, err := s.accounts.Arrive(ctx, visits[i]); return err })
		if n := s.count("SELECT count(*) FROM person"); won != len(visits) || n != 2 {
			t.Errorf("%d won, %d people, %v", won, n, lost)
		}
	})
}

func TestLinkingNeedsAFreshProof(t *testing.T) {
	p := oidctest.New(t)
	s, clock := timed(t, p)
	p.Person["email"] = "work@x.test"
	ada, eve := s.person("ada"), s.person("eve")
	c := s.signedIn(ada)
	clock.add(11 * time.Minute)
	c.PostForm("/auth/uni", "purpose", "link").Goes("/login/fresh?next=%2Fsettings%2Fsecurity&form=1")
	c.Get("/login/fresh?next=/settings/security").Is(200)
	c.PostForm("/login/fresh", "password", "another password").Is(422).Has("#f-password-error")
	c.PostForm("/login/fresh", "password", password, "next", "/settings/security").Goes("/settings/security")
	leave := func(c *webtest.Client) url.Values {
		t.Helper()
		return p.Approve(t, strings.TrimPrefix(c.PostForm("/auth/uni", "purpose", "link").Is(200).Header.Get("Refresh"), "0; url="))
	}
	back := leave(c)
	// Who comes back as somebody else links nothing.
	c.PostForm("/logout")
	c.PostForm("/login", "address", "eve", "password", password).Goes(home)
	c.Get("/auth/uni/callback?" + back.Encode()).Is(403)
	c.PostForm("/logout")
	c.PostForm("/login", "address", "ada", "password", password)
	c.Get("/auth/uni/callback?" + leave(c).Encode()).Goes("/settings/security")
	if got, err := s.accounts.Confirmed(t.Context(), s.Base.Read(), ada.ID); err != nil || len(got) != 2 {
		t.Errorf("a vouched address is not listed: %v, %v", got, err)
	}
	// The identity opens this account only.
	e := s.signedIn(eve)
	e.Get("/auth/uni/callback?" + leave(e).Encode()).Is(409)
	through(t, s.Client(), p, nil).Goes(home)
	if n := s.count("SELECT count(*) FROM session WHERE person = $1", ada.ID); n != 2 {
		t.Errorf("%d sessions of Ada", n)
	}
	id := c.Get("/settings/security").Says("work@x.test").Attr(`form[action="/settings/security/identities"] input[name="id"]`, "value")
	e.PostForm("/settings/security/identities", "id", id, "action", "unlink").Is(404)
	c.PostForm("/settings/security/identities", "id", id, "action", "unlink").Goes("/settings/security")
	if n := s.count("SELECT count(*) FROM session WHERE person = $1", ada.ID); n != 1 {
		t.Errorf("%d sessions of Ada after the provider is gone", n)
	}
}

func TestTheLastWayInStays(t *testing.T) {
	p := oidctest.New(t)
	s, clock := timed(t, p)
	c := s.Client()
	through(t, c, p, nil).Goes(home)
	ada, err := s.accounts.PersonByHandle(t.Context(), s.Base.Read(), "ada-lovelace")
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.accounts.Identities(t.Context(), ada.ID)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	c.PostForm("/settings/security/identities", "id", list[0].PublicID()).Is(409)
	clock.add(11 * time.Minute)
	c.PostForm("/settings/security/password", "password", password).Goes("/login/fresh?next=%2Fsettings%2Fsecurity&form=1")
	c.Get("/login/fresh?next=/settings/security").Has(`a[href^="/auth/uni"]`).HasNot(`input[name="password"]`)
	to := c.Get("/auth/uni?next=/settings/security").Location()
	if u, err := url.Parse(to); err != nil || u.Query().Get("prompt") != "login" {
		t.Errorf("the provider is not asked for a proof: %s", to)
	}
	c.Get("/auth/uni/callback?" + p.Approve(t, to).Encode()).Goes("/settings/security")
	c.PostForm("/settings/security/password", "password", password).Goes("/settings/security")
	c.PostForm("/settings/security/identities", "id", list[0].PublicID()).Goes("/settings/security")
	s.Client().PostForm("/login", "address", "ada-lovelace", "password", password).Goes(home)
}

func TestClosedSignUpIsClosedForProvidersToo(t *testing.T) {
	p := oidctest.New(t)
	s, _ := timed(t, p)
	if err := s.accounts.Change(t.Context(), Settings{Name: "River", Explore: true}); err != nil {
		t.Fatal(err)
	}
	through(t, s.Client(), p, nil).Is(403)
	s.Client().Get("/signup").Is(403)
	s.Client().PostForm("/signup", "name", "Eve", "handle", "eve", "address", "eve@x.test", "password", password).Is(403)
	s.Client().Get("/").HasNot(`a[href="/signup"]`)
	if n := s.count("SELECT count(*) FROM person"); n != 0 {
		t.Errorf("%d people", n)
	}
}

func TestADeadProviderStopsNobodyElse(t *testing.T) {
	p := oidctest.New(t)
	p.Issuer += "/gone"
	s, _ := timed(t, p)
	s.person("ada")
	s.Client().Get("/auth/uni").Is(503).Says("University")
	s.Client().PostForm("/login", "address", "ada", "password", password).Goes(home)
}
