package endorse

import (
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/web"
)

// DonePage is the page "endorse/done", for people without an account: what they did.
type DonePage struct{ What string }

// Meta titles the page.
func (DonePage) Meta() web.Meta { return web.Meta{Title: "endorse.title", NoIndex: true} }

func (p pages) done(c *web.Ctx) error {
	page := DonePage{What: c.Query("what")}
	if page.What != "refused" && page.What != "erased" {
		page.What = "written"
	}
	return c.Render("endorse/done", page)
}

// limit bounds how often one network tries links.
func limit(c *web.Ctx) error { return c.Limit("endorse.link", c.Network(), 120, 10*time.Minute) }

func (p pages) open(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	e, err := p.ByLink(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return c.Render("endorse/write", p.writePage(c, e))
}

func (p pages) imageByLink(c *web.Ctx) error {
	e, err := p.ByLink(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return p.sendImage(c, e.Subject)
}

func (p pages) writeByLink(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	token, in, preview := c.Param("token"), wordsOf(form), false
	switch form.Get("action") {
	case "refuse":
		if err := p.RefuseByLink(c.Context(), token); err != nil {
			return err
		}
		return c.Redirect("/endorse/done?what=refused")
	case "preview":
		preview = true
	default:
		err = p.WriteByLink(c.Context(), token, in)
	}
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok || preview {
		e, err := p.ByLink(c.Context(), token)
		if err != nil {
			return err
		}
		return p.again(c, e, in, preview, wrong)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/endorse/done?what=written")
}

// DataPage is the page "endorse/data": all that is held about somebody without an
// account.
type DataPage struct {
	Name, Address     string
	Items             []DataRow
	WriteURL          string
	JSONURL, EraseURL string
}

// DataRow is one entry of it.
type DataRow struct {
	Badge, Issuer, Holder string
	State                 string
	Request, Text         string
	Skills                []string
	AskedAt, WrittenAt    time.Time
	Until                 time.Time
}

// Meta titles the page.
func (DataPage) Meta() web.Meta { return web.Meta{Title: "endorse.data.title", NoIndex: true} }

func (p pages) data(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	h, err := p.HeldByLink(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	at := "/endorse/" + c.Param("token")
	page := DataPage{Name: h.Outsider.Name, Address: h.Address, Items: DataRows(h), WriteURL: at, JSONURL: at + "/json", EraseURL: at + "/erase"}
	return c.Render("endorse/data", page)
}

// DataRows makes the views of what is held.
func DataRows(h Held) []DataRow {
	list := make([]DataRow, 0, len(h.List))
	for _, e := range h.List {
		list = append(list, DataRow{
			Badge: e.Subject.Name, Issuer: e.Subject.Issuer, Holder: e.Subject.Holder.Name, State: string(e.State), Request: e.Request, Text: e.Body,
			Skills: e.Skills, AskedAt: e.AskedAt, WrittenAt: e.WrittenAt, Until: e.Until,
		})
	}
	return list
}

func (p pages) document(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	h, err := p.HeldByLink(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	text, err := p.Endorse.document(c.Context(), h)
	if err != nil {
		return err
	}
	return c.Bytes("application/json; charset=utf-8", text, web.ByteOptions{Download: "my-data.json", CSP: web.FilePolicy})
}

func (p pages) erase(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.ForgetByLink(c.Context(), c.Param("token"), form.Get("stop") == "1"); err != nil {
		return err
	}
	return c.Redirect("/endorse/done?what=erased")
}
