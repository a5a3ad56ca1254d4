package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// together is what findings of several kinds by the same words have in common: each of its
// statements answers for all kinds, and runs once. It is of one request. A nil one asks for
// the kind of each finding alone.
type together struct {
	ids   map[string]map[int64]bool     // by words: the documents that match, on SQLite
	ranks map[string]map[string][]found // by words and kind; nil for words: too many to rank
	fixes map[string][]term             // by words: what stands in for them
}

func newTogether() *together {
	return &together{map[string]map[int64]bool{}, map[string]map[string][]found{}, map[string][]term{}}
}

// once gives what is known for the words, or works it out.
func once[T any](known map[string]T, terms []term, f func() (T, error)) (T, error) {
	key := matchQuery(terms)
	v, ok := known[key]
	if ok {
		return v, nil
	}
	v, err := f()
	if err == nil {
		known[key] = v
	}
	return v, err
}

// matches gives all documents that match, of any kind (idsSQLite).
func (t *together) matches(ctx context.Context, d db.DB, terms []term) (map[int64]bool, error) {
	if t == nil {
		return idsSQLite(ctx, d, terms)
	}
	return once(t.ids, terms, func() (map[int64]bool, error) { return idsSQLite(ctx, d, terms) })
}

// correct is the function of that name.
func (t *together) correct(ctx context.Context, d db.DB, f finding) ([]term, error) {
	if t == nil {
		return correct(ctx, d, f)
	}
	return once(t.fixes, f.terms, func() ([]term, error) { return correct(ctx, d, f) })
}

// rank gives all that matches of the finding's kind, in no order, unless it is too much.
func (t *together) rank(ctx context.Context, d db.DB, f finding) (list []found, all bool, err error) {
	if t != nil {
		kinds, err := once(t.ranks, f.terms, func() (map[string][]found, error) { return rankKinds(ctx, d, f) })
		if err != nil || kinds != nil {
			return kinds[f.kind], err == nil, err
		}
	}
	list, err = rank(ctx, d, f)
	return list, len(list) <= rankedMost, err
}

// rankKinds gives all that matches by its kind, or nil where it is too much.
func rankKinds(ctx context.Context, d db.DB, f finding) (map[string][]found, error) {
	f.kind = ""
	list, err := rank(ctx, d, f)
	if err != nil || len(list) > rankedMost {
		return nil, err
	}
	kinds := make(map[string][]found)
	for _, r := range list {
		kinds[r.kind] = append(kinds[r.kind], r)
	}
	return kinds, nil
}
