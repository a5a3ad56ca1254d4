package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

const (
	commonClasses = 30  // of one's own, the rarest: they say most of who is alike
	commonHolders = 200 // of each that are looked at
)

// rareClasses gives the classes of a person's own badges, those that fewest show
// first.
func rareClasses(ctx context.Context, d db.DB, person int64) ([]int64, error) {
	return db.Select(ctx, d, func(s db.Scanner) (int64, error) {
		var class, members int64
		err := s.Scan(&class, &members)
		return class, err
	}, `SELECT DISTINCT d.object, d.members FROM badge b CROSS JOIN search_doc d
		WHERE b.person = $1 AND b.removed_at = 0 AND d.kind = 'class' AND d.object = b.class ORDER BY d.members, d.object LIMIT $2`, person, commonClasses)
}

// othersWith gives people who show a badge of a class by their name, as the viewer
// may find them, without the viewer.
func othersWith(ctx context.Context, d db.DB, viewer, class int64) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT DISTINCT b.person FROM badge b WHERE b.class = $2 AND b.visibility IN ('members', 'public')
		AND b.person <> $1 AND `+badge.FoundNamedSQL("b", 1)+` LIMIT $3`, viewer, class, commonHolders)
}

// docOfPerson gives the document that stands for a person.
func docOfPerson(ctx context.Context, d db.DB, person int64) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT id FROM search_doc WHERE kind = 'person' AND object = $1`, person))
}
