package badge

import (
	"context"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
)

// amongMost is how many badges ShownAmong and MineAmong look for.
const amongMost = 6

// skillBadges are the newest badges of a person whose alignments count as skills.
const skillBadges = 500

// ShownAmong gives those of a person's badges with the ids, six at most, that the
// viewer sees on the person's profile, in the order of the ids, as cards show them.
func (s *Badges) ShownAmong(ctx context.Context, d db.DB, viewer, person int64, ids []int64) ([]Badge, error) {
	return among(ids, func(six []any) ([]Badge, error) { return listShownAmong(ctx, d, viewer, person, six) })
}

// MineAmong is ShownAmong for the holder, whoever else sees the badges.
func (s *Badges) MineAmong(ctx context.Context, person int64, ids []int64) ([]Badge, error) {
	return among(ids, func(six []any) ([]Badge, error) { return listMineAmong(ctx, s.Base.Read(), person, six) })
}

func among(ids []int64, list func(six []any) ([]Badge, error)) ([]Badge, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ids = ids[:min(len(ids), amongMost)]
	six := make([]any, amongMost)
	for i := range six {
		six[i] = ids[min(i, len(ids)-1)]
	}
	found, err := list(six)
	slices.SortFunc(found, func(a, b Badge) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return found, err
}

// Skill is what badges of a person are aligned with.
type Skill struct {
	Name, URL, Framework string // URL of the framework's own page, "" without a safe one
	Badges               int
}

// SkillsShown gives the skills that the badges name which the viewer sees on a
// person's profile, those of most badges first.
func (s *Badges) SkillsShown(ctx context.Context, d db.DB, viewer, person int64, most int) ([]Skill, error) {
	lists, err := alignmentsShown(ctx, d, viewer, person, skillBadges)
	if err != nil {
		return nil, err
	}
	var out []Skill
	at := map[string]int{}
	for _, list := range lists {
		named := map[string]bool{} // a badge counts once for each
		for _, a := range list {
			key := db.Fold(strings.TrimSpace(a.Name))
			if key == "" || named[key] {
				continue
			}
			named[key] = true
			i, ok := at[key]
			if !ok {
				i = len(out)
				at[key] = i
				out = append(out, skillOf(a))
			}
			out[i].Badges++
		}
	}
	slices.SortStableFunc(out, func(a, b Skill) int { return b.Badges - a.Badges })
	return out[:min(len(out), most)], nil
}

func skillOf(a openbadge.Alignment) Skill {
	return Skill{Name: strings.TrimSpace(a.Name), URL: safeURL(a.URL), Framework: a.Framework}
}
