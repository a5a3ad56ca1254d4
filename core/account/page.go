package account

import (
	"github.com/osier-passport/osier/core/web"
)

// Provider is a button that leads to a sign-in provider.
type Provider struct {
	ID, Name, URL string
	Icon          string // of the theme; "" when there is an Image
	Image         string // local path
	Invite        string // secret of an invitation to come with, or ""
}

// LandingPage is the page "site/landing".
type LandingPage struct {
	Providers []Provider
	CanSignUp bool
	Showcase
	Tagline string
}

// Meta describes the page.
func (p LandingPage) Meta() web.Meta {
	return web.Meta{Description: p.Tagline, Canonical: "/"}
}

// Showcase is what visitors see of the community on the first page.
type Showcase struct {
	Recent                  []Card // at most six public badges
	People, Badges, Issuers int    // of what is public; 0 hides the number
}

// Card is a badge on the first page; its addresses are local paths.
type Card struct{ URL, Name, Image, Issuer string }

// LoginPage is the page "account/login".
type LoginPage struct {
	Providers     []Provider
	Address, Next string
	CanSignUp     bool
	Passkeys      bool // this site can have passkeys
	Links         bool // links to sign in by can be mailed
	Only          bool // the provider alone signs people in
	Errors        map[string]string
}

// Meta describes the page.
func (LoginPage) Meta() web.Meta { return private("account.login.title") }

// SignupPage is the page "account/signup".
type SignupPage struct {
	Providers                         []Provider
	Name, Handle, Address, Next, Host string
	Years                             int    // below which people need a guardian; 0: nobody is asked
	Age, Guardian                     string // over, under
	Asks                              []string
	Questions                         []Asked
	Agree                             bool
	Inviter                           string // name, or ""
	Invite, Proof                     string // what opens the form, or ""
	Only                              bool   // the provider alone signs people in
	Ask                               bool   // for an address alone, to mail a link to
	Sent                              bool   // the link is on its way, if there is one
	Domains                           []string
	Errors                            map[string]string
}

// Meta describes the page.
func (SignupPage) Meta() web.Meta { return private("account.signup.title") }

// SetupPage is the page "account/setup".
type SetupPage struct {
	Action                                string
	SiteName, Name, Handle, Address, Host string
	Explore                               string // open, members
	MailConfigured                        bool
	Errors                                map[string]string
}

// Meta describes the page.
func (SetupPage) Meta() web.Meta { return private("account.setup.title") }

// ConfirmPage is the page "account/confirm".
type ConfirmPage struct {
	Action, Address string
	Done            bool
	Next            string
}

// Meta describes the page.
func (ConfirmPage) Meta() web.Meta { return private("account.confirm.title") }

// ResetPage is the page "account/reset": who forgot the password gives an
// address, then hears that a mail is on its way (Sent), or that it waits with the
// administrators (not MailConfigured).
type ResetPage struct {
	Address        string
	Sent           bool
	MailConfigured bool
	Errors         map[string]string
}

// Meta describes the page.
func (ResetPage) Meta() web.Meta { return private("account.reset.title") }

// PasswordPage is the page "account/password": the mailed link leads here.
type PasswordPage struct {
	Action, Handle string
	Errors         map[string]string
}

// Meta describes the page.
func (PasswordPage) Meta() web.Meta { return private("account.reset.title") }

func private(title string) web.Meta { return web.Meta{Title: title, NoIndex: true} }
