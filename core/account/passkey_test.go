package account

import (
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web/webtest"
)

const (
	passkeyOptions = "/settings/security/passkeys/options"
	passkeyForm    = "/settings/security/passkeys"
)

// register adds a passkey to the person of a browser.
func (s *site) register(c *webtest.Client, a *authenticator, name string) {
	s.t.Helper()
	c.PostForm(passkeyForm, "credential", a.create(s.URL, ask(c, passkeyOptions)), "name", name).Goes("/settings/security")
}

func TestPasskeys(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.withMail()
		ada := s.person("ada")
		c, key := s.signedIn(ada), newAuthenticator(t)
		c.Get("/settings/security").Is(200).Says("You have no passkey yet").Has(`a[href="/settings/security/passkeys/new"]`)
		c.Get("/settings/security/passkeys/new").Is(200).Has(`form[data-passkey="create"]`, "noscript", `script[src*="passkey"]`)

		o := ask(c, passkeyOptions).PublicKey
		if o.RP.ID != "localhost" || o.Attestation != "none" || o.Selection.ResidentKey != "required" || o.Selection.UserVerification != "required" ||
			len(key.decoded(o.User.ID)) != userHandleLen || strings.Contains(string(key.decoded(o.User.ID)), "ada") {
			t.Errorf("options: %+v", o)
		}
		s.register(c, key, "Blue <b>key</b>")
		c.Get("/settings/security").Says("Blue <b>key</b>", "not used yet", "On one device")
		if m := s.mails("ada@example.org")[0]; m.Template != "security" || !strings.Contains(m.Text, "Blue <b>key</b>") || strings.Contains(m.HTML, "<b>key") {
			t.Errorf("the mail: %s", m.Text)
		}
		if o := ask(c, passkeyOptions).PublicKey; len(o.Exclude) != 1 || o.Exclude[0].ID != encoded(key.id) {
			t.Errorf("the second passkey does not exclude the first: %+v", o)
		}

		other := s.Client()
		asked := ask(other, "/login/passkey/options")
		if o := asked.PublicKey; o.RPID != "localhost" || o.UserVerification != "required" || len(o.Allow) != 0 {
			t.Errorf("options: %+v", o)
		}
		key.counter = 1
		answer := key.get(s.URL, asked)
		s.Client().PostForm("/login/passkey", "credential", answer).Is(422).Says("another browser")
		other.PostForm("/login/passkey", "credential", answer, "next", "/settings").Goes("/settings")
		other.Get("/settings/security").Is(200).SaysNot("not used yet")
		again := s.Client()
		again.SetCookie("osier-"+ceremonyTicket(asked.PublicKey.Challenge), other.Cookie("osier-"+ceremonyTicket(asked.PublicKey.Challenge)))
		again.PostForm("/login/passkey", "credential", answer).Is(422).HasNot(`[href="/settings"]`)

		id := strings.TrimPrefix(c.Get("/settings/security").Attr(`form[action^="/settings/security/passkeys/"]`, "action"), passkeyForm+"/")
		c.PostForm(passkeyForm+"/"+id, "action", "rename", "name", "Green key").Goes("/settings/security")
		c.PostForm(passkeyForm+"/"+id, "action", "rename", "name", strings.Repeat("n", 61)).Is(422)
		c.PostForm(passkeyForm+"/"+id, "action", "rename", "name", " \u202e ").Is(422)
		eve := s.signedIn(s.person("eve"))
		eve.PostForm(passkeyForm+"/"+id, "action", "rename", "name", "Mine").Is(404)
		eve.PostForm(passkeyForm+"/"+id, "action", "remove").Is(404)
		c.Get("/settings/security").Says("Green key")
		c.PostForm(passkeyForm+"/"+id, "action", "remove").Goes("/settings/security")
		other.Get("/settings").Goes("/login?next=%2Fsettings")
		gone := s.Client()
		gone.PostForm("/login/passkey", "credential", key.get(s.URL, ask(gone, "/login/passkey/options"))).Is(422).Says("opens no account here")
	})
}

// TestPasskeysAreNotFooled holds registration and sign-in against what WebAuthn
// §7.1 and §7.2 ask.
func TestPasskeysAreNotFooled(t *testing.T) {
	s, clock := timed(t)
	ada := s.person("ada")
	c := s.signedIn(ada)
	for name, change := range map[string]func(*authenticator){
		"origin of another site":  func(a *authenticator) { a.origin = "https://evil.test" },
		"origin of another port":  func(a *authenticator) { a.origin = "http://localhost:1" },
		"origin with another end": func(a *authenticator) { a.origin = s.URL + ".evil.test" },
		"another party":           func(a *authenticator) { a.rpID = "evil.test" },
		"nobody verified":         func(a *authenticator) { a.flags = userPresent },
		"nobody present":          func(a *authenticator) { a.flags = userVerified },
		"in a frame":              func(a *authenticator) { a.crossSite = true },
		"another challenge":       func(a *authenticator) { a.challenge = encoded(make([]byte, 32)) },
	} {
		key := newAuthenticator(t)
		change(key)
		c.PostForm(passkeyForm, "credential", key.create(s.URL, ask(c, passkeyOptions)), "name", "x").Is(422)
		if n := s.count("SELECT count(*) FROM passkey"); n != 0 {
			t.Fatalf("%s: registered", name)
		}
		good := newAuthenticator(t)
		s.register(c, good, "x")
		change(good)
		thief := s.Client()
		thief.PostForm("/login/passkey", "credential", good.get(s.URL, ask(thief, "/login/passkey/options"))).Is(422)
		thief.Get("/settings").Goes("/login?next=%2Fsettings")
		s.forget(ada)
	}
	good := newAuthenticator(t)
	s.register(c, good, "x")
	for name, change := range map[string]func(*authenticator){
		"another key":         func(a *authenticator) { a.sign = newAuthenticator(t).key },
		"another user handle": func(a *authenticator) { a.handleAs = []byte("somebody else") },
		"no user handle":      func(a *authenticator) { a.handleAs = []byte{} },
		"became synchronised": func(a *authenticator) { a.flags = presentAndVerified | mayBackUp },
	} {
		bad := *good
		change(&bad)
		thief := s.Client()
		if p := thief.PostForm("/login/passkey", "credential", bad.get(s.URL, ask(thief, "/login/passkey/options"))); p.Status != 422 {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	for _, text := range []string{"", "{}", "null", "[]", `{"id":1}`, strings.Repeat("[", 5000), strings.Repeat("a", passkeyAnswer+1)} {
		s.Client().PostForm("/login/passkey", "credential", text).Is(422)
		c.PostForm(passkeyForm, "credential", text, "name", "x").Is(422)
	}
	late := s.Client()
	asked := ask(late, "/login/passkey/options")
	clock.add(ceremonyFor)
	late.PostForm("/login/passkey", "credential", good.get(s.URL, asked)).Is(422).Says("too long")

	twice := newAuthenticator(t)
	c = s.signedIn(ada)
	o := ask(c, passkeyOptions)
	answer := twice.create(s.URL, o)
	c.PostForm(passkeyForm, "credential", answer, "name", "x").Goes("/settings/security")
	c.PostForm(passkeyForm, "credential", answer, "name", "x").Is(422)
	s.signedIn(s.person("eve")).PostForm(passkeyForm, "credential", answer, "name", "x").Is(422)
	if s.Log.Errors() != "" {
		t.Errorf("log: %s", s.Log.Errors())
	}
}

// forget takes all passkeys of a person away.
func (s *site) forget(p Person) {
	s.t.Helper()
	err := s.Base.Tx(s.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(s.t.Context(), "DELETE FROM passkey WHERE person = $1", p.ID)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestACopiedPasskeyOpensNothing(t *testing.T) {
	s, _ := timed(t)
	s.withMail()
	c, key := s.signedIn(s.person("ada")), newAuthenticator(t)
	s.register(c, key, "Old key")
	enter := func(counter uint32) *webtest.Page {
		b := s.Client()
		key.counter = counter
		return b.PostForm("/login/passkey", "credential", key.get(s.URL, ask(b, "/login/passkey/options")))
	}
	enter(5).Goes(home)
	enter(6).Goes(home)
	enter(6).Is(422).Says("may have been copied")
	enter(3).Is(422).Says("may have been copied")
	c.Get("/settings/security").Says("may have been copied")
	if m := s.mails("ada@example.org")[0]; !strings.Contains(m.Text, "Old key") || !strings.Contains(m.Text, "may have been copied") {
		t.Errorf("the mail: %s", m.Text)
	}
}

func TestPasskeyAsAFreshProof(t *testing.T) {
	s, clock := timed(t)
	ada := s.person("ada")
	c, key := s.signedIn(ada), newAuthenticator(t)
	s.register(c, key, "Key")
	eve, other := s.signedIn(s.person("eve")), newAuthenticator(t)
	s.register(eve, other, "Key of eve")
	clock.add(11 * time.Minute)
	c.Get("/settings/security/passkeys/new").Goes("/login/fresh?next=%2Fsettings%2Fsecurity%2Fpasskeys%2Fnew")
	c.Get("/login/fresh?next=%2Fsettings").Has(`form[data-passkey="get"]`)
	if p := c.With("X-Csrf-Token", c.CSRF()).Post(passkeyOptions, "", ""); p.Status != 303 {
		t.Errorf("options of a new passkey without a fresh proof: %d", p.Status)
	}
	o := ask(c, "/login/fresh/passkey/options")
	if len(o.PublicKey.Allow) != 1 || o.PublicKey.Allow[0].ID != encoded(key.id) {
		t.Errorf("options: %+v", o)
	}
	c.PostForm("/login/fresh/passkey", "credential", other.get(s.URL, o)).Is(422)
	key.counter = 9
	c.PostForm("/login/fresh/passkey", "credential", key.get(s.URL, ask(eve, "/login/passkey/options"))).Is(422)
	c.PostForm("/login/passkey", "credential", key.get(s.URL, o)).Is(422)
	c.PostForm("/login/fresh/passkey", "credential", key.get(s.URL, ask(c, "/login/fresh/passkey/options")), "next", "/settings/security/passkeys/new").
		Goes("/settings/security/passkeys/new")
	c.Get("/settings/security/passkeys/new").Is(200)
}

func TestOneChallengeLetsOneIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, key := s.signedIn(s.person("ada")), newAuthenticator(t)
		s.register(c, key, "Key")
		b := s.Client()
		asked := ask(b, "/login/passkey/options")
		name := ceremonyTicket(asked.PublicKey.Challenge)
		ticket, answer := b.Cookie("osier-"+name), key.get(s.URL, asked)
		won, lost := atOnce(8, func(int) error {
			_, err := s.accounts.EnterByPasskey(t.Context(), Answer{JSON: answer, Ticket: func(string) string { return ticket }})
			return err
		})
		if won != 1 {
			t.Errorf("one challenge let %d in: %v", won, lost)
		}
	})
}
