package page

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Pages) OwnerName() string { return "mypages" }

// OwnerTables are the tables with rows about a person.
func (s *Pages) OwnerTables() []string {
	return []string{"page", "page_block", "page_badge", "page_version", "page_tag"}
}

// exported is a page in the open format of the export.
type exported struct {
	Content

	ID          string           `json:"id"`
	Version     int              `json:"version"`
	Tags        []string         `json:"tags"`
	Visibility  badge.Visibility `json:"visibility"`
	Password    bool             `json:"hasPassword"`
	Until       time.Time        `json:"until,omitzero"`
	CreatedAt   time.Time        `json:"created"`
	ChangedAt   time.Time        `json:"changed"`
	PublishedAt time.Time        `json:"published,omitzero"`
	RemovedAt   time.Time        `json:"removed,omitzero"`
	LinkSince   time.Time        `json:"linkSince,omitzero"`
	LinkOpened  int              `json:"linkOpened,omitempty"`

	Names map[string]string `json:"names,omitempty"` // of what blocks are of: collections, and issuers by their own id
}

// exportedVersion is an earlier state of one.
type exportedVersion struct {
	Content

	Page   string    `json:"page"`
	Number int       `json:"number"`
	Parent int       `json:"parent,omitempty"`
	What   string    `json:"what"`
	Block  string    `json:"block,omitempty"`
	At     time.Time `json:"at"`
}

// Export hands out mypages/pages.json and mypages/history.json. Badges and files go by
// their ids in badges/badges.json and files/files.json.
func (s *Pages) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := listAll(ctx, s.Base.Read(), person)
	if err != nil {
		return err
	}
	held, err := listHeld(ctx, s.Base.Read(), person)
	if err != nil {
		return err
	}
	pages, past := []exported{}, []exportedVersion{}
	for _, p := range list {
		e, versions, err := s.exportOne(ctx, p, held)
		if err != nil {
			return fmt.Errorf("export page %s: %w", p.PublicID, err)
		}
		pages, past = append(pages, e), append(past, versions...)
	}
	if err := archive.Put(put, "mypages/pages.json", pages); err != nil {
		return err
	}
	return archive.Put(put, "mypages/history.json", past)
}

func (s *Pages) exportOne(ctx context.Context, p Page, held map[string]bool) (exported, []exportedVersion, error) {
	var err error
	if p.Blocks, err = listBlocks(ctx, s.Base.Read(), p.ID); err != nil {
		return exported{}, nil, err
	}
	if p.Tags, err = listTags(ctx, s.Base.Read(), p.ID); err != nil {
		return exported{}, nil, err
	}
	e := exported{
		Content: contentOf(p), ID: p.PublicID, Version: p.version, Tags: append([]string{}, p.Tags...), Visibility: p.Visibility, Password: p.HasPassword, Until: p.Until,
		CreatedAt: p.CreatedAt, ChangedAt: p.ChangedAt, PublishedAt: p.PublishedAt, RemovedAt: p.RemovedAt,
	}
	if e.LinkSince, e.LinkOpened, err = linkOf(ctx, s.Base.Read(), p.ID); err != nil {
		return e, nil, err
	}
	versions, err := listVersions(ctx, s.Base.Read(), p.ID)
	var past []exportedVersion
	for _, v := range versions {
		for i := range v.Content.Blocks {
			b := &v.Content.Blocks[i]
			b.Badges = slices.DeleteFunc(b.Badges, func(id string) bool { return !held[id] })
			if !held[b.File] {
				b.File = ""
			}
		}
		past = append(past, exportedVersion{v.Content, p.PublicID, v.Number, v.Parent, v.What, v.Block, v.At})
	}
	if err != nil {
		return e, nil, err
	}
	e.Names, err = s.namesIn(ctx, p.Person, e, past)
	return e, past, err
}

// namesIn gives what the collections and issuers that blocks are of go by elsewhere.
func (s *Pages) namesIn(ctx context.Context, person int64, e exported, past []exportedVersion) (map[string]string, error) {
	names := map[string]string{}
	contents := []Content{e.Content}
	for _, v := range past {
		contents = append(contents, v.Content)
	}
	for _, c := range contents {
		for _, b := range c.Blocks {
			if b.Of == "" || names[b.Of] != "" || b.Kind != Collection && b.Kind != Issuer {
				continue
			}
			name, err := nameOf(ctx, s.Base.Read(), person, b.Kind, b.Of)
			if errors.Is(err, db.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			names[b.Of] = name
		}
	}
	return names, nil
}

// Erase deletes the person's pages.
func (s *Pages) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	list, err := listAll(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, p := range list {
		if err := s.erase(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// Merge gives the pages of one person to another account of theirs.
func (s *Pages) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return movePages(ctx, tx, from, into)
}
