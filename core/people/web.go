package people

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// Mount makes the routes of the pages of people. What changes who gets in, gives data
// away or removes it wants a fresh proof of identity.
func (p *People) Mount(r web.Router) {
	in := r.Group(web.Admin)
	in.Get("/admin/people", p.list)
	in.Get("/admin/people/:id", p.show)
	in.Post("/admin/people/:id", p.post)
	in.Get("/admin/record", p.record)
	fresh := r.Group(web.Admin, account.Fresh)
	fresh.Post("/admin/people.csv", p.download)
	fresh.Post("/admin/people/:id/role", p.postRole)
	fresh.Post("/admin/people/:id/disable", p.postDisable)
	fresh.Post("/admin/people/:id/enable", p.postEnable)
	fresh.Get("/admin/people/:id/remove", p.askRemove)
	fresh.Post("/admin/people/:id/remove", p.postRemove)
}

// peopleShown on a page.
const peopleShown = 50

// ListPage is the page "people/list".
type ListPage struct {
	Filter       Filter
	People       []PersonRow
	Countries    []Choice
	Providers    []Choice // of ways in
	Any          bool     // something is filtered
	Older, Newer string
}

// PersonRow is one person of the list.
type PersonRow struct {
	Person    badge.Person
	URL       string // of the person's page for administrators
	State     string
	Admin     bool
	Address   string
	Confirmed bool
	Country   string // its name
	Joined    time.Time
	Seen      time.Time // a day, zero for never
	Badges    int
}

// Choice is something to choose.
type Choice struct{ ID, Name string }

// Meta titles the page.
func (ListPage) Meta() web.Meta { return web.Meta{Title: "people.title", NoIndex: true} }

// filterOf reads a filter from what gives a field's value.
func (p *People) filterOf(c *web.Ctx, get func(string) string) Filter {
	f := Filter{
		Query: strings.TrimSpace(get("q")), State: get("state"), Role: get("role"), Country: get("country"), Way: get("way"), Order: get("sort"),
	}
	return f.known(func(code string) bool { return len(code) == 2 && c.Catalogue().Exists("country."+code) })
}

func (p *People) list(c *web.Ctx) error {
	f := p.filterOf(c, c.Query)
	found, after, err := p.List(c.Context(), f, c.Query("after"), peopleShown)
	if err != nil {
		return err
	}
	page := ListPage{Filter: f, Any: f.Any()}
	for _, x := range found {
		page.People = append(page.People, rowOf(c, x))
	}
	at := func(after string) string {
		return badge.PathWith("/admin/people", "q", f.Query, "state", f.State, "role", f.Role, "country", f.Country, "way", f.Way, "sort", f.Order, "after", after)
	}
	if after != "" {
		page.Older = at(after)
	}
	if c.Query("after") != "" {
		page.Newer = at("")
	}
	if page.Countries, err = p.countries(c); err != nil {
		return err
	}
	for _, id := range p.Accounts.ProviderIDs() {
		page.Providers = append(page.Providers, Choice{wayProvider + id, p.Accounts.ProviderName(id)})
	}
	return c.Render("people/list", page)
}

func rowOf(c *web.Ctx, f Found) PersonRow {
	row := PersonRow{
		Person: badge.PersonView(f.Handle, f.Name, f.Picture), URL: "/admin/people/" + f.PublicID, State: f.State, Admin: f.Role == account.RoleAdmin,
		Address: f.Address, Confirmed: f.Confirmed, Joined: f.Joined, Seen: f.Seen, Badges: f.Badges,
	}
	if f.Country != "" {
		row.Country = c.T("country." + f.Country)
	}
	return row
}

// countries are those that people live in, by their names.
func (p *People) countries(c *web.Ctx) ([]Choice, error) {
	codes, err := countriesOf(c.Context(), p.Base.Read())
	list := make([]Choice, 0, len(codes))
	for _, code := range codes {
		list = append(list, Choice{code, c.T("country." + code)})
	}
	slices.SortFunc(list, func(a, b Choice) int { return cmp.Compare(db.Fold(a.Name), db.Fold(b.Name)) })
	return list, err
}

// download sends the filtered list as CSV.
func (p *People) download(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := c.Limit("people.csv", strconv.FormatInt(c.Viewer().Person, 10), 30, time.Hour); err != nil {
		return err
	}
	if err := p.noteList(c.Context(), Actor{c.Viewer().Person}); err != nil {
		return err
	}
	name := "people-" + c.Now().Format(time.DateOnly) + ".csv"
	return c.StreamFrom("text/csv; charset=utf-8; header=present", name, -1, p.Table(c.Context(), p.filterOf(c, form.Get)))
}
