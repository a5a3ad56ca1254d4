package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	languageCookie = "lang"
	languageAge    = 365 * 24 * time.Hour
)

// Lang is the language of the answer: the person's, else the one chosen on this
// browser, else the best for its Accept-Language, else the site's.
func (c *Ctx) Lang() string {
	if c.lang == "" {
		c.lang = c.chooseLang()
	}
	return c.lang
}

func (c *Ctx) chooseLang() string {
	cat := c.app.o.Catalogue
	if cat.Has(c.viewer.Lang) {
		return c.viewer.Lang
	}
	if l := c.Cookie(languageCookie); cat.Has(l) {
		return l
	}
	if accept := c.f.Get(fiber.HeaderAcceptLanguage); accept != "" {
		return cat.Match(accept)
	}
	return cat.Language(c.app.o.Config.Language).Code
}

// postLanguage keeps the language that someone chose and goes back to the page.
func (c *Ctx) postLanguage() error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	lang := strings.TrimSpace(form.Get("lang"))
	if c.app.o.Catalogue.Has(lang) {
		c.SetCookie(languageCookie, lang, languageAge)
		if c.viewer.SignedIn() && c.app.o.SetLanguage != nil {
			if err := c.app.o.SetLanguage(c.Context(), c.viewer.Person, lang); err != nil {
				return err
			}
		}
		c.Flash(Done, "flash.language")
	}
	return c.Redirect(Local(form.Get("next")))
}
