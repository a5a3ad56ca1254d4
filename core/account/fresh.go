package account

import (
	"net/url"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/web"
)

// freshFor is how long a proof of identity counts.
const freshFor = 10 * time.Minute

// Fresh lets people through who proved their identity in the last 10 minutes, by
// any way in; others prove it first. It stands behind web.SignedIn, in front of
// everything that changes who can get in, gives data away or removes it. Who reads
// comes back to the same address; who sent a form comes back to the page that the
// browser says it stood on, which says why.
func Fresh(next web.Handler) web.Handler { return FreshOr("")(next) }

// FreshOr is Fresh for forms of one page: who sent one comes back to page.
func FreshOr(page string) web.Guard {
	return func(next web.Handler) web.Handler {
		return func(c *web.Ctx) error {
			switch {
			case IsFresh(c):
				return next(c)
			case c.Method() == "GET":
				return askProof(c, c.Here())
			case page != "":
				return askProof(c, page)
			}
			return askProof(c, c.CameFrom())
		}
	}
}

// IsFresh reports whether the viewer proved their identity in the last 10
// minutes.
func IsFresh(c *web.Ctx) bool {
	age := c.Now().Sub(c.Viewer().Fresh)
	return c.Viewer().SignedIn() && age >= -time.Minute && age < freshFor
}

// askProof sends to the page that asks for a proof. What was sent is not done:
// the page of the form says so when the person is back.
func askProof(c *web.Ctx, back string) error {
	to := "/login/fresh?next=" + url.QueryEscape(web.Local(back))
	if c.Method() != "GET" {
		to += "&form=1"
	}
	return c.Redirect(to)
}

// FreshPage is the page "account/fresh".
type FreshPage struct {
	HasPassword bool
	HasCodes    bool
	Passkeys    bool   // of this person, at this site
	MailTo      string // the address that a link can go to, or ""
	Mailed      bool   // a link was sent just now
	Form        bool   // the person sent a form, which waits to be sent again
	Providers   []Provider
	Next        string
	Errors      map[string]string
}

// Meta describes the page.
func (FreshPage) Meta() web.Meta { return private("account.fresh.title") }

// After is where a way that leads through a mail or a provider ends. Where a form
// waits it comes by this page, which says so.
func (p FreshPage) After() string {
	if !p.Form {
		return p.Next
	}
	return "/login/fresh?form=" + formWaits + "&next=" + url.QueryEscape(p.Next)
}

// formWaits marks the way back to a form that was not done.
const formWaits = "waits"

func (p Pages) freshForm(c *web.Ctx) error {
	if c.Query("form") == formWaits && IsFresh(c) {
		c.Flash(web.Notice, "account.flash.again")
		return c.Redirect(onward(c.Query("next")))
	}
	page, err := p.freshPage(c, local(c.Query("next")))
	if err != nil {
		return err
	}
	page.Form = c.Query("form") != ""
	return c.Render("account/fresh", page)
}

// freshPage offers the ways this person can prove who they are.
func (p Pages) freshPage(c *web.Ctx, next string) (FreshPage, error) {
	page := FreshPage{Next: next, Providers: []Provider{}}
	w, err := p.Ways(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return page, err
	}
	page.HasPassword, page.Passkeys, page.HasCodes = w.Password, w.Passkeys > 0, w.Codes > 0
	if w.Mail {
		page.MailTo = w.address
	}
	linked, err := p.Identities(c.Context(), c.Viewer().Person)
	for _, b := range p.buttons() {
		if isLinked(linked, b.ID) {
			page.Providers = append(page.Providers, b)
		}
	}
	return page, err
}

func (p Pages) fresh(c *web.Ctx) error {
	var in struct {
		Password string `form:"password"`
		Code     string `form:"code"`
		Next     string `form:"next"`
		Form     string `form:"form"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := limitProofs(c); err != nil {
		return err
	}
	var err error
	if in.Code != "" {
		err = p.CheckCode(c.Context(), c.Viewer().Person, in.Code, deviceOf(c.UserAgent()))
	} else {
		err = p.CheckPassword(c.Context(), c.Viewer().Person, in.Password)
	}
	if err != nil {
		page, errPage := p.freshPage(c, local(in.Next))
		if errPage != nil {
			return errPage
		}
		page.Form = in.Form != ""
		return again(c, err, "account/fresh", func(e map[string]string) any { page.Errors = e; return page })
	}
	return p.proved(c, in.Next, in.Form != "")
}

// proved goes on after a proof: with a new session, and with a word about the
// form that waits to be sent again.
func (p Pages) proved(c *web.Ctx, next string, form bool) error {
	person, err := p.PersonByID(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	if form {
		c.Flash(web.Notice, "account.flash.again")
	}
	return p.Enter(c, person, next)
}

// limitProofs bounds the guessing of a password by who is signed in.
func limitProofs(c *web.Ctx) error {
	return c.Limit("prove", strconv.FormatInt(c.Viewer().Person, 10), 10, 10*time.Minute)
}
