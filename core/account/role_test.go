package account

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

func teamIsAdmin(c *config.Config) {
	for i := range c.OIDC {
		c.OIDC[i].Roles = []string{"badge-team=admin"}
	}
}

// TestARoleOfAProviderEndsWithItsConfiguration: without the provider, with another
// mapping, or where another provider alone signs people in, a role of its groups counts
// no more, at the start and at each request; with the provider back it counts again.
func TestARoleOfAProviderEndsWithItsConfiguration(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p, q := oidctest.New(t), oidctest.New(t)
		s := serveWith(t, b, teamIsAdmin, p, q)
		p.Person["groups"] = []string{"badge-team"}
		c := s.Client()
		through(t, c, p, nil).Goes(home)
		path, err := s.accounts.SetupPath(t.Context())
		if err != nil || path != "" {
			t.Fatalf("a setup beside an administrator: %q, %v", path, err)
		}
		for name, change := range map[string]func(*config.Config){
			"no provider":            func(c *config.Config) { c.OIDC = c.OIDC[1:] },
			"another mapping":        func(c *config.Config) { c.OIDC[0].Roles = []string{"staff=admin"} },
			"no mapping":             func(c *config.Config) { c.OIDC[0].Roles = nil },
			"another issuer":         func(c *config.Config) { c.OIDC[0].Issuer = q.Issuer },
			"another provider alone": func(c *config.Config) { c.SignIn.Only = "club" },
		} {
			t.Run(name, func(t *testing.T) {
				other := serveWith(t, b, func(c *config.Config) { teamIsAdmin(c); change(c) }, p, q)
				v, err := other.accounts.Viewer(t.Context(), c.Cookie("osier"))
				if rests := name == "another provider alone"; v.Admin() || errors.Is(err, db.ErrNotFound) != rests || (err != nil && !rests) {
					t.Errorf("at a request: %v, %v", v.Role, err)
				}
				if err != nil { // the session rests: no request comes
					if err := other.accounts.SettleRoles(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if other.named("ada-lovelace").Admin() {
					t.Error("the role stays written down")
				}
				if path, err := other.accounts.SetupPath(t.Context()); err != nil || path == "" {
					t.Errorf("nobody can administer, and there is no setup: %v", err)
				}
				if err := s.accounts.SettleRoles(t.Context()); err != nil || !s.named("ada-lovelace").Admin() {
					t.Errorf("the role is not back with its provider: %v", err)
				}
				if err := other.accounts.SettleRoles(t.Context()); err != nil || other.named("ada-lovelace").Admin() {
					t.Errorf("at the start: %v", err)
				}
				if err := s.accounts.SettleRoles(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		}
	})
}

// TestARoleOfAProviderRestsUntilTheNextSignIn, with a word in the log; what is given
// by hand does not.
func TestARoleOfAProviderRestsUntilTheNextSignIn(t *testing.T) {
	p := oidctest.New(t)
	now := &clock{now: time.Now().UTC().Truncate(time.Second)}
	p.Now = now.time
	s := serveWith(t, dbtest.Open(t, now.time), teamIsAdmin, p)
	p.Person["groups"] = []string{"badge-team"}
	c := s.Client()
	through(t, c, p, nil).Goes(home)
	admin := func() bool {
		v, err := s.accounts.Viewer(t.Context(), c.Cookie("osier"))
		if err != nil {
			t.Fatal(err)
		}
		return v.Admin()
	}
	now.add(7*24*time.Hour - time.Minute)
	if !admin() || strings.Contains(s.Log.String(), "no administrator is left") {
		t.Error("the role rests too early")
	}
	now.add(2 * time.Minute)
	if admin() {
		t.Error("the role does not rest after a week")
	}
	if !strings.Contains(s.Log.String(), "no administrator is left") {
		t.Error("the last administrator went without a word")
	}
	if path, err := s.accounts.SetupPath(t.Context()); err != nil || path != "" {
		t.Errorf("a setup, though a sign-in brings the administrator back: %q, %v", path, err)
	}
	through(t, c, p, nil).Goes(home)
	if !admin() {
		t.Error("a sign-in does not bring the role back")
	}
	if err := s.accounts.MakeAdmin(t.Context(), "ada-lovelace"); err != nil {
		t.Fatal(err)
	}
	now.add(10 * 24 * time.Hour)
	if err := s.accounts.Sweep(t.Context()); err != nil || !admin() {
		t.Errorf("a role given by hand rests: %v", err)
	}
}

// TestAWayThatIsSwitchedOffProvesNothing: where one provider alone signs people in,
// an old password or code is no proof for anything.
func TestAWayThatIsSwitchedOffProvesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := oidctest.New(t)
		ctx := t.Context()
		before := serve(t, b, p)
		ada := before.person("ada")
		codes, err := before.accounts.MakeCodes(ctx, ada.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		c := before.signedIn(ada)
		s := serveWith(t, b, func(c *config.Config) { c.SignIn.Only = "uni" }, p)
		if has, err := s.accounts.HasPassword(ctx, ada.ID); has || err != nil {
			t.Errorf("a password counts: %v", err)
		}
		if err := s.accounts.CheckPassword(ctx, ada.ID, password); err == nil {
			t.Error("a password proves who somebody is")
		}
		if err := s.accounts.CheckCode(ctx, ada.ID, codes[0], ""); err == nil {
			t.Error("a recovery code proves who somebody is")
		}
		if n := s.count("SELECT count(*) FROM recovery_code WHERE used_at > 0"); n != 0 {
			t.Error("the code is used up")
		}
		was := s.Client()
		was.SetCookie("osier", c.Cookie("osier"))
		was.Get("/settings").Goes("/login?next=%2Fsettings")
		c.Get("/settings").Is(200) // it rests: the way back on, it goes on
		other := s.Client()
		p.Person["email"] = "ada@uni.example"
		through(t, other, p, nil).Goes(home)
		other.PostForm("/login/fresh", "password", password).Is(403)
		other.PostForm("/login/fresh", "code", codes[0]).Is(403)
		other.PostForm("/login/fresh/link").Is(403)
		other.PostForm("/login", "address", "ada", "password", password).Is(403)
	})
}
