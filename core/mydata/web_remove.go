package mydata

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/web"
)

// patience is how long the answer to a removal waits for the erasure.
const patience = 8 * time.Second

// The steps of a removal: what goes, then what becomes of the rest and the proof.
// The receipt is the third.
const (
	stepWhat  = 1
	stepProof = 2
)

// RemovePage is the page "mydata/remove".
type RemovePage struct {
	Step               int
	Handle, Typed      string
	HasPassword, Fresh bool
	Gone               []DataItem // what goes, empty kinds left out
	HasComments        bool
	Keep               bool // the places of comments
	Places             []share.Place
	Posts              int  // that can be taken back
	TakePosts          bool // as the person wants
	Export             TaskView
	Errors             map[string]string
}

// Meta titles the page.
func (RemovePage) Meta() web.Meta { return web.Meta{Title: "mydata.remove.title", NoIndex: true} }

func (p *Pages) removePage(c *web.Ctx, step int, keep bool) (RemovePage, error) {
	me := c.Viewer()
	page := RemovePage{Step: step, Handle: me.Handle, Fresh: account.IsFresh(c), Keep: keep}
	var err error
	if page.HasPassword, err = p.proof.HasPassword(c.Context(), me.Person); err != nil {
		return page, err
	}
	gone, err := p.data.gone(c.Context(), me.Person)
	if err != nil {
		return page, err
	}
	for _, g := range gone {
		page.Gone = append(page.Gone, DataItem{Key: g.Key, Count: g.N})
		page.HasComments = page.HasComments || g.Key == "comments"
	}
	if page.Places, err = p.places.Places(c.Context(), me.Person, c.Lang()); err != nil {
		return page, err
	}
	if page.Posts, err = p.places.Retractable(c.Context(), me.Person); err != nil {
		return page, err
	}
	export, err := p.data.Newest(c.Context(), me.Person, KindExport)
	page.Export = viewOf(c, export)
	return page, err
}

func (p *Pages) askRemove(c *web.Ctx) error {
	step, _ := strconv.Atoi(c.Query("step")) // what is no number is the first
	page, err := p.removePage(c, min(max(step, stepWhat), stepProof), false)
	if err != nil {
		return err
	}
	if page.Step == stepProof && !page.HasPassword && !page.Fresh {
		return prove(c, "/settings/remove?step=2")
	}
	return c.Render("mydata/remove", page)
}

func (p *Pages) remove(c *web.Ctx) error {
	me := c.Viewer()
	if err := c.Limit("remove", strconv.FormatInt(me.Person, 10), 10, 10*time.Minute); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	page, err := p.removePage(c, stepProof, form.Get("comments") == "keep")
	if err != nil {
		return err
	}
	if !page.HasPassword && !page.Fresh {
		return prove(c, "/settings/remove?step=2")
	}
	page.Typed, page.TakePosts = form.Get("handle"), form.Get("posts") == "remove"
	if page.Errors, err = p.check(c, page, form); err != nil {
		return err
	}
	if len(page.Errors) > 0 {
		return c.RenderStatus(fault.Status(fault.New(fault.Invalid, "")), "mydata/remove", page)
	}
	ctx := context.WithoutCancel(c.Context())
	r, err := p.data.Remove(ctx, me.Person, Removal{KeepComments: page.Keep, TakePosts: page.TakePosts})
	if err != nil {
		return err
	}
	if _, err := p.data.Await(ctx, r, patience); err != nil {
		return err
	}
	c.ClearSession()
	return c.Redirect("/removed/" + r.Number)
}

// check holds the typed handle and a fresh proof of identity against the account.
func (p *Pages) check(c *web.Ctx, page RemovePage, form web.Form) (map[string]string, error) {
	bad := map[string]string{}
	if form.Get("handle") != page.Handle && form.Get("handle") != "@"+page.Handle {
		bad["handle"] = "mydata.error.handle"
	}
	if !page.Fresh { // else the sign-in itself is the proof
		err := p.proof.CheckPassword(c.Context(), c.Viewer().Person, form.Get("password"))
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Invalid) {
			bad["password"] = "mydata.error.password"
		} else if err != nil {
			return nil, err
		}
	}
	return bad, nil
}

// ReceiptPage is the page "mydata/receipt": a receipt, or the form that asks for
// its number.
type ReceiptPage struct {
	Number  string // "" asks
	Typed   string
	Unknown bool
	Done    bool
	Percent int
	Tonight bool // only the file is left, which is rebuilt at night
	Kept    bool // the places of comments

	PostsTaken, PostsLeft int // posts elsewhere that were taken back, and that were not

	Begun time.Time
	Ended time.Time
	Gone  []Gone
}

// Meta titles the page.
func (ReceiptPage) Meta() web.Meta { return web.Meta{Title: "mydata.receipt.title", NoIndex: true} }

// askReceipt is open to everybody: a number is all that a receipt is known by.
func (p *Pages) askReceipt(c *web.Ctx) error {
	typed := strings.TrimSpace(c.Query("number"))
	if typed == "" {
		return c.Render("mydata/receipt", ReceiptPage{})
	}
	r, err := p.data.Receipt(c.Context(), typed)
	if fault.Is(err, fault.NotFound) {
		return c.RenderStatus(http.StatusNotFound, "mydata/receipt", ReceiptPage{Typed: clip(typed, 60), Unknown: true})
	}
	if err != nil {
		return err
	}
	return c.Redirect("/removed/" + r.Number)
}

func (p *Pages) receipt(c *web.Ctx) error {
	r, err := p.data.Receipt(c.Context(), c.Param("receipt"))
	if fault.Is(err, fault.NotFound) {
		return c.RenderStatus(http.StatusNotFound, "mydata/receipt", ReceiptPage{Unknown: true})
	}
	if err != nil {
		return err
	}
	return c.Render("mydata/receipt", ReceiptPage{
		Number: r.Number, Done: r.Done(), Percent: p.data.progress(r), Tonight: !r.Done() && r.Step == stepFiles && p.data.base.Owes(), Kept: r.KeepComments, PostsTaken: r.PostsTaken, PostsLeft: r.PostsLeft, Begun: r.BegunAt, Ended: r.DoneAt, Gone: r.Counts,
	})
}

// progress is how many owners have erased their part, of a hundred.
func (d *Data) progress(r Receipt) int {
	for i, o := range d.owners {
		if o.OwnerName() == r.Step {
			return 100 * i / (len(d.owners) + 1)
		}
	}
	if r.Step == "files" {
		return 100 * len(d.owners) / (len(d.owners) + 1)
	}
	return 0
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
