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
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.person = $1 AND b.id IN ($2, $3, $4, $5, $6, $7)`, append([]any{person}, six...)...)
}

// alignmentsShown gives what the classes of a person's newest badges that the viewer
// sees are aligned with, one list for each badge.
func alignmentsShown(ctx context.Context, d db.DB, viewer, person int64, limit int) ([][]openbadge.Alignment, error) {
	return db.Select(ctx, d, func(s db.Scanner) ([]openbadge.Alignment, error) {
		var text string
		var list []openbadge.Alignment
		if err := s.Scan(&text); err != nil {
			return nil, err
		}
		err := json.Unmarshal([]byte(text), &list)
		return list, err
	}, `SELECT c.alignments FROM badge b JOIN badge_class c ON c.id = b.class WHERE b.person = $2 AND b.visibility IN ('members', 'public')
		AND c.alignments <> '[]' AND `+NamedSQL("b", 1)+` ORDER BY b.id DESC LIMIT $3`, viewer, person, limit)
}
