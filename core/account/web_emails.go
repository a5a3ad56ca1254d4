package account

import (
	"net/url"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const emailsPath = "/settings/emails"

// EmailsPage is the page "account/emails".
type EmailsPage struct {
	Emails         []EmailRow
	Earlier        []EarlierRow
	Address        string
	Full           bool // no more can be listed
	MailConfigured bool
	Errors         map[string]string
}

// Meta describes the page.
func (EmailsPage) Meta() web.Meta { return private("account.emails.title") }

// EmailRow is one address on the page "account/emails".
type EmailRow struct {
	ID, Address        string
	Primary, Confirmed bool
	ConfirmedBy        string
	At                 time.Time
	URL                string
}

// EarlierRow is the proof of an address that was given up.
type EarlierRow struct {
	Address     string // masked
	From, Until time.Time
}

// RemoveAddressPage is the page "account/email-remove": one question.
type RemoveAddressPage struct {
	Address, URL string
	Confirmed    bool
	Since        time.Time // confirmed
}

// Meta describes the page.
func (RemoveAddressPage) Meta() web.Meta { return private("account.emails.remove.title") }

func (p Pages) emails(c *web.Ctx) error {
	page, err := p.emailsPage(c)
	if err != nil {
		return err
	}
	page.Address = cutTo(c.Query("address"), 254)
	return c.Render("account/emails", page)
}

func (p Pages) emailsPage(c *web.Ctx) (EmailsPage, error) {
	ctx, me := c.Context(), c.Viewer().Person
	list, err := p.Addresses(ctx, p.base.Read(), me)
	page := EmailsPage{MailConfigured: p.mailer.Configured(), Emails: make([]EmailRow, 0, len(list)), Full: len(list) >= addressesPerHead}
	if err != nil {
		return page, err
	}
	for _, e := range list {
		id := strconv.FormatInt(e.ID, 10)
		at := e.CreatedAt
		if e.Confirmed() {
			at = e.ConfirmedAt
		}
		page.Emails = append(page.Emails, EmailRow{
			ID: id, Address: e.Address, Primary: e.Primary, Confirmed: e.Confirmed(), ConfirmedBy: e.ConfirmedBy,
			At: at, URL: emailsPath + "/" + id,
		})
	}
	proofs, err := p.Proofs(ctx, p.base.Read(), me)
	for _, proof := range proofs {
		page.Earlier = append(page.Earlier, EarlierRow{proof.Masked, proof.From, proof.Until})
	}
	return page, err
}

// LimitMails bounds the mails that one person can cause, in all and to one address.
// What all people together can send to an address is bounded where mails go out:
// nobody gets a refusal for what others asked.
func LimitMails(c *web.Ctx, address string) error {
	me := strconv.FormatInt(c.Viewer().Person, 10)
	if err := c.Limit("mails", me, 10, time.Hour); err != nil {
		return err
	}
	return c.Limit("mails.to", me+" "+nameKey(address), 6, time.Hour)
}

// NeedFresh sends who has not proved their identity lately to do so, and then to
// the path next: whoever controls a confirmed address can set a new password. It
// reports whether the request is answered.
func NeedFresh(c *web.Ctx, next string) (done bool, err error) {
	if IsFresh(c) {
		return false, nil
	}
	c.Flash(web.Notice, "account.flash.fresh")
	return true, c.Redirect("/login/fresh?next=" + url.QueryEscape(next))
}

func (p Pages) addAddress(c *web.Ctx) error {
	var in struct {
		Address string `form:"address"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if done, err := NeedFresh(c, emailsPath+"?address="+url.QueryEscape(cutTo(in.Address, 254))); done {
		return err
	}
	if err := LimitMails(c, in.Address); err != nil {
		return err
	}
	if err := p.AddAddress(c.Context(), c.Viewer().Person, in.Address); err != nil {
		page, errPage := p.emailsPage(c)
		if errPage != nil {
			return errPage
		}
		return again(c, err, "account/emails", func(e map[string]string) any {
			page.Address, page.Errors = in.Address, e
			return page
		})
	}
	c.Flash(web.Done, p.byMail("account.flash.mailed", "account.flash.mailed_held"), "address", in.Address)
	return c.Redirect(emailsPath)
}

func emailID(c *web.Ctx) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "error.text.404").Wrap(err)
	}
	return id, nil
}

func (p Pages) changeAddress(c *web.Ctx) error {
	id, err := emailID(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, person := c.Context(), c.Viewer().Person
	done := ""
	switch form.Get("action") {
	case "primary":
		if sent, err := NeedFresh(c, emailsPath); sent {
			return err
		}
		done, err = "account.flash.primary", p.MakePrimary(ctx, person, id)
	case "remove":
		if sent, err := NeedFresh(c, emailsPath); sent {
			return err
		}
		done, err = "account.flash.removed", p.RemoveAddress(ctx, person, id)
	case "resend":
		done, err = p.byMail("account.flash.resent", "account.flash.resent_held"), p.resend(c, person, id)
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, done)
	return c.Redirect(emailsPath)
}

func (p Pages) resend(c *web.Ctx, person, id int64) error {
	e, err := emailOf(c.Context(), p.base.Read(), person, id)
	if err != nil {
		return notFound(err)
	}
	if err := LimitMails(c, e.Address); err != nil {
		return err
	}
	return p.Resend(c.Context(), person, id)
}

func (p Pages) askRemoveAddress(c *web.Ctx) error {
	id, err := emailID(c)
	if err != nil {
		return err
	}
	e, err := p.Removable(c.Context(), c.Viewer().Person, id)
	if err != nil {
		return err
	}
	return c.Render("account/email-remove", RemoveAddressPage{
		Address: e.Address, URL: emailsPath + "/" + strconv.FormatInt(id, 10), Confirmed: e.Confirmed(), Since: e.ConfirmedAt,
	})
}
