package gallery

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/web"
)

// IssuerItem is an issuer with how often its badges are shown.
type IssuerItem struct {
	badge.IssuerView

	Badges int
}

// SkillItem is a skill or tag with how many badges stand for it.
type SkillItem struct {
	Name, URL string
	Family    string // esco, case, ctdl, other, tag
	Framework string // as its issuer calls it

	Badges int
}

// result is what was found of one kind.
type result struct {
	Classes   []badge.ClassView
	People    []feed.Suggestion
	Issuers   []IssuerItem
	Skills    []SkillItem
	Pages     []PageItem
	Corrected string // the words that were looked for in place of the mistyped ones
	next      string // cursor of the next page
}

func (r result) empty() bool {
	return len(r.Classes)+len(r.People)+len(r.Issuers)+len(r.Skills)+len(r.Pages) == 0
}

// find adds a page of what is found to r. Words that nothing holds are corrected.
func (g *Gallery) find(c *web.Ctx, f finding, r *result) error {
	f.level = level(c.Viewer().Person)
	ids, next, err := find(c.Context(), g.base.Read(), f)
	if err != nil {
		return err
	}
	if len(ids) == 0 && len(f.terms) > 0 && f.after == fromStart {
		return g.findCorrected(c, f, r)
	}
	r.next = next
	return g.read(c, f.kind, ids, r)
}

func (g *Gallery) findCorrected(c *web.Ctx, f finding, r *result) error {
	terms, err := f.together.correct(c.Context(), g.base.Read(), f)
	if err != nil || terms == nil {
		return err
	}
	f.terms = terms
	ids, next, err := find(c.Context(), g.base.Read(), f)
	if err != nil {
		return err
	}
	if err := g.read(c, f.kind, ids, r); err != nil || r.empty() {
		return err
	}
	words := make([]string, 0, len(terms))
	for _, t := range terms {
		words = append(words, t[0].text)
	}
	r.Corrected = strings.Join(words, " ")
	if next != "" {
		r.next = next
	}
	return nil
}

// read makes the views of documents, in their order, as far as the viewer may find
// them.
func (g *Gallery) read(c *web.Ctx, kind string, ids []int64, r *result) error {
	if len(ids) == 0 {
		return nil
	}
	ctx, viewer := c.Context(), c.Viewer().Person
	switch kind {
	case kindClass:
		return g.readClasses(ctx, viewer, ids, r)
	case kindPerson:
		return g.readPeople(c, ids, r)
	case kindIssuer:
		return g.readIssuers(ctx, viewer, ids, r)
	case kindSkill:
		return g.readSkills(ctx, viewer, ids, r)
	case kindPage:
		return g.readPages(c, ids, r)
	}
	return nil
}

func (g *Gallery) readClasses(ctx context.Context, viewer int64, ids []int64, r *result) error {
	rows, err := readClasses(ctx, g.base.ReadPlanned(), viewer, ids)
	for _, row := range inOrder(ids, rows, func(c classRow) int64 { return c.doc }) {
		r.Classes = append(r.Classes, row.class.View())
	}
	return err
}

func (g *Gallery) readPeople(c *web.Ctx, ids []int64, r *result) error {
	return g.readPeopleWith(c, ids, nil, r)
}

// readPeopleWith adds people, with how many badges each has in common with the viewer.
func (g *Gallery) readPeopleWith(c *web.Ctx, ids []int64, shared map[int64]int, r *result) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := readPeople(c.Context(), g.base.ReadPlanned(), c.Viewer().Person, ids)
	if err != nil {
		return err
	}
	for _, p := range inOrder(ids, rows, func(p person) int64 { return p.doc }) {
		if p.id == c.Viewer().Person {
			continue
		}
		follow, err := g.social.PersonFollow(c, p.id, p.handle)
		if err != nil {
			return err
		}
		r.People = append(r.People, feed.Suggestion{Person: badge.PersonView(p.handle, p.name, p.picture), Badges: p.badges, Common: shared[p.id], Follow: follow})
	}
	return nil
}

func (g *Gallery) readIssuers(ctx context.Context, viewer int64, ids []int64, r *result) error {
	rows, err := readIssuers(ctx, g.base.ReadPlanned(), viewer, ids)
	for _, i := range inOrder(ids, rows, func(i issuerRow) int64 { return i.doc }) {
		r.Issuers = append(r.Issuers, IssuerItem{IssuerView: i.issuer.View(), Badges: i.badges})
	}
	return err
}

func (g *Gallery) readSkills(ctx context.Context, viewer int64, ids []int64, r *result) error {
	rows, err := readSkills(ctx, g.base.ReadPlanned(), viewer, ids)
	for _, f := range inOrder(ids, rows, func(f facetView) int64 { return f.doc }) {
		r.Skills = append(r.Skills, f.skill())
	}
	return err
}

// inOrder gives rows in the order of their documents' ids.
func inOrder[T any](ids []int64, rows []T, doc func(T) int64) []T {
	at := make(map[int64]T, len(rows))
	for _, row := range rows {
		at[doc(row)] = row
	}
	out := make([]T, 0, len(rows))
	for _, id := range ids {
		if row, ok := at[id]; ok {
			out = append(out, row)
		}
	}
	return out
}
