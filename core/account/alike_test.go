package account

import (
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/db"
)

// TestHandlesThatLookLikeAnothersAreRefused, at sign-up, at a change and from a
// provider, with the reason; who has one keeps it.
func TestHandlesThatLookLikeAnothersAreRefused(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, uni *oidctest.Provider) {
		ctx := t.Context()
		linda, modern := s.person("linda"), s.person("mod-ern")
		for _, h := range []string{"1inda", "iinda", "Iinda", "mod_ern", "rnod-ern"} {
			s.Client().PostForm("/signup", "name", "Eve", "handle", h, "address", "eve@example.org", "password", password).
				Is(422).Says("looks like that of another person")
			if _, err := s.accounts.Rename(ctx, modern.ID, h); err == nil && h != "mod_ern" && h != "rnod-ern" {
				t.Errorf("renamed to %s", h)
			}
		}
		if p, err := s.accounts.PersonByID(ctx, s.Base.Read(), modern.ID); err != nil || p.Handle != "rnod-ern" {
			t.Errorf("a person cannot take what looks like their own handle: %v, %v", p.Handle, err)
		}

		if _, err := s.accounts.Rename(ctx, linda.ID, "another"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.accounts.CreatePerson(ctx, NewPerson{Name: "Eve", Handle: "l1nda"}, false); err == nil {
			t.Error("a handle like one that is kept for its owner was given")
		}
		s.write(`UPDATE old_handle SET left_at = $1`, db.Micros(time.Now().Add(-handleKept-time.Hour)))
		if _, err := s.accounts.CreatePerson(ctx, NewPerson{Name: "Eve", Handle: "l1nda"}, false); err != nil {
			t.Errorf("a handle like one that is free again: %v", err)
		}

		uni.Person["preferred_username"], uni.Person["email"] = "aNother", "other@example.org"
		s.write(`UPDATE person SET handle = 'an0ther', skeleton = $1 WHERE id = $2`, handleSkeleton("an0ther"), linda.ID)
		through(t, s.Client(), uni, nil).Goes(home)
		if n := s.count(`SELECT count(*) FROM person WHERE handle = 'another-2'`); n != 1 {
			t.Error("a provider gave a handle that looks like another's")
		}
	})
}
