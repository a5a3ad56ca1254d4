package account

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// give adds a way in to a person, as it lies in the database.
func (s *site) give(p Person, way string) {
	s.t.Helper()
	err := s.Base.Tx(s.t.Context(), func(tx *db.Tx) error {
		switch way {
		case "identity":
			return insertIdentity(s.t.Context(), tx, Identity{Issuer: s.issuer(), Subject: p.Handle, Person: p.ID, Provider: "uni", CreatedAt: tx.Now()})
		case "passkey":
			return insertPasskey(s.t.Context(), tx, Passkey{
				Credential: []byte(secret.ID()), PublicID: secret.ID(), Person: p.ID, Site: s.accounts.rpID(), UserHandle: []byte("handle"),
				PublicKey: []byte("key"), AAGUID: make([]byte, 16), Name: "Laptop", CreatedAt: tx.Now(),
			})
		case "password":
			return setPassword(s.t.Context(), tx, p.ID, "a hash")
		case "mail":
			return updateByMail(s.t.Context(), tx, p.ID, true)
		case "codes":
			return insertCode(s.t.Context(), tx, p.ID, "a hash")
		}
		return fmt.Errorf("no way %s", way)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// issuer is that of the configured provider, or of one that is gone.
func (s *site) issuer() string {
	for _, o := range s.accounts.config.OIDC {
		return o.Issuer
	}
	return "https://gone.test"
}

// bare makes a person who cannot get in at all.
func (s *site) bare(handle string) Person {
	s.t.Helper()
	p, err := s.accounts.CreatePerson(s.t.Context(), NewPerson{Name: handle, Handle: handle, Address: handle + "@example.org"}, true)
	if err == nil {
		err = s.Base.Tx(s.t.Context(), func(tx *db.Tx) error { return updateByMail(s.t.Context(), tx, p.ID, false) })
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// take removes a way in, as its page does.
func (s *site) take(p Person, way string) error {
	ctx, a := s.t.Context(), s.accounts
	switch way {
	case "identity":
		return a.Unlink(ctx, p.ID, Identity{Issuer: s.issuer(), Subject: p.Handle}.PublicID(), nil)
	case "passkey":
		list, err := a.Passkeys(ctx, p.ID)
		if err != nil || len(list) == 0 {
			return fmt.Errorf("%d passkeys, %w", len(list), err)
		}
		return a.RemovePasskey(ctx, p.ID, list[0].PublicID, nil, "")
	case "password":
		return a.RemovePassword(ctx, p.ID, nil, "")
	}
	return a.SetByMail(ctx, p.ID, false, nil, "")
}

var allWays = []string{"identity", "passkey", "password", "mail"}

func (s *site) ways(p Person) Ways {
	s.t.Helper()
	w, err := s.accounts.Ways(s.t.Context(), s.Base.Read(), p.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return w
}

func TestTheLastWayInCannotBeRemoved(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, _ *oidctest.Provider) {
		s.withMail()
		for i, way := range allWays {
			p := s.bare(fmt.Sprintf("only%d", i))
			if n := s.ways(p).Count(); n != 0 {
				t.Fatalf("%d ways in without any", n)
			}
			s.give(p, way)
			if err := s.take(p, way); !fault.Is(err, fault.Conflict) {
				t.Errorf("the last way in, %s, is removed: %v", way, err)
			}
			if n := s.ways(p).Count(); n != 1 {
				t.Errorf("%s: %d ways in are left, want 1", way, n)
			}
			for _, other := range allWays {
				if other == way {
					continue
				}
				s.give(p, other)
				if err := s.take(p, way); err != nil {
					t.Errorf("%s beside %s: %v", way, other, err)
				}
				s.give(p, way)
				if err := s.take(p, other); err != nil {
					t.Errorf("%s beside %s: %v", other, way, err)
				}
			}
		}
	})
}

func TestTwoRemovalsAtOnceLeaveAWayIn(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, _ *oidctest.Provider) {
		s.withMail()
		n := 0
		for i, one := range allWays {
			for _, other := range allWays[i+1:] {
				for range 3 {
					n++
					p := s.bare(fmt.Sprintf("race%d", n))
					s.give(p, one)
					s.give(p, other)
					won, lost := atOnce(2, func(i int) error { return s.take(p, []string{one, other}[i]) })
					if won != 1 || !fault.Is(lost[0], fault.Conflict) || s.ways(p).Count() != 1 {
						t.Errorf("%s and %s: %d removed, %v, %d left", one, other, won, lost, s.ways(p).Count())
					}
				}
			}
		}
	})
}

func TestWaysThatDoNotWork(t *testing.T) {
	s, _ := timed(t)
	p := s.bare("ada")
	s.give(p, "identity") // at a provider that is not configured any more
	s.give(p, "mail")     // without a mail server
	if w := s.ways(p); w.Count() != 0 {
		t.Errorf("%+v", w)
	}
	s.withMail()
	if w := s.ways(p); !w.Mail || w.Count() != 1 {
		t.Errorf("with a mail server: %+v", w)
	}
	if err := s.Base.Tx(t.Context(), func(tx *db.Tx) error {
		return insertPasskey(t.Context(), tx, Passkey{
			Credential: []byte("c"), PublicID: "p", Person: p.ID, Site: "old.example", UserHandle: []byte("h"), PublicKey: []byte("k"), AAGUID: []byte("a"), Name: "n",
		})
	}); err != nil {
		t.Fatal(err)
	}
	if w := s.ways(p); w.Passkeys != 0 {
		t.Errorf("a passkey of another address of the site counts: %+v", w)
	}
}

func TestRemovingAWayEndsOtherSessionsAndTells(t *testing.T) {
	s, clock := timed(t)
	s.withMail()
	ada := s.person("ada")
	here, there := s.signedIn(ada), s.signedIn(ada)
	clock.add(11 * time.Minute)
	back := "/login/fresh?next=%2Fsettings%2Fsecurity&form=1"
	here.PostForm("/settings/security/password", "remove", "1").Goes(back)
	if !s.ways(ada).Password {
		t.Fatal("removed without a fresh proof")
	}
	here.Get(back).Is(200).Says("has not been done yet").Has(`input[name="form"]`)
	here.PostForm("/login/fresh", "password", "not the password", "next", "/settings/security", "form", "1").Is(422).Says("has not been done yet")
	here.PostForm("/login/fresh", "password", password, "next", "/settings/security", "form", "1").Goes("/settings/security")
	here.Get("/settings/security").Is(200).Says("please send it again").Has(`form[action="/settings/security/password"] button[name="remove"]`)
	here.PostForm("/settings/security/password", "remove", "1").Goes("/settings/security")
	here.Get("/settings/security").Is(200).Says("The password is removed")
	there.Get("/settings/security").Goes("/login?next=%2Fsettings%2Fsecurity")
	m := s.mails("ada@example.org")
	if len(m) != 1 || m[0].Template != "security" || !strings.Contains(m[0].Text, "was removed on") || !strings.Contains(m[0].HTML, "/reset") {
		t.Errorf("mails: %v", m)
	}
	here.PostForm("/settings/security/mail", "on", "0").Is(409).Has(`[role="alert"]`).Says("only way left")
	s.Client().PostForm("/login", "address", "ada", "password", password).Is(422)
}

// TestEveryChangeIsTold draws the mail of every change in both languages.
func TestEveryChangeIsTold(t *testing.T) {
	s, _ := timed(t)
	s.withMail()
	ada := s.person("ada")
	for _, lang := range []string{"en", "fr"} {
		if err := s.accounts.SetLanguage(t.Context(), ada.ID, lang); err != nil {
			t.Fatal(err)
		}
		for _, c := range Changes() {
			err := s.Base.Tx(t.Context(), func(tx *db.Tx) error {
				return s.accounts.Tell(t.Context(), tx, ada.ID, Notice{What: c, Detail: `<b>"7"`, Device: "Firefox, Linux"})
			})
			if err != nil {
				t.Fatal(err)
			}
			m := s.mails("ada@example.org")[0]
			if strings.Contains(m.Text, "account.mail") || strings.Contains(m.HTML, "account.mail") || strings.Contains(m.HTML, "<b>") || m.Subject == "" ||
				!strings.Contains(m.Text, "Firefox, Linux") || !strings.Contains(m.Text, "/settings/security\n") || !strings.Contains(m.Text, "/reset\n") {
				t.Errorf("%s, %s:\n%s\n%s", lang, c, m.Text, m.HTML)
			}
		}
	}
}
