package badge

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
)

func listShownAmong(ctx context.Context, d db.DB, viewer, person int64, six []any) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.person = $2 AND b.id IN ($3, $4, $5, $6, $7, $8)
		AND b.visibility IN ('members', 'public') AND `+NamedSQL("b", 1), append([]any{viewer, person}, six...)...)
}

func listMineAmong(ctx context.Context, d db.DB, person int64, six []any) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.person = $1 AND b.removed_at = 0 AND b.id IN ($2, $3, $4, $5, $6, $7)`, append([]any{person}, six...)...)
}

// classesShown gives the classes of a person's newest badges that the viewer sees, one
// for each badge.
func classesShown(ctx context.Context, d db.DB, viewer, person int64, limit int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT b.class FROM badge b WHERE b.person = $2 AND b.visibility IN ('members', 'public')
		AND `+NamedSQL("b", 1)+` ORDER BY b.id DESC LIMIT $3`, viewer, person, limit)
}

func alignmentsOf(ctx context.Context, d db.DB, class int64) ([]openbadge.Alignment, error) {
	text, err := db.One[string](d.QueryRow(ctx, `SELECT alignments FROM badge_class WHERE id = $1`, class))
	if err != nil {
		return nil, err
	}
	var list []openbadge.Alignment
	err = json.Unmarshal([]byte(text), &list)
	return list, err
}
