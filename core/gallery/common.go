package gallery

import (
	"cmp"
	"errors"
	"slices"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// byCommon is the order of people by how many badges they have in common with the
// viewer.
const byCommon = "common"

// findCommon adds those who show most badges of the same classes as the viewer
// holds, whether the viewer shows them or not.
func (g *Gallery) findCommon(c *web.Ctx, r *result) error {
	ctx, d, me := c.Context(), g.base.Read(), c.Viewer().Person
	classes, err := rareClasses(ctx, d, me)
	if err != nil {
		return err
	}
	shared := map[int64]int{}
	for _, class := range classes {
		others, err := othersWith(ctx, d, me, class)
		if err != nil {
			return err
		}
		for _, who := range others {
			shared[who]++
		}
	}
	docs, err := g.mostCommon(c, shared)
	if err != nil {
		return err
	}
	return g.readPeopleWith(c, docs, shared, r)
}

// mostCommon gives the documents of the people with most in common, a page of them.
func (g *Gallery) mostCommon(c *web.Ctx, shared map[int64]int) ([]int64, error) {
	people := make([]int64, 0, len(shared))
	for who := range shared {
		people = append(people, who)
	}
	slices.SortFunc(people, func(a, b int64) int { return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(b, a)) })
	var docs []int64
	for _, who := range people[:min(len(people), pageIDs)] {
		doc, err := docOfPerson(c.Context(), g.base.Read(), who)
		if errors.Is(err, db.ErrNotFound) {
			continue // not indexed yet
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}
