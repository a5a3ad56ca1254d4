package gallery

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/page"
)

// owner is whose documents are asked for, by whom, at what time in microseconds.
type owner struct{ viewer, person, now int64 }

func scanOwned(s db.Scanner) (owned, error) {
	var o owned
	return o, s.Scan(&o.id, &o.maker, &o.name, &o.shown, &o.at)
}

// listOwned gives the badge classes that a person shows by their name, as the viewer
// may find them, or the pages of the person's.
func listOwned(ctx context.Context, d db.DB, by owner, f finding) ([]owned, error) {
	args := append([]any{by.viewer, by.person}, f.facetArgs(heldMost)...)
	if f.kind == kindPage {
		return db.Select(ctx, d, scanOwned, `SELECT d.id, d.maker, d.name, d.`+f.level+`, d.at FROM page g CROSS JOIN search_doc d
			WHERE g.person = $2 AND d.kind = 'page' AND d.object = g.id AND d.`+f.level+` > 0 AND `+page.FoundSQL("g", 1, 8)+facetsSQL+f.level+facetsSeen+`
			ORDER BY d.id LIMIT $7`, append(args, by.now)...)
	}
	return db.Select(ctx, d, scanOwned, `SELECT DISTINCT d.id, d.maker, d.name, d.`+f.level+`, d.at FROM badge b CROSS JOIN search_doc d
		WHERE b.person = $2 AND b.visibility IN ('members', 'public') AND `+badge.FoundNamedSQL("b", 1)+`
			AND d.kind = 'class' AND d.object = b.class AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` ORDER BY d.id LIMIT $7`, args...)
}

// listMatching gives those of some documents that hold the words that are asked for. The
// words are looked for once, not once a document.
func listMatching(ctx context.Context, d db.DB, ids []int64, terms []term) ([]int64, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	if d.Engine() == db.Postgres {
		return listMatchingPostgres(ctx, d, string(list), terms)
	}
	return db.Select(ctx, d, db.One[int64], `SELECT docid FROM search_index WHERE search_index MATCH $1 AND +docid IN (SELECT value FROM json_each($2))`,
		matchQuery(terms), string(list))
}
