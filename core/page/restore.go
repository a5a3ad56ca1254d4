package page

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/theme"
)

// kindPage is the kind of items that this feature finds in an archive.
const kindPage = "page"

// Returns says what of this feature's part of an archive comes back.
func (s *Pages) Returns() []archive.Return {
	return []archive.Return{{Document: "pages", Kinds: []string{kindPage}}, {Document: "history", Kinds: []string{kindPage}}}
}

// brought is a page of an archive. Its badges and files go by the hashes of their
// bytes: their ids are other ones here.
type brought struct {
	exported

	Past   []exportedVersion `json:"past,omitempty"`
	ByHash map[string]string `json:"byHash"`
}

// Plan gives the pages of an archive.
func (s *Pages) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exported
	if err := a.JSON("mypages/pages.json", &list); err != nil || len(list) == 0 {
		return err
	}
	var past []exportedVersion
	if err := a.JSON("mypages/history.json", &past); err != nil {
		return err
	}
	hashes, err := a.Hashes()
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.RemovedAt.IsZero() {
			continue
		}
		b := brought{exported: e, ByHash: map[string]string{}}
		for _, v := range past {
			if v.Page == e.ID && len(b.Past) < versions {
				b.Past = append(b.Past, v)
			}
		}
		b.note(hashes)
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

// note keeps the hashes of what the page names.
func (b brought) note(hashes map[string]string) {
	for _, c := range b.contents() {
		for _, block := range c.Blocks {
			for _, id := range append(slices.Clone(block.Badges), block.File) {
				if hashes[id] != "" {
					b.ByHash[id] = hashes[id]
				}
			}
		}
	}
}

func (b brought) contents() []Content {
	all := []Content{b.Content}
	for _, v := range b.Past {
		all = append(all, v.Content)
	}
	return all
}

func (s *Pages) planOne(ctx context.Context, person int64, b brought) (archive.Item, error) {
	item := archive.Item{Kind: kindPage, Title: clip(b.Title, maxTitle), State: archive.Add}
	known, err := hasSame(ctx, s.Base.Read(), person, b.Title, db.Micros(b.CreatedAt))
	if err != nil {
		return item, err
	}
	if known {
		item.State = archive.Known
	} else if _, err := b.page(); err != nil {
		item.State, item.Reason = archive.Refused, "page.error.brought"
	}
	item.Data, err = json.Marshal(b)
	return item, err
}

// OnlyMe lets nobody else see a page that is taken in.
func (s *Pages) OnlyMe(item archive.Item) (archive.Item, error) {
	var b brought
	if err := json.Unmarshal(item.Data, &b); err != nil {
		return item, err
	}
	b.Visibility = badge.Private
	var err error
	item.Data, err = json.Marshal(b)
	return item, err
}

// page gives what of an exported page can be kept, by the rules of the editor.
func (e exported) page() (Page, error) {
	var err error
	p := Page{Style: e.Style, Frame: oneOf(e.Frame, Frames), Space: oneOf(e.Space, Spaces), CreatedAt: e.CreatedAt}
	if p.Title, err = cleanTitle(e.Title); err != nil {
		return p, err
	}
	if p.Tags, err = cleanTags(strings.Join(e.Tags, ",")); err != nil {
		return p, err
	}
	if p.Blocks, err = e.blocks(); err != nil {
		return p, err
	}
	return p, p.check()
}

var blockID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,22}$`) })

// blocks gives the blocks of a state, without what they refer to. Kinds that this
// passport does not know are left out.
func (c Content) blocks() ([]Block, error) {
	var out []Block
	seen := map[string]bool{}
	for _, stored := range c.kept() {
		words, err := stored.clean(stored.Kind)
		if err != nil {
			return nil, err
		}
		id := stored.ID
		if !blockID().MatchString(id) || seen[id] {
			id = newBlockID()
		}
		seen[id] = true
		out = append(out, Block{ID: id, Kind: stored.Kind, Words: words})
	}
	return out, nil
}

func (c Content) kept() []Stored {
	return slices.DeleteFunc(slices.Clone(c.Blocks), func(o Stored) bool { return !o.Kind.Valid() })
}

// Restore takes one page in, with its earlier states.
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
	if err := b.refer(ctx, tx, person, b.Content, p.Blocks); err != nil {
		return item, err
	}
	err = s.insert(ctx, tx, &p)
	if f, ok := fault.As(err); ok {
		item.State, item.Reason = archive.Refused, f.Key
		return item, nil
	}
	if err != nil {
		return item, err
	}
	item.State = archive.Done
	if err := b.restorePast(ctx, tx, &p); err != nil {
		return item, err
	}
	return item, s.restoreCircle(ctx, tx, &p, b)
}

// restoreCircle shows a page to whom it was shown. The password of one stayed where
// it was: without it the page is its owner's alone, and so is one of somebody under
// age that was for everybody. A link is another one.
func (s *Pages) restoreCircle(ctx context.Context, tx *db.Tx, p *Page, b brought) error {
	if b.Password || !b.Visibility.Valid() || b.Visibility == badge.Private {
		return nil
	}
	err := checkWidth(ctx, tx, p.Person, b.Visibility)
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	p.Until = b.Until
	since := tx.Now()
	if !b.PublishedAt.IsZero() && b.PublishedAt.Before(since) { // what is brought back is no news
		since = b.PublishedAt
	}
	return s.setCircle(ctx, tx, p, b.Visibility, since)
}

// changes are what a state can have come of.
var changes = []string{"made", "text", "add", "move", "delete", "badges", "head"}

// restorePast writes the earlier states in the place of the one that was made just
// now; all or, where one is not as the editor would have it, none.
func (b brought) restorePast(ctx context.Context, tx *db.Tx, p *Page) error {
	var list []Version
	seen := map[int]bool{}
	for _, e := range b.Past {
		blocks, bad := e.blocks()
		title, badTitle := cleanTitle(e.Title)
		state := Page{Title: title, Style: p.Style, Frame: oneOf(e.Frame, Frames), Space: oneOf(e.Space, Spaces), Blocks: blocks}
		if e.Style != b.Style {
			state.Style = theme.PlainStyle
		}
		if errors.Join(bad, badTitle, state.check()) != nil || seen[e.Number] || e.Number < 1 || e.Number > 1<<30 || e.Parent < 0 || e.Parent > e.Number ||
			!slices.Contains(changes, e.What) || e.Block != "" && !blockID().MatchString(e.Block) {
			return nil //nolint:nilerr // they are the archive's, not ours
		}
		seen[e.Number] = true
		if err := b.refer(ctx, tx, p.Person, e.Content, state.Blocks); err != nil {
			return err
		}
		list = append(list, Version{Number: e.Number, Parent: e.Parent, What: e.What, Block: e.Block, At: e.At, Content: contentOf(state)})
	}
	if !seen[b.Version] {
		return nil
	}
	if err := deleteVersions(ctx, tx, p.ID, p.version, 0); err != nil {
		return err
	}
	for _, v := range list {
		if err := saveVersion(ctx, tx, p.ID, v); err != nil {
			return err
		}
	}
	p.version = b.Version
	return updateHead(ctx, tx, *p)
}

// refer finds what the blocks of a state refer to here, as far as it came back.
func (b brought) refer(ctx context.Context, d db.DB, person int64, c Content, to []Block) error {
	for i, stored := range c.kept() {
		if err := b.referOne(ctx, d, person, stored, &to[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b brought) referOne(ctx context.Context, d db.DB, person int64, stored Stored, to *Block) error {
	if name := b.Names[stored.Of]; name != "" && (to.Kind == Collection || to.Kind == Issuer) {
		of, err := findNamed(ctx, d, person, to.Kind, name)
		if err == nil {
			to.Of = of
		} else if !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
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
		var r Ref
		var err error
		r.ID, r.PublicID, err = badge.Brought(ctx, d, person, b.ByHash[id])
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
