package badge

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/web"
)

// ClaimPage is the page "badge/claim": a badge was issued to an address that is
// not the person's yet.
type ClaimPage struct {
	Title, Issuer string
	Badge         string // path of the badge when it is kept unclaimed already
	ConfirmURL    string
	KeepURL       string // "" when it is kept already
	Plain         string // the address that the badge names, "" when it hides it
	Address       string // as typed
	Letters       []Letter
	Checks        []CheckView
	Errors        map[string]string
}

// Letter is a message to the issuer in one language.
type Letter struct{ ID, Lang, Language, Subject, Text, URL string }

// Meta titles the page.
func (ClaimPage) Meta() web.Meta { return web.Meta{Title: "badge.claim.title", NoIndex: true} }

// claimOf fills the page for a credential.
func claimOf(c *web.Ctx, credential *openbadge.Credential, plain string) ClaimPage {
	page := ClaimPage{Title: credential.Name, Issuer: named(credential.Issuer).Name, Plain: plain, Address: plain}
	for _, lang := range c.Catalogue().Languages() {
		say := func(key string, args ...any) string { return c.Catalogue().T(lang.Code, key, args...) }
		l := Letter{
			ID: "letter-" + lang.Code, Lang: lang.Code, Language: lang.Name,
			Subject: say("badge.claim.letter.subject", "badge", page.Title),
			Text:    say("badge.claim.letter.text", "badge", page.Title, "issuer", page.Issuer, "id", credential.ID),
		}
		l.URL = "mailto:" + url.PathEscape(credential.Issuer.Email) + "?subject=" + url.PathEscape(l.Subject) + "&body=" + url.PathEscape(l.Text)
		page.Letters = append(page.Letters, l)
	}
	return page
}

func (p *Pages) claimPage(c *web.Ctx, id string) (ClaimPage, error) {
	m, err := p.badges.MismatchByID(c.Context(), c.Viewer().Person, id)
	if err != nil {
		return ClaimPage{}, err
	}
	page := claimOf(c, m.Credential, m.Plain())
	page.ConfirmURL, page.KeepURL, page.Checks = "/add/"+id+"/address", "/add/"+id+"/keep", checkViews(m.Import.Checks)
	return page, nil
}

// waits shows what a person can do about a badge that waits for its address.
func (p *Pages) waits(c *web.Ctx, im Import) error {
	page, err := p.claimPage(c, im.PublicID)
	if err != nil {
		return err
	}
	return c.RenderStatus(http.StatusUnprocessableEntity, "badge/claim", page)
}

// unclaimedPage is the same for a badge that is kept.
func (p *Pages) unclaimedPage(c *web.Ctx) (ClaimPage, error) {
	b, err := p.badges.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err == nil && !b.Unclaimed {
		err = errNotFound()
	}
	if err == nil {
		err = b.whole()
	}
	if err != nil {
		return ClaimPage{}, err
	}
	credential := &openbadge.Credential{Name: b.Class.Name, Issuer: openbadge.Issuer{ID: b.Class.Issuer.WireID, Name: b.Class.Issuer.Name}}
	raw, err := getCredential(c.Context(), p.badges.Base.Read(), b.ID)
	if err != nil {
		return ClaimPage{}, err
	}
	if parsed, err := openbadge.Parse(raw); err == nil {
		credential = parsed
	}
	page := claimOf(c, credential, Mismatch{Credential: credential}.Plain())
	page.Badge, page.ConfirmURL = "/b/"+b.PublicID, "/b/"+b.PublicID+"/address"
	return page, nil
}

func (p *Pages) showUnclaimed(c *web.Ctx) error {
	page, err := p.unclaimedPage(c)
	if err != nil {
		return err
	}
	return c.Render("badge/claim", page)
}

// confirmUnclaimed mails a link to the address that an unclaimed badge was issued to.
func (p *Pages) confirmUnclaimed(c *web.Ctx) error {
	page, err := p.unclaimedPage(c)
	if err != nil {
		return err
	}
	b, err := p.badges.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	raw, err := getCredential(c.Context(), p.badges.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	credential, err := openbadge.Parse(raw)
	if err != nil {
		return errNotFound()
	}
	return p.ask(c, page, credential.Recipient, "/b/"+b.PublicID+"/claim")
}

// confirmWaiting mails a link to the address that a waiting import was issued to.
func (p *Pages) confirmWaiting(c *web.Ctx) error {
	id := c.Param("id")
	m, err := p.badges.MismatchByID(c.Context(), c.Viewer().Person, id)
	if err != nil {
		return err
	}
	page, err := p.claimPage(c, id)
	if err != nil {
		return err
	}
	return p.ask(c, page, m.Credential.Recipient, "/add/"+id)
}

// ask mails a link to an address when the badge was issued to it.
func (p *Pages) ask(c *web.Ctx, page ClaimPage, who openbadge.Recipient, back string) error {
	var in struct {
		Address string `form:"address"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if done, err := account.NeedFresh(c, back); done {
		return err
	}
	if err := account.LimitMails(c, in.Address); err != nil {
		return err
	}
	err := error(account.FieldErrors{"address": "badge.error.not_this_address"})
	if _, ok := who.Match([]string{in.Address}); ok || len(who.Identities) == 0 && who.SubjectID == "" {
		err = p.badges.Confirm.AskConfirmation(c.Context(), c.Viewer().Person, in.Address)
	}
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		page.Address, page.Errors = clip(in.Address, 254), wrong
		return c.RenderStatus(fault.Status(err), "badge/claim", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "badge.flash.confirm_mailed", "address", in.Address)
	return c.Redirect("/badges")
}

// keepUnclaimed takes a waiting import in without its address.
func (p *Pages) keepUnclaimed(c *web.Ctx) error {
	im, err := p.badges.Keep(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	if im, err = p.badges.Await(c.Context(), im, patience); err != nil {
		return err
	}
	return p.answer(c, im)
}
