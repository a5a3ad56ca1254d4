package gallery

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (g *Gallery) OwnerName() string { return "explore" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (g *Gallery) OwnerTables() []string {
	return []string{"search_doc", "explore_place", "explore_visit"}
}

// exported is what explore holds of a person.
type exported struct {
	Place     *exportedPlace `json:"place,omitempty"`
	LastVisit *time.Time     `json:"lastVisit,omitempty"`
	Found     *exportedFound `json:"found,omitempty"`
}

type exportedPlace struct {
	Country    string `json:"country,omitempty"`
	CountryFor string `json:"countryFor"`
	Latitude   int64  `json:"latitude"`
	Longitude  int64  `json:"longitude"`
	SpotFor    string `json:"spotFor"`
}

// exportedFound is how the search index knows the person.
type exportedFound struct {
	Words         string `json:"words"`
	PublicBadges  int64  `json:"publicBadges"`
	MembersBadges int64  `json:"membersBadges"`
}

// Export hands out where the person said that they are, when they last looked
// around and by which words they are found.
func (g *Gallery) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	out, err := exportOf(ctx, g.base.Read(), person)
	if err != nil || out == (exported{}) {
		return err
	}
	return archive.Put(put, "explore/explore.json", out)
}

// EraseSome brings the index to what is left of the person's badges, a batch at a
// time, and reports whether there may be more. It comes after core/badge has
// deleted them.
func (g *Gallery) EraseSome(ctx context.Context, tx *db.Tx, _ int64) (more bool, err error) {
	n, err := g.work(ctx, tx)
	return n > 0, err
}

// Erase deletes it, and takes the person out of the index with what the index
// keeps of deleted words.
func (g *Gallery) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	if err := erasePlace(ctx, tx, person); err != nil {
		return err
	}
	if err := g.dropPerson(ctx, tx, person); err != nil {
		return err
	}
	if large, err := g.base.IsLarge(); err != nil || large {
		return err // Compact, at night
	}
	return forgetText(ctx, tx)
}

// Compact removes what the index keeps of deleted words.
func (g *Gallery) Compact(ctx context.Context, tx *db.Tx) error { return forgetText(ctx, tx) }

// Merge leaves what the person said under the account that stays, or takes what
// they said under the other.
func (g *Gallery) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	if err := moveOwn(ctx, tx, from, into); err != nil {
		return err
	}
	return g.dropPerson(ctx, tx, from)
}

func (g *Gallery) dropPerson(ctx context.Context, tx *db.Tx, person int64) error {
	old, err := getDoc(ctx, tx, kindPerson, person)
	if err != nil || old.id == 0 {
		return err
	}
	return g.drop(ctx, tx, kindPerson, person, old)
}
