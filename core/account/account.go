// Package account knows people and how they prove who they are: handles,
// e-mail addresses, passwords, passkeys, OpenID Connect identities and sessions. It also
// keeps the settings of the site and makes the first administrator.
//
// It owns the tables person, person_word, person_day, email, email_token, address_proof, identity, password, passkey,
// recovery_code, session, oidc_state, spent, tombstone and setting; and for providers and sign-up gone_identity,
// oidc_session, entry, invitation and invitation_use. It publishes Joined, AddressConfirmed,
// AddressRemoved and Removed. core/web asks it who a session belongs to; every feature above asks
// it for people and their confirmed addresses; commands create people with it.
//
// An address is a person's once confirmed: by a mailed link opened by the person
// who is signed in, by a provider that says so, or by whoever runs the server.
// An identity is the pair of issuer and subject, never an address.
package account

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

// Roles of a person.
const (
	RoleMember = "member"
	RoleAdmin  = "admin"
)

// Person is who holds an account.
type Person struct {
	ID         int64
	PublicID   string
	Handle     string // lower case, in the path /@handle
	Name       string
	About      string // Markdown
	Role       string
	Language   string // "" follows the browser
	Scheme     string // auto, light, dark
	Contrast   string // auto, high
	Visibility string // of new badges
	Picture    string // hash of a blob, or ""
	Disabled   bool
	CreatedAt  time.Time
}

// Admin reports whether the person administers this passport.
func (p Person) Admin() bool { return p.Role == RoleAdmin }

// Options are what Accounts is made of. All but HTTP, Log and
// Showcase are required.
type Options struct {
	Base      *db.Base
	Bus       *event.Bus
	Keys      *secret.Keys
	Mailer    *mail.Mailer
	Catalogue *i18n.Catalogue
	Config    config.Config
	URL       func(path string) string // absolute form of a local path (web.App.URL)
	HTTP      *http.Client             // core/fetch's, for providers
	Log       *slog.Logger             // nil: discard
	// Showcase fills the first page for visitors; nil: it shows no badges.
	Showcase func(c *web.Ctx) (Showcase, error)
}

// Accounts is the service of this package.
type Accounts struct {
	base      *db.Base
	bus       *event.Bus
	keys      *secret.Keys
	mailer    *mail.Mailer
	catalogue *i18n.Catalogue
	config    config.Config
	url       func(path string) string
	log       *slog.Logger
	hasher    *hasher
	providers *oidc.Providers
	icons     map[string]icon // by provider
	showcase  func(c *web.Ctx) (Showcase, error)
	site      siteCache
}

// New makes the service. It asks nothing of the network.
func New(o Options) *Accounts {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Accounts{
		base: o.Base, bus: o.Bus, keys: o.Keys, mailer: o.Mailer, catalogue: o.Catalogue,
		config: o.Config, url: o.URL, log: o.Log, hasher: newHasher(), showcase: o.Showcase,
	}
	a.providers = oidc.New(oidc.Options{
		Providers: o.Config.OIDC, Client: o.HTTP, Now: o.Base.Now,
		Callback:  func(id string) string { return a.url("/auth/" + id + "/callback") },
		SignedOut: func(id string) string { return a.url("/auth/" + id + "/signed-out") },
	})
	a.icons = loadIcons(o.Config, o.Log)
	event.After(o.Bus, a.onLinkAsked)
	event.After(o.Bus, a.onJoinAsked)
	return a
}
