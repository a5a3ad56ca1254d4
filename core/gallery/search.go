package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Search gives the documents of the first page of what a viewer (0: nobody signed
// in) finds of a kind: class, person, issuer, skill, page. They are ids of the index; what
// is shown of them is asked for with the viewer again.
func (x *Index) Search(ctx context.Context, viewer int64, kind, text string) ([]int64, error) {
	f := finding{kind: kind, terms: termsOf(text), level: level(viewer), after: fromStart}
	ids, _, err := find(ctx, x.base.Read(), f)
	return ids, err
}

// Top gives the values of a kind (tag, skill, issuer, country) that most badge
// classes have, with how many, as far as the viewer may find them.
func (x *Index) Top(ctx context.Context, viewer int64, kind string, most int) (map[string]int, error) {
	list, err := topFacets(ctx, x.base.Read(), viewer, facetKey{of: kindClass, kind: kind, now: db.Micros(x.base.Now())}, most)
	top := make(map[string]int, len(list))
	for _, f := range list {
		top[f.value] = f.count
	}
	return top, err
}

// Size counts what the index holds, by kind: class, person, issuer, skill, page.
func (x *Index) Size(ctx context.Context) (map[string]int, error) {
	return countDocs(ctx, x.base.Read())
}
