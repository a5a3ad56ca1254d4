package request

import (
	"errors"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/endorse"
	"github.com/osier-passport/osier/core/web"
)

// Mount makes the routes of requests.
func (r *Request) Mount(to web.Router) {
	p := pages{r}
	to.Get("/data-request", func(c *web.Ctx) error { return c.Render("request/ask", AskPage{}) })
	to.Post("/data-request", p.ask)
	to.Get("/data-request/erased", func(c *web.Ctx) error {
		return c.Render("request/erased", ErasedPage{Kept: c.Query("how") == Anonymise})
	})
	to.Get("/data-request/:token", p.opened)
	to.Post("/data-request/:token", p.open)
	to.Post("/data-request/:token/json", p.document)
	to.Post("/data-request/:token/erase", p.erase)
}

type pages struct{ *Request }

// AskPage is the page "request/ask".
type AskPage struct {
	Address string
	Sent    bool
	Errors  map[string]string
}

// Meta titles the page.
func (AskPage) Meta() web.Meta { return web.Meta{Title: "request.title", NoIndex: true} }

// OpenPage is the page "request/open": a button, since programs that read mail
// follow links.
type OpenPage struct{ Action, Address string }

// Meta titles the page.
func (OpenPage) Meta() web.Meta { return web.Meta{Title: "request.title", NoIndex: true} }

// ShowPage is the page "request/show": all that is held.
type ShowPage struct {
	Address           string
	Empty, Member     bool
	Listed            int
	Periods           []Period
	Badges            []Row
	Mails             []Row
	JSONURL, EraseURL string
	Kept              int // badges whose holders proved the address
	Wards, Mentions   int
	Unclaimed         bool // there are badges that can be anonymised
	Endorsements      []endorse.DataRow
}

// Period is a time in which an account controlled the address.
type Period struct{ From, Until time.Time }

// Row is one thing that is held.
type Row struct {
	Name, Issuer string
	At           time.Time

	Hidden, Kept, Waits bool
}

// Meta titles the page.
func (ShowPage) Meta() web.Meta { return web.Meta{Title: "request.title", NoIndex: true} }

// ErasedPage is the page "request/erased".
type ErasedPage struct{ Kept bool } // Kept: badges stayed without the identity

// Meta titles the page.
func (p ErasedPage) Meta() web.Meta {
	if p.Kept {
		return web.Meta{Title: "request.erased.kept_title", NoIndex: true}
	}
	return web.Meta{Title: "request.erased.title", NoIndex: true}
}

// ask answers alike for every address.
func (p pages) ask(c *web.Ctx) error {
	var in struct {
		Address string `form:"address"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	address := strings.TrimSpace(in.Address)
	if err := c.Limit("request", c.Network(), 10, 30*time.Minute); err != nil {
		return err
	}
	err := p.Ask(c.Context(), address, c.Lang())
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		return c.RenderStatus(422, "request/ask", AskPage{Address: in.Address, Errors: wrong})
	}
	if err != nil {
		return err
	}
	return c.Render("request/ask", AskPage{Address: address, Sent: true})
}

func (p pages) opened(c *web.Ctx) error {
	address, err := p.Address(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return c.Render("request/open", OpenPage{Action: c.Path(), Address: address})
}

func (p pages) open(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	token, err := p.Open(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	address, err := p.Address(c.Context(), token)
	if err != nil {
		return err
	}
	h, err := p.Holding(c.Context(), address)
	if err != nil {
		return err
	}
	page := showPage(h)
	page.JSONURL, page.EraseURL = "/data-request/"+token+"/json", "/data-request/"+token+"/erase"
	return c.Render("request/show", page)
}

func showPage(h Holding) ShowPage {
	page := ShowPage{
		Address: h.Address, Empty: h.Empty(), Member: h.Account.Member, Listed: h.Account.Listed,
		Wards: h.Account.Wards, Mentions: h.Mentions, Unclaimed: h.Unclaimed(), Endorsements: endorse.DataRows(h.Endorsed),
	}
	for _, proof := range h.Account.Proofs {
		page.Periods = append(page.Periods, Period{proof.From, proof.Until})
	}
	for _, b := range h.Badges {
		page.Badges = append(page.Badges, Row{Name: b.Title, Issuer: b.Issuer, At: b.IssuedAt, Hidden: b.Hashed, Kept: b.Proven, Waits: b.Waits})
		if b.Proven {
			page.Kept++
		}
	}
	for _, m := range h.Mails {
		page.Mails = append(page.Mails, Row{Name: m.Subject, At: m.CreatedAt})
	}
	return page
}

// limit bounds how often one network has us search for an address.
func limit(c *web.Ctx) error { return c.Limit("request.open", c.Network(), 60, 10*time.Minute) }

func (p pages) document(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	address, err := p.Address(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	h, err := p.Holding(c.Context(), address)
	if err != nil {
		return err
	}
	text, err := h.Document()
	if err != nil {
		return err
	}
	return c.Bytes("application/json; charset=utf-8", text, web.ByteOptions{CSP: web.FilePolicy})
}

func (p pages) erase(c *web.Ctx) error {
	if err := limit(c); err != nil {
		return err
	}
	var in struct {
		How string `form:"how"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := p.Erase(c.Context(), c.Param("token"), in.How); err != nil {
		return err
	}
	return c.Redirect("/data-request/erased?how=" + in.How)
}
