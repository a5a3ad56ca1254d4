package account

import (
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/web"
)

// LegalPage is the page "site/legal": the terms or the privacy text.
type LegalPage struct {
	Kind, Body, Language string
	Version              int
	Since                time.Time
}

// Meta describes the page.
func (p LegalPage) Meta() web.Meta {
	return web.Meta{Title: "legal." + p.Kind + ".title", Canonical: "/" + p.Kind}
}

func (p Pages) termsText(c *web.Ctx) error { return p.legal(c, TextTerms) }

func (p Pages) privacyText(c *web.Ctx) error { return p.legal(c, TextPrivacy) }

// legal answers the text of a kind that is in force.
func (p Pages) legal(c *web.Ctx, kind string) error {
	t, err := p.Legal(c.Context(), kind, c.Lang())
	if err != nil {
		return err
	}
	return c.Render("site/legal", LegalPage{Kind: kind, Body: t.Body, Language: t.Language, Version: int(t.Version), Since: t.EffectiveAt})
}

// AgreePage is the page "account/agree": texts that have changed, to be agreed to.
type AgreePage struct {
	Texts []LegalPage
	Next  string
}

// Meta describes the page.
func (AgreePage) Meta() web.Meta { return private("legal.agree.title") }

func (p Pages) agreeForm(c *web.Ctx) error {
	ctx := c.Context()
	site, err := p.Settings(ctx)
	if err != nil {
		return err
	}
	agreed, err := agreedTo(ctx, p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	page := AgreePage{Next: local(c.Query("next"))}
	for _, kind := range site.asksFor(agreed) {
		t, err := p.Legal(ctx, kind, c.Lang())
		if err != nil {
			return err
		}
		page.Texts = append(page.Texts, LegalPage{Kind: kind, Body: t.Body, Language: t.Language, Version: int(t.Version), Since: t.EffectiveAt})
	}
	if len(page.Texts) == 0 {
		return c.Redirect(onward(page.Next))
	}
	return c.Render("account/agree", page)
}

func (p Pages) agreed(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.Agree(c.Context(), c.Viewer().Person); err != nil {
		return err
	}
	return c.Redirect(onward(form.Get("next")))
}

// TextsPage is the page "account/texts" for administrators: the terms, the privacy
// text and the question for the age.
type TextsPage struct {
	Age       int
	Texts     []TextForm
	Languages []i18n.Language
	Today     string
	Errors    map[string]string
}

// TextForm is one kind of text with what is published of it.
type TextForm struct {
	Kind     string
	Bodies   []TextBody
	Versions []TextVersion
}

// TextBody is a text in one language.
type TextBody struct{ Language, Name, Body string }

// TextVersion is one published version.
type TextVersion struct {
	Version   int
	Languages string
	Since     time.Time
	Asks      bool
}

// Meta describes the page.
func (TextsPage) Meta() web.Meta { return private("legal.admin.title") }

func (p Pages) textsPage(c *web.Ctx) (TextsPage, error) {
	site, err := p.Settings(c.Context())
	if err != nil {
		return TextsPage{}, err
	}
	page := TextsPage{Age: site.Age, Languages: p.catalogue.Languages(), Today: c.Now().UTC().Format(time.DateOnly)}
	for _, kind := range legalKinds {
		list, err := p.LegalVersions(c.Context(), kind)
		if err != nil {
			return page, err
		}
		page.Texts = append(page.Texts, textForm(kind, list, page.Languages))
	}
	return page, nil
}

// textForm shows the newest version for editing and lists all.
func textForm(kind string, list []LegalText, languages []i18n.Language) TextForm {
	f := TextForm{Kind: kind}
	for _, l := range languages {
		b := TextBody{Language: l.Code, Name: l.Name}
		for _, t := range list {
			if t.Version == list[0].Version && t.Language == l.Code {
				b.Body = t.Body
			}
		}
		f.Bodies = append(f.Bodies, b)
	}
	for _, t := range list {
		if n := len(f.Versions); n > 0 && f.Versions[n-1].Version == int(t.Version) {
			f.Versions[n-1].Languages += ", " + t.Language
			continue
		}
		f.Versions = append(f.Versions, TextVersion{Version: int(t.Version), Languages: t.Language, Since: t.EffectiveAt, Asks: t.Asks})
	}
	return f
}

func (p Pages) texts(c *web.Ctx) error {
	page, err := p.textsPage(c)
	if err != nil {
		return err
	}
	return c.Render("account/texts", page)
}

// publish keeps a new version of a text, or the age that is asked for.
func (p Pages) publish(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if form.Has("age") {
		years, errAge := strconv.Atoi(strings.TrimSpace(form.Get("age")))
		if errAge != nil {
			years = -1
		}
		err = p.SetAge(c.Context(), years)
	} else {
		in := NewText{Kind: form.Get("kind"), Asks: form.Get("asks") == "1", Bodies: map[string]string{}, EffectiveAt: c.Now()}
		for _, l := range p.catalogue.Languages() {
			in.Bodies[l.Code] = form.Get("body_" + l.Code)
		}
		if in.EffectiveAt, err = effective(form.Get("date"), c.Now()); err == nil {
			err = p.PublishText(c.Context(), in)
		}
	}
	if err != nil {
		page, errPage := p.textsPage(c)
		if errPage != nil {
			return errPage
		}
		return again(c, err, "account/texts", func(e map[string]string) any { page.Errors = e; return page })
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/admin/texts")
}

// effective is the day from which a text counts: today at once, or a later day.
func effective(date string, now time.Time) (time.Time, error) {
	if date == "" || date == now.UTC().Format(time.DateOnly) {
		return now, nil
	}
	at, err := time.Parse(time.DateOnly, date)
	if err != nil || at.Before(now) {
		return time.Time{}, FieldErrors{"date": "legal.error.date"}
	}
	return at, nil
}
