package account

import (
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
)

// Hashes of the password "password" with the salt "salt" (RFC 6070; those of SHA-256 as
// many implementations test themselves), in the forms of Salava and Django.
const (
	salavaHash = "pbkdf2+sha256$73616c74$4096$c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
	salavaCut  = "pbkdf2+sha256$73616c74$4096$c5e478d59288c841aa530db6845c4c8d962893a0"
	salavaOld  = "pbkdf2+sha1$73616c74$4096$4b007901b765489abead49d926f721d065a429c1"
	djangoHash = "pbkdf2_sha256$4096$salt$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o="
)

func TestOldHashes(t *testing.T) {
	h := newHasher()
	h.kib = 64
	for _, text := range []string{salavaHash, salavaCut, salavaOld, djangoHash} {
		old, key, err := parseOld(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		again, err := readOld(old.String())
		if err != nil || again.String() != old.String() {
			t.Errorf("%s is read as %v, %v", old, again, err)
		}
		hash, err := h.hash(t.Context(), wrapped(key))
		if err != nil {
			t.Fatal(err)
		}
		for password, want := range map[string]bool{"password": true, "Password": false, "": false, wrapped(key): false} {
			if got, err := h.matchesEither(t.Context(), secretOf{hash, old.String()}, password, old.rounds); err != nil || got != want {
				t.Errorf("%s with %q: %v, %v", text, password, got, err)
			}
		}
	}
	for _, text := range []string{
		"", "password", "pbkdf2+md5$73616c74$4096$" + strings.Repeat("00", 16), "pbkdf2+sha256$73616c74$0$" + strings.Repeat("00", 32), "pbkdf2+sha256$$4096$" + strings.Repeat("00", 32),
		"pbkdf2+sha256$73616c74$4096$", "pbkdf2+sha256$73616c74$4096$00", "pbkdf2+sha256$73616c74$-1$" + strings.Repeat("00", 32), "pbkdf2+sha256$zz$4096$" + strings.Repeat("00", 32),
		"pbkdf2+sha256$73616c74$4096$" + strings.Repeat("00", 33), "pbkdf2+sha256$73616c74$1200001$" + strings.Repeat("00", 32), "bcrypt+sha512$00$12$00", salavaHash + "$1", "pbkdf2_sha256$4096$salt$!",
	} {
		if _, _, err := parseOld(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestImportedPeopleSignIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s := serve(t, b)
		ctx := t.Context()
		s.person("squatter")
		rows := []ImportedPerson{
			{Name: "Ada Lovelace", Language: "fr", Password: salavaHash, Created: time.Date(2019, 5, 4, 3, 2, 1, 0, time.UTC), Emails: []ImportedEmail{
				{Address: "old@x.test"}, {Address: "Ada@x.test", Confirmed: true, Primary: true}, {Address: "ada@work.test", Confirmed: true}, {Address: "ada@X.test"},
			}},
			{Name: "Bob", Handle: "bob", Emails: []ImportedEmail{{Address: "bob@x.test"}}},
		}
		for round, want := range []struct{ dry, made bool }{{true, true}, {false, true}, {false, false}, {true, false}} {
			for _, in := range rows {
				p, made, err := s.accounts.ImportPerson(ctx, in, want.dry)
				if err != nil || made != want.made {
					t.Fatalf("round %d, %s: @%s, %v, %v", round, in.Name, p.Handle, made, err)
				}
			}
			if n := s.count("SELECT count(*) FROM person"); n != map[bool]int{true: 1, false: 3}[round == 0] {
				t.Fatalf("round %d: %d people", round, n)
			}
		}
		ada, err := s.accounts.PersonByHandle(ctx, b.Read(), "ada-lovelace")
		if err != nil || ada.Language != "fr" || ada.CreatedAt.Year() != 2019 {
			t.Errorf("%+v, %v", ada, err)
		}
		about, err := s.accounts.About(ctx, b.Read(), ada.ID)
		if err != nil || about.Address != "Ada@x.test" {
			t.Errorf("mails go to %q, %v", about.Address, err)
		}
		if n := s.count("SELECT count(*) FROM email WHERE confirmed_at > 0 AND person IN (SELECT id FROM person WHERE handle = 'ada-lovelace')"); n != 2 {
			t.Errorf("%d confirmed addresses", n)
		}
		if n := s.count("SELECT count(*) FROM mail_outbox"); n != 0 {
			t.Errorf("%d mails", n)
		}
		for _, bad := range []ImportedPerson{
			{Name: "", Emails: rows[1].Emails},
			{Name: "X"},
			{Name: "X", Emails: []ImportedEmail{{Address: "x"}}},
			{Name: "X", Password: "md5", Emails: []ImportedEmail{{Address: "x@x.test"}}},
			{Name: "X", Handle: "squatter", Emails: []ImportedEmail{{Address: "x@x.test", Confirmed: true}}},
		} {
			if _, _, err := s.accounts.ImportPerson(ctx, bad, false); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if n := s.count("SELECT count(*) FROM person") + s.count("SELECT count(*) FROM email WHERE address = 'x@x.test'"); n != 3 {
			t.Errorf("%d rows: something is half done", n)
		}
		s.signsInOnce(t, ada)
	})
}

// signsInOnce: a wrong password keeps the old hash, the right one drops it, and every
// name costs the same as long as one is left.
func (s *site) signsInOnce(t *testing.T, ada Person) {
	t.Helper()
	rounds, hashes := 0, 0
	s.accounts.hasher.count, s.accounts.hasher.ran = func() { hashes++ }, func(n int) { rounds += n }
	_, _, err := s.accounts.ImportPerson(t.Context(), ImportedPerson{
		Name: "Cut", Handle: "cut", Password: strings.Replace(salavaCut, "4096", "64", 1), Emails: []ImportedEmail{{Address: "cut@x.test", Confirmed: true}},
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	wrong := func(want int) {
		t.Helper()
		for _, name := range []string{"nobody", "squatter", "bob", "cut", "ada-lovelace", "ada@work.test"} {
			rounds, hashes = 0, 0
			if _, err := s.accounts.SignIn(t.Context(), name, "not the password"); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
			if rounds != want || hashes != 1 {
				t.Errorf("%s: %d rounds and %d hashes, want %d and 1", name, rounds, hashes, want)
			}
		}
	}
	wrong(4096)
	if n := s.count("SELECT count(*) FROM password WHERE old <> ''"); n != 2 {
		t.Fatalf("%d old hashes", n)
	}
	for range 2 {
		if p, err := s.accounts.SignIn(t.Context(), "ada@x.test", "password"); err != nil || p.ID != ada.ID {
			t.Fatalf("%v, %v", p.Handle, err)
		}
	}
	if n := s.count("SELECT count(*) FROM password WHERE old <> '' OR old_work > 0"); n != 1 {
		t.Errorf("%d old hashes are left", n)
	}
	for _, name := range []string{"nobody", "cut", "ada-lovelace"} {
		if rounds = 0; name != "" {
			_, _ = s.accounts.SignIn(t.Context(), name, "not the password")
		}
		if rounds != 64 {
			t.Errorf("%s: %d rounds, want 64", name, rounds)
		}
	}
}

func TestReadImports(t *testing.T) {
	people, err := ReadImportCSV(strings.NewReader("\ufeffName,email,confirmed,more_emails,created\nAda,ada@x.test,yes,a@y.test b@y.test,1556939000\nBob,bob@x.test,maybe,,\n"))
	if err != nil || len(people) != 2 || len(people[0].Emails) != 3 || !people[0].Emails[0].Confirmed || people[0].Created.Year() != 2019 || people[0].Wrong != nil || people[1].Wrong == nil {
		t.Errorf("%+v, %v", people, err)
	}
	people, err = ReadImportJSON(strings.NewReader(`[{"name": "Ada", "created": 1556939000, "emails": [{"address": "a@x.test", "confirmed": 1, "primary": "0"}, {"address": "b@x.test", "confirmed": false, "primary": true}]}]`))
	if err != nil || len(people) != 1 || !people[0].Emails[0].Confirmed || people[0].Emails[0].Primary || !people[0].Emails[1].Primary {
		t.Errorf("%+v, %v", people, err)
	}
	for _, text := range []string{"", "name\nAda\n", "email,secret\na,b\n", "email,name\na\n"} {
		if _, err := ReadImportCSV(strings.NewReader(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
	for _, text := range []string{"", "{}", `[{"nam": "x"}]`, `[{"created": {}}]`} {
		if _, err := ReadImportJSON(strings.NewReader(text)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}
