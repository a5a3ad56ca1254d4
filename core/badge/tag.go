package badge

import (
	"context"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/text"
)

const (
	tagRunes = 60 // of one tag
	tagsMost = 30 // of one badge
)

// Tag is a word of the holder's own for some of their badges. Nobody else sees
// it beside a badge; what the holder arranges by it shows the badges alone.
type Tag struct {
	Name   string
	Folded string // as it is compared and as an address names it
	Count  int    // of the person's badges
}

// readTags reads tags as people write them: separated by commas or lines, with or
// without a "#". The same word twice, in whatever case and accents, is one tag.
func readTags(s string) ([]Tag, error) {
	var list []Tag
	seen := map[string]bool{}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '，' || r == '、' }) {
		name, ok := text.CleanLine(strings.TrimLeft(strings.TrimSpace(word), "#"), tagRunes)
		if !ok {
			return nil, fault.New(fault.Invalid, "shelf.error.tag").With("word", clip(strings.ToValidUTF8(word, "?"), 20))
		}
		folded := db.Fold(name)
		if folded == "" || seen[folded] {
			continue
		}
		seen[folded] = true
		list = append(list, Tag{Name: name, Folded: folded})
	}
	if len(list) > tagsMost {
		return nil, errTagsMost()
	}
	return list, nil
}

func errTagsMost() error {
	return fault.New(fault.Invalid, "shelf.error.tags").With("n", strconv.Itoa(tagsMost))
}

// Tags gives the tags of a person's badges with how many badges each has, in the
// order of their words.
func (s *Badges) Tags(ctx context.Context, person int64) ([]Tag, error) {
	return listTags(ctx, s.Base.Read(), person)
}

// AddTags tags a badge of the person's own with the words of a text. It returns a
// fault Invalid for a word that is none and for too many.
func (s *Badges) AddTags(ctx context.Context, person int64, publicID, words string) error {
	list, err := readTags(words)
	if err != nil {
		return err
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		b, err := lockMine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return addTags(ctx, tx, b.ID, list)
	})
}

// addTags keeps the words that a badge has already as they were written first.
func addTags(ctx context.Context, tx *db.Tx, badge int64, list []Tag) error {
	for _, t := range list {
		if err := insertTag(ctx, tx, badge, t); err != nil {
			return err
		}
	}
	has, err := listTagsOf(ctx, tx, badge)
	if err == nil && len(has) > tagsMost {
		err = errTagsMost()
	}
	return err
}

// RemoveTag takes a tag off a badge of the person's own.
func (s *Badges) RemoveTag(ctx context.Context, person int64, publicID, tag string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		b, err := lockMine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return deleteTag(ctx, tx, b.ID, db.Fold(tag))
	})
}

// arrange gives a badge that is brought back its tags and its places. Words that
// are none are left out: they are a stranger's file.
func arrange(ctx context.Context, tx *db.Tx, b Badge, w *wish) error {
	if w == nil {
		return nil
	}
	for _, word := range w.Tags {
		list, err := readTags(word)
		if err != nil {
			continue
		}
		if err := addTags(ctx, tx, b.ID, list); err != nil {
			return err
		}
	}
	for _, name := range w.Collections {
		c, err := makeCollection(ctx, tx, b.Person, name)
		if _, ok := fault.As(err); ok {
			continue
		}
		if err != nil {
			return err
		}
		if err := insertCollected(ctx, tx, c.ID, b.ID); err != nil {
			return err
		}
	}
	return nil
}
