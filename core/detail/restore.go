package detail

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/secret"
)

// kindDetail is the kind of items that this feature finds in an archive.
const kindDetail = "detail"

// Returns says what of this feature's part of an archive comes back.
func (s *Details) Returns() []archive.Return {
	return []archive.Return{{Document: "badge_details", Kinds: []string{kindDetail}}}
}

// brought is what an archive says of one badge, which goes by its file here.
type brought struct {
	exportedDetail

	Hash  string                `json:"hash"`
	Files map[string]string     `json:"files,omitempty"` // SHA-256 of files, by their ids
	Pages map[string]pageOfMine `json:"pages,omitempty"` // by their addresses
	Ours  bool                  `json:"ours,omitempty"`  // this passport counted the views itself
}

// pageOfMine is how a page is found again.
type pageOfMine struct {
	Title string    `json:"title"`
	Made  time.Time `json:"made"`
}

// Plan gives what the holder added to the badges of an archive.
func (s *Details) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedDetail
	if err := a.JSON(exportName, &list); err != nil || len(list) == 0 {
		return err
	}
	hashes, err := a.Hashes()
	if err != nil {
		return err
	}
	pages, err := pagesIn(a)
	if err != nil {
		return err
	}
	for _, e := range list {
		b := brought{exportedDetail: e, Hash: hashes[e.Badge], Files: map[string]string{}, Pages: map[string]pageOfMine{}, Ours: a.SameSite}
		for _, v := range e.Evidence {
			if h := hashes[v.File]; h != "" {
				b.Files[v.File] = h
			}
			if p, ok := pages[v.URL]; ok && v.Kind == Page {
				b.Pages[v.URL] = p
			}
		}
		item, err := s.planOne(ctx, person, b)
		if err == nil {
			err = add(item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func pagesIn(a *archive.Archive) (map[string]pageOfMine, error) {
	var list []struct {
		ID    string    `json:"id"`
		Title string    `json:"title"`
		Made  time.Time `json:"created"`
	}
	err := a.JSON("mypages/pages.json", &list)
	out := map[string]pageOfMine{}
	for _, p := range list {
		out["/p/"+p.ID] = pageOfMine{p.Title, p.Made}
	}
	return out, err
}

func (s *Details) planOne(ctx context.Context, person int64, b brought) (archive.Item, error) {
	item := archive.Item{Kind: kindDetail, Title: archive.Clip(b.Name), State: archive.Add}
	if b.Hash == "" {
		item.State, item.Reason = archive.Refused, "mydata.zip.no_badge"
	} else if id, _, err := badge.Brought(ctx, s.Base.Read(), person, b.Hash); err == nil {
		left, err := s.missing(ctx, s.Base.Read(), person, id, b)
		if err != nil {
			return item, err
		}
		if !left.any() {
			item.State = archive.Known
		}
	} else if !errors.Is(err, db.ErrNotFound) {
		return item, err
	}
	var err error
	item.Data, err = json.Marshal(b)
	return item, err
}

// missing is what of an archive a badge lacks: what the holder says here stays.
type missing struct {
	detail   Detail
	changes  bool
	evidence []Evidence
	views    []exportedViews
}

func (m missing) any() bool { return m.changes || len(m.evidence) > 0 || len(m.views) > 0 }

func (s *Details) missing(ctx context.Context, d db.DB, person, badgeID int64, b brought) (missing, error) {
	now, err := getDetail(ctx, d, badgeID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return missing{}, err
	}
	m := missing{detail: now}
	if was, wrong := (Detail{Note: b.Note, Rating: b.HalfStars, Place: b.Place, PlaceShown: b.PlaceShown}).clean(); len(wrong) == 0 {
		if now.Note == "" {
			m.detail.Note = was.Note
		}
		if now.Rating == 0 {
			m.detail.Rating = was.Rating
		}
		if now.Place == "" {
			m.detail.Place, m.detail.PlaceShown = was.Place, was.PlaceShown && was.Place != ""
		}
	}
	m.changes = m.detail != now
	have, err := listEvidence(ctx, d, badgeID, true)
	if err != nil {
		return m, err
	}
	for _, e := range b.Evidence {
		v, ok, err := s.found(ctx, d, person, b, e)
		if err != nil {
			return m, err
		}
		if ok && !has(have, v) && len(have) < maxEvidence {
			have, m.evidence = append(have, v), append(m.evidence, v)
		}
	}
	if !b.Ours {
		return m, nil
	}
	views, err := listViews(ctx, d, badgeID)
	if len(views) == 0 {
		m.views = b.Views
	}
	return m, err
}

func has(list []Evidence, v Evidence) bool {
	for _, o := range list {
		if o.Kind == v.Kind && o.Title == v.Title && o.URL == v.URL && o.Body == v.Body && o.File == v.File {
			return true
		}
	}
	return false
}

// found gives a piece of evidence by the rules of its form; false for one that cannot
// be, or whose file or page did not come back.
func (s *Details) found(ctx context.Context, d db.DB, person int64, b brought, e exportedEvidence) (Evidence, bool, error) {
	in := Addition{Title: e.Title, Body: e.Text}
	switch e.Kind {
	case Link:
		in.URL = e.URL
	case Page:
		id, err := findPage(ctx, d, person, b.Pages[e.URL])
		if err != nil {
			return Evidence{}, false, ignoreAbsent(err)
		}
		in.URL = s.URL("/p/" + id)
	case File:
		f, err := file.Brought(ctx, d, person, b.Files[e.File])
		if err != nil {
			return Evidence{}, false, ignoreAbsent(err)
		}
		in.File = f
	}
	v, err := s.evidence(ctx, d, person, in)
	if _, wrong := errors.AsType[account.FieldErrors](err); wrong {
		return v, false, nil
	}
	v.Shown, v.CreatedAt = e.Shown, e.AddedAt
	return v, err == nil && v.Kind == e.Kind, err
}

func ignoreAbsent(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// Restore takes in what the holder added to one badge.
func (s *Details) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var b brought
	if err := json.Unmarshal(item.Data, &b); err != nil {
		return item, err
	}
	id, _, err := badge.Brought(ctx, tx, person, b.Hash)
	if errors.Is(err, db.ErrNotFound) {
		item.State, item.Reason = archive.Refused, "mydata.zip.no_badge"
		return item, nil
	}
	if err != nil {
		return item, err
	}
	left, err := s.missing(ctx, tx, person, id, b)
	if err != nil {
		return item, err
	}
	if item.State = archive.Known; !left.any() {
		return item, nil
	}
	item.State = archive.Done
	return item, restore(ctx, tx, id, left)
}

func restore(ctx context.Context, tx *db.Tx, badgeID int64, left missing) error {
	if left.changes {
		if err := upsertDetail(ctx, tx, badgeID, left.detail); err != nil {
			return err
		}
	}
	for _, e := range left.evidence {
		e.ID, e.PublicID = tx.NewID(), secret.ID()
		if now := tx.Now(); e.CreatedAt.IsZero() || e.CreatedAt.After(now) {
			e.CreatedAt = now
		}
		if err := insertEvidence(ctx, tx, badgeID, e); err != nil {
			return err
		}
	}
	for _, v := range left.views {
		at, err := time.Parse(time.DateOnly, v.Day)
		if err != nil || v.Hits < 1 || v.Kind != member && v.Kind != visitor {
			continue
		}
		views := seen{badge: badgeID, day: at.Unix() / int64(viewDay/time.Second), kind: v.Kind}
		if err := addViews(ctx, tx, views, int64(v.Hits)); err != nil {
			return err
		}
	}
	return nil
}
