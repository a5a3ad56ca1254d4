package merge

import (
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const (
	startPath   = "/settings/merge"
	previewPath = "/settings/merge/preview"

	// firstCookie keeps the session of the first account while this browser signs
	// in to the second.
	firstCookie = "merge"
	firstFor    = 15 * time.Minute
	proofFor    = 25 * time.Minute // of the first account: it was fresh at the start
)

// Pages are the pages of this package.
type Pages struct{ *Merge }

// Mount makes the routes of merging.
func (m *Merge) Mount(r web.Router) {
	p := Pages{m}
	in := r.Group(web.SignedIn)
	in.Get(startPath, p.ask)
	in.Post(startPath, p.start)
	in.Get(previewPath, p.preview)
	in.Post(previewPath, p.do)
	in.Post("/settings/merge/cancel", p.cancel)
	in.Get("/settings/merge/done", p.done)
}

// AskPage is the page "merge/ask": what merging is, and how it goes.
type AskPage struct{ Handle string }

// Meta titles the page.
func (AskPage) Meta() web.Meta { return web.Meta{Title: "merge.title", NoIndex: true} }

// PreviewPage is the page "merge/preview": both accounts, side by side.
type PreviewPage struct {
	Accounts []Side
	Twins    int // badges that both hold
}

// Side is one of two accounts.
type Side struct {
	ID, Handle, Name, Picture string
	Since                     time.Time
	Badges                    int
	Addresses                 []string
	Oldest                    bool
}

// Meta titles the page.
func (PreviewPage) Meta() web.Meta { return web.Meta{Title: "merge.title", NoIndex: true} }

// DonePage is the page "merge/done".
type DonePage struct {
	Handle, Name string
	Badges       int
	Addresses    []string
}

// Meta titles the page.
func (DonePage) Meta() web.Meta { return web.Meta{Title: "merge.done.title", NoIndex: true} }

func (p Pages) ask(c *web.Ctx) error {
	return c.Render("merge/ask", AskPage{Handle: c.Viewer().Handle})
}

// start keeps this session aside and sends the browser to sign in to the other account.
func (p Pages) start(c *web.Ctx) error {
	if done, err := account.NeedFresh(c, startPath); done {
		return err
	}
	c.SetCookie(firstCookie, c.SessionToken(), firstFor)
	c.ClearSession()
	c.Flash(web.Notice, "merge.flash.second")
	return c.Redirect("/login?next=" + previewPath)
}

// both gives the person who began and the one who is signed in now, each proven.
// It reports false when the request is answered.
func (p Pages) both(c *web.Ctx) (first, second web.Viewer, ok bool, err error) {
	second = c.Viewer()
	token := c.Cookie(firstCookie)
	if token == "" {
		return first, second, false, again(c)
	}
	first, err = p.Accounts.Viewer(c.Context(), token)
	if err != nil || first.Person == second.Person || c.Now().Sub(first.Fresh) > proofFor {
		c.ClearCookie(firstCookie)
		return first, second, false, again(c)
	}
	if done, err := account.NeedFresh(c, previewPath); done {
		return first, second, false, err
	}
	return first, second, true, nil
}

func again(c *web.Ctx) error {
	c.Flash(web.Notice, "merge.flash.again")
	return c.Redirect(startPath)
}

func (p Pages) preview(c *web.Ctx) error {
	first, second, ok, err := p.both(c)
	if err != nil || !ok {
		return err
	}
	page := PreviewPage{}
	for _, v := range []web.Viewer{first, second} {
		s, err := p.side(c, v)
		if err != nil {
			return err
		}
		page.Accounts = append(page.Accounts, s)
	}
	older := 0
	if page.Accounts[1].Since.Before(page.Accounts[0].Since) {
		older = 1
	}
	page.Accounts[older].Oldest = true
	if page.Twins, err = p.Badges.CountTwins(c.Context(), first.Person, second.Person); err != nil {
		return err
	}
	return c.Render("merge/preview", page)
}

func (p Pages) side(c *web.Ctx, v web.Viewer) (Side, error) {
	ctx := c.Context()
	person, err := p.Accounts.PersonByID(ctx, p.Base.Read(), v.Person)
	if err != nil {
		return Side{}, err
	}
	s := Side{ID: v.ID, Handle: v.Handle, Name: v.Name, Picture: v.Picture, Since: person.CreatedAt}
	if s.Badges, err = p.Badges.Count(ctx, v.Person); err != nil {
		return Side{}, err
	}
	list, err := p.Accounts.Addresses(ctx, p.Base.Read(), v.Person)
	for _, e := range list {
		s.Addresses = append(s.Addresses, e.Address)
	}
	return s, err
}

// do merges: the account that is chosen stays, the other becomes part of it.
func (p Pages) do(c *web.Ctx) error {
	var in struct {
		Keep string `form:"keep"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	first, second, ok, err := p.both(c)
	if err != nil || !ok {
		return err
	}
	from, into := first, second
	switch in.Keep {
	case second.ID:
	case first.ID:
		from, into = second, first
	default:
		return fault.New(fault.Malformed, "web.form")
	}
	firstToken := c.Cookie(firstCookie)
	if err := p.Do(c.Context(), from.Person, into.Person); err != nil {
		return err
	}
	c.ClearCookie(firstCookie)
	person, err := p.Accounts.PersonByID(c.Context(), p.Base.Read(), into.Person)
	if err != nil {
		return err
	}
	if into.Person == first.Person { // this browser's own session ended with the other account
		return p.Accounts.EnterFrom(c, person, firstToken, "/settings/merge/done")
	}
	if err := p.Accounts.End(c.Context(), firstToken); err != nil {
		return err
	}
	return p.Accounts.Enter(c, person, "/settings/merge/done")
}

// cancel gives this browser the first account back.
func (p Pages) cancel(c *web.Ctx) error {
	token := c.Cookie(firstCookie)
	c.ClearCookie(firstCookie)
	if _, err := p.Accounts.Viewer(c.Context(), token); err == nil {
		if err := p.Accounts.End(c.Context(), c.SessionToken()); err != nil {
			return err
		}
		c.SetSession(token, 0)
	}
	c.Flash(web.Done, "merge.flash.cancelled")
	return c.Redirect("/settings")
}

func (p Pages) done(c *web.Ctx) error {
	s, err := p.side(c, c.Viewer())
	if err != nil {
		return err
	}
	return c.Render("merge/done", DonePage{Handle: s.Handle, Name: s.Name, Badges: s.Badges, Addresses: s.Addresses})
}
