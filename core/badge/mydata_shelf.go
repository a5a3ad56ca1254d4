package badge

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
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
	removed, err := getRemoved(ctx, x.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	e.Removed = present(db.Time(removed))
	in, err := listCollectionsOf(ctx, x.Base.Read(), b.ID)
	for _, c := range in {
		e.Collections = append(e.Collections, c.Name)
	}
	return err
}

type exportedCollection struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Made   time.Time `json:"made"`
	Badges []string  `json:"badges"`
}

type exportedChange struct {
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
	Action string    `json:"action"`
	Value  string    `json:"value,omitempty"`
	Badges int       `json:"badges"`
}

// exportChanges hands out what was done to many badges at once and can be taken back.
func (x *exporter) exportChanges(ctx context.Context) error {
	list, err := listChanges(ctx, x.Base.Read(), x.person)
	if err != nil || len(list) == 0 {
		return err
	}
	out := make([]exportedChange, 0, len(list))
	for _, c := range list {
		out = append(out, exportedChange{c.At, c.Until, c.Action.Do, c.Action.Value, c.Badges})
	}
	return archive.Put(x.put, "badges/changes.json", out)
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
		e := exportedCollection{ID: c.PublicID, Name: c.Name, Made: c.CreatedAt, Badges: []string{}}
		for _, b := range badges {
			e.Badges = append(e.Badges, b.PublicID)
		}
		out = append(out, e)
	}
	return archive.Put(x.put, "badges/collections.json", out)
}

// exportCalendar hands out since when there is a calendar for programs. Its address
// is a key to it and no part of an export.
func (x *exporter) exportCalendar(ctx context.Context) error {
	at, err := feedMade(ctx, x.Base.Read(), x.person)
	if err != nil || at == 0 {
		return err
	}
	return archive.Put(x.put, "badges/calendar.json", map[string]time.Time{"made": db.Time(at)})
}
