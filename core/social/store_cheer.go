package social

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// insertCheer reports whether the person had not congratulated before. It returns
// db.ErrNotFound for a badge that they do not see any more.
func insertCheer(ctx context.Context, tx *db.Tx, person, badgeID int64, at time.Time) (bool, error) {
	there, err := db.Exists(ctx, tx, `SELECT 1 FROM badge b WHERE b.id = $2 AND `+badge.VisibleSQL("b", 1), person, badgeID)
	if err == nil && !there {
		err = db.ErrNotFound
	}
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO congratulation (badge, person, at) VALUES ($1, $2, $3) ON CONFLICT (badge, person) DO NOTHING`, badgeID, person, db.Micros(at))
	return n > 0, err
}

func deleteCheer(ctx context.Context, tx *db.Tx, person, badgeID int64) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM congratulation WHERE badge = $1 AND person = $2`, badgeID, person)
	return n > 0, err
}

// listCheers gives who congratulated on a badge and whom the viewer may know of,
// the last first.
func listCheers(ctx context.Context, d db.DB, viewer, badgeID int64, limit int) ([]Author, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Author, error) {
		var a Author
		err := s.Scan(&a.ID, &a.Handle, &a.Name, &a.Picture)
		return a, err
	}, `SELECT p.id, p.handle, p.name, p.picture FROM congratulation g JOIN person p ON p.id = g.person WHERE g.badge = $2 AND `+account.ShownSQL("p", 1)+`
		ORDER BY g.at DESC, p.id LIMIT $3`, viewer, badgeID, limit)
}

// countCheers counts those whom the viewer may know of, and tells whether the
// viewer is one of them.
func countCheers(ctx context.Context, d db.DB, viewer, badgeID int64) (n int, mine bool, err error) {
	var own int
	err = d.QueryRow(ctx, `SELECT count(*), COALESCE(CAST(sum(CASE WHEN g.person = $1 THEN 1 ELSE 0 END) AS BIGINT), 0)
		FROM congratulation g JOIN person p ON p.id = g.person WHERE g.badge = $2 AND `+account.ShownSQL("p", 1), viewer, badgeID).Scan(&n, &own)
	return n, own > 0, err
}

func deleteCheersOn(ctx context.Context, tx *db.Tx, badgeID int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM congratulation WHERE badge = $1`, badgeID)
	return err
}

// deleteOwnCheers deletes the congratulations of a person and those on their badges.
func deleteOwnCheers(ctx context.Context, tx *db.Tx, person int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM congratulation WHERE person = $1`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM congratulation WHERE badge IN (SELECT id FROM badge WHERE person = $1)`, person)
	return err
}

// ownCheer is a congratulation by a person, with what they still see of the badge.
type ownCheer struct {
	ID     string `json:"id,omitempty"` // of the badge
	Badge  string `json:"badge"`
	Issuer string `json:"issuer"`
	Holder string `json:"holder"`
	At     string `json:"at"`
}

func listOwnCheers(ctx context.Context, d db.DB, person int64) ([]ownCheer, error) {
	list, err := db.Select(ctx, d, func(s db.Scanner) (ownCheer, error) {
		var o ownCheer
		var at int64
		err := s.Scan(&o.ID, &o.Badge, &o.Issuer, &o.Holder, &at)
		o.At = db.Time(at).Format("2006-01-02T15:04:05Z07:00")
		return o, err
	}, `SELECT CASE WHEN `+badge.VisibleSQL("b", 1)+` THEN b.public_id ELSE '' END, CASE WHEN `+badge.VisibleSQL("b", 1)+` THEN c.name ELSE '' END, CASE WHEN `+badge.VisibleSQL("b", 1)+` THEN i.name ELSE '' END,
		CASE WHEN `+badge.NamedSQL("b", 1)+` THEN p.name ELSE '' END, g.at FROM congratulation g JOIN badge b ON b.id = g.badge JOIN person p ON p.id = b.person
		JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer WHERE g.person = $1 AND `+account.ShownSQL("p", 1)+` ORDER BY g.at`, person)
	if list == nil {
		list = []ownCheer{}
	}
	return list, err
}

// cheerOn is a badge of another's that a person sees.
type cheerOn struct {
	badge, class int64
	cheered      bool
}

func cheerable(ctx context.Context, d db.DB, person int64, publicID string) (cheerOn, error) {
	var c cheerOn
	err := d.QueryRow(ctx, `SELECT b.id, b.class, EXISTS (SELECT 1 FROM congratulation g WHERE g.badge = b.id AND g.person = $1)
		FROM badge b WHERE b.public_id = $2 AND b.person <> $1 AND `+badge.VisibleSQL("b", 1), person, publicID).Scan(&c.badge, &c.class, &c.cheered)
	return c, err
}
