package endorse

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// countWaits counts what a person has to decide about, and what they are asked to
// write by people whom they may know of.
func countWaits(ctx context.Context, d db.DB, person int64) (decide, asked int, err error) {
	decide, err = db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM badge b JOIN endorsement e ON e.badge = b.id LEFT JOIN person w ON w.id = e.person
		WHERE b.person = $1 AND b.removed_at = 0 AND e.state = 'written' AND (e.person = 0 OR `+account.ShownSQL("w", 1)+`)`, person))
	if err != nil {
		return 0, 0, err
	}
	asked, err = db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM endorsement e JOIN badge b ON b.id = e.badge JOIN person h ON h.id = b.person
		WHERE e.person = $1 AND e.person <> 0 AND e.state = 'asked' AND b.removed_at = 0 AND `+account.ShownSQL("h", 1), person))
	return decide, asked, err
}

// waiting is how many endorsements of a badge wait for its holder.
type waiting struct {
	badge int64
	n     int
}

// countDecide counts what a person has to decide about some of their badges.
func countDecide(ctx context.Context, d db.DB, person int64, badges []int64) ([]waiting, error) {
	return db.Select(ctx, d, func(s db.Scanner) (waiting, error) {
		var w waiting
		return w, s.Scan(&w.badge, &w.n)
	}, `SELECT e.badge, count(*) FROM endorsement e LEFT JOIN person w ON w.id = e.person
		WHERE e.badge IN `+badge.MarkedSQL+` AND e.state = 'written' AND (e.person = 0 OR `+account.ShownSQL("w", 1)+`) GROUP BY e.badge`, badge.MarkedArgs(person, badges)...)
}

// listVouchers gives the credentials of what the holder of a badge accepted, from
// people whom they may know of.
func listVouchers(ctx context.Context, d db.DB, holder, badgeID int64) ([]badge.Voucher, error) {
	return db.Select(ctx, d, func(s db.Scanner) (badge.Voucher, error) {
		var v badge.Voucher
		var credential string
		err := s.Scan(&v.PublicID, &credential)
		v.Credential = []byte(credential)
		return v, err
	}, `SELECT e.public_id, e.credential FROM endorsement e JOIN badge b ON b.id = e.badge LEFT JOIN person w ON w.id = e.person
		WHERE e.badge = $2 AND e.state = 'accepted' AND (e.person = 0 OR `+account.ShownSQL("w", 1)+`) AND b.person = $1 ORDER BY e.decided_at, e.id`, holder, badgeID)
}
