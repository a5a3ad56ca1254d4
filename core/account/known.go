package account

import (
	"strings"
	"time"

	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

const (
	knownCookie  = "known"
	knownPurpose = "account/known"
	knownAge     = 365 * 24 * time.Hour
	knownMax     = 4 // people who use one browser
)

// A browser remembers by a cookie of its own whom it was signed in as: a random
// number, and a code for each person that only this passport can make. It opens
// nothing. It tells a new device from an old one, and lets who has been here
// before sign in while strangers guess at their password.

// browserOf gives the number of a browser ("" for a new one) and its codes.
func browserOf(c *web.Ctx) (id string, codes []string) {
	parts := strings.Split(c.Cookie(knownCookie), ".")
	if len(parts) > 1+knownMax || parts[0] == "" {
		return "", nil
	}
	return parts[0], parts[1:]
}

// knows tells whether this browser was signed in as a person.
func (a *Accounts) knows(c *web.Ctx, p Person) bool {
	id, codes := browserOf(c)
	for _, code := range codes {
		if p.PublicID != "" && a.keys.CheckMAC(knownPurpose, []byte(id+"\x00"+p.PublicID), code) {
			return true
		}
	}
	return false
}

// remember makes this browser one that was signed in as a person.
func (a *Accounts) remember(c *web.Ctx, p Person) {
	id, codes := browserOf(c)
	if id == "" {
		id = secret.Token()
	}
	code := a.keys.MAC(knownPurpose, []byte(id+"\x00"+p.PublicID))
	list := []string{id, code}
	for _, other := range codes {
		if other != code && len(list) <= knownMax {
			list = append(list, other)
		}
	}
	c.SetCookie(knownCookie, strings.Join(list, "."), knownAge)
}
