package account

import (
	"net/url"

	"github.com/osier-passport/osier/core/web"
)

const home = "/badges"

// Pages are the pages of this package.
type Pages struct{ *Accounts }

// Mount adds the pages to a router.
func (a *Accounts) Mount(r web.Router) {
	p := Pages{a}
	r.Get("/", p.landing)
	r.Get("/signup", p.signupForm)
	r.Post("/signup", p.signup)
	r.Get("/invite/:token", p.inviteForm)
	r.Get("/join/:token", p.joinForm)
	r.Get("/enter/:token", p.entryForm)
	r.Post("/enter/:token", p.entry)
	r.Get("/setup/:token", p.setupForm)
	r.Post("/setup/:token", p.setup)
	r.Get("/reset", p.anyWay(p.resetForm))
	r.Post("/reset", p.anyWay(p.askReset))
	r.Get("/reset/:token", p.anyWay(p.passwordForm))
	r.Post("/reset/:token", p.anyWay(p.reset))
	r.Get("/auth/:provider", p.visit)
	r.Post("/auth/:provider", p.postVisit)
	r.Get("/auth/:provider/callback", p.callback)
	r.Get("/auth/:provider/signed-out", p.signedOut)
	r.Get("/auth/:provider/anew", p.anew)
	r.Get("/auth/:provider/icon", p.icon)
	r.Receive("/auth/:provider/backchannel", p.backChannel)
	r.Get("/@:handle/picture", p.picture)
	p.mountLogin(r)
	r.Get("/terms", p.termsText)
	r.Get("/privacy", p.privacyText)
	r.Get("/guardian/:token", p.guardianForm)
	r.Post("/guardian/:token", p.guardian)
	r.Get("/unsubscribe/:token", p.askUnsubscribe)
	r.Receive("/unsubscribe/:token", p.unsubscribe)
	admin := r.Group(web.Admin)
	admin.Get("/admin/texts", p.texts)
	admin.Post("/admin/texts", p.publish)
	admin.Post("/admin/texts/age", p.liftByAdmin)
	p.mountSignedIn(r.Group(web.SignedIn))
	p.mountJoining(r)
}

func (p Pages) mountSignedIn(r web.Router) {
	r.Post("/logout", p.logout)
	r.Get("/confirm/:token", p.confirmForm)
	r.Post("/confirm/:token", p.confirm)
	p.mountSettings(r)
	r.Get("/settings/emails", p.emails)
	r.Post("/settings/emails", p.addAddress)
	r.Post("/settings/emails/:id", p.changeAddress)
	r.Get("/settings/emails/:id/remove", p.askRemoveAddress)
	p.mountSecurity(r)
}

func (p Pages) landing(c *web.Ctx) error {
	if c.Viewer().SignedIn() {
		return c.Redirect(home)
	}
	site, err := p.Settings(c.Context())
	if err != nil {
		return err
	}
	page := LandingPage{Providers: p.buttons(), CanSignUp: site.SignUp(), Tagline: site.Tagline}
	if p.showcase != nil && site.Explore {
		if page.Showcase, err = p.showcase(c); err != nil {
			return err
		}
	}
	return c.Render("site/landing", page)
}

// buttons are the providers to choose from: the one that alone signs people in, or
// all.
func (p Pages) buttons() []Provider {
	if only, ok := p.OnlyProvider(); ok {
		return []Provider{only}
	}
	return p.allButtons()
}

func (p Pages) allButtons() []Provider {
	list := []Provider{}
	for _, o := range p.providers.List() {
		b := Provider{ID: o.ID, Name: o.Name, URL: "/auth/" + o.ID}
		b.Icon, b.Image = p.face(o.ID)
		list = append(list, b)
	}
	return list
}

// face is the icon of a provider: a name of the theme's, or the path of an image. One
// that is not configured any more has the plain one.
func (p Pages) face(provider string) (name, image string) {
	i, ok := p.icons[provider]
	switch {
	case !ok:
		return iconPlan, ""
	case i.name == "":
		return "", "/auth/" + provider + "/icon"
	}
	return i.name, ""
}

// host is the name of this site before /@handle.
func (p Pages) host() string {
	u, err := url.Parse(p.url("/"))
	if err != nil {
		return ""
	}
	return u.Host
}

// Enter signs a person in on this browser and goes on to next where that is a
// local path. The caller knows who the person is.
func (a *Accounts) Enter(c *web.Ctx, person Person, next string) error {
	return a.EnterFrom(c, person, c.SessionToken(), next)
}

// EnterFrom is Enter in place of another session than this browser's, which ends.
func (a *Accounts) EnterFrom(c *web.Ctx, person Person, old, next string) error {
	token, err := a.begin(c.Context(), person.ID, deviceOf(c.UserAgent()), old, a.knows(c, person))
	if err != nil {
		return err
	}
	return a.entered(c, person, token, next)
}

func (a *Accounts) entered(c *web.Ctx, person Person, token, next string) error {
	c.SetSession(token, sessionAge)
	a.remember(c, person)
	setLook(c, person)
	return c.Redirect(onward(next))
}

// setLook gives this browser the appearance that a person chose.
func setLook(c *web.Ctx, person Person) {
	if person.Scheme != "auto" || person.Contrast != "auto" {
		c.SetLook(person.Scheme, person.Contrast)
	}
}

// onward is the local path of next, or the start page.
func onward(next string) string {
	if local := web.Local(next); local != "/" {
		return local
	}
	return home
}

// local is next when it is a local path, else "".
func local(next string) string {
	if next == "" || web.Local(next) != next {
		return ""
	}
	return next
}

// again shows a form with its errors when err is about its fields, and passes
// any other error on.
func again(c *web.Ctx, err error, name string, page func(wrong map[string]string) any) error {
	fields, ok := fieldsOf(err)
	if !ok {
		return err
	}
	return c.RenderStatus(422, name, page(fields))
}
