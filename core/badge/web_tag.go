package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// ShelfView is where a badge stands among the holder's own.
type ShelfView struct {
	URL         string // of the badge
	Tags        []TagView
	Known       []string // tags of the holder's other badges
	Collections []PlaceView
}

// TagView is a tag with the address of the badges that have it.
type TagView struct{ Name, Folded, URL string }

// PlaceView is a collection, and whether the badge is in it.
type PlaceView struct {
	ID, Name, URL string
	In            bool
}

func viewTag(t Tag) TagView {
	return TagView{Name: t.Name, Folded: t.Folded, URL: PathWith("/badges", "tag", t.Folded)}
}

func (s *Badges) shelfView(ctx context.Context, b Badge) (ShelfView, error) {
	v := ShelfView{URL: "/b/" + b.PublicID}
	own, err := listTagsOf(ctx, s.Base.Read(), b.ID)
	if err != nil {
		return v, err
	}
	for _, t := range own {
		v.Tags = append(v.Tags, viewTag(t))
	}
	all, err := s.Tags(ctx, b.Person)
	if err != nil {
		return v, err
	}
	for _, t := range all {
		v.Known = append(v.Known, t.Name)
	}
	v.Collections, err = placesOf(ctx, s.Base.Read(), b)
	return v, err
}

func placesOf(ctx context.Context, d db.DB, b Badge) ([]PlaceView, error) {
	in, err := listCollectionsOf(ctx, d, b.ID)
	if err != nil {
		return nil, err
	}
	all, err := listCollections(ctx, d, b.Person)
	if err != nil {
		return nil, err
	}
	member := map[int64]bool{}
	for _, c := range in {
		member[c.ID] = true
	}
	list := make([]PlaceView, 0, len(all))
	for _, c := range all {
		list = append(list, PlaceView{ID: c.PublicID, Name: c.Name, URL: "/badges/collections/" + c.PublicID, In: member[c.ID]})
	}
	return list, nil
}

// changeTags adds the words that were written, or takes one tag off.
func (p *Pages) changeTags(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, id := c.Context(), c.Viewer().Person, c.Param("id")
	if tag := form.Get("remove"); tag != "" {
		err = p.badges.RemoveTag(ctx, me, id, tag)
	} else {
		err = p.badges.AddTags(ctx, me, id, form.Get("tags"))
	}
	if err != nil {
		return err
	}
	return c.Redirect("/b/" + id + "#own")
}

// changePlaces puts a badge into the collections that are chosen and takes it out
// of the others.
func (p *Pages) changePlaces(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, id := c.Context(), c.Viewer().Person, c.Param("id")
	if err := p.badges.SetPlaces(ctx, me, id, form.All("collection"), form.Get("name")); err != nil {
		return err
	}
	c.Flash(web.Done, "shelf.flash.places")
	return c.Redirect("/b/" + id + "#own")
}
