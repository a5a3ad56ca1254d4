package gallery

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// The filters by whom: of badges by who shows them, of pages by whose they are.
const (
	filterHolder = "holder"
	filterOwner  = "owner"
)

// tabPeople are the filters of the tabs by whom.
var tabPeople = map[string]string{"badges": filterHolder, "pages": filterOwner}

const heldMost = 1000 // documents of one person that are looked at, and of all about

// owned is a document of somebody's, with all that it can be put in order by.
type owned struct {
	named

	shown, at int64
}

// people gives those whom the viewer may find by a name, or by a handle that begins
// with "@".
func (g *Gallery) people(c *web.Ctx, by string) ([]int64, error) {
	ctx, viewer := c.Context(), c.Viewer().Person
	f := finding{kind: kindPerson, level: level(viewer), terms: termsOf(by), after: fromStart}
	if len(f.terms) == 0 {
		return nil, nil
	}
	docs, _, err := find(ctx, g.base.Read(), f)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	rows, err := readPeople(ctx, g.base.ReadPlanned(), viewer, docs)
	var ids []int64
	for _, p := range rows {
		if handle, exact := strings.CutPrefix(by, "@"); !exact || strings.EqualFold(handle, p.handle) {
			ids = append(ids, p.id)
		}
	}
	return ids, err
}

// findBy adds a page of what people of a name show or have made.
func (g *Gallery) findBy(c *web.Ctx, by string, f finding, r *result) error {
	ctx, d, viewer := c.Context(), g.base.Read(), c.Viewer().Person
	f.level = level(viewer)
	people, err := g.people(c, by)
	if err != nil {
		return err
	}
	list := map[int64]owned{}
	for _, person := range people {
		if len(list) >= heldMost {
			break
		}
		some, err := listOwned(ctx, d, owner{viewer, person, g.now()}, f)
		if err != nil {
			return err
		}
		for _, o := range some {
			list[o.id] = o
		}
	}
	if err := keepMatching(ctx, d, f, list); err != nil {
		return err
	}
	ids, next := pageOf(inSort(list, f.sort), f.after, pageIDs)
	r.next = next
	return g.read(c, f.kind, ids, r)
}

// keepMatching leaves what holds the words that are asked for.
func keepMatching(ctx context.Context, d db.DB, f finding, list map[int64]owned) error {
	if len(f.terms) == 0 || len(list) == 0 {
		return nil
	}
	good, err := listMatching(ctx, d, slices.Sorted(maps.Keys(list)), f.terms)
	maps.DeleteFunc(list, func(id int64, _ owned) bool { return !slices.Contains(good, id) })
	return err
}

// inSort puts documents in an order: by their words, the newest, or the most held.
func inSort(list map[int64]owned, sort string) []found {
	all := make([]owned, 0, len(list))
	for _, o := range list {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b owned) int {
		switch sort {
		case byName:
			return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
		case byIssuer:
			return cmp.Or(cmp.Compare(a.maker, b.maker), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
		case byNewest:
			return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.id, a.id))
		}
		return cmp.Or(cmp.Compare(b.shown, a.shown), cmp.Compare(b.id, a.id))
	})
	out := make([]found, len(all))
	for i, o := range all {
		out[i] = found{id: o.id, shown: o.shown}
	}
	return out
}
