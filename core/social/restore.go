package social

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

// The kinds of items that this feature finds in an archive.
const (
	kindFollowing = "following"
	kindComment   = "comment"
	kindCheer     = "cheer"
)

// Returns says what of this feature's part of an archive comes back.
func (s *Social) Returns() []archive.Return {
	return []archive.Return{
		{Document: "following", Kinds: []string{kindFollowing}},
		{Document: "comments", Kinds: []string{kindComment}},
		{Document: "congratulations", Kinds: []string{kindCheer}},
		{Document: "followers", Anew: archive.Others},
	}
}

// plan is what each item of an archive is judged by.
type plan struct {
	person  int64
	here    bool           // the archive was made on this site
	brought map[class]bool // the classes of the badges in the archive
	add     func(archive.Item) error
}

// Plan tells what of the social part of an archive can be taken in: whom and what
// the person follows, found again by names that are the same everywhere, and
// their own comments, on the passport where they were made alone. What others
// did is theirs to say.
func (s *Social) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	brought, err := classesIn(a)
	if err != nil {
		return err
	}
	p := plan{person: person, here: a.SameSite, brought: brought, add: add}
	var following []followed
	if err := a.JSON("social/following.json", &following); err != nil {
		return err
	}
	for _, f := range following {
		if err := s.planFollow(ctx, f, p); err != nil {
			return err
		}
	}
	var comments []ownComment
	if err := a.JSON("social/comments.json", &comments); err != nil {
		return err
	}
	for _, c := range comments {
		if err := s.planComment(ctx, c, p); err != nil {
			return err
		}
	}
	var cheers []ownCheer
	if err := a.JSON("social/congratulations.json", &cheers); err != nil {
		return err
	}
	for _, c := range cheers {
		if err := s.planCheer(ctx, c, p); err != nil {
			return err
		}
	}
	return nil
}

// class names a badge class as every site does.
type class struct{ issuer, id string }

// classesIn gives the badge classes that the badges of an archive bring with them.
func classesIn(a *archive.Archive) (map[class]bool, error) {
	var list []struct {
		Issuer string `json:"issuerId"`
		ID     string `json:"achievementId"`
	}
	m := map[class]bool{}
	name := "badges/badges.json"
	for number := 2; a.Has(name); number++ {
		if err := a.JSON(name, &list); err != nil {
			return nil, err
		}
		for _, c := range list {
			m[class{c.Issuer, c.ID}] = true
		}
		name = fmt.Sprintf("badges/badges-%d.json", number)
	}
	return m, nil
}

// target is what an item is about.
type target struct {
	Kind    Kind   `json:"kind"`
	Person  string `json:"person,omitempty"`
	Issuer  string `json:"issuer,omitempty"`
	ClassID string `json:"class,omitempty"`
	Text    string `json:"text,omitempty"`

	At time.Time `json:"at,omitzero"` // when the person did it
}

// find gives the person or class that a target names, db.ErrNotFound when it is
// not here or not for this person to see.
func (s *Social) find(ctx context.Context, d db.DB, person int64, t target) (int64, error) {
	switch {
	case t.Kind == Person && t.Person != "":
		return personByPublicID(ctx, d, t.Person)
	case t.Kind == Class && t.ClassID != "":
		return classByWire(ctx, d, person, t)
	}
	return 0, db.ErrNotFound
}

func (s *Social) planFollow(ctx context.Context, f followed, p plan) error {
	since, _ := time.Parse(time.RFC3339, f.Since) // what is no time is now
	t := target{Kind: f.Kind, Person: f.ID, Issuer: f.Issuer, ClassID: f.ClassID, At: since}
	item, err := newItem(kindFollowing, f.Name, t)
	if err != nil {
		return err
	}
	object, err := s.find(ctx, s.base.Read(), p.person, t)
	switch {
	case err == nil:
		st, err := s.Standing(ctx, p.person, t.Kind, object)
		if err != nil {
			return err
		}
		if st.Following {
			item.State = archive.Known
		}
	case !errors.Is(err, db.ErrNotFound):
		return err
	case !p.brought[class{t.Issuer, t.ClassID}] || t.Kind != Class:
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
	}
	if object == p.person {
		item.State, item.Reason = archive.Refused, "social.error.self"
	}
	return p.add(item)
}

func (s *Social) planComment(ctx context.Context, c ownComment, p plan) error {
	body, ok := text.CleanText(c.Text, MaxComment)
	t := target{Kind: Class, Issuer: c.Issuer, ClassID: c.ClassID, Text: body, At: c.At}
	item, err := newItem(kindComment, text.Shorten(body, 80), t)
	if err != nil {
		return err
	}
	object, err := s.find(ctx, s.base.Read(), p.person, t)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	switch {
	case !p.here:
		item.State, item.Reason = archive.Refused, "mydata.zip.other_site"
	case !ok || body == "":
		item.State, item.Reason = archive.Refused, "social.error.comment_text"
	case err == nil:
		said, err := hasSaid(ctx, s.base.Read(), p.person, object, body)
		if err != nil {
			return err
		}
		if said {
			item.State = archive.Known
		}
	case !p.brought[class{t.Issuer, t.ClassID}]:
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
	}
	return p.add(item)
}

func newItem(kind, title string, t target) (archive.Item, error) {
	data, err := json.Marshal(t)
	return archive.Item{Kind: kind, Title: title, State: archive.Add, Data: data}, err
}

// done is the time at which something was done that an archive tells of: no later than
// now, and now where it tells none.
func done(at, now time.Time) time.Time {
	if at.Unix() <= 0 || at.After(now) {
		return now
	}
	return at
}

// Restore takes an item of Plan in, as part of tx: with the time at which the person did
// it, so that it is no news.
func (s *Social) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	if item.Kind == kindCheer {
		return s.restoreCheer(ctx, tx, person, item)
	}
	var t target
	if err := json.Unmarshal(item.Data, &t); err != nil {
		return item, err
	}
	object, err := s.find(ctx, tx, person, t)
	if errors.Is(err, db.ErrNotFound) {
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		return item, nil
	}
	if err != nil {
		return item, err
	}
	item.State = archive.Done
	t.At = done(t.At, tx.Now())
	if item.Kind == kindComment {
		if said, err := hasSaid(ctx, tx, person, object, t.Text); err != nil || said { // or the archive has it twice
			item.State = archive.Known
			return item, err
		}
		c := Comment{PublicID: secret.ID(), Class: object, Author: Author{ID: person}, Body: t.Text, CreatedAt: t.At}
		if c.ID, err = earlierComment(ctx, tx, t.At); err != nil {
			return item, err
		}
		if err := insertComment(ctx, tx, c); err != nil {
			return item, err
		}
		return item, event.Publish(ctx, tx, s.bus, Commented{Comment: c.ID, Class: object, Person: person, At: t.At})
	}
	err = s.followSince(ctx, tx, following{person, t.Kind, object, t.At})
	if f, ok := fault.As(err); ok && (f.Kind == fault.Forbidden || f.Kind == fault.NotFound) {
		item.State, item.Reason = archive.Refused, f.Key // who does not let them, or is not there for them
		return item, nil
	}
	return item, err
}
