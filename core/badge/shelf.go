package badge

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// The orders of a person's own badges; the newest come first otherwise.
const (
	byName   = "name"
	byIssuer = "issuer"
	byExpiry = "expiry" // what never expires comes last
)

// Filter selects from a person's own badges; what is empty selects all.
type Filter struct {
	Text       string // that name, issuer, description, tags or the holder's note contain, in any case and accents
	State      string // a verdict as of now, or "unclaimed"
	Visibility string
	Tag        string // of the person's own, in any case and accents
	Issuer     string // public id
	Collection string // public id
	Expiring   int    // days in which they expire, 0 for all
	Unseen     bool
}

// Shelf is a part of a person's own badges in an order.
type Shelf struct {
	Filter

	Sort  string
	After int64 // keyset: those after this badge, 0 from the start
	Limit int
}

// Shelved is one of the person's own badges in a list.
type Shelved struct {
	Badge

	Unseen bool // its holder has not looked at it yet
}

// Shelf gives a part of the person's own badges, with what cards show of them.
func (s *Badges) Shelf(ctx context.Context, person int64, q Shelf) ([]Shelved, error) {
	if q.Sort == byName || q.Sort == byIssuer || q.Sort == byExpiry {
		return listSorted(ctx, s.Base.Read(), person, q, s.Base.Now())
	}
	return listNewestMine(ctx, s.Base.Read(), person, q, s.Base.Now())
}

// CountShelf gives how many of the person's own badges a filter selects.
func (s *Badges) CountShelf(ctx context.Context, person int64, f Filter) (int, error) {
	return countShelf(ctx, s.Base.Read(), person, f, s.Base.Now())
}

// IssuerChoice is an issuer of a person's badges.
type IssuerChoice struct {
	PublicID, Name string
	Count          int
}

// MyIssuers gives the issuers of the person's badges with how many each issued.
func (s *Badges) MyIssuers(ctx context.Context, person int64) ([]IssuerChoice, error) {
	return listMyIssuers(ctx, s.Base.Read(), person)
}

// args are the parameters $1 to $11 of shelfWhere.
func (f Filter) args(person int64, now time.Time) []any {
	var until int64
	if f.Expiring > 0 {
		until = db.Micros(now.AddDate(0, 0, f.Expiring))
	}
	folded := db.Fold(f.Text)
	return []any{
		person, folded, db.Contains(folded), f.State, f.Visibility, db.Fold(f.Tag), f.Issuer, f.Collection,
		until, db.Micros(now), f.Unseen,
	}
}

// see notes that the holder has looked at a badge.
func (s *Badges) see(ctx context.Context, b Badge) error {
	unseen, err := isUnseen(ctx, s.Base.Read(), b.ID)
	if err != nil || !unseen {
		return err
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return updateSeen(ctx, tx, b.ID) })
}
