package badge

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// broughtCollection is a collection of an archive: its badges go by their files.
type broughtCollection struct {
	Name   string   `json:"name"`
	Place  int      `json:"place"`
	Badges []string `json:"badges"` // SHA-256 of each
}

func (s *Badges) planCollections(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedCollection
	if err := a.JSON("badges/collections.json", &list); err != nil || len(list) == 0 {
		return err
	}
	hashes, err := a.Hashes()
	if err != nil {
		return err
	}
	for i, e := range list[:min(len(list), collectionsMost)] {
		item := archive.Item{Kind: kindCollection, Title: archive.Clip(e.Name), State: archive.Add}
		name, bad := collectionName(e.Name)
		if bad != nil {
			item.State, item.Reason = archive.Refused, "mydata.zip.collection"
		}
		c := broughtCollection{Name: name, Place: i}
		for _, id := range e.Badges {
			if hashes[id] != "" {
				c.Badges = append(c.Badges, hashes[id])
			}
		}
		known, err := s.isShelved(ctx, person, c)
		if err != nil {
			return err
		}
		if known && item.State == archive.Add {
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, c); err != nil {
			return err
		}
	}
	return nil
}

// isShelved reports whether there is that collection with these badges in this order.
func (s *Badges) isShelved(ctx context.Context, person int64, c broughtCollection) (bool, error) {
	there, err := hasCollection(ctx, s.Base.Read(), person, c.Name)
	if err != nil || !there {
		return false, err
	}
	now, err := listShelved(ctx, s.Base.Read(), person, c.Name)
	return slices.Equal(now, c.Badges), err
}

// takeCollection brings a collection back, with those of its badges that are here in
// the order that they had. One of its name stays, and they come to stand behind its own.
func (s *Badges) takeCollection(ctx context.Context, person int64, item archive.Item) (archive.Item, error) {
	var in broughtCollection
	if err := json.Unmarshal(item.Data, &in); err != nil {
		return item, err
	}
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		c, err := makeCollection(ctx, tx, person, in.Name)
		if err != nil {
			return err
		}
		if err := updateCollectionPlace(ctx, tx, c.ID, in.Place); err != nil {
			return err
		}
		for _, hash := range in.Badges {
			id, _, err := Brought(ctx, tx, person, hash)
			if errors.Is(err, db.ErrNotFound) {
				continue
			}
			if err == nil {
				err = deleteCollected(ctx, tx, c.ID, id)
			}
			if err == nil {
				err = insertCollected(ctx, tx, c.ID, id)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if f, ok := fault.As(err); ok {
		item.State, item.Reason = archive.Refused, f.Key
		return item, nil
	}
	item.State = archive.Done
	return item, err
}
