package badge

import (
	"context"
	"time"
)

// OtherLink is a secret link to a page of a person's.
type OtherLink struct {
	Name string
	URL  string // local, to where its owner says who sees it
	Link string // local, with the secret
	Post string // where its form goes

	Since, Until time.Time // Until zero: never
	Hits         int
}

// LinkKeeper is a feature that shows pages by secret links, so that they stand
// beside those of badges.
type LinkKeeper interface {
	SecretLinks(ctx context.Context, person int64) ([]OtherLink, error)
	// RevokeLinks makes all of it private that a person shows by a link.
	RevokeLinks(ctx context.Context, person int64) error
}

// AddLinks adds one. It is called before the site serves.
func (s *Badges) AddLinks(k LinkKeeper) { s.keepers = append(s.keepers, k) }
