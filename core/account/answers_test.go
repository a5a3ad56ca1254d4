package account

import (
	"context"
	"net/url"
	"testing"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/web/webtest"
)

func fields(list ...config.Field) func(*config.Config) {
	return func(c *config.Config) { c.SignUp.Fields = list }
}

var (
	school  = config.Field{Key: "school", Kind: config.FieldText, Seen: config.SeenByMembers, Labels: map[string]string{"en": "Your school", "fr": "Votre école"}, Required: true}
	status  = config.Field{Key: "status", Kind: config.FieldChoice, Seen: config.SeenByNobody, Labels: map[string]string{"en": "You are"}, Choices: []map[string]string{{"key": "a", "en": "Student", "fr": "Aux études"}, {"key": "b", "en": "Staff"}}}
	country = config.Field{Key: "country", Kind: config.FieldCountry, Seen: config.SeenByPublic, Labels: map[string]string{"en": "Country"}}
	news    = config.Field{Key: "news", Kind: config.FieldSwitch, Seen: config.SeenByNobody, Labels: map[string]string{"en": "Write to me"}}
)

func (s *site) answers(t *testing.T, person int64) string {
	t.Helper()
	list, err := db.Select(t.Context(), s.Base.Read(), db.One[string], `SELECT question || '=' || value FROM answer WHERE person = $1 ORDER BY question`, person)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, a := range list {
		text += a + " "
	}
	return text
}

func TestTheSignUpFormAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s := serveWith(t, b, fields(school, status, country, news))
		c := s.Client()
		join := []string{"name", "Ada", "handle", "ada", "address", "ada@x.test", "password", password}
		c.Get("/signup").Is(200).Has(`input[name="ask_school"][required]`, `select[name="ask_status"] option[value="b"]`, `select[name="ask_country"] option[value="CA"]`,
			`input[name="ask_news"][type="checkbox"]`).Says("Members see it on your profile.").Says("(if you like)")
		c.PostForm("/signup", append(join, "ask_status", "c", "ask_country", "XX")...).Is(422).
			Has("#f-ask_school-error", "#f-ask_status-error", "#f-ask_country-error", `input[name="name"][value="Ada"]`)
		if n := s.count("SELECT count(*) FROM person"); n != 0 {
			t.Fatal("an account without an answer that is required")
		}
		c.PostForm("/signup", append(join, "ask_school", "  Alder\tBay ", "ask_status", "a", "ask_country", "CA", "ask_news", "yes", "ask_other", "x")...).Goes(home)
		ada, err := s.accounts.PersonByHandle(t.Context(), b.Read(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := s.answers(t, ada.ID), "country=CA news=yes school=Alder Bay status=a "; got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
		c.Get("/settings/details").Is(200).Has(`input[name="ask_school"][value="Alder Bay"]`, `option[value="CA"][selected]`, `input[name="ask_news"][checked]`)
		c.PostForm("/settings/details", "ask_school", "").Is(422).Has("#f-ask_school-error")
		c.PostForm("/settings/details", "ask_school", "Willow Bay", "ask_country", "CA").Goes("/settings/details")
		if got, want := s.answers(t, ada.ID), "country=CA school=Willow Bay "; got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
		for viewer, want := range map[int64]int{0: 1, ada.ID: 2, 77: 2} {
			shown, err := s.accounts.ShownAnswers(t.Context(), viewer, ada.ID, "fr")
			if err != nil || len(shown) != want {
				t.Errorf("viewer %d sees %v, %v", viewer, shown, err)
			}
		}
		all, err := s.accounts.Answers(t.Context(), b.Read(), ada.ID, "fr")
		if err != nil || len(all) != 2 || all[0].Label != "Votre école" || all[1].Text != "Canada" {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// TestWhatIsNewIsAskedOfAll: somebody with an account, a person who comes by a provider,
// and an answer that cannot be given any more.
func TestWhatIsNewIsAskedOfAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		provider := oidctest.New(t)
		must := status
		must.Required = true
		s := serveWith(t, b, fields(must, news), provider)
		ada := s.person("ada")
		c := s.signedIn(ada)
		c.Get("/settings/profile?x=1").Goes("/settings/details?next=%2Fsettings%2Fprofile%3Fx%3D1")
		token := c.Get("/settings/details?next=/settings/profile").Is(200).Has(`.gate`, `a[href="/settings/data"]`).Attr(`input[name="csrf"]`, "value")
		send := func(path string, pairs ...string) *webtest.Page {
			form := url.Values{"csrf": {token}}
			for i := 0; i < len(pairs); i += 2 {
				form.Set(pairs[i], pairs[i+1])
			}
			return c.Post(path, "application/x-www-form-urlencoded", form.Encode())
		}
		send("/settings/privacy", "profile", "private").Is(403)
		send("/settings/details", "ask_status", "", "next", "/settings/profile").Is(422).Has(`.gate`, `input[name="next"][value="/settings/profile"]`)
		send("/settings/details", "ask_status", "b", "next", "/settings/profile").Goes("/settings/profile")
		c.Get("/settings/profile").Is(200)
		must.Choices = []map[string]string{{"key": "x", "en": "X"}, {"key": "y", "en": "Y"}}
		c = serveWith(t, b, fields(must, news)).signedIn(ada)
		c.Get("/settings/profile").Goes("/settings/details?next=%2Fsettings%2Fprofile")
		s = serveWith(t, b, fields(news), provider)
		c = s.signedIn(ada)
		c.Get("/settings/details").Is(200).Says("Not asked any more").Has(`button[name="forget"][value="status"]`)
		c.PostForm("/settings/details", "forget", "status").Goes("/settings/details")
		if got := s.answers(t, ada.ID); got != "" {
			t.Errorf("kept %q", got)
		}
		provider.Person["email"] = "new@x.test"
		v := s.Client()
		through(t, v, provider, nil).Goes("/settings/details?welcome=1&next=%2Fbadges")
		v.Get("/settings/details?welcome=1&next=/badges").Is(200).Has(`.gate a[href="/badges"]`)
		v.PostForm("/settings/details", "ask_news", "yes", "welcome", "1", "next", "/badges").Goes("/badges")
	})
}

func TestAnswersAreMerged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s := serveWith(t, b, fields(school, status))
		from, into := s.person("from"), s.person("into")
		for _, set := range []struct {
			person int64
			given  map[string]string
		}{{from.ID, map[string]string{"school": "Old", "status": "a"}}, {into.ID, map[string]string{"school": "New"}}} {
			if err := s.accounts.SetAnswers(t.Context(), set.person, set.given); err != nil {
				t.Fatal(err)
			}
		}
		err := b.Tx(context.WithoutCancel(t.Context()), func(tx *db.Tx) error { return s.accounts.Merge(t.Context(), tx, from.ID, into.ID) })
		if err != nil {
			t.Fatal(err)
		}
		if got, want := s.answers(t, into.ID), "school=New status=a "; got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	})
}
