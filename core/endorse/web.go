package endorse

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// Mount makes the routes of endorsements.
func (s *Endorse) Mount(r web.Router) {
	p := pages{s}
	r.Get("/endorsements/:id/credential", p.credential)
	r.Get("/u/:id/status", p.status)
	r.Get("/endorse/done", p.done)
	r.Get("/endorse/:token", p.open)
	r.Post("/endorse/:token", p.writeByLink)
	r.Get("/endorse/:token/image", p.imageByLink)
	r.Get("/endorse/:token/data", p.data)
	r.Post("/endorse/:token/json", p.document)
	r.Post("/endorse/:token/erase", p.erase)

	in := r.Group(web.SignedIn)
	in.Get("/endorsements", p.box)
	in.Post("/endorsements/:id", p.act)
	in.Get("/b/:id/endorse", p.form)
	in.Post("/b/:id/endorse", p.write)
	in.Get("/b/:id/endorse/image", p.image)
	in.Get("/b/:id/endorse/ask", p.askForm)
	in.Post("/b/:id/endorse/ask", p.ask)
}

type pages struct{ *Endorse }

// Endorsed is the part of a badge's page that shows what others vouch for.
func (s *Endorse) Endorsed(c *web.Ctx, b badge.Badge) (badge.Endorsements, error) {
	ctx, viewer := c.Context(), c.Viewer().Person
	var out badge.Endorsements
	list, err := s.Shown(ctx, viewer, b.ID)
	if err != nil {
		return out, err
	}
	for _, e := range list {
		out.List = append(out.List, badge.EndorsementView{
			ID: e.PublicID, Text: e.Body, Author: e.author(), Skills: e.Skills, At: e.WrittenAt, CheckedAt: e.CheckedAt, Verdict: e.Verdict,
			CredentialURL: badge.PathWith("/endorsements/"+e.PublicID+"/credential", "key", c.Query("key")),
		})
	}
	if viewer == 0 || c.Viewer().IsPreview() || b.Unclaimed || !b.AnonymisedAt.IsZero() {
		return out, nil
	}
	if b.Person == viewer {
		out.AskURL = "/b/" + b.PublicID + "/endorse/ask"
		out.Waiting, err = countWaiting(ctx, s.Base.Read(), b.ID)
		return out, err
	}
	if _, mine, err := s.SubjectFor(ctx, viewer, b.PublicID); err == nil {
		out.WriteURL, out.Mine = "/b/"+b.PublicID+"/endorse", string(mine.State)
	} else if _, expected := fault.As(err); !expected {
		return out, err
	}
	return out, nil
}

// BoxPage is the page "endorse/box": all that waits for the person, and what they
// wait for.
type BoxPage struct {
	Decide  []Row // written about badges of mine
	Asked   []Row // that I am asked to write
	Sent    []Row // that I asked for
	Written []Row // by me
	Shown   []Row // with badges of mine
	Hidden  []Row // that I do not show
}

// Meta titles the page.
func (BoxPage) Meta() web.Meta { return web.Meta{Title: "endorse.title", NoIndex: true} }

// Row is one endorsement in a list.
type Row struct {
	ID, Action       string
	Badge, BadgeURL  string
	Who              badge.Person
	Address          string // that was asked by mail
	Request, Text    string
	Skills           []string
	State            string
	At               time.Time
	Until            time.Time // of the link by mail
	WriteURL, Signed string
}

func (p pages) box(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	received, err := listReceived(ctx, p.Base.Read(), me, listed)
	if err != nil {
		return err
	}
	own, err := listOwn(ctx, p.Base.Read(), me, listed)
	if err != nil {
		return err
	}
	page := BoxPage{}
	for _, e := range received {
		row, err := p.row(e)
		if err != nil {
			return err
		}
		switch e.State {
		case Written:
			page.Decide = append(page.Decide, row)
		case Accepted:
			page.Shown = append(page.Shown, row)
		case Declined:
			page.Hidden = append(page.Hidden, row)
		default:
			page.Sent = append(page.Sent, row)
		}
	}
	for _, e := range own {
		row, err := p.row(e)
		if err != nil {
			return err
		}
		row.Who, row.WriteURL = e.Subject.Holder.view(), "/b/"+e.Subject.PublicID+"/endorse"
		if e.State == Asked || e.State == Refused {
			row.BadgeURL = ""
			page.Asked = append(page.Asked, row)
			continue
		}
		page.Written = append(page.Written, row)
	}
	return c.Render("endorse/box", page)
}

func (p pages) row(e Endorsement) (Row, error) {
	row := Row{
		ID: e.PublicID, Action: "/endorsements/" + e.PublicID, Badge: e.Subject.Name, BadgeURL: "/b/" + e.Subject.PublicID, Who: e.author(),
		Request: e.Request, Text: e.Body, Skills: e.Skills, State: string(e.State), At: later(e.WrittenAt, e.AskedAt), Until: e.Until,
	}
	if e.State == Accepted {
		row.Signed = row.Action + "/credential"
	}
	if e.Outsider.ID == 0 {
		return row, nil
	}
	var err error
	row.Address, err = p.addressOf(e.Outsider)
	if row.Who.Name == "" {
		row.Who.Name = row.Address
	}
	return row, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// act does what the buttons of the list say.
func (p pages) act(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	action := form.Get("action")
	do := map[string]func() error{
		"accept":   func() error { return p.Accept(c.Context(), c.Viewer().Person, c.Param("id")) },
		"decline":  func() error { return p.Decline(c.Context(), c.Viewer().Person, c.Param("id")) },
		"remove":   func() error { return p.Remove(c.Context(), c.Viewer().Person, c.Param("id")) },
		"refuse":   func() error { return p.Refuse(c.Context(), c.Viewer().Person, c.Param("id")) },
		"withdraw": func() error { return p.Withdraw(c.Context(), c.Viewer().Person, c.Param("id")) },
	}[action]
	if do == nil {
		return fault.New(fault.Malformed, "web.form")
	}
	if err := c.Limit("endorse.act", person(c), 200, time.Hour); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	c.Flash(web.Done, "endorse.flash."+action)
	return c.Redirect("/endorsements")
}

func person(c *web.Ctx) string { return strconv.FormatInt(c.Viewer().Person, 10) }

// credential hands out the signed EndorsementCredential.
func (p pages) credential(c *web.Ctx) error {
	e, credential, err := p.Signed(c.Context(), c.Viewer().Person, c.Param("id"), c.Query("key"))
	if err != nil {
		return err
	}
	return c.Bytes("application/json", credential, web.ByteOptions{Download: "endorsement-" + e.PublicID + ".json", CSP: web.FilePolicy})
}

// AskPage is the page "endorse/ask".
type AskPage struct {
	Badge, BadgeURL, Action string
	Skills                  []string
	People                  []Pick
	Handle, Address, Words  string
	Errors                  map[string]string
}

// Meta titles the page.
func (AskPage) Meta() web.Meta { return web.Meta{Title: "endorse.ask.title", NoIndex: true} }

// Pick is a member to choose.
type Pick struct {
	Person badge.Person
	Ticked bool
}

const knownPeople = 60

func (p pages) askPage(c *web.Ctx, r Request) (AskPage, error) {
	b, err := p.subject(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return AskPage{}, err
	}
	page := AskPage{Badge: b.Name, BadgeURL: "/b/" + b.PublicID, Action: c.Path(), Skills: b.Skills(), Address: r.Address, Words: r.Words, Errors: map[string]string{}}
	known, err := listKnown(c.Context(), p.Base.Read(), c.Viewer().Person, knownPeople)
	if err != nil {
		return page, err
	}
	left := r.Handles
	for _, k := range known {
		pick := Pick{Person: k.view()}
		for i, h := range left {
			if h == k.Handle {
				pick.Ticked, left = true, append(append([]string{}, left[:i]...), left[i+1:]...)
				break
			}
		}
		page.People = append(page.People, pick)
	}
	page.Handle = strings.Join(left, " ")
	return page, nil
}

func (p pages) askForm(c *web.Ctx) error {
	page, err := p.askPage(c, Request{})
	if err != nil {
		return err
	}
	return c.Render("endorse/ask", page)
}

const asksAtOnce = 10

func (p pages) ask(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	r := Request{Address: strings.TrimSpace(form.Get("address")), Words: form.Get("words"), Lang: c.Lang(), Handles: form.All("person")}
	for handle := range strings.FieldsFuncSeq(form.Get("handle"), func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		r.Handles = append(r.Handles, strings.ToLower(strings.TrimPrefix(handle, "@")))
	}
	if len(r.Handles) > asksAtOnce {
		return fault.New(fault.Invalid, "endorse.error.too_many").At(c.Path())
	}
	for range max(len(r.Handles), 1) {
		if err := c.Limit("endorse.ask", person(c), 40, 24*time.Hour); err != nil {
			return err
		}
	}
	err = p.Ask(c.Context(), c.Viewer().Person, c.Param("id"), r)
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		page, err := p.askPage(c, r)
		if err != nil {
			return err
		}
		page.Errors = wrong
		return c.RenderStatus(http.StatusUnprocessableEntity, "endorse/ask", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "endorse.flash.asked")
	return c.Redirect("/endorsements")
}

// WritePage is the page "endorse/write".
type WritePage struct {
	Badge, Issuer, Description string
	Criteria, Language         string
	Image                      string
	Holder                     badge.Person
	Request                    string
	Action                     string
	Outsider                   bool
	Name, Text                 string
	Skills                     []Skill
	State                      string // of what was written or asked before, "" for nothing
	Preview                    bool
	Until                      time.Time // of the link by mail
	DataURL                    string
	Errors                     map[string]string
}

// Skill is one that can be vouched for.
type Skill struct {
	Name   string
	Ticked bool
}

// Meta titles the page.
func (WritePage) Meta() web.Meta { return web.Meta{Title: "endorse.write.title", NoIndex: true} }

func (p pages) writePage(c *web.Ctx, e Endorsement) WritePage {
	b := e.Subject
	page := WritePage{
		Badge: b.Name, Issuer: b.Issuer, Description: b.Description, Criteria: b.Criteria, Language: b.Language, Holder: b.Holder.view(),
		Request: e.Request, Action: c.Path(), Name: e.Outsider.Name, Text: e.Body, State: string(e.State), Errors: map[string]string{},
	}
	for _, skill := range b.Skills() {
		page.Skills = append(page.Skills, Skill{skill, slices.Contains(e.Skills, skill)})
	}
	if e.Outsider.ID != 0 {
		page.Outsider, page.Until, page.DataURL = true, e.Until, c.Path()+"/data"
		page.Holder.URL = ""
	}
	if b.Thumbnail != "" {
		page.Image = c.Path() + "/image"
	}
	return page
}

// image is the picture of a badge for who may endorse it, who may not see its own
// page.
func (p pages) image(c *web.Ctx) error {
	b, _, err := p.SubjectFor(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return p.sendImage(c, b)
}

func (p pages) sendImage(c *web.Ctx, b Subject) error {
	if b.Thumbnail == "" {
		return errNotFound()
	}
	png, err := p.Badges.Picture(c.Context(), b.Thumbnail)
	if err != nil {
		return err
	}
	return c.Bytes("image/png", png, web.ByteOptions{CSP: web.FilePolicy})
}

// with puts what was typed into the page again.
func (w WritePage) with(in Words, preview bool, wrong map[string]string) WritePage {
	w.Text, w.Preview = in.Body, preview
	if w.Outsider {
		w.Name = in.Name
	}
	for i := range w.Skills {
		w.Skills[i].Ticked = slices.Contains(in.Skills, w.Skills[i].Name)
	}
	if wrong != nil {
		w.Errors = wrong
	}
	return w
}

func (p pages) form(c *web.Ctx) error {
	b, e, err := p.SubjectFor(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	e.Subject = b
	return c.Render("endorse/write", p.writePage(c, e))
}

func wordsOf(form web.Form) Words {
	return Words{Name: form.Get("name"), Body: form.Get("text"), Skills: form.All("skill")}
}

func (p pages) write(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := c.Limit("endorse.write", person(c), 60, time.Hour); err != nil {
		return err
	}
	in, preview := wordsOf(form), form.Get("action") == "preview"
	if !preview {
		err = p.Write(c.Context(), c.Viewer().Person, c.Param("id"), in)
	}
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok || preview {
		b, e, err := p.SubjectFor(c.Context(), c.Viewer().Person, c.Param("id"))
		if err != nil {
			return err
		}
		e.Subject = b
		return p.again(c, e, in, preview, wrong)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "endorse.flash.written")
	return c.Redirect("/endorsements")
}

func (p pages) again(c *web.Ctx, e Endorsement, in Words, preview bool, wrong map[string]string) error {
	status := http.StatusUnprocessableEntity
	if preview {
		status = http.StatusOK
	}
	return c.RenderStatus(status, "endorse/write", p.writePage(c, e).with(in, preview, wrong))
}
