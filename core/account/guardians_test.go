package account

import (
	"errors"
	"testing"

	"github.com/osier-passport/osier/core/db"
)

// under makes a person under age with a guardian: asked at a time, and confirmed at
// another, 0 for not yet.
func (s *site) under(handle, guardian string, asked, confirmed int64) Person {
	s.t.Helper()
	p := s.person(handle)
	if err := s.accounts.AnswerAge(s.t.Context(), p.ID, AgeUnder, guardian); err != nil {
		s.t.Fatal(err)
	}
	s.write(`UPDATE guardian SET asked_at = $2, confirmed_at = $3 WHERE person = $1`, p.ID, asked, confirmed)
	return p
}

// TestAMergeKeepsTheGuardianWhoWasThereBefore, whichever account stays: nobody gets
// rid of a guardian with an account of their own making, nor becomes their own.
func TestAMergeKeepsTheGuardianWhoWasThereBefore(t *testing.T) {
	for _, tt := range []struct {
		name          string
		guardians     [2]string // of the account that goes and of the one that stays; "": of age
		asked         [2]int64
		confirmed     [2]int64
		want          string // "": a guardian is asked for anew
		wantConfirmed bool
	}{
		{"the one that goes was first", [2]string{"mum@example.net", "friend@example.net"}, [2]int64{5, 1}, [2]int64{6, 7}, "mum@example.net", true},
		{"the one that stays was first", [2]string{"friend@example.net", "mum@example.net"}, [2]int64{1, 5}, [2]int64{7, 6}, "mum@example.net", true},
		{"who answers goes before who was asked", [2]string{"friend@example.net", "mum@example.net"}, [2]int64{1, 5}, [2]int64{0, 6}, "mum@example.net", true},
		{"also from the one that goes", [2]string{"mum@example.net", "friend@example.net"}, [2]int64{5, 1}, [2]int64{6, 0}, "mum@example.net", true},
		{"nobody answers yet", [2]string{"mum@example.net", "friend@example.net"}, [2]int64{1, 2}, [2]int64{0, 0}, "mum@example.net", false},
		{"the other is of age", [2]string{"mum@example.net", ""}, [2]int64{1, 0}, [2]int64{2, 0}, "mum@example.net", true},
		{"the one that goes is of age", [2]string{"", "mum@example.net"}, [2]int64{0, 1}, [2]int64{0, 2}, "mum@example.net", true},
		{"the other account is the guardian", [2]string{"stays@example.org", ""}, [2]int64{1, 0}, [2]int64{2, 0}, "", false},
		{"the account that goes is the guardian", [2]string{"", "goes@example.org"}, [2]int64{0, 1}, [2]int64{0, 2}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, s *site) {
				s.open(JoinOpen, func(set *Settings) { set.Age = 16 })
				var people [2]Person
				for n, handle := range []string{"goes", "stays"} {
					if tt.guardians[n] == "" {
						people[n] = s.person(handle)
					} else {
						people[n] = s.under(handle, tt.guardians[n], tt.asked[n], tt.confirmed[n])
					}
				}
				from, into := people[0], people[1]
				c := s.signedIn(from)
				if err := s.Base.Tx(t.Context(), func(tx *db.Tx) error { return s.accounts.Merge(t.Context(), tx, from.ID, into.ID) }); err != nil {
					t.Fatal(err)
				}
				c.Get("/settings").Goes("/login?next=%2Fsettings")
				if n := s.count(`SELECT count(*) FROM session`); n != 0 {
					t.Errorf("%d sessions of the account that went", n)
				}
				if s.count(`SELECT count(*) FROM person WHERE under_age`) != 1 {
					t.Error("the rules for people under age are gone")
				}
				g, err := guardianOf(t.Context(), s.Base.Read(), into.ID)
				if err != nil && !errors.Is(err, db.ErrNotFound) {
					t.Fatal(err)
				}
				if g.Address != tt.want || g.ConfirmedAt.IsZero() == tt.wantConfirmed {
					t.Errorf("the guardian is %q, confirmed at %s, want %q", g.Address, g.ConfirmedAt, tt.want)
				}
				first, err := s.accounts.first(t.Context(), s.Base.Read(), into.ID)
				if err != nil || (first == firstAge) == tt.wantConfirmed {
					t.Errorf("the account waits for %q, %v", first, err)
				}
			})
		})
	}
}

// TestNobodyIsTheirOwnGuardian: the guardian's address cannot be listed afterwards,
// and one that becomes the person's own in another way answers for nobody.
func TestNobodyIsTheirOwnGuardian(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.open(JoinOpen, func(set *Settings) { set.Age = 16 })
		kid := s.under("kid", "mum@example.net", 1, 2)
		err := s.accounts.AddAddress(t.Context(), kid.ID, "Mum@example.net")
		if fields, ok := fieldsOf(err); !ok || fields["address"] != "age.error.guardians_address" {
			t.Errorf("the guardian's address was listed: %v", err)
		}
		err = s.Base.Tx(t.Context(), func(tx *db.Tx) error { // as a provider would
			e := Email{ID: tx.NewID(), Person: kid.ID, Address: "mum@example.net", Key: "mum@example.net", CreatedAt: tx.Now()}
			if err := insertEmail(t.Context(), tx, e); err != nil {
				return err
			}
			return s.accounts.confirmed(t.Context(), tx, e, "University")
		})
		if err != nil {
			t.Fatal(err)
		}
		s.signedIn(kid).Get("/settings").Goes("/guardian?next=%2Fsettings")
	})
}
