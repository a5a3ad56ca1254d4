package badge

import (
	"strings"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const calendarMost = 500 // badges of a calendar

// CalendarPage is the page "badge/calendar": when badges expire.
type CalendarPage struct {
	Months []Month
	Feed   string // address for calendar programs, "" without one
}

// Month is the badges that expire in one month.
type Month struct {
	At    time.Time
	Past  bool
	Cards []Card
}

// Meta titles the page.
func (CalendarPage) Meta() web.Meta { return web.Meta{Title: "shelf.calendar.title", NoIndex: true} }

func (p *Pages) calendar(c *web.Ctx) error {
	me := c.Viewer().Person
	list, err := p.badges.Expiring(c.Context(), me, calendarMost)
	if err != nil {
		return err
	}
	var page CalendarPage
	for _, b := range list {
		month := time.Date(b.ExpiresAt.Year(), b.ExpiresAt.Month(), 1, 0, 0, 0, 0, time.UTC)
		past := b.ExpiresAt.Before(c.Now())
		if n := len(page.Months); n == 0 || !page.Months[n-1].At.Equal(month) || page.Months[n-1].Past != past {
			page.Months = append(page.Months, Month{At: month, Past: past})
		}
		last := &page.Months[len(page.Months)-1]
		last.Cards = append(last.Cards, NewCard(b, me, c.Now()))
	}
	if page.Feed, err = p.badges.FeedURL(c.Context(), me); err != nil {
		return err
	}
	return c.Render("badge/calendar", page)
}

// changeCalendar makes the address for calendar programs, makes another one, or
// ends it.
func (p *Pages) changeCalendar(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	switch me := c.Viewer().Person; form.Get("action") {
	case "make":
		err = p.badges.MakeFeed(c.Context(), me)
		c.Flash(web.Done, "shelf.flash.feed_made")
	case "end":
		err = p.badges.EndFeed(c.Context(), me)
		c.Flash(web.Done, "shelf.flash.feed_ended")
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	return c.Redirect("/badges/calendar")
}

// calendarFile is the calendar for programs: who has its address reads it.
func (p *Pages) calendarFile(c *web.Ctx) error {
	if err := c.Limit("calendar", c.Network(), 120, 10*time.Minute); err != nil {
		return err
	}
	token, ok := strings.CutSuffix(c.Param("token"), ".ics")
	if !ok {
		return fault.New(fault.NotFound, "shelf.error.calendar")
	}
	person, lang, err := p.badges.feedOwner(c.Context(), token)
	if err != nil {
		return err
	}
	list, err := p.badges.Expiring(c.Context(), person, calendarMost)
	if err != nil {
		return err
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	if lang == "" {
		lang = c.Lang()
	}
	say := func(key string, args ...any) string { return c.Catalogue().T(lang, key, args...) }
	file := calendar{Name: say("shelf.calendar.name", "site", site.Name)}
	host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(c.URL("/"), "https://"), "http://"), "/")
	for _, b := range list {
		file.Events = append(file.Events, calendarDay{
			UID: "expiry-" + b.PublicID + "@" + host, Stamp: b.VerifiedAt, Day: b.ExpiresAt.UTC(), URL: c.URL("/b/" + b.PublicID),
			Summary: say("shelf.calendar.event", "name", b.Class.Name), Text: say("shelf.calendar.issuer", "issuer", b.Class.Issuer.Name),
		})
	}
	return c.Bytes("text/calendar; charset=utf-8", file.write(), web.ByteOptions{CSP: web.FilePolicy})
}
