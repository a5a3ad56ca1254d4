package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/theme"
)

// kindPage is the kind of items that this feature finds in an archive.
const kindPage = "page"

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
	Tags        []string         `json:"tags"`
	Visibility  badge.Visibility `json:"visibility"`
	Password    bool             `json:"hasPassword"`
	Until       time.Time        `json:"until,omitzero"`
	CreatedAt   time.Time        `json:"created"`
	ChangedAt   time.Time        `json:"changed"`
	PublishedAt time.Time        `json:"published,omitzero"`
	RemovedAt   time.Time        `json:"removed,omitzero"`
}

// exportedVersion is an earlier state of one.
type exportedVersion struct {
	Content

	Page   string    `json:"page"`
	Number int       `json:"number"`
	What   string    `json:"what"`
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
	if err := putJSON(put, "mypages/pages.json", pages); err != nil {
		return err
	}
	return putJSON(put, "mypages/history.json", past)
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
		Content: contentOf(p), ID: p.PublicID, Tags: append([]string{}, p.Tags...), Visibility: p.Visibility, Password: p.HasPassword, Until: p.Until,
		CreatedAt: p.CreatedAt, ChangedAt: p.ChangedAt, PublishedAt: p.PublishedAt, RemovedAt: p.RemovedAt,
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
		past = append(past, exportedVersion{v.Content, p.PublicID, v.Number, v.What, v.At})
	}
	return e, past, err
}

func putJSON(put func(string, []byte) error, name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return put(name, append(text, '\n'))
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

// brought is a page of an archive, whose badges and files go by the hashes of
// their bytes: their ids are other ones here.
type brought struct {
	exported

	ByHash map[string]string `json:"byHash"`
}

// Plan gives the pages of an archive. They come back private: who saw them before
// is for their owner to say again.
func (s *Pages) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exported
	if err := a.JSON("mypages/pages.json", &list); err != nil || len(list) == 0 {
		return err
	}
	hashes, err := hashesIn(a)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.RemovedAt.IsZero() {
			continue
		}
		item := archive.Item{Kind: kindPage, Title: clip(e.Title, maxTitle), State: archive.Add}
		known, err := hasSame(ctx, s.Base.Read(), person, e.Title, db.Micros(e.CreatedAt))
		if err != nil {
			return err
		}
		if known {
			item.State = archive.Known
		} else if _, err := e.page(); err != nil {
			item.State, item.Reason = archive.Refused, "page.error.brought"
		}
		b := brought{exported: e, ByHash: map[string]string{}}
		for _, block := range e.Blocks {
			for _, id := range append(slices.Clone(block.Badges), block.File) {
				b.ByHash[id] = hashes[id]
			}
		}
		if item.Data, err = json.Marshal(b); err != nil {
			return err
		}
		if err := add(item); err != nil {
			return err
		}
	}
	return nil
}

// hashesIn gives the SHA-256 of each badge and file of an archive by its id there.
func hashesIn(a *archive.Archive) (map[string]string, error) {
	sums := map[string]string{}
	for line := range strings.Lines(string(a.Sums())) {
		sum, name, _ := strings.Cut(strings.TrimRight(line, "\n"), "  ")
		sums[name] = sum
	}
	out := map[string]string{}
	type entry struct{ ID, Received, File string }
	read := func(name string) error {
		var list []entry
		if err := a.JSON(name, &list); err != nil {
			return err
		}
		for _, e := range list {
			out[e.ID] = sums[e.Received+e.File]
		}
		return nil
	}
	for number, name := 2, "badges/badges.json"; a.Has(name); number, name = number+1, fmt.Sprintf("badges/badges-%d.json", number) {
		if err := read(name); err != nil {
			return nil, err
		}
	}
	return out, read("files/files.json")
}

// page gives what of an exported page can be kept, by the rules of the editor.
func (e exported) page() (Page, error) {
	var err error
	p := Page{Style: e.Style, CreatedAt: e.CreatedAt}
	if p.Title, err = cleanTitle(e.Title); err != nil {
		return p, err
	}
	if p.Tags, err = cleanTags(strings.Join(e.Tags, ",")); err != nil {
		return p, err
	}
	for _, stored := range e.Blocks {
		if !stored.Kind.Valid() {
			continue
		}
		words, err := stored.clean(stored.Kind)
		if err != nil {
			return p, err
		}
		p.Blocks = append(p.Blocks, Block{ID: newBlockID(), Kind: stored.Kind, Words: words})
	}
	return p, p.check()
}

// Restore takes one page in.
func (s *Pages) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var b brought
	if err := json.Unmarshal(item.Data, &b); err != nil {
		return item, err
	}
	p, wrong := b.page()
	if wrong != nil { // it is the item's, not ours
		item.State, item.Reason = archive.Refused, "page.error.brought"
		return item, nil //nolint:nilerr // see above
	}
	known, err := hasSame(ctx, tx, person, p.Title, db.Micros(p.CreatedAt))
	if err != nil || known {
		item.State = archive.Known
		return item, err
	}
	p.Person = person
	if !s.knowsStyle(p.Style) {
		p.Style = theme.PlainStyle
	}
	kept := slices.DeleteFunc(slices.Clone(b.Blocks), func(o Stored) bool { return !o.Kind.Valid() })
	for i, stored := range kept {
		if err := b.refer(ctx, tx, person, stored, &p.Blocks[i]); err != nil {
			return item, err
		}
	}
	item.State = archive.Done
	return item, s.insert(ctx, tx, &p)
}

// refer finds the badges and the file of a block here, as far as they came back.
func (b brought) refer(ctx context.Context, d db.DB, person int64, stored Stored, to *Block) error {
	if hash := b.ByHash[stored.File]; hash != "" {
		r, err := findKept(ctx, d, person, hash)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		to.File = r
	}
	for _, id := range stored.Badges {
		if b.ByHash[id] == "" || len(to.Badges) == maxBadges {
			continue
		}
		r, err := findReceived(ctx, d, person, b.ByHash[id])
		switch {
		case errors.Is(err, db.ErrNotFound):
		case err != nil:
			return err
		case !slices.Contains(to.Badges, r):
			to.Badges = append(to.Badges, r)
		}
	}
	return nil
}
