package social

import (
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// EventView is one event as pages show it; core/feed fills it.
type EventView struct {
	ID, Verb string
	Actor    badge.Person
	At       time.Time
	Badge    badge.Card
	Class    badge.ClassView
	Person   badge.Person
	Page     PageLink
	Comment  string
	URL      string
}

// PageLink leads to a page.
type PageLink struct{ Title, URL string }

// CommentView is one comment as pages show it.
type CommentView = badge.Remark

// commentViews makes the views of comments. Who holds what is talked about, and
// administrators, may delete any.
func commentViews(list []Comment, me web.Viewer, mine bool) []CommentView {
	out := []CommentView{}
	for _, m := range list {
		v := CommentView{
			ID: m.PublicID, Author: badge.PersonView(m.Author.Handle, m.Author.Name, m.Author.Picture), Text: m.Body, At: m.CreatedAt,
			Own: me.SignedIn() && m.Author.ID == me.Person,
		}
		if v.Own || mine || me.Admin() {
			v.DeleteURL = "/comments/" + m.PublicID + "/remove"
		}
		out = append(out, v)
	}
	return out
}

// Year is a part of a profile: the badges issued in one year, 0 for undated ones.
type Year struct {
	Year  int
	Cards []badge.Card
}

// byYear groups badges, the newest year first and undated ones last.
func byYear(list []badge.Card) []Year {
	var years []Year
	var undated []badge.Card
	index := map[int]int{}
	for _, c := range list {
		if c.IssuedAt.IsZero() {
			undated = append(undated, c)
			continue
		}
		y := c.IssuedAt.Year()
		at, ok := index[y]
		if !ok {
			at = len(years)
			index[y] = at
			years = append(years, Year{Year: y})
		}
		years[at].Cards = append(years[at].Cards, c)
	}
	sortYears(years)
	if len(undated) > 0 {
		years = append(years, Year{Cards: undated})
	}
	return years
}
