package connect

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Connect) OwnerName() string { return "apps" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Connect) OwnerTables() []string { return []string{"oauth_grant", "oauth_token"} }

type exportedApp struct {
	App        string    `json:"app"`
	ID         string    `json:"client_id"`
	Scopes     []string  `json:"scopes"`
	AllowedAt  time.Time `json:"allowed_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Until      time.Time `json:"until"`
}

const exportName = "apps/apps.json"

// Export hands out which apps the person let in, once for each device. Tokens are kept
// hashed: there is nothing of them to hand out.
func (s *Connect) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := listGrants(ctx, s.Base.Read(), person, s.Base.Now())
	if err != nil {
		return err
	}
	out := make([]exportedApp, 0, len(list))
	for _, a := range list {
		out = append(out, exportedApp{a.name, a.client, a.scopes, a.createdAt, a.usedAt, a.endsAt})
	}
	return archive.Put(put, exportName, out)
}

// Counts gives how much there is of each document.
func (s *Connect) Counts(ctx context.Context, person int64) (map[string]int, error) {
	list, err := listGrants(ctx, s.Base.Read(), person, s.Base.Now())
	return map[string]int{exportName: len(list)}, err
}

// Returns says that apps are let in anew: a token that came back with an archive would
// let somebody in.
func (s *Connect) Returns() []archive.Return {
	return []archive.Return{{Document: "apps", Anew: archive.Secret}}
}

// Erase ends what the person allowed, with all tokens.
func (s *Connect) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteGrantsOf(ctx, tx, person)
}

// Merge lets the apps of one account act for the other account of the same person.
func (s *Connect) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return moveGrants(ctx, tx, from, into)
}
