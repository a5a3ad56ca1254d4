package gallery

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// SkillsPage is the page "gallery/skills".
type SkillsPage struct {
	Query  string
	Family string // the framework that is listed, "" for the skills of most badges

	Families     []Family
	Skills       []SkillItem
	Corrected    string
	Older, Newer string
	FeedOpen     bool
}

// Family is a framework with the address of its list.
type Family struct {
	Family, URL string

	Current bool
}

// Meta titles the page.
func (p SkillsPage) Meta() web.Meta {
	return web.Meta{Title: "gallery.skills.title", Canonical: "/skills", NoIndex: !p.FeedOpen || p.Query != ""}
}

var schemes = []string{badge.SchemeESCO, badge.SchemeCASE, badge.SchemeCTDL, badge.SchemeOther, badge.SchemeTag}

// skills is the index of what badges stand for: those that most badges stand for
// first, or those of one framework by name.
func (g *Gallery) skills(c *web.Ctx) error {
	page := SkillsPage{Query: clip(strings.TrimSpace(c.Query("q")), queryMax), Family: c.Query("scheme")}
	var err error
	if page.FeedOpen, err = open(c); err != nil || !page.FeedOpen {
		return errors.Join(err, c.Render("gallery/skills", page))
	}
	if err := g.addSchemes(c, &page); err != nil {
		return err
	}
	if page.Family != "" {
		err = g.addOfScheme(c, &page)
	} else {
		err = g.addSkills(c, &page)
	}
	if err != nil {
		return err
	}
	return c.Render("gallery/skills", page)
}

// addSchemes offers the frameworks that there are skills of.
func (g *Gallery) addSchemes(c *web.Ctx, page *SkillsPage) error {
	viewer := c.Viewer().Person
	known := false
	for _, s := range schemes {
		first, err := listSkills(c.Context(), g.base.ReadPlanned(), viewer, shelf{scheme: s}, 1)
		if err != nil {
			return err
		}
		if len(first) == 0 {
			continue
		}
		known = known || s == page.Family
		page.Families = append(page.Families, Family{Family: s, URL: badge.PathWith("/skills", "scheme", s), Current: s == page.Family})
	}
	if !known {
		page.Family = ""
	}
	return nil
}

func (g *Gallery) addSkills(c *web.Ctx, page *SkillsPage) error {
	f := finding{kind: kindSkill, terms: termsOf(page.Query), after: cursorOf(c.Query("after"))}
	if page.Query != "" && len(f.terms) == 0 {
		return nil
	}
	var r result
	if err := g.find(c, f, &r); err != nil {
		return err
	}
	page.Skills, page.Corrected = r.Skills, r.Corrected
	if r.next != "" {
		page.Older = badge.PathWith("/skills", "q", page.Query, "after", r.next)
	}
	if f.after != fromStart {
		page.Newer = badge.PathWith("/skills", "q", page.Query)
	}
	return nil
}

const schemeSize = 60

func (g *Gallery) addOfScheme(c *web.Ctx, page *SkillsPage) error {
	id, name, _ := strings.Cut(c.Query("from"), ".")
	after, err := strconv.ParseInt(id, 36, 64)
	if err != nil || after < 0 {
		after, name = 0, ""
	}
	list, err := listSkills(c.Context(), g.base.ReadPlanned(), c.Viewer().Person, shelf{page.Family, name, after}, schemeSize+1)
	if err != nil {
		return err
	}
	here := badge.PathWith("/skills", "scheme", page.Family)
	if len(list) > schemeSize {
		list = list[:schemeSize]
		last := list[schemeSize-1]
		page.Older = badge.PathWith("/skills", "scheme", page.Family, "from", strconv.FormatInt(last.id, 36)+"."+db.Fold(last.label))
	}
	if name != "" {
		page.Newer = here
	}
	for _, f := range list {
		page.Skills = append(page.Skills, f.skill())
	}
	return nil
}

func (f facetView) details() skillDetail {
	var d skillDetail
	if f.detail != "" && json.Unmarshal([]byte(f.detail), &d) != nil {
		return skillDetail{}
	}
	return d
}

// skill makes the view of a skill or tag in a list.
func (f facetView) skill() SkillItem {
	return SkillItem{Name: f.label, URL: "/skills/" + f.publicID, Family: f.scheme, Framework: f.details().Framework, Badges: f.count}
}

// SkillPage is the page "gallery/skill".
type SkillPage struct {
	SkillItem

	Code, Text, Website string
	Classes             []badge.ClassView
	ExploreURL          string
	Older, Newer        string
	FeedOpen            bool
}

// Meta titles the page.
func (p SkillPage) Meta() web.Meta {
	return web.Meta{Title: p.Name, Description: text.Plain(p.Text, 155), Canonical: p.URL, NoIndex: !p.FeedOpen}
}

// skill shows the badges that stand for a skill.
func (g *Gallery) skill(c *web.Ctx) error {
	unknown := fault.New(fault.NotFound, "gallery.error.skill")
	site, err := c.Site()
	if err != nil {
		return err
	}
	viewer := c.Viewer().Person
	if !site.Explore && viewer == visitor {
		return unknown
	}
	f, err := getSkill(c.Context(), g.base.ReadPlanned(), viewer, c.Param("id"))
	if errors.Is(err, db.ErrNotFound) {
		return unknown
	}
	if err != nil {
		return err
	}
	d := f.details()
	page := SkillPage{SkillItem: f.skill(), Code: d.Code, Text: d.Text, FeedOpen: site.Explore}
	page.ExploreURL = badge.PathWith("/explore", "tab", "badges", f.kind, f.value)
	if u, ok := text.SafeURL(d.URL); ok {
		page.Website = u
	}
	var r result
	after := cursorOf(c.Query("after"))
	if err := g.find(c, finding{kind: kindClass, facets: []int64{f.id}, after: after}, &r); err != nil {
		return err
	}
	page.Classes = r.Classes
	if r.next != "" {
		page.Older = badge.PathWith(page.URL, "after", r.next)
	}
	if after != fromStart {
		page.Newer = page.URL
	}
	return c.Render("gallery/skill", page)
}
