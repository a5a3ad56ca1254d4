package account

import (
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// OnlyProvider is the provider that alone signs people in, as configured; ok is
// false when every way in works.
func (a *Accounts) OnlyProvider() (p Provider, ok bool) {
	id := a.config.SignIn.Only
	if id == "" {
		return Provider{}, false
	}
	for _, b := range (Pages{a}).allButtons() {
		if b.ID == id {
			return b, true
		}
	}
	return Provider{}, false
}

// anyWay lets a handler of another way in, or of its settings, work only where
// every way in does.
func (p Pages) anyWay(next web.Handler) web.Handler {
	return func(c *web.Ctx) error {
		if only, ok := p.OnlyProvider(); ok {
			return errOnly(only)
		}
		return next(c)
	}
}

func errOnly(only Provider) error {
	return fault.New(fault.Forbidden, "account.error.only").With("provider", only.Name).At("/login")
}
