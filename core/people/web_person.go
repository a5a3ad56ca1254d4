package people

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// PersonPage is the page "people/person".
type PersonPage struct {
	PersonRow

	Self      bool
	ByGroup   bool // the groups at a provider give the role
	Language  string
	Addresses []Address
	Ways      []Way
	Sessions  int
	Held      []Held
	Answers   []account.GivenAnswer // to what the site asks people
	Acts      []ActRow
	Due       time.Time // of a removal that waits, zero for none
	Mails     bool      // there is a mail server
	CanEnter  bool      // a link to sign in by can be mailed
	Unsure    bool      // an address waits to be confirmed
	Words     string
	Errors    map[string]string
}

// Address is an e-mail address with its state.
type Address struct {
	Address   string
	Primary   bool
	Confirmed time.Time // zero: not yet
}

// Way is a way in by its name; N is how many there are, 0 for one that has no number.
type Way struct {
	Kind string // password, passkey, provider, mail or codes
	Name string // of a provider
	N    int
}

// Held is how much is held of one kind.
type Held struct {
	Key   string // as mydata.item has it
	Count int
}

// Meta titles the page.
func (PersonPage) Meta() web.Meta { return web.Meta{Title: "people.title", NoIndex: true} }

func (p *People) show(c *web.Ctx) error {
	page, err := p.personPage(c)
	if err != nil {
		return err
	}
	return c.Render("people/person", page)
}

func (p *People) personPage(c *web.Ctx) (PersonPage, error) {
	ctx, from := c.Context(), p.Base.Read()
	who, err := p.Accounts.Known(ctx, from, c.Param("id"))
	if err != nil {
		return PersonPage{}, err
	}
	x, err := found(ctx, from, who.PublicID)
	if err != nil {
		return PersonPage{}, err
	}
	page := PersonPage{PersonRow: rowOf(c, x), Self: who.ID == c.Viewer().Person, Language: who.Language, Mails: p.Mailer.Configured()}
	waits, err := removalOf(ctx, from, who.ID)
	if err != nil {
		return page, err
	}
	page.Due = waits.Due
	if page.ByGroup, err = p.Accounts.ByGroup(ctx, from, who.ID); err != nil {
		return page, err
	}
	acts, err := p.ActsOn(ctx, who.ID)
	if err != nil {
		return page, err
	}
	page.Acts = actRows(acts)
	if page.Answers, err = p.Accounts.Answers(ctx, from, who.ID, c.Lang()); err != nil {
		return page, err
	}
	return page, errors.Join(p.addAccess(c, &page, who), p.addHeld(c, &page, who.ID))
}

// addAccess adds addresses and ways in.
func (p *People) addAccess(c *web.Ctx, page *PersonPage, who account.Person) error {
	list, err := p.Accounts.Addresses(c.Context(), p.Base.Read(), who.ID)
	if err != nil {
		return err
	}
	confirmed := false
	for _, e := range list {
		page.Addresses = append(page.Addresses, Address{e.Address, e.Primary, e.ConfirmedAt})
		page.Unsure = page.Unsure || !e.Confirmed() && !who.Disabled
		confirmed = confirmed || e.Confirmed()
	}
	w, err := p.Accounts.Ways(c.Context(), p.Base.Read(), who.ID)
	if err != nil {
		return err
	}
	linked, err := p.Accounts.Identities(c.Context(), who.ID)
	if err != nil {
		return err
	}
	if w.Password {
		page.Ways = append(page.Ways, Way{Kind: "password"})
	}
	if w.Passkeys > 0 {
		page.Ways = append(page.Ways, Way{Kind: "passkey", N: w.Passkeys})
	}
	for _, i := range linked {
		page.Ways = append(page.Ways, Way{Kind: "provider", Name: p.Accounts.ProviderName(i.Provider)})
	}
	if w.Mail {
		page.Ways = append(page.Ways, Way{Kind: "mail"})
	}
	if w.Codes > 0 {
		page.Ways = append(page.Ways, Way{Kind: "codes", N: w.Codes})
	}
	_, only := p.Accounts.OnlyProvider()
	page.CanEnter = confirmed && !only && !who.Disabled
	sessions, err := p.Accounts.Sessions(c.Context(), who.ID)
	page.Sessions = len(sessions)
	return err
}

// addHeld adds how much is held of each kind, empty ones left out.
func (p *People) addHeld(c *web.Ctx, page *PersonPage, person int64) error {
	docs, err := p.Data.Counts(c.Context(), person)
	counts := map[string]int{}
	for _, d := range docs {
		counts[d.Key()] += d.Count
	}
	for key, n := range counts {
		if n > 0 {
			page.Held = append(page.Held, Held{key, n})
		}
	}
	slices.SortFunc(page.Held, func(a, b Held) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Key, b.Key)) })
	return err
}

// subject finds whom a form is about, and bounds how much one administrator does.
func (p *People) subject(c *web.Ctx) (account.Person, web.Form, error) {
	form, err := c.Form()
	if err != nil {
		return account.Person{}, form, err
	}
	if err := c.Limit("people", strconv.FormatInt(c.Viewer().Person, 10), 120, 10*time.Minute); err != nil {
		return account.Person{}, form, err
	}
	who, err := p.Accounts.Known(c.Context(), p.Base.Read(), c.Param("id"))
	return who, form, err
}

// done says that something was done, on the person's page; what the act contradicts
// is said there too.
func (p *People) done(c *web.Ctx, who account.Person, key string, err error) error {
	to := "/admin/people/" + who.PublicID
	if f, ok := fault.As(err); ok && !c.WantsJSON() && (f.Kind == fault.Conflict || f.Kind == fault.TooMany) {
		c.Flash(web.Problem, f.Key)
		return c.Redirect(to)
	}
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok && !c.WantsJSON() {
		c.Flash(web.Problem, wrong["words"])
		return c.Redirect(to)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, key, "name", who.Name)
	return c.Redirect(to)
}

// post does what needs no fresh proof: nobody new gets in by it.
func (p *People) post(c *web.Ctx) error {
	who, form, err := p.subject(c)
	if err != nil {
		return err
	}
	by := Actor{c.Viewer().Person}
	switch action := form.Get("action"); action {
	case kindSessions:
		return p.done(c, who, "people.flash.sessions", p.EndSessions(c.Context(), by, who.ID))
	case kindConfirm:
		return p.done(c, who, "people.flash.mailed", p.SendConfirmation(c.Context(), by, who.ID))
	case kindEnter:
		return p.done(c, who, "people.flash.mailed", p.SendEnter(c.Context(), by, who.ID))
	}
	return fault.New(fault.Invalid, "people.error.action")
}

func (p *People) postRole(c *web.Ctx) error {
	who, form, err := p.subject(c)
	if err != nil {
		return err
	}
	by := Actor{c.Viewer().Person}
	if form.Get("role") == account.RoleAdmin {
		return p.done(c, who, "people.flash.promoted", p.Promote(c.Context(), by, who.ID))
	}
	err = p.Demote(c.Context(), by, who.ID)
	if err == nil && who.ID == by.Person { // the pages of administrators are closed now
		c.Flash(web.Done, "people.flash.demoted", "name", who.Name)
		return c.Redirect("/settings")
	}
	return p.done(c, who, "people.flash.demoted", err)
}

func (p *People) postDisable(c *web.Ctx) error {
	who, form, err := p.subject(c)
	if err != nil {
		return err
	}
	n := Notice{Mail: form.Has("mail"), Words: form.Get("words")}
	return p.done(c, who, "people.flash.disabled", p.Disable(c.Context(), Actor{c.Viewer().Person}, who.ID, n))
}

func (p *People) postEnable(c *web.Ctx) error {
	who, form, err := p.subject(c)
	if err != nil {
		return err
	}
	return p.done(c, who, "people.flash.enabled", p.Enable(c.Context(), Actor{c.Viewer().Person}, who.ID, form.Has("mail")))
}
