package badge

import (
	"context"
	"time"
)

// exportShelf adds the holder's own tags and the collections that a badge is in.
func (x *exporter) exportShelf(ctx context.Context, b Badge, e *exported) error {
	tags, err := listTagsOf(ctx, x.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	for _, t := range tags {
		e.Tags = append(e.Tags, t.Name)
	}
	in, err := listCollectionsOf(ctx, x.Base.Read(), b.ID)
	for _, c := range in {
		e.Collections = append(e.Collections, c.Name)
	}
	return err
}

type exportedCollection struct {
	Name   string    `json:"name"`
	Made   time.Time `json:"made"`
	Badges []string  `json:"badges"`
}

// exportCollections hands out the collections with their badges, each in its order.
func (x *exporter) exportCollections(ctx context.Context) error {
	all, err := x.Collections(ctx, x.person)
	if err != nil || len(all) == 0 {
		return err
	}
	out := make([]exportedCollection, 0, len(all))
	for _, c := range all {
		badges, err := listCollected(ctx, x.Base.Read(), c.ID, Range{Limit: 1 << 30})
		if err != nil {
			return err
		}
		e := exportedCollection{Name: c.Name, Made: c.CreatedAt, Badges: []string{}}
		for _, b := range badges {
			e.Badges = append(e.Badges, b.PublicID)
		}
		out = append(out, e)
	}
	return putJSON(x.put, "badges/collections.json", out)
}
