package badge

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

const (
	collectionRunes = 80
	collectionsMost = 200 // of one person
)

// Collection is a set of a person's badges in an order of their own. Only they
// see it; what others see of it is what they arrange elsewhere.
type Collection struct {
	ID        int64
	PublicID  string
	Name      string
	Count     int // badges
	CreatedAt time.Time
}

// Collections gives the person's collections in their order.
func (s *Badges) Collections(ctx context.Context, person int64) ([]Collection, error) {
	return listCollections(ctx, s.Base.Read(), person)
}

// CollectionsIn is Collections in a transaction.
func (s *Badges) CollectionsIn(ctx context.Context, tx *db.Tx, person int64) ([]Collection, error) {
	return listCollections(ctx, tx, person)
}

// CollectionByID gives a collection of the person's own.
func (s *Badges) CollectionByID(ctx context.Context, person int64, publicID string) (Collection, error) {
	return s.collection(ctx, s.Base.Read(), person, publicID)
}

func (s *Badges) collection(ctx context.Context, d db.DB, person int64, publicID string) (Collection, error) {
	c, err := getCollection(ctx, d, person, publicID)
	if errors.Is(err, db.ErrNotFound) {
		return Collection{}, fault.New(fault.NotFound, "shelf.error.collection_gone")
	}
	return c, err
}

// MakeCollection makes an empty collection at the end of the person's. A name that
// one of them has gives that one.
func (s *Badges) MakeCollection(ctx context.Context, person int64, name string) (c Collection, err error) {
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		c, err = makeCollection(ctx, tx, person, name)
		return err
	})
	return c, err
}

func makeCollection(ctx context.Context, tx *db.Tx, person int64, name string) (Collection, error) {
	name, err := collectionName(name)
	if err != nil {
		return Collection{}, err
	}
	all, err := listCollections(ctx, tx, person)
	if err != nil {
		return Collection{}, err
	}
	if i := slices.IndexFunc(all, func(c Collection) bool { return strings.EqualFold(c.Name, name) }); i >= 0 {
		return all[i], nil
	}
	if len(all) >= collectionsMost {
		return Collection{}, fault.New(fault.Conflict, "shelf.error.collections").With("n", strconv.Itoa(collectionsMost))
	}
	c := Collection{ID: tx.NewID(), PublicID: secret.ID(), Name: name, CreatedAt: tx.Now()}
	return c, insertCollection(ctx, tx, person, c)
}

func collectionName(name string) (string, error) {
	name, ok := text.CleanLine(name, collectionRunes)
	if !ok || name == "" {
		return "", fault.New(fault.Invalid, "shelf.error.collection_name").With("n", strconv.Itoa(collectionRunes))
	}
	return name, nil
}

// RenameCollection gives a collection another name.
func (s *Badges) RenameCollection(ctx context.Context, person int64, publicID, name string) error {
	name, err := collectionName(name)
	if err != nil {
		return err
	}
	return s.changeCollection(ctx, person, publicID, func(tx *db.Tx, c Collection) error {
		return updateCollectionName(ctx, tx, c.ID, name)
	})
}

// RemoveCollection deletes a collection; its badges stay.
func (s *Badges) RemoveCollection(ctx context.Context, person int64, publicID string) error {
	return s.changeCollection(ctx, person, publicID, func(tx *db.Tx, c Collection) error {
		return deleteCollection(ctx, tx, c.ID)
	})
}

// MoveCollection moves a collection up (-1) or down (1) among the person's. At
// the end of the list nothing happens.
func (s *Badges) MoveCollection(ctx context.Context, person int64, publicID string, by int) error {
	return s.changeCollection(ctx, person, publicID, func(tx *db.Tx, c Collection) error {
		all, err := listCollections(ctx, tx, person)
		if err != nil {
			return err
		}
		from := slices.IndexFunc(all, func(o Collection) bool { return o.ID == c.ID })
		for place, o := range moved(all, from, from+by) {
			if err := updateCollectionPlace(ctx, tx, o.ID, place); err != nil {
				return err
			}
		}
		return nil
	})
}

// moved takes the element at from to the place to, if there is such a place.
func moved[T any](list []T, from, to int) []T {
	if from < 0 || to < 0 || to >= len(list) {
		return list
	}
	e := list[from]
	return slices.Insert(slices.Delete(list, from, from+1), to, e)
}

// Uncollect takes a badge out of a collection.
func (s *Badges) Uncollect(ctx context.Context, person int64, publicID, badge string) error {
	return s.changeCollection(ctx, person, publicID, func(tx *db.Tx, c Collection) error {
		b, err := lockMine(ctx, tx, person, badge)
		if err != nil {
			return err
		}
		return deleteCollected(ctx, tx, c.ID, b.ID)
	})
}

// SetPlaces puts a badge into the collections with the given public ids and out of
// the person's others. A name that is not empty makes one more with the badge in it.
func (s *Badges) SetPlaces(ctx context.Context, person int64, badge string, chosen []string, name string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		b, err := lockMine(ctx, tx, person, badge)
		if err != nil {
			return err
		}
		all, err := listCollections(ctx, tx, person)
		if err != nil {
			return err
		}
		if name != "" {
			c, err := makeCollection(ctx, tx, person, name)
			if err != nil {
				return err
			}
			all, chosen = append(all, c), append(chosen, c.PublicID)
		}
		for _, c := range all {
			set := deleteCollected
			if slices.Contains(chosen, c.PublicID) {
				set = insertCollected
			}
			if err := set(ctx, tx, c.ID, b.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// MoveCollected moves a badge up (-1) or down (1) in a collection.
func (s *Badges) MoveCollected(ctx context.Context, person int64, publicID, badge string, by int) error {
	return s.changeCollection(ctx, person, publicID, func(tx *db.Tx, c Collection) error {
		b, err := lockMine(ctx, tx, person, badge)
		if err != nil {
			return err
		}
		next, err := neighbour(ctx, tx, c.ID, b.ID, by)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return swapPlaces(ctx, tx, c.ID, b.ID, next)
	})
}

func swapPlaces(ctx context.Context, tx *db.Tx, collection, a, b int64) error {
	placeA, err := getPlace(ctx, tx, collection, a)
	if err != nil {
		return err
	}
	placeB, err := getPlace(ctx, tx, collection, b)
	if err != nil {
		return err
	}
	if err := updatePlace(ctx, tx, collection, a, placeB); err != nil {
		return err
	}
	return updatePlace(ctx, tx, collection, b, placeA)
}

func (s *Badges) changeCollection(ctx context.Context, person int64, publicID string, do func(*db.Tx, Collection) error) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		c, err := s.collection(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return do(tx, c)
	})
}
