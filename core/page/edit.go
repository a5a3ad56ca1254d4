package page

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// typing is how long changes of one block count as one: to undo them is one step.
const typing = 2 * time.Minute

// change is one change of a page.
type change struct {
	what  string // page.version.<what>
	block string // whose, or ""
	alone bool   // never one with the change before
	do    func(context.Context, *db.Tx, *Page) error
}

// alter changes a page of the person's own in one transaction, and keeps the state
// that it comes to. Others who change it at the same time wait.
func (s *Pages) alter(ctx context.Context, person int64, publicID string, c change) (Page, error) {
	var p Page
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := lock(ctx, tx, person, publicID); err != nil {
			return err
		}
		var err error
		if p, err = s.whole(ctx, tx, person, publicID); err != nil {
			return err
		}
		before := p
		before.Blocks = slices.Clone(p.Blocks)
		if err := c.do(ctx, tx, &p); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
		return save(ctx, tx, before, &p, c)
	})
	return p, err
}

// whole gives a page of the person's own with its blocks and tags.
func (s *Pages) whole(ctx context.Context, d db.DB, person int64, publicID string) (Page, error) {
	p, err := getMine(ctx, d, person, publicID)
	if err != nil {
		return p, err
	}
	if p.Blocks, err = listBlocks(ctx, d, p.ID); err != nil {
		return p, err
	}
	p.Tags, err = listTags(ctx, d, p.ID)
	return p, err
}

// save writes what differs between two states, and the state itself. Nothing that
// stays the same is written.
func save(ctx context.Context, tx *db.Tx, before Page, p *Page, c change) error {
	changed, err := saveBlocks(ctx, tx, before, p)
	if err != nil {
		return err
	}
	if p.Title != before.Title || p.Style != before.Style || p.Frame != before.Frame || p.Space != before.Space {
		p.rev++
		p.HeadRev, changed = p.rev, true
	}
	if !changed {
		return nil
	}
	if err := keepVersion(ctx, tx, p, c); err != nil {
		return err
	}
	return updateHead(ctx, tx, *p)
}

func saveBlocks(ctx context.Context, tx *db.Tx, before Page, p *Page) (changed bool, err error) {
	type placed struct {
		Block

		place int
	}
	old := make(map[string]placed, len(before.Blocks))
	for i, b := range before.Blocks {
		old[b.ID] = placed{b, i}
	}
	for i := range p.Blocks {
		b := &p.Blocks[i]
		was, there := old[b.ID]
		delete(old, b.ID)
		switch {
		case !there || !b.same(was.Block):
			p.rev++
			b.Rev, changed = p.rev, true
			err = saveBlock(ctx, tx, p.ID, *b, i)
		case was.place != i:
			changed = true
			err = placeBlock(ctx, tx, p.ID, b.ID, i)
		}
		if err != nil {
			return false, err
		}
	}
	for id := range old {
		changed = true
		if err := deleteBlock(ctx, tx, p.ID, id); err != nil {
			return false, err
		}
	}
	return changed, nil
}

// keepVersion keeps the state that a change came to. Typing in one block goes on
// in the state that it began.
func keepVersion(ctx context.Context, tx *db.Tx, p *Page, c change) error {
	if c.what == "" {
		return nil // the state is there already
	}
	v := Version{What: c.what, Block: c.block, At: tx.Now(), Content: contentOf(*p), Parent: p.version}
	last, err := lastNumber(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	v.Number = last + 1
	if last == p.version && last > 0 && !c.alone {
		now, err := getVersion(ctx, tx, p.ID, last)
		if err != nil {
			return err
		}
		if now.What == c.what && now.Block == c.block && tx.Now().Sub(now.At) < typing && now.Parent != 0 {
			v.Number, v.Parent = now.Number, now.Parent
		}
	}
	p.version = v.Number
	if err := saveVersion(ctx, tx, p.ID, v); err != nil {
		return err
	}
	return deleteVersions(ctx, tx, p.ID, v.Number-versions, v.Number)
}

// Clash is the error of a change that was made to something older than what is
// there: in another tab, or on another device. Nothing was changed.
type Clash struct {
	Mine   Block
	Theirs Block // without a Kind when it was deleted
	Page   Page
}

// Error implements the error interface.
func (Clash) Error() string { return "the block was changed elsewhere" }

// SaveBlock keeps what a person typed and chose in a block. rev is that of the
// block when they began: when it is another now the error is a Clash, unless it
// says the same or force is set.
func (s *Pages) SaveBlock(ctx context.Context, person int64, publicID string, in Block, force bool) (Page, Block, error) {
	var saved Block
	words, bad := in.clean(in.Kind)
	if bad != nil {
		return Page{}, Block{}, bad
	}
	in.Words = words
	p, err := s.alter(ctx, person, publicID, change{what: "text", block: in.ID, alone: force, do: func(_ context.Context, _ *db.Tx, p *Page) error {
		i := p.index(in.ID)
		if i < 0 {
			if !force {
				return Clash{Mine: in, Page: *p}
			}
			p.Blocks = append(p.Blocks, in)
			return nil
		}
		now := &p.Blocks[i]
		if in.Kind != now.Kind {
			return fault.New(fault.Malformed, "web.form")
		}
		next := Block{ID: in.ID, Kind: in.Kind, Words: in.Words, File: in.File, Badges: now.Badges, Rev: now.Rev}
		if in.Rev != now.Rev && !next.same(*now) && !force {
			return Clash{Mine: in, Theirs: *now, Page: *p}
		}
		*now = next
		return nil
	}})
	if i := p.index(in.ID); err == nil && i >= 0 {
		saved = p.Blocks[i]
	}
	return p, saved, err
}

// index is where a block stands, -1 for nowhere.
func (p Page) index(block string) int {
	return slices.IndexFunc(p.Blocks, func(b Block) bool { return b.ID == block })
}

// block gives a block of the page.
func (p Page) block(id string) (Block, error) {
	if i := p.index(id); i >= 0 {
		return p.Blocks[i], nil
	}
	return Block{}, errNoBlock()
}

// AddBlock puts an empty block behind another, or at the end.
func (s *Pages) AddBlock(ctx context.Context, person int64, publicID string, k Kind, after string) (Page, string, error) {
	if !k.Valid() {
		return Page{}, "", fault.New(fault.Malformed, "web.form")
	}
	b := Block{ID: newBlockID(), Kind: k}
	if k == Profile {
		b.Fields = []string{"name", "picture", "about"}
	}
	p, err := s.alter(ctx, person, publicID, change{what: "add", block: b.ID, do: func(_ context.Context, _ *db.Tx, p *Page) error {
		at := len(p.Blocks)
		if i := p.index(after); i >= 0 {
			at = i + 1
		}
		p.Blocks = slices.Insert(p.Blocks, at, b)
		return nil
	}})
	return p, b.ID, err
}

func newBlockID() string { return secret.ID()[:8] }

// MoveBlock moves a block to a place, counted from 0; past an end is the end.
func (s *Pages) MoveBlock(ctx context.Context, person int64, publicID, block string, to func(now int) int) error {
	_, err := s.alter(ctx, person, publicID, change{what: "move", block: block, do: func(_ context.Context, _ *db.Tx, p *Page) error {
		i := p.index(block)
		if i < 0 {
			return errNoBlock()
		}
		b := p.Blocks[i]
		p.Blocks = slices.Delete(p.Blocks, i, i+1)
		p.Blocks = slices.Insert(p.Blocks, max(0, min(to(i), len(p.Blocks))), b)
		return nil
	}})
	return err
}

// RemoveBlock takes a block off a page.
func (s *Pages) RemoveBlock(ctx context.Context, person int64, publicID, block string) error {
	_, err := s.alter(ctx, person, publicID, change{what: "delete", block: block, do: func(_ context.Context, _ *db.Tx, p *Page) error {
		i := p.index(block)
		if i < 0 {
			return errNoBlock()
		}
		p.Blocks = slices.Delete(p.Blocks, i, i+1)
		return nil
	}})
	return err
}

// Pick is which badges, by their public ids, go into a block and which out of it.
type Pick struct {
	Block     string
	Add, Drop []string
}

// Choose adds badges of the person's own to a block, or takes them out of it. A
// block of one badge has the last of them.
func (s *Pages) Choose(ctx context.Context, person int64, publicID string, pick Pick) (Page, error) {
	block, add, drop := pick.Block, pick.Add, pick.Drop
	return s.alter(ctx, person, publicID, change{what: "badges", block: block, do: func(ctx context.Context, tx *db.Tx, p *Page) error {
		i := p.index(block)
		if i < 0 {
			return errNoBlock()
		}
		b := &p.Blocks[i]
		b.Badges = slices.DeleteFunc(slices.Clone(b.Badges), func(r Ref) bool { return slices.Contains(drop, r.PublicID) })
		return chooseBadges(ctx, tx, person, b, add)
	}})
}

func chooseBadges(ctx context.Context, tx *db.Tx, person int64, b *Block, add []string) error {
	if b.Kind != Showcase && b.Kind != Badge {
		return fault.New(fault.Malformed, "web.form")
	}
	for _, id := range add {
		r, err := findBadge(ctx, tx, person, id)
		if errors.Is(err, db.ErrNotFound) {
			return fault.New(fault.NotFound, "badge.error.not_found")
		}
		if err != nil {
			return err
		}
		if slices.Contains(b.Badges, r) {
			continue
		}
		b.Badges = append(b.Badges, r)
	}
	if b.Kind == Badge && len(b.Badges) > 1 {
		b.Badges = b.Badges[len(b.Badges)-1:]
	}
	return nil
}

// Head is what stands over a page.
type Head struct {
	Title, Style, Frame, Space, Tags string
	Rev                              int64
}

// HeadClash is the error of a title, look or tags that were changed elsewhere since.
type HeadClash struct{ Page Page }

// Error implements the error interface.
func (HeadClash) Error() string { return "the page was changed elsewhere" }

// SaveHead keeps title, look, frame, space and tags. The error is a HeadClash as SaveBlock's is a Clash.
func (s *Pages) SaveHead(ctx context.Context, person int64, publicID string, in Head, force bool) (Page, error) {
	title, err := cleanTitle(in.Title)
	if err != nil {
		return Page{}, err
	}
	tags, err := cleanTags(in.Tags)
	if err != nil {
		return Page{}, err
	}
	if !s.knowsStyle(in.Style) {
		return Page{}, fault.New(fault.Malformed, "web.form")
	}
	return s.alter(ctx, person, publicID, change{what: "head", alone: force, do: func(ctx context.Context, tx *db.Tx, p *Page) error {
		in.Frame, in.Space = oneOf(in.Frame, Frames), oneOf(in.Space, Spaces)
		same := title == p.Title && in.Style == p.Style && in.Frame == p.Frame && in.Space == p.Space && slices.Equal(tags, p.Tags)
		if in.Rev != p.HeadRev && !same && !force {
			return HeadClash{*p}
		}
		p.Title, p.Style, p.Frame, p.Space = title, in.Style, in.Frame, in.Space
		if slices.Equal(tags, p.Tags) {
			return nil
		}
		p.Tags = tags
		p.rev++
		p.HeadRev = p.rev
		if err := replaceTags(ctx, tx, p.ID, tags); err != nil {
			return err
		}
		return updateHead(ctx, tx, *p)
	}})
}

// Show goes to a state that is kept. The states after it stay.
func (s *Pages) Show(ctx context.Context, person int64, publicID string, number int) error {
	_, err := s.alter(ctx, person, publicID, change{do: func(ctx context.Context, tx *db.Tx, p *Page) error {
		return s.revert(ctx, tx, p, number)
	}})
	return err
}

func (s *Pages) revert(ctx context.Context, tx *db.Tx, p *Page, number int) error {
	v, err := getVersion(ctx, tx, p.ID, number)
	if err != nil {
		return err
	}
	p.Title, p.Blocks = v.Content.Title, nil
	if s.knowsStyle(v.Content.Style) {
		p.Style = v.Content.Style
	}
	p.Frame, p.Space = oneOf(v.Content.Frame, Frames), oneOf(v.Content.Space, Spaces)
	for _, stored := range v.Content.Blocks {
		b, err := found(ctx, tx, p.Person, stored)
		if err != nil {
			return err
		}
		p.Blocks = append(p.Blocks, b)
	}
	p.version = number
	return updateHead(ctx, tx, *p)
}

// found gives a stored block with the badges and the file that are still there.
func found(ctx context.Context, d db.DB, person int64, s Stored) (Block, error) {
	b := Block{Words: s.Words, ID: s.ID, Kind: s.Kind}
	var err error
	if s.File != "" {
		if b.File, err = findFile(ctx, d, person, s.File); err != nil && !errors.Is(err, db.ErrNotFound) {
			return b, err
		}
	}
	for _, id := range s.Badges {
		r, err := findBadge(ctx, d, person, id)
		if errors.Is(err, db.ErrNotFound) || slices.Contains(b.Badges, r) {
			continue
		}
		if err != nil {
			return b, err
		}
		b.Badges = append(b.Badges, r)
	}
	return b, nil
}

// Undo goes back to the state before the one that is shown, and Redo to the last
// one that came of it. They return a fault Conflict when there is none.
func (s *Pages) Undo(ctx context.Context, person int64, publicID string) error {
	return s.step(ctx, person, publicID, func(ctx context.Context, d db.DB, p Page) (int, error) {
		v, err := getVersion(ctx, d, p.ID, p.version)
		return v.Parent, err
	})
}

// Redo ends an Undo.
func (s *Pages) Redo(ctx context.Context, person int64, publicID string) error {
	return s.step(ctx, person, publicID, func(ctx context.Context, d db.DB, p Page) (int, error) {
		return newestChild(ctx, d, p.ID, p.version)
	})
}

func (s *Pages) step(ctx context.Context, person int64, publicID string, to func(context.Context, db.DB, Page) (int, error)) error {
	_, err := s.alter(ctx, person, publicID, change{do: func(ctx context.Context, tx *db.Tx, p *Page) error {
		number, err := to(ctx, tx, *p)
		if err != nil {
			return err
		}
		if there, err := hasVersion(ctx, tx, p.ID, number); err != nil || !there {
			return errors.Join(err, fault.New(fault.Conflict, "page.error.no_step").At("/pages/"+p.PublicID+"/edit"))
		}
		return s.revert(ctx, tx, p, number)
	}})
	return err
}

// Steps tells whether there is something to undo and to redo.
func (s *Pages) Steps(ctx context.Context, p Page) (undo, redo bool, err error) {
	v, err := getVersion(ctx, s.Base.Read(), p.ID, p.version)
	if err != nil {
		return false, false, err
	}
	if undo, err = hasVersion(ctx, s.Base.Read(), p.ID, v.Parent); err != nil {
		return false, false, err
	}
	next, err := newestChild(ctx, s.Base.Read(), p.ID, p.version)
	return undo, next > 0, err
}

// History gives the states that are kept, the newest first.
func (s *Pages) History(ctx context.Context, p Page) ([]Version, error) {
	return listVersions(ctx, s.Base.Read(), p.ID)
}
