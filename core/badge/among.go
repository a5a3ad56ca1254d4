package badge

import (
	"context"
	"slices"
	"strings"
	"sync"

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

// skillsKept are the skills of classes that were looked at lately: a class is what its
// content says and does not change.
type skillsKept struct {
	mu sync.Mutex
	m  map[int64][]namedSkill
}

// namedSkill is a skill of a class and what it counts as one with.
type namedSkill struct {
	Skill

	key string
}

const classesKept = 10_000

func (k *skillsKept) of(ctx context.Context, d db.DB, class int64) ([]namedSkill, error) {
	k.mu.Lock()
	list, ok := k.m[class]
	k.mu.Unlock()
	if ok {
		return list, nil
	}
	found, err := alignmentsOf(ctx, d, class)
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		key := db.Fold(strings.TrimSpace(a.Name))
		if key != "" && !slices.ContainsFunc(list, func(s namedSkill) bool { return s.key == key }) {
			list = append(list, namedSkill{skillOf(a), key})
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.m) >= classesKept || k.m == nil {
		k.m = make(map[int64][]namedSkill)
	}
	k.m[class] = list
	return list, nil
}

// SkillsShown gives the skills that the badges name which the viewer sees on a
// person's profile, those of most badges first. A badge counts once for each.
func (s *Badges) SkillsShown(ctx context.Context, d db.DB, viewer, person int64, most int) ([]Skill, error) {
	classes, err := classesShown(ctx, d, viewer, person, skillBadges)
	if err != nil {
		return nil, err
	}
	var out []Skill
	at := map[string]int{}
	for _, class := range classes {
		list, err := s.skills.of(ctx, d, class)
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			i, ok := at[n.key]
			if !ok {
				i = len(out)
				at[n.key] = i
				out = append(out, n.Skill)
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
