package detail

import (
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// StatisticsPage is the page "detail/statistics": all badges of a person in numbers.
type StatisticsPage struct {
	Badges, Shown             int
	States                    []StateRow
	Cheers, Comments, Vouched int
	Members, Visitors         int
	Last                      time.Time
	Weeks                     []badge.WeekView
	Most                      int // views of the week with the most
	MostSeen                  []SeenRow
	Issuers                   []badge.Option
}

// StateRow is how many badges have a verdict, and where they are listed.
type StateRow struct {
	State, URL string
	N          int
}

// SeenRow is a badge with its views.
type SeenRow struct {
	Name, URL string
	N         int
}

// Meta titles the page.
func (StatisticsPage) Meta() web.Meta {
	return web.Meta{Title: "detail.statistics.title", NoIndex: true}
}

func (p pages) statistics(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	s, err := p.StatisticsOf(ctx, me)
	if err != nil {
		return err
	}
	page := StatisticsPage{
		Badges: s.Badges, Shown: s.Shown, Cheers: s.Cheers, Comments: s.Comments, Vouched: s.Vouched,
		Members: s.Views.Members, Visitors: s.Views.Visitors, Last: s.Last,
	}
	for _, state := range s.States {
		page.States = append(page.States, StateRow{State: state.Key, URL: badge.PathWith("/badges", "state", state.Key), N: state.N})
	}
	page.Weeks, page.Most = weekViews(s.Views)
	for _, b := range s.MostSeen {
		page.MostSeen = append(page.MostSeen, SeenRow{Name: b.Name, URL: "/b/" + b.Key, N: b.N})
	}
	issuers, err := p.Badges.MyIssuers(ctx, me)
	if err != nil {
		return err
	}
	for _, i := range issuers {
		page.Issuers = append(page.Issuers, badge.Option{ID: i.PublicID, Name: i.Name, Count: i.Count})
	}
	return c.Render("detail/statistics", page)
}

func weekViews(v Views) (list []badge.WeekView, most int) {
	for _, w := range v.Weeks {
		list = append(list, badge.WeekView{From: w.From, Members: w.Members, Visitors: w.Visitors, Views: w.Members + w.Visitors})
		most = max(most, w.Members+w.Visitors)
	}
	return list, most
}
