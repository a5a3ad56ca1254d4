package badge

import (
	"context"
	"slices"
	"time"
)

// Use is a place outside this list that shows a badge to others, or leads to it:
// it breaks when the badge is made private. Its words are the message
// shelf.use.<Kind> with Name.
type Use struct {
	Kind string // link, share or page
	Name string
	URL  string // may be empty
	At   time.Time
}

// Uses gives where the badges of a person are shown, by their public ids,
// named in a language.
// Features that show badges elsewhere answer.
type Uses func(ctx context.Context, person int64, lang string) (map[string][]Use, error)

// AddUses adds one who knows where badges are shown. It is called before the site
// serves.
func (s *Badges) AddUses(f Uses) { s.uses = append(s.uses, f) }

// UsesOf gives what leads to some of the person's badges, the newest first, each once.
func (s *Badges) UsesOf(ctx context.Context, person int64, ids []string, lang string) ([]Use, error) {
	var list []Use
	for _, f := range append([]Uses{s.linkUses}, s.uses...) {
		of, err := f(ctx, person, lang)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			for _, u := range of[id] {
				if !slices.Contains(list, u) {
					list = append(list, u)
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Use) int { return b.At.Compare(a.At) })
	return list, nil
}

// linkUses are the secret links that somebody may have.
func (s *Badges) linkUses(ctx context.Context, person int64, _ string) (map[string][]Use, error) {
	links, err := listLinks(ctx, s.Base.Read(), person)
	if err != nil {
		return nil, err
	}
	of := map[string][]Use{}
	for _, l := range links {
		of[l.Badge.PublicID] = append(of[l.Badge.PublicID], Use{Kind: "link", Name: l.Badge.Class.Name, At: l.Badge.LinkAt})
	}
	return of, nil
}
