package account

import (
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/web"
)

// HandlePage is the page "account/handle".
type HandlePage struct {
	Now, Handle, Host string
	Old               []OldHandle
	Errors            map[string]string
}

// Meta describes the page.
func (HandlePage) Meta() web.Meta { return private("account.handle.title") }

func (p Pages) handlePage(c *web.Ctx) (HandlePage, error) {
	v := c.Viewer()
	old, err := p.OldHandles(c.Context(), p.base.Read(), v.Person)
	return HandlePage{Now: v.Handle, Handle: v.Handle, Host: p.host(), Old: old}, err
}

func (p Pages) handleForm(c *web.Ctx) error {
	page, err := p.handlePage(c)
	if err != nil {
		return err
	}
	return c.Render("account/handle", page)
}

func (p Pages) handle(c *web.Ctx) error {
	var in struct {
		Handle string `form:"handle"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	v := c.Viewer()
	if err := c.Limit("handle", strconv.FormatInt(v.Person, 10), 60, time.Hour); err != nil {
		return err
	}
	page, err := p.handlePage(c)
	if err != nil {
		return err
	}
	person, err := p.Rename(c.Context(), v.Person, in.Handle)
	if err != nil {
		return again(c, err, "account/handle", func(e map[string]string) any {
			page.Handle, page.Errors = in.Handle, e
			return page
		})
	}
	if person.Handle != v.Handle {
		c.Flash(web.Done, "account.flash.renamed", "old", v.Handle, "new", person.Handle)
	}
	return c.Redirect("/settings/handle")
}
