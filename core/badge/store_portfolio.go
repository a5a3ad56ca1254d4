package badge

import (
	"context"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// pickSizes keep the number of different statements small: the list of ids is
// padded to one of them.
var pickSizes = []int{6, 60}

func listPicked(ctx context.Context, d db.DB, viewer, person int64, ids []int64) ([]Badge, error) {
	size := pickSizes[0]
	if len(ids) > size {
		size = pickSizes[1]
	}
	args := []any{viewer, person}
	marks := make([]string, 0, size)
	for i := range size {
		id := int64(0)
		if i < len(ids) {
			id = ids[i]
		}
		args = append(args, id)
		marks = append(marks, "$"+strconv.Itoa(i+3))
	}
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.id IN (`+strings.Join(marks, ", ")+`) AND b.person = $2 AND `+NamedSQL("b", 1), args...)
}

func listTagged(ctx context.Context, d db.DB, viewer, person int64, p Pick) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`JOIN badge_tag t ON t.badge = b.id
		WHERE b.person = $2 AND t.folded = $3 AND `+NamedSQL("b", 1)+` ORDER BY b.id DESC LIMIT $4`, viewer, person, p.Tag, p.Limit)
}

func listIssued(ctx context.Context, d db.DB, viewer, person int64, p Pick) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.person = $2 AND i.public_id = $3 AND `+NamedSQL("b", 1)+`
		ORDER BY b.id DESC LIMIT $4`, viewer, person, p.Issuer, p.Limit)
}

// listCollection gives a collection of the person's own in its order.
func listCollection(ctx context.Context, d db.DB, viewer, person int64, p Pick) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`JOIN collection_badge m ON m.badge = b.id JOIN collection o ON o.id = m.collection
		WHERE o.public_id = $3 AND o.person = $2 AND b.person = $2 AND `+NamedSQL("b", 1)+` ORDER BY m.place, b.id LIMIT $4`, viewer, person, p.Collection, p.Limit)
}
