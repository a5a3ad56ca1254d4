package profile

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

const (
	kindLayout = "layout"
	partStyle  = "style" // the look, beside the parts
)

// exportedPart is a part of a profile, or its look.
type exportedPart struct {
	Kind   string   `json:"kind"`
	Title  string   `json:"title,omitempty"`
	Of     string   `json:"of,omitempty"` // a tag, the name of a collection, a look
	Hidden bool     `json:"hidden,omitempty"`
	Badges []string `json:"badges,omitempty"` // chosen ones, by their ids; in an item by the hashes of their files
}

// exportLayout gives the parts in their order, none where the person arranged nothing.
func (s *Profiles) exportLayout(ctx context.Context, person int64) ([]exportedPart, error) {
	d := s.Base.Read()
	list, err := blocksOf(ctx, d, person)
	if err != nil {
		return nil, err
	}
	out := []exportedPart{}
	if style, err := s.Style(ctx, d, person); err != nil {
		return nil, err
	} else if style != "" {
		out = append(out, exportedPart{Kind: partStyle, Of: style})
	}
	for _, b := range list {
		part := exportedPart{Kind: b.Kind, Title: b.Title, Of: b.Of, Hidden: b.Hidden}
		if b.Kind == ByCollection {
			c, err := s.Badges.CollectionByID(ctx, person, b.Of)
			if err != nil {
				continue // the collection is gone, and so is what it showed
			}
			part.Of = c.Name
		}
		if b.Kind == ByChoice {
			chosen, err := s.allIn(ctx, d, person, person, b)
			if err != nil {
				return nil, err
			}
			part.Badges = each(chosen, func(b badge.Badge) string { return b.PublicID })
		}
		out = append(out, part)
	}
	return out, nil
}

// planLayout brings the arrangement back as one, to who has arranged nothing here.
func (s *Profiles) planLayout(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedPart
	if err := a.JSON("profile/layout.json", &list); err != nil || len(list) == 0 {
		return err
	}
	hashes, err := a.Hashes()
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Badges = slices.DeleteFunc(each(list[i].Badges, func(id string) string { return hashes[id] }), func(hash string) bool { return hash == "" })
	}
	item := archive.Item{Kind: kindLayout, Source: "profile/layout.json", State: archive.Add}
	now, err := blocksOf(ctx, s.Base.Read(), person)
	if err != nil {
		return err
	}
	if len(now) > 0 {
		item.State = archive.Known
	}
	return archive.AddWith(add, item, list[:min(len(list), showcasesMost+len(parts)+1)])
}

// restoreLayout takes it in, unless the person arranged something since it was planned;
// what it shows that did not come back is left out.
func (s *Profiles) restoreLayout(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var list []exportedPart
	if err := json.Unmarshal(item.Data, &list); err != nil {
		return item, err
	}
	now, err := blocksOf(ctx, tx, person)
	if err != nil || len(now) > 0 {
		item.State = archive.Known
		return item, err
	}
	var blocks []Block
	showcases := 0
	for _, e := range list {
		switch {
		case e.Kind == partStyle && s.knowsStyle(e.Of):
			if err := upsertStyle(ctx, tx, person, e.Of); err != nil {
				return item, err
			}
		case slices.Contains(parts, e.Kind):
			if !slices.ContainsFunc(blocks, func(b Block) bool { return b.Name == e.Kind }) {
				blocks = append(blocks, Block{Name: e.Kind, Kind: e.Kind, Hidden: e.Hidden})
			}
		case showcases < showcasesMost:
			b, ok, err := s.restoreShowcase(ctx, tx, person, e)
			if err != nil {
				return item, err
			}
			if ok {
				blocks = append(blocks, b)
				showcases++
			}
		}
	}
	item.State = archive.Done
	return item, replaceBlocks(ctx, tx, person, blocks)
}

func (s *Profiles) restoreShowcase(ctx context.Context, tx *db.Tx, person int64, e exportedPart) (b Block, ok bool, err error) {
	title, ok := text.CleanLine(e.Title, titleRunes)
	b = Block{Name: secret.ID(), Kind: e.Kind, Title: title, Hidden: e.Hidden}
	if !ok || title == "" || !b.Showcase() {
		return b, false, nil
	}
	switch e.Kind {
	case ByTag:
		b.Of = db.Fold(e.Of)
		return b, b.Of != "", nil
	case ByCollection:
		all, err := s.Badges.CollectionsIn(ctx, tx, person)
		i := slices.IndexFunc(all, func(c badge.Collection) bool { return c.Name == e.Of })
		if err != nil || i < 0 {
			return b, false, err
		}
		b.Of = all[i].PublicID
		return b, true, nil
	}
	var ids []int64
	for _, hash := range e.Badges[:min(len(e.Badges), showcaseMost)] {
		id, _, err := badge.Brought(ctx, tx, person, hash)
		if errors.Is(err, db.ErrNotFound) || slices.Contains(ids, id) {
			continue
		}
		if err != nil {
			return b, false, err
		}
		ids = append(ids, id)
	}
	return b, true, replaceBlockBadges(ctx, tx, person, b.Name, ids)
}
