package profile

import (
	"context"
	"slices"
	"strconv"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

// The parts that every profile has, in the order in which they stand unless a person
// moves them.
const (
	PartPinned = "pinned"
	PartSkills = "skills"
	PartBadges = "badges"
	PartLately = "lately"
)

// The kinds of showcases: badges with a tag of the person's, in a collection of theirs,
// or chosen one by one.
const (
	ByTag        = "tag"
	ByCollection = "collection"
	ByChoice     = "chosen"
)

const (
	showcasesMost = 12 // of one profile
	showcaseMost  = 60 // badges of one showcase
	titleRunes    = 80
)

var (
	parts     = []string{PartPinned, PartSkills, PartBadges, PartLately}
	showcases = []string{ByTag, ByCollection, ByChoice}
)

// Block is a part of a profile. A showcase says which badges stand in it; who sees
// them is as it is, and nothing becomes public by standing there.
type Block struct {
	Name   string // what addresses call it
	Kind   string
	Title  string // of a showcase
	Of     string // folded tag or public id of a collection
	Hidden bool
}

// Showcase reports whether the block is one that the person made.
func (b Block) Showcase() bool { return slices.Contains(showcases, b.Kind) }

// Shown is a part of a profile as a viewer sees it.
type Shown struct {
	Kind, Title string
	Badges      []badge.Badge
}

// Layout gives the parts of a person's profile in their order, with those that are
// hidden.
func (s *Profiles) Layout(ctx context.Context, d db.DB, person int64) ([]Block, error) {
	list, err := blocksOf(ctx, d, person)
	return completed(list), err
}

// completed adds the parts that a person has not arranged, in their usual place.
func completed(list []Block) []Block {
	for i, kind := range parts {
		if slices.ContainsFunc(list, func(b Block) bool { return b.Name == kind }) {
			continue
		}
		at := 0
		if i > 0 {
			at = 1 + slices.IndexFunc(list, func(b Block) bool { return b.Name == parts[i-1] })
		}
		list = slices.Insert(list, at, Block{Name: kind, Kind: kind})
	}
	return list
}

// shown gives the parts that a viewer sees.
func (s *Profiles) shown(ctx context.Context, d db.DB, viewer, person int64) ([]Shown, error) {
	list, err := s.Layout(ctx, d, person)
	if err != nil {
		return nil, err
	}
	var out []Shown
	for _, b := range list {
		if b.Hidden {
			continue
		}
		part := Shown{Kind: b.Kind, Title: b.Title}
		if b.Showcase() {
			if part.Badges, err = s.inShowcase(ctx, d, viewer, person, b); err != nil {
				return nil, err
			}
			if len(part.Badges) == 0 {
				continue
			}
		}
		out = append(out, part)
	}
	return out, nil
}

// inShowcase gives the badges of a showcase that the viewer sees on the profile.
func (s *Profiles) inShowcase(ctx context.Context, d db.DB, viewer, person int64, b Block) ([]badge.Badge, error) {
	list, err := s.allIn(ctx, d, viewer, person, b)
	return slices.DeleteFunc(list, func(b badge.Badge) bool { return b.Visibility != badge.Members && b.Visibility != badge.Public }), err
}

func (s *Profiles) allIn(ctx context.Context, d db.DB, viewer, person int64, b Block) ([]badge.Badge, error) {
	pick := badge.Pick{Limit: showcaseMost}
	switch b.Kind {
	case ByTag:
		pick.Tag = b.Of
	case ByCollection:
		pick.Collection = b.Of
	default:
		var err error
		if pick.IDs, err = blockBadges(ctx, d, person, b.Name); err != nil {
			return nil, err
		}
	}
	return s.Badges.Picked(ctx, viewer, person, pick)
}

// change keeps what f makes of the parts of a person's profile.
func (s *Profiles) changeLayout(ctx context.Context, person int64, f func(tx *db.Tx, list []Block) ([]Block, error)) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := s.Layout(ctx, tx, person)
		if err != nil {
			return err
		}
		if list, err = f(tx, list); err != nil {
			return err
		}
		return replaceBlocks(ctx, tx, person, list)
	})
}

// changeBlock keeps what f makes of one part. It returns a fault NotFound where there
// is none of that name.
func (s *Profiles) changeBlock(ctx context.Context, person int64, name string, f func(tx *db.Tx, list []Block, at int) ([]Block, error)) error {
	return s.changeLayout(ctx, person, func(tx *db.Tx, list []Block) ([]Block, error) {
		at := slices.IndexFunc(list, func(b Block) bool { return b.Name == name })
		if at < 0 {
			return nil, errNoBlock()
		}
		return f(tx, list, at)
	})
}

func errNoBlock() error {
	return fault.New(fault.NotFound, "profile.error.block").At("/settings/layout")
}

// MoveBlock moves a part by some places, as far as there are.
func (s *Profiles) MoveBlock(ctx context.Context, person int64, name string, by int) error {
	return s.changeBlock(ctx, person, name, func(_ *db.Tx, list []Block, at int) ([]Block, error) {
		b, to := list[at], min(max(at+by, 0), len(list)-1)
		return slices.Insert(slices.Delete(list, at, at+1), to, b), nil
	})
}

// HideBlock takes a part off the profile, or shows it again.
func (s *Profiles) HideBlock(ctx context.Context, person int64, name string, hidden bool) error {
	return s.changeBlock(ctx, person, name, func(_ *db.Tx, list []Block, at int) ([]Block, error) {
		list[at].Hidden = hidden
		return list, nil
	})
}

// AddShowcase puts a showcase before all badges and gives its name. It returns a fault
// Invalid for a title that is none or of nothing that the person has, and Conflict
// where there are enough.
func (s *Profiles) AddShowcase(ctx context.Context, person int64, in Block) (string, error) {
	b, err := s.parseShowcase(ctx, person, in)
	if err != nil {
		return "", err
	}
	b.Name = secret.ID()
	return b.Name, s.changeLayout(ctx, person, func(_ *db.Tx, list []Block) ([]Block, error) {
		n, at := 0, 0
		for i, o := range list {
			if o.Showcase() {
				n++
			}
			if o.Name == PartBadges {
				at = i
			}
		}
		if n >= showcasesMost {
			return nil, fault.New(fault.Conflict, "profile.error.showcases").With("n", strconv.Itoa(showcasesMost)).At("/settings/layout")
		}
		return slices.Insert(list, at, b), nil
	})
}

// ChangeShowcase gives a showcase another title.
func (s *Profiles) ChangeShowcase(ctx context.Context, person int64, name, title string) error {
	title, err := parseTitle(title)
	if err != nil {
		return err
	}
	return s.changeBlock(ctx, person, name, func(_ *db.Tx, list []Block, at int) ([]Block, error) {
		if !list[at].Showcase() {
			return nil, errNoBlock()
		}
		list[at].Title = title
		return list, nil
	})
}

// RemoveShowcase takes a showcase away; its badges stay.
func (s *Profiles) RemoveShowcase(ctx context.Context, person int64, name string) error {
	return s.changeBlock(ctx, person, name, func(tx *db.Tx, list []Block, at int) ([]Block, error) {
		if !list[at].Showcase() {
			return nil, errNoBlock()
		}
		return slices.Delete(list, at, at+1), replaceBlockBadges(ctx, tx, person, name, nil)
	})
}

func parseTitle(title string) (string, error) {
	title, ok := text.CleanLine(title, titleRunes)
	if !ok || title == "" {
		return "", fault.New(fault.Invalid, "profile.error.title").With("n", strconv.Itoa(titleRunes))
	}
	return title, nil
}

func (s *Profiles) parseShowcase(ctx context.Context, person int64, in Block) (Block, error) {
	title, err := parseTitle(in.Title)
	if err != nil {
		return in, err
	}
	in.Title, in.Hidden = title, false
	switch in.Kind {
	case ByTag:
		if in.Of = db.Fold(in.Of); in.Of == "" {
			return in, fault.New(fault.Invalid, "profile.error.of")
		}
		return in, nil
	case ByCollection:
		_, err := s.Badges.CollectionByID(ctx, person, in.Of)
		return in, err
	case ByChoice:
		in.Of = ""
		return in, nil
	}
	return in, fault.New(fault.Invalid, "profile.error.of")
}

// Choose puts a badge of the person's own into a showcase of chosen ones, or takes it
// out.
func (s *Profiles) Choose(ctx context.Context, person int64, name, publicID string, in bool) error {
	return s.changeChosen(ctx, person, name, publicID, func(list []int64, id int64) ([]int64, error) {
		list = slices.DeleteFunc(list, func(o int64) bool { return o == id })
		switch {
		case !in:
			return list, nil
		case len(list) >= showcaseMost:
			return nil, fault.New(fault.Conflict, "profile.error.showcase_full").With("n", strconv.Itoa(showcaseMost)).At("/settings/layout/" + name)
		}
		return append(list, id), nil
	})
}

// MoveChosen moves a badge of a showcase by some places, as far as there are.
func (s *Profiles) MoveChosen(ctx context.Context, person int64, name, publicID string, by int) error {
	return s.changeChosen(ctx, person, name, publicID, func(list []int64, id int64) ([]int64, error) {
		at := slices.Index(list, id)
		if at < 0 {
			return list, nil
		}
		return slices.Insert(slices.Delete(list, at, at+1), min(max(at+by, 0), len(list)-1), id), nil
	})
}

func (s *Profiles) changeChosen(ctx context.Context, person int64, name, publicID string, f func([]int64, int64) ([]int64, error)) error {
	b, err := s.Badges.Mine(ctx, person, publicID)
	if err != nil {
		return err
	}
	return s.changeBlock(ctx, person, name, func(tx *db.Tx, blocks []Block, at int) ([]Block, error) {
		if blocks[at].Kind != ByChoice {
			return nil, errNoBlock()
		}
		list, err := blockBadges(ctx, tx, person, name)
		if err != nil {
			return nil, err
		}
		if list, err = f(list, b.ID); err != nil {
			return nil, err
		}
		return blocks, replaceBlockBadges(ctx, tx, person, name, list)
	})
}

// Style is the look that a person chose for their profile, "" for the theme's own.
func (s *Profiles) Style(ctx context.Context, d db.DB, person int64) (string, error) {
	return styleOf(ctx, d, person)
}

// SetStyle keeps it. It returns a fault Invalid for a look that the theme has not.
func (s *Profiles) SetStyle(ctx context.Context, person int64, style string) error {
	looks, err := s.Styles("")
	if err != nil {
		return err
	}
	switch i := slices.IndexFunc(looks, func(l Look) bool { return l.ID == style }); {
	case i < 0:
		return fault.New(fault.Invalid, "profile.error.style")
	case i == 0:
		style = "" // the theme's own
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return upsertStyle(ctx, tx, person, style) })
}

func (s *Profiles) knowsStyle(style string) bool {
	list, err := s.Styles("")
	return err == nil && slices.ContainsFunc(list, func(l Look) bool { return l.ID == style })
}

// Look is a look that people choose for what is theirs.
type Look struct{ ID, Name string }
