package account

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/web/webtest"
)

// withProvider runs a scenario with a provider and a changed configuration of it
// on both engines.
func withProvider(t *testing.T, change func(*config.Config), f func(t *testing.T, s *site, p *oidctest.Provider)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := oidctest.New(t)
		f(t, serveWith(t, b, change, p), p)
	})
}

func (s *site) sessionsOf(person int64) int {
	s.t.Helper()
	return s.count("SELECT count(*) FROM session WHERE person = $1", person)
}

func (s *site) named(handle string) Person {
	s.t.Helper()
	p, err := s.accounts.PersonByHandle(s.t.Context(), s.Base.Read(), handle)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func TestSigningOutSignsOutThereToo(t *testing.T) {
	withProvider(t, func(c *config.Config) { c.OIDC[0].Logout = true }, func(t *testing.T, s *site, p *oidctest.Provider) {
		c := s.Client()
		through(t, c, p, nil).Goes(home)
		to := strings.TrimPrefix(c.PostForm("/logout").Is(200).Header.Get("Refresh"), "0; url=")
		u, err := url.Parse(to)
		if err != nil || !strings.HasPrefix(to, p.Issuer+"/logout?") {
			t.Fatalf("%q, %v", to, err)
		}
		q := u.Query()
		if strings.Count(q.Get("id_token_hint"), ".") != 2 || q.Get("post_logout_redirect_uri") != s.App.URL("/auth/uni/signed-out") {
			t.Errorf("%s", to)
		}
		c.Get("/settings").Goes("/login?next=%2Fsettings")
		// The way back leads home, whatever it says.
		c.Get("/auth/uni/signed-out?state=other&post_logout_redirect_uri=https://evil.test&next=//evil.test").Goes("/")
		c.Get("/").SaysNot("University.")
		c.Get("/auth/uni/signed-out?state=" + q.Get("state")).Goes("/")
		c.Get("/").Says("here and at University")
		c.Get("/auth/none/signed-out?state=x").Is(404)
		if n := s.count("SELECT count(*) FROM oidc_session"); n != 0 {
			t.Errorf("%d rows outlive their session", n)
		}
		s.person("grace")
		s.signedIn(s.named("grace")).PostForm("/logout").Goes("/")
	})
}

func TestSigningOutStaysHereUnlessConfigured(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		c := s.Client()
		through(t, c, p, nil).Goes(home)
		c.PostForm("/logout").Goes("/")
		if p.Count("/logout") != 0 {
			t.Error("the provider was asked")
		}
	})
}

// send posts a logout token as a provider does.
func (s *site) send(token string) *webtest.Page {
	s.t.Helper()
	page := s.Client().Post("/auth/uni/backchannel", "application/x-www-form-urlencoded", "logout_token="+url.QueryEscape(token))
	if page.Header.Get("Cache-Control") != "no-store" {
		s.t.Errorf("kept by caches: %q", page.Header.Get("Cache-Control"))
	}
	return page
}

func TestAProviderEndsSessions(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		one, two, other := s.Client(), s.Client(), s.Client()
		through(t, one, p, nil).Goes(home)
		p.Claims = func(c oidctest.JSON) { c["sid"] = "session-2" }
		through(t, two, p, nil).Goes(home)
		ada := s.named("ada-lovelace")
		p.Person = oidctest.JSON{"sub": "subject-2", "name": "Grace", "email": "grace@example.org", "email_verified": true}
		through(t, other, p, nil).Goes(home)
		p.Person["sub"] = "subject-1"
		byPassword := s.signedIn(s.person("joan"))

		token := p.LogoutToken(nil) // of session-1
		s.send(token).Is(200)
		one.Get("/settings").Goes("/login?next=%2Fsettings")
		two.Get("/settings").Is(200)
		other.Get("/settings").Is(200)
		p.Claims = nil
		through(t, one, p, nil).Goes(home)
		s.send(token).Is(400) // it counts once
		one.Get("/settings").Is(200)
		s.send(p.LogoutToken(func(_, c oidctest.JSON) { delete(c, "sid") })).Is(200)
		if n := s.sessionsOf(ada.ID); n != 0 {
			t.Errorf("%d sessions of Ada are left", n)
		}
		other.Get("/settings").Is(200)
		s.send(p.LogoutToken(func(_, c oidctest.JSON) { c["sid"] = "session-2"; delete(c, "sub") })).Is(200)
		other.Get("/settings").Is(303)
		byPassword.Get("/settings").Is(200)
		s.send(p.LogoutToken(func(_, c oidctest.JSON) { c["sub"] = "nobody" })).Is(200) // there is nothing to end
	})
}

func TestWhatEndsNoSession(t *testing.T) {
	p := oidctest.New(t)
	s, _ := timed(t, p)
	c := s.Client()
	through(t, c, p, nil).Goes(home)
	const form = "application/x-www-form-urlencoded"
	good := p.LogoutToken(nil)
	s.send("").Is(400)
	s.send("x.y.z").Is(400)
	s.send(p.LogoutToken(func(_, c oidctest.JSON) { c["aud"] = "other" })).Is(400).Says("invalid_request")
	s.Client().Post("/auth/uni/backchannel", form, "logout_token="+good+"&logout_token="+good).Is(400)
	s.Client().Post("/auth/uni/backchannel", "application/json", `{"logout_token":"`+good+`"}`).Is(415)
	s.Client().Post("/auth/none/backchannel", form, "logout_token="+good).Is(404)
	s.Client().Get("/auth/uni/backchannel?logout_token=" + good).Is(405)
	c.Get("/settings").Is(200)
	// Of many copies at once one counts.
	won, _ := atOnce(10, func(int) error { return s.accounts.EndByProvider(t.Context(), "uni", good) })
	if won != 1 {
		t.Errorf("%d copies counted", won)
	}
	c.Get("/settings").Is(303)
}

// TestASessionKeepsItsProvider: who proves by password who they are gets another
// session, which the provider can end as the one before.
func TestASessionKeepsItsProvider(t *testing.T) {
	p := oidctest.New(t)
	s, _ := timed(t, p)
	c := s.Client()
	through(t, c, p, nil).Goes(home)
	ada := s.named("ada-lovelace")
	if _, err := s.accounts.Start(t.Context(), ada.ID, "", c.Cookie("osier")); err != nil {
		t.Fatal(err)
	}
	if n := s.count("SELECT count(*) FROM oidc_session"); n != 1 || s.sessionsOf(ada.ID) != 1 {
		t.Errorf("%d sessions of the provider", n)
	}
	s.send(p.LogoutToken(nil)).Is(200)
	if n := s.sessionsOf(ada.ID); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestGroupsGiveAndTakeARole(t *testing.T) {
	groups := func(c *config.Config) { c.OIDC[0].Roles = []string{"badge-team=admin"} }
	withProvider(t, groups, func(t *testing.T, s *site, p *oidctest.Provider) {
		c := s.Client()
		p.Person["groups"] = []string{"badge-team"}
		through(t, c, p, nil).Goes(home)
		if !s.named("ada-lovelace").Admin() {
			t.Error("the group gives no role")
		}
		p.Person["groups"] = []string{"others"}
		through(t, c, p, nil).Goes(home)
		if s.named("ada-lovelace").Admin() {
			t.Error("the role stays though the group is left")
		}
		// A role given by hand does not depend on groups.
		if err := s.accounts.MakeAdmin(t.Context(), "ada-lovelace"); err != nil {
			t.Fatal(err)
		}
		through(t, c, p, nil).Goes(home)
		if !s.named("ada-lovelace").Admin() {
			t.Error("the role given by hand is gone")
		}
		// Nor does an identity that is taken away leave its role.
		joan := s.person("joan")
		j := s.signedIn(joan)
		p.Person = oidctest.JSON{"sub": "joan", "groups": []string{"badge-team"}}
		back := p.Approve(t, strings.TrimPrefix(j.PostForm("/auth/uni", "purpose", "link").Header.Get("Refresh"), "0; url="))
		j.Get("/auth/uni/callback?" + back.Encode()).Goes("/settings/security")
		if !s.named("joan").Admin() {
			t.Error("the group of a linked identity gives no role")
		}
		list, err := s.accounts.Identities(t.Context(), joan.ID)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if err := s.accounts.Unlink(t.Context(), joan.ID, list[0].PublicID(), nil); err != nil || s.named("joan").Admin() {
			t.Errorf("the role outlives the identity: %v", err)
		}
	})
}

func TestABrowserOfSomebodyElseGetsNobody(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		through(t, s.Client(), p, nil).Goes(home)
		grace := s.person("grace")
		c := s.signedIn(grace)
		through(t, c, p, nil).Is(409).Says("Sign out first")
		c.Get("/settings/handle").Has(`input[value="grace"]`)
		p.Person["sub"], p.Person["email"] = "nobody-yet", "new@example.org"
		through(t, c, p, nil).Is(409)
		if n := s.count("SELECT count(*) FROM person"); n != 2 {
			t.Errorf("%d people", n)
		}
		// A proof that was begun by one and comes back to another proves nothing.
		p.Person["sub"] = "subject-1"
		ada := s.Client()
		through(t, ada, p, nil).Goes(home)
		back := p.Approve(t, ada.Get("/auth/uni").Location())
		ada.PostForm("/logout")
		ada.Get("/auth/uni/callback?" + back.Encode()).Is(403)
	})
}

func TestASignInIsAsFreshAsItsProof(t *testing.T) {
	p := oidctest.New(t)
	s, _ := timed(t, p)
	p.Claims = func(c oidctest.JSON) { c["auth_time"] = p.Now().Add(-time.Hour).Unix() }
	c := s.Client()
	through(t, c, p, nil).Goes(home) // the provider knew the browser
	c.PostForm("/settings/security/password", "password", password).Is(303)
	if n := s.count("SELECT count(*) FROM password"); n != 0 {
		t.Error("an old sign-in at the provider counts as a fresh proof")
	}
	through(t, c, p, nil).Is(403).Says("does not prove")
	p.Claims = nil
	through(t, c, p, nil).Goes(home)
	c.PostForm("/settings/security/password", "password", password).Goes("/settings/security")
	if n := s.count("SELECT count(*) FROM password"); n != 1 {
		t.Error("a fresh proof does not count")
	}
}

func TestARemovedIdentityComesBackWhenAsked(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		through(t, s.Client(), p, nil).Goes(home)
		ada := s.named("ada-lovelace")
		for _, step := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error { return s.accounts.Close(t.Context(), tx, ada.ID) },
			func(tx *db.Tx) error { return s.accounts.Erase(t.Context(), tx, ada.ID) },
		} {
			if err := s.Base.Tx(t.Context(), step); err != nil {
				t.Fatal(err)
			}
			through(t, s.Client(), p, nil).Is(map[bool]int{true: 403, false: 410}[s.count("SELECT count(*) FROM person") == 1])
		}
		c := s.Client()
		through(t, c, p, nil).Is(410).Has(`a[href="/auth/uni/anew"]`)
		if n := s.count("SELECT count(*) FROM person"); n != 0 {
			t.Fatalf("%d people", n)
		}
		c.Get("/auth/uni/anew").Is(200).Has(`form[action="/auth/uni"]`)
		to := strings.TrimPrefix(c.PostForm("/auth/uni", "anew", "1").Is(200).Header.Get("Refresh"), "0; url=")
		c.Get("/auth/uni/callback?" + p.Approve(t, to).Encode()).Goes(home)
		c.PostForm("/logout")
		through(t, c, p, nil).Goes(home)
	})
}

func TestDisabledStaysDisabledThroughAProvider(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		c := s.Client()
		through(t, c, p, nil).Goes(home)
		ada := s.named("ada-lovelace")
		if err := s.accounts.SetDisabled(t.Context(), ada.Handle, true); err != nil {
			t.Fatal(err)
		}
		c.Get("/settings").Is(303)
		through(t, c, p, nil).Is(403)
		if s.count("SELECT count(*) FROM person WHERE disabled") != 1 || s.sessionsOf(ada.ID) != 0 {
			t.Error("the account came back")
		}
	})
}

func TestThePictureOfAButton(t *testing.T) {
	p, q := oidctest.New(t), oidctest.New(t)
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	data := t.TempDir()
	if err := os.MkdirAll(filepath.Join(data, "icons"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "icons", "uni.svg"), []byte(svg), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveWith(t, dbtest.Open(t, nil), func(c *config.Config) {
		c.Data, c.OIDC[0].Icon, c.OIDC[1].Icon = data, "uni.svg", "absent.png"
	}, p, q)
	page := s.Client().Get("/auth/uni/icon").Is(200)
	if page.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(page.Header.Get("Content-Security-Policy"), "sandbox") ||
		string(page.Body) != svg {
		t.Errorf("%v", page.Header)
	}
	s.Client().Get("/login").Has(`img[src="/auth/uni/icon"]`).HasNot(`img[src="/auth/club/icon"]`)
	s.signedIn(s.person("ada")).Get("/settings/security").Has(`li img[src="/auth/uni/icon"]`)
	s.Client().Get("/auth/club/icon").Is(404)
	s.Client().Get("/auth/none/icon").Is(404)
}

func TestAnAdministratorHearsWhatToAllow(t *testing.T) {
	s := serveWith(t, dbtest.Open(t, nil), func(c *config.Config) {
		c.OIDC = []config.OIDC{{ID: "uni", Name: "University", Issuer: "https://10.1.2.3:8443/realm", ClientID: "x", Scopes: []string{"openid"}}}
	})
	s.person("grace")
	if err := s.accounts.MakeAdmin(t.Context(), "grace"); err != nil {
		t.Fatal(err)
	}
	s.Client().Get("/auth/uni").Is(http.StatusServiceUnavailable).Says("University").SaysNot("10.1.2.3", "fetch.allow")
	s.signedIn(s.person("ada")).PostForm("/auth/uni", "purpose", "link").Is(503).SaysNot("10.1.2.3", "fetch.allow")
	s.signedIn(s.named("grace")).PostForm("/auth/uni", "purpose", "link").Is(503).Says("fetch.allow", "10.1.2.3:8443")
}
