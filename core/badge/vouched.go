package badge

import "context"

// Voucher is an endorsement of a badge that its holder accepted: a signed
// EndorsementCredential (OB3 §B.2).
type Voucher struct {
	PublicID   string
	Credential []byte
}

// Vouched gives the accepted endorsements of a badge of somebody's own. core/endorse
// answers.
type Vouched func(ctx context.Context, holder, badgeID int64) ([]Voucher, error)

// VouchedBy says who knows the endorsements that leave with a badge. It is called
// before the site serves.
func (s *Badges) VouchedBy(f Vouched) { s.vouched = f }

// vouchersOf gives the endorsements that leave with a badge.
func (s *Badges) vouchersOf(ctx context.Context, b Badge) ([]Voucher, error) {
	if s.vouched == nil {
		return nil, nil
	}
	return s.vouched(ctx, b.Person, b.ID)
}
