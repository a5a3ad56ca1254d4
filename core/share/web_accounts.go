package share

import (
	"slices"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

// AccountsPage is the page "share/accounts": what is connected, and the order of
// the places to share to.
type AccountsPage struct {
	Accounts []AccountRow
	Places   []PlaceRow
	Hidden   []PlaceRow
	More     []PlaceRow // that could be connected; Name is the service alone
}

// AccountRow is one connected account.
type AccountRow struct {
	ID, Target, Service, Icon, Name, URL, State string
	Scopes                                      []string // in words
	Gone                                        bool     // its plugin is not there
	ConnectedAt, UsedAt                         time.Time
}

// PlaceRow is one place to share to.
type PlaceRow struct {
	ID, Name, Icon string
	First, Last    bool
}

// Meta titles the page.
func (AccountsPage) Meta() web.Meta { return web.Meta{Title: "share.accounts.title", NoIndex: true} }

func (s *Share) accountsPage(c *web.Ctx) error {
	me := c.Viewer().Person
	list, err := s.Accounts(c.Context(), me)
	if err != nil {
		return err
	}
	page := AccountsPage{}
	for _, a := range list {
		page.Accounts = append(page.Accounts, s.accountRow(c, a))
	}
	shown, hidden, err := s.order(c.Context(), me, s.Targets(c.Context(), sdk.ItemBadge, c.Lang()))
	if err != nil {
		return err
	}
	for i, t := range shown {
		row := placeRow(t)
		row.First, row.Last = i == 0, i == len(shown)-1
		page.Places = append(page.Places, row)
		info, err := s.targetInfo(t.ID)
		if err == nil && needsAccount(info) && t.Reason == nil && !slices.ContainsFunc(list, func(a Account) bool { return a.Target == t.ID }) {
			row.Name = t.Service
			page.More = append(page.More, row)
		}
	}
	for _, t := range hidden {
		page.Hidden = append(page.Hidden, placeRow(t))
	}
	return c.Render("share/accounts", page)
}

func placeRow(t Target) PlaceRow {
	row := PlaceRow{ID: t.ID, Name: nameOfTarget(t)}
	if t.Icon {
		plugin, name := cutTarget(t.ID)
		row.Icon = "/share/icons/" + plugin + "/" + name
	}
	return row
}

func (s *Share) accountRow(c *web.Ctx, a Account) AccountRow {
	row := AccountRow{
		ID: a.ID, Target: a.Target, Service: s.nameOf(a.Target, c.Lang()), Name: a.Name, URL: a.URL, State: a.State,
		ConnectedAt: a.ConnectedAt, UsedAt: a.UsedAt,
	}
	t, err := s.targetInfo(a.Target)
	row.Gone = err != nil
	if err == nil {
		row.Icon = iconOf(a.Target, t)
	}
	for _, scope := range a.Scopes {
		row.Scopes = append(row.Scopes, s.scopeWords(a.Target, c.Lang(), scope))
	}
	return row
}

// postAccount disconnects.
func (s *Share) postAccount(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if form.Get("do") != "disconnect" {
		return fault.New(fault.Malformed, "web.form")
	}
	me := c.Viewer().Person
	a, err := s.account(c.Context(), s.base.Read(), me, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Disconnect(c.Context(), me, a.ID); err != nil {
		return err
	}
	_, name := cutTarget(a.Target)
	if there := s.text(a.Target, c.Lang(), "disconnected."+name); there != "" {
		c.Flash(web.Done, "share.flash.disconnected_there", "account", a.Name, "there", there)
	} else {
		c.Flash(web.Done, "share.flash.disconnected", "account", a.Name)
	}
	return c.Redirect("/settings/sharing")
}

// postOrder moves a place up or down, hides it or shows it again.
func (s *Share) postOrder(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	me := c.Viewer().Person
	shown, hidden, err := s.order(c.Context(), me, s.Targets(c.Context(), sdk.ItemBadge, c.Lang()))
	if err != nil {
		return err
	}
	id := form.Get("target")
	is := func(t Target) bool { return t.ID == id }
	at, back := slices.IndexFunc(shown, is), slices.IndexFunc(hidden, is)
	switch do := form.Get("do"); {
	case do == "up" && at > 0:
		shown[at-1], shown[at] = shown[at], shown[at-1]
	case do == "down" && at >= 0 && at < len(shown)-1:
		shown[at+1], shown[at] = shown[at], shown[at+1]
	case do == "hide" && at >= 0:
		hidden = append(hidden, shown[at])
		shown = slices.Delete(shown, at, at+1)
	case do == "show" && back >= 0:
		shown = append(shown, hidden[back])
		hidden = slices.Delete(hidden, back, back+1)
	default:
		return fault.New(fault.Conflict, "share.error.order").At("/settings/sharing")
	}
	if err := s.arrange(c.Context(), me, shown, hidden); err != nil {
		return err
	}
	return c.Redirect("/settings/sharing#s-order")
}
