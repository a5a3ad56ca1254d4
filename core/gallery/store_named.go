package gallery

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
)

// nameOf gives the words that a document is put in order by. One that is gone, or that
// viewers of the level do not find, is before all others: where a page begins would tell
// its name.
func nameOf(ctx context.Context, d db.DB, f finding, id int64) (named, error) {
	n := named{id: id}
	err := d.QueryRow(ctx, `SELECT maker, name FROM search_doc WHERE id = $1 AND kind = $2 AND CASE WHEN $3 = 'public' THEN public ELSE members END > 0`, id, f.kind, f.level).Scan(&n.maker, &n.name)
	if errors.Is(err, db.ErrNotFound) {
		return named{}, nil
	}
	return n, err
}

// wordsSQL is what a document is put in order by.
const wordsSQL = `CASE WHEN $10 = 'issuer' THEN d.maker ELSE d.name END`

// listByWords gives documents in an order by words, behind one: those with a facet and
// those that match by what there is of them, all of a kind by its index.
func listByWords(ctx context.Context, d db.DB, f finding, after named, most int) ([]int64, error) {
	args := append(append([]any{"", f.kind}, f.facetArgs(most)...), after.by(f.sort), after.id, f.sort)
	switch {
	case len(f.terms) > 0 && d.Engine() == db.Postgres:
		args[0] = tsQuery(shortest(f.terms))
		return matchNamedPostgres(ctx, d, f, args)
	case len(f.terms) > 0:
		args[0] = matchQuery(shortest(f.terms))
		return matchNamedSQLite(ctx, d, f, args)
	case len(f.facets) > 0:
		args[0] = f.facet(0)
		return listNamedByFacet(ctx, d, f, args)
	}
	return listNamedByKind(ctx, d, f, []any{f.kind, most, after.by(f.sort), after.id})
}

func matchNamedSQLite(ctx context.Context, d db.DB, f finding, args []any) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT d.id FROM search_index CROSS JOIN search_doc d ON d.id = search_index.docid
		WHERE search_index MATCH $1 AND d.kind = $2 AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` AND (`+wordsSQL+`, d.id) > ($8, $9)
		ORDER BY `+wordsSQL+`, d.id LIMIT $7`, args...)
}

func listNamedByFacet(ctx context.Context, d db.DB, f finding, args []any) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT d.id FROM facet_doc h CROSS JOIN search_doc d
		WHERE h.facet = $1 AND d.id = h.doc AND d.kind = $2 AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` AND (`+wordsSQL+`, d.id) > ($8, $9)
		ORDER BY `+wordsSQL+`, d.id LIMIT $7`, args...)
}

func listNamedByKind(ctx context.Context, d db.DB, f finding, args []any) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT d.id FROM search_doc d WHERE d.kind = $1 AND d.`+f.level+` > 0
		AND (d.`+f.order+`, d.id) > ($3, $4) ORDER BY d.`+f.order+`, d.id LIMIT $2`, args...)
}
