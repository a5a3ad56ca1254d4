package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

func TestSignUpThenConfirm(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		p, err := s.accounts.SignUp(ctx, NewPerson{Name: "Ada", Handle: "Ada", Address: "Ada@Example.org", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.accounts.Confirmed(ctx, s.Base.Read(), p.ID); err != nil || len(got) != 0 {
			t.Errorf("before the mail is opened: %v, %v", got, err)
		}
		token := s.link("Ada@example.org", "confirm")
		if _, err := s.accounts.Confirm(ctx, p.ID, token); err != nil {
			t.Fatal(err)
		}
		if got, err := s.accounts.Confirmed(ctx, s.Base.Read(), p.ID); err != nil || !slices.Equal(got, []string{"Ada@example.org"}) {
			t.Errorf("after: %v, %v", got, err)
		}
		if len(s.joined.list) == 0 || len(s.owned.list) == 0 || s.owned.list[0].Address != "Ada@example.org" {
			t.Errorf("events: %v, %v", s.joined.list, s.owned.list)
		}
		if _, err := s.accounts.Confirm(ctx, p.ID, token); !fault.Is(err, fault.Gone) {
			t.Errorf("again: %v", err)
		}
	})
}

func TestSignUpNamesEveryFault(t *testing.T) {
	s, _ := timed(t)
	_, err := s.accounts.SignUp(t.Context(), NewPerson{Name: " ", Handle: "admin", Address: "x", Password: "short"})
	got, _ := fieldsOf(err)
	want := FieldErrors{
		"name": "account.error.name.empty", "handle": "account.error.handle.reserved",
		"address": "mail.bad_address", "password": "account.error.password.short",
	}
	if diff := cmp.Diff(want, got); diff != "" || fault.Status(err) != 422 {
		t.Errorf("%v: %s", err, diff)
	}
	_, err = s.accounts.SignUp(t.Context(), NewPerson{Name: "Ada", Handle: "ada"})
	if got, _ := fieldsOf(err); got["address"] == "" || got["password"] == "" {
		t.Errorf("nothing given: %v", err)
	}
}

func TestTheFirstWhoConfirmsOwnsTheAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		var people []Person
		var tokens []string
		for _, handle := range []string{"ada", "bob"} {
			p, err := s.accounts.SignUp(ctx, NewPerson{Name: handle, Handle: handle, Address: "shared@example.org", Password: password})
			if err != nil {
				t.Fatal(err)
			}
			people, tokens = append(people, p), append(tokens, s.link("shared@example.org", "confirm"))
		}
		if _, err := s.accounts.Confirm(ctx, people[1].ID, tokens[0]); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the link of another account: %v", err)
		}
		if _, err := s.accounts.Confirm(ctx, people[1].ID, tokens[1]); err != nil {
			t.Fatal(err)
		}
		if _, err := s.accounts.Confirm(ctx, people[0].ID, tokens[0]); !fault.Is(err, fault.Gone) {
			t.Errorf("who came later: %v", err)
		}
		if n := s.count("SELECT count(*) FROM email WHERE address_key = 'shared@example.org'"); n != 1 {
			t.Errorf("%d rows list the address", n)
		}
		// A third who gives the address learns nothing; its owner gets a mail.
		if _, err := s.accounts.SignUp(ctx, NewPerson{Name: "Eve", Handle: "eve", Address: "Shared@example.org", Password: password}); err != nil {
			t.Fatal(err)
		}
		if m := s.mails("shared@example.org"); m[0].Template != "owned" || !strings.Contains(m[0].Text, "/reset") {
			t.Errorf("got %s", m[0].Template)
		}
	})
}

func TestRaces(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		t.Run("one address confirmed 100 times", func(t *testing.T) {
			p, err := s.accounts.SignUp(ctx, NewPerson{Name: "Ada", Handle: "ada", Address: "ada@example.org", Password: password})
			if err != nil {
				t.Fatal(err)
			}
			token := s.link("ada@example.org", "confirm")
			won, lost := atOnce(100, func(int) error { _, err := s.accounts.Confirm(ctx, p.ID, token); return err })
			if won != 1 || slices.ContainsFunc(lost, func(err error) bool { return !fault.Is(err, fault.Gone) }) {
				t.Errorf("%d won, %v", won, lost)
			}
		})
		t.Run("one address by two people", func(t *testing.T) {
			var people []Person
			var tokens []string
			for _, h := range []string{"cleo", "dora"} {
				p, err := s.accounts.SignUp(ctx, NewPerson{Name: h, Handle: h, Address: "two@example.org", Password: password})
				if err != nil {
					t.Fatal(err)
				}
				people, tokens = append(people, p), append(tokens, s.link("two@example.org", "confirm"))
			}
			won, lost := atOnce(2, func(i int) error { _, err := s.accounts.Confirm(ctx, people[i].ID, tokens[i]); return err })
			if won != 1 || fault.Status(lost[0]) >= 500 {
				t.Errorf("%d won, %v", won, lost)
			}
		})
		t.Run("one handle 20 times", func(t *testing.T) {
			won, lost := atOnce(20, func(i int) error {
				_, err := s.accounts.CreatePerson(ctx, NewPerson{Name: "Max", Handle: "max", Address: fmt.Sprintf("max%d@example.org", i)}, false)
				return err
			})
			if won != 1 || slices.ContainsFunc(lost, func(err error) bool { return fault.Status(err) != 422 }) {
				t.Errorf("%d won, %v", won, lost)
			}
		})
		t.Run("one setup link 8 times", func(t *testing.T) {
			path, err := s.accounts.SetupPath(ctx)
			if err != nil {
				t.Fatal(err)
			}
			won, lost := atOnce(8, func(i int) error {
				in := NewPerson{Name: "Root", Handle: fmt.Sprintf("first%d", i), Address: fmt.Sprintf("r%d@example.org", i), Password: password}
				_, err := s.accounts.SetUp(ctx, strings.TrimPrefix(path, "/setup/"), Setup{NewPerson: in, SiteName: "River", Explore: true})
				return err
			})
			if won != 1 || slices.ContainsFunc(lost, func(err error) bool { return !fault.Is(err, fault.NotFound) }) {
				t.Errorf("%d won, %v", won, lost)
			}
			if n := s.count("SELECT count(*) FROM person WHERE role = 'admin'"); n != 1 {
				t.Errorf("%d administrators", n)
			}
			if path, err := s.accounts.SetupPath(ctx); path != "" || err != nil {
				t.Errorf("another link: %q, %v", path, err)
			}
		})
		t.Run("one reset link 8 times", func(t *testing.T) {
			s.person("gil")
			if err := s.accounts.AskReset(ctx, "gil@example.org"); err != nil {
				t.Fatal(err)
			}
			token := s.link("gil@example.org", "reset")
			won, lost := atOnce(8, func(i int) error { return s.accounts.Reset(ctx, token, fmt.Sprintf("new password %d", i)) })
			if won != 1 || slices.ContainsFunc(lost, func(err error) bool { return !fault.Is(err, fault.Gone) }) {
				t.Errorf("%d won, %v", won, lost)
			}
		})
	})
}

func TestUnknownAccountsCostTheSameWork(t *testing.T) {
	s, _ := timed(t)
	ctx := t.Context()
	ada := s.person("ada")
	if _, err := s.accounts.CreatePerson(ctx, NewPerson{Name: "Bare", Handle: "bare"}, false); err != nil {
		t.Fatal(err)
	}
	hashes := 0
	s.accounts.hasher.count = func() { hashes++ }
	for _, name := range []string{"ada", "nobody", "nobody@example.org", "bare", "", "<>", strings.Repeat("a", 10_000)} {
		hashes = 0
		_, err := s.accounts.SignIn(ctx, name, "another password")
		if e, ok := fault.As(err); !ok || e.Key != "account.error.login" {
			t.Errorf("%.20q: %v", name, err)
		}
		if hashes != 1 {
			t.Errorf("%.20q: %d hashes, want 1", name, hashes)
		}
	}
	for _, name := range []string{"ada", "@Ada", "ADA@example.org", " ada@example.org "} {
		if p, err := s.accounts.SignIn(ctx, name, password); err != nil || p.ID != ada.ID {
			t.Errorf("%q: %v, %v", name, p.Handle, err)
		}
	}
	if err := s.accounts.SetDisabled(ctx, ada.Handle, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.accounts.SignIn(ctx, "ada", password); !fault.Is(err, fault.Forbidden) {
		t.Errorf("disabled: %v", err)
	}
	if _, err := s.accounts.SignIn(ctx, "ada", "another password"); !fault.Is(err, fault.Invalid) {
		t.Errorf("disabled, wrong password: %v", err)
	}
}

func TestSessionsEnd(t *testing.T) {
	s, clock := timed(t)
	ctx := t.Context()
	ada := s.person("ada")
	begin := func() string {
		t.Helper()
		token, err := s.accounts.Start(ctx, ada.ID, "Firefox, Linux", "")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	alive := func(token string) bool {
		t.Helper()
		v, err := s.accounts.Viewer(ctx, token)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil && v.Person == ada.ID
	}
	const day = 24 * time.Hour
	unused, used := begin(), begin()
	for range 3 {
		clock.add(29 * day)
		if !alive(used) {
			t.Fatal("a session in use ended")
		}
	}
	if alive(unused) {
		t.Error("a session unused for 87 days lives")
	}
	clock.add(4 * day)
	if alive(used) {
		t.Error("a session of 91 days lives")
	}
	kept, other := begin(), begin()
	if err := s.accounts.RevokeOthers(ctx, ada.ID, secret.Hash(kept)); err != nil || !alive(kept) || alive(other) {
		t.Errorf("revoke others: %v, %v, %v", err, alive(kept), alive(other))
	}
	if next, err := s.accounts.Start(ctx, ada.ID, "", kept); err != nil || alive(kept) || !alive(next) {
		t.Errorf("a sign-in keeps the old session: %v", err)
	}
	kept = begin()
	if err := s.accounts.SetDisabled(ctx, ada.Handle, true); err != nil || alive(kept) {
		t.Errorf("a disabled person is signed in: %v", err)
	}
	if err := s.accounts.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := s.count("SELECT count(*) FROM session"); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

func TestLinksAgeAndAreNotStored(t *testing.T) {
	s, clock := timed(t)
	ctx := t.Context()
	p, err := s.accounts.SignUp(ctx, NewPerson{Name: "Ada", Handle: "ada", Address: "ada@example.org", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	token := s.link("ada@example.org", "confirm")
	if n := s.count("SELECT count(*) FROM email_token WHERE token_hash = $1", []byte(token)); n != 0 {
		t.Error("the token itself is stored")
	}
	clock.add(24 * time.Hour)
	if _, err := s.accounts.Confirm(ctx, p.ID, token); !fault.Is(err, fault.Gone) {
		t.Errorf("after a day: %v", err)
	}
	list, err := s.accounts.Addresses(ctx, s.Base.Read(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.accounts.Resend(ctx, p.ID, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.accounts.Confirm(ctx, p.ID, s.link("ada@example.org", "confirm")); err != nil {
		t.Errorf("a new link: %v", err)
	}
	if err := s.accounts.AskReset(ctx, "ada@example.org"); err != nil {
		t.Fatal(err)
	}
	token = s.link("ada@example.org", "reset")
	clock.add(30 * time.Minute)
	if err := s.accounts.Reset(ctx, token, "another password"); !fault.Is(err, fault.Gone) {
		t.Errorf("a reset link after 30 minutes: %v", err)
	}
}

func TestNobodyResetsByAnAddressThatIsNotConfirmed(t *testing.T) {
	s, _ := timed(t)
	ctx := t.Context()
	if _, err := s.accounts.SignUp(ctx, NewPerson{Name: "Ada", Handle: "ada", Address: "ada@example.org", Password: password}); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"ada@example.org", "nobody@example.org"} {
		if err := s.accounts.AskReset(ctx, address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if m := s.mails(address); len(m) > 0 && m[0].Template == "reset" {
			t.Errorf("%s got a link", address)
		}
	}
}

func TestAddresses(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx, p := t.Context(), s.person("ada")
		field := func(err error) string { f, _ := fieldsOf(err); return f["address"] }
		if err := s.accounts.AddAddress(ctx, p.ID, "ADA@example.org"); field(err) != "account.error.address.listed" {
			t.Errorf("twice: %v", err)
		}
		if err := s.accounts.AddAddress(ctx, p.ID, "a@x.test, b@x.test"); field(err) != "mail.bad_address" {
			t.Errorf("two: %v", err)
		}
		if err := s.accounts.AddAddress(ctx, p.ID, "ada@work.test"); err != nil {
			t.Fatal(err)
		}
		list, err := s.accounts.Addresses(ctx, s.Base.Read(), p.ID)
		if err != nil || len(list) != 2 {
			t.Fatalf("%v, %v", list, err)
		}
		old, added := list[0], list[1]
		if err := s.accounts.MakePrimary(ctx, p.ID, added.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("an unconfirmed address became primary: %v", err)
		}
		if err := s.accounts.RemoveAddress(ctx, p.ID, old.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("the primary address was removed: %v", err)
		}
		if _, err := s.accounts.Confirm(ctx, p.ID, s.link("ada@work.test", "confirm")); err != nil {
			t.Fatal(err)
		}
		if err := s.accounts.MakePrimary(ctx, p.ID, added.ID); err != nil {
			t.Error(err)
		}
		eve := s.person("eve")
		for name, f := range map[string]func() error{
			"primary": func() error { return s.accounts.MakePrimary(ctx, eve.ID, old.ID) },
			"remove":  func() error { return s.accounts.RemoveAddress(ctx, eve.ID, old.ID) },
			"resend":  func() error { return s.accounts.Resend(ctx, eve.ID, old.ID) },
		} {
			if err := f(); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s by another person: %v", name, err)
			}
		}
		if err := s.accounts.RemoveAddress(ctx, p.ID, old.ID); err != nil {
			t.Error(err)
		}
		if got, err := s.accounts.Confirmed(ctx, s.Base.Read(), p.ID); err != nil || !slices.Equal(got, []string{"ada@work.test"}) {
			t.Errorf("left: %v, %v", got, err)
		}
		for i := range addressesPerHead {
			err = s.accounts.AddAddress(ctx, p.ID, fmt.Sprintf("a%d@x.test", i))
		}
		if field(err) != "account.error.address.full" {
			t.Errorf("one more than ten: %v", err)
		}
	})
}

func TestSettingsOfTheSite(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		got, err := s.accounts.Settings(ctx)
		if err != nil || !got.Explore || !got.SignUp() || got.Name != "Osier" || got.Language != "en" {
			t.Errorf("defaults: %+v, %v", got, err)
		}
		want := Settings{Name: "Rivière", Tagline: "À l'eau", About: "# Bonjour", Language: "fr"}
		if err := s.accounts.Change(ctx, want); err != nil {
			t.Fatal(err)
		}
		if got, err := s.accounts.Settings(ctx); err != nil || got.Name != want.Name || got.About != want.About || got.Joining != JoinClosed || got.Explore {
			t.Errorf("a change is seen late: %+v, %v", got, err)
		}
		if _, err := s.accounts.SignUp(ctx, NewPerson{Name: "A", Handle: "ada", Address: "a@x.test", Password: password}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("closed: %v", err)
		}
		err = s.accounts.Change(ctx, Settings{Name: " ", Tagline: strings.Repeat("a", 200), Language: "xx"})
		if f, _ := fieldsOf(err); len(f) != 3 {
			t.Errorf("got %v", err)
		}
	})
}

func TestErasure(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx, p := t.Context(), s.person("ada")
		s.signedIn(p)
		if err := s.accounts.AddAddress(ctx, p.ID, "more@x.test"); err != nil {
			t.Fatal(err)
		}
		if err := s.accounts.SetPicture(ctx, p.ID, picture(t)); err != nil {
			t.Fatal(err)
		}
		documents := map[string]string{}
		err := s.accounts.Export(ctx, p.ID, func(name string, content []byte) error {
			documents[name] = string(content)
			return nil
		})
		if err != nil || len(documents) != 13 || !strings.Contains(documents["account/emails.json"], "more@x.test") ||
			strings.Contains(fmt.Sprint(documents), "argon2") {
			t.Errorf("export: %v, %v", documents, err)
		}
		if err := s.Base.Tx(ctx, func(tx *db.Tx) error { return s.accounts.Close(ctx, tx, p.ID) }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.accounts.PersonByHandle(ctx, s.Base.Read(), "Ada"); !fault.Is(err, fault.Gone) {
			t.Errorf("a closed account: %v", err)
		}
		for range 2 {
			if err := s.Base.Tx(ctx, func(tx *db.Tx) error { return s.accounts.Erase(ctx, tx, p.ID) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range append(s.accounts.OwnerTables(), "blob") {
			if n := s.count("SELECT count(*) FROM " + table); n != 0 {
				t.Errorf("%s: %d rows left", table, n)
			}
		}
		if gone, err := s.accounts.ErasedHandle(ctx, "ADA"); !gone || err != nil {
			t.Errorf("tombstone: %v, %v", gone, err)
		}
		if _, err := s.accounts.PersonByHandle(ctx, s.Base.Read(), "nobody"); !fault.Is(err, fault.NotFound) || !errors.Is(err, db.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		if _, err := s.accounts.CreatePerson(ctx, NewPerson{Name: "Eve", Handle: "ada"}, false); fault.Status(err) != 422 {
			t.Errorf("the handle of an erased person is free: %v", err)
		}
		if len(s.removed.list) == 0 || s.removed.list[0].PublicID != p.PublicID {
			t.Errorf("events: %v", s.removed.list)
		}
	})
}

func TestANewDeviceIsTold(t *testing.T) {
	s, clock := timed(t)
	s.withMail()
	ada := s.person("ada")
	here, there := s.signedIn(ada), s.Client()
	if m := s.mails("ada@example.org"); len(m) != 0 {
		t.Errorf("the first device of a new account: %s", m[0].Text)
	}
	clock.add(time.Hour)
	here.PostForm("/logout").Goes("/")
	here.PostForm("/login", "address", "ada", "password", password).Goes(home)
	if m := s.mails("ada@example.org"); len(m) != 0 {
		t.Errorf("the same browser: %s", m[0].Text)
	}
	phone := there.With("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1")
	phone.PostForm("/login", "address", "ada", "password", password).Goes(home)
	m := s.mails("ada@example.org")
	if len(m) != 1 || m[0].Template != "signin" || !strings.Contains(m[0].Text, "Safari, iPhone") || !strings.Contains(m[0].Text, "/reset") {
		t.Fatalf("another browser: %v", m)
	}
	there.PostForm("/logout").Goes("/")
	there.PostForm("/login", "address", "ada", "password", password).Goes(home)
	if m := s.mails("ada@example.org"); len(m) != 1 {
		t.Errorf("the other browser again: %d mails", len(m))
	}
	eve := s.person("eve")
	clock.add(time.Hour)
	there.PostForm("/logout").Goes("/")
	there.PostForm("/login", "address", "eve", "password", password).Goes(home)
	if m := s.mails("eve@example.org"); len(m) != 1 {
		t.Errorf("a browser of somebody else, for %s: %d mails", eve.Handle, len(m))
	}
}
