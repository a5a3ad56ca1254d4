package oidc

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/fault"
)

const (
	proofLead = time.Minute // clocks may differ by, in a proof that was asked for
	groupsMax = 1000        // groups of a person that are looked at
)

// admit returns a fault Forbidden for a person whom the configuration does not let
// in: of none of the allowed domains, or in none of the allowed groups.
func (p *Provider) admit(c Claims) error {
	if len(p.conf.AllowedDomains) > 0 && !slices.Contains(p.conf.AllowedDomains, p.domainOf(c)) {
		return p.notAllowed(errors.New("the domain is not among those allowed"))
	}
	inGroup := func(g string) bool { return slices.Contains(p.conf.AllowedGroups, g) }
	if len(p.conf.AllowedGroups) > 0 && !slices.ContainsFunc(c.Groups, inGroup) {
		return p.notAllowed(errors.New("in no group that is allowed"))
	}
	return nil
}

func (p *Provider) notAllowed(err error) error {
	return fault.New(fault.Forbidden, "account.error.oidc.not_allowed").With("provider", p.Name).Wrap(err).At("/login")
}

// domainOf is the domain of the configured claim, else of a verified address that
// is one plain address in ASCII.
func (p *Provider) domainOf(c Claims) string {
	if p.conf.DomainClaim != "" {
		return strings.ToLower(c.Domain)
	}
	if name, domain, ok := strings.Cut(c.Address, "@"); ok && c.Verified && name != "" && !strings.Contains(domain, "@") {
		return strings.ToLower(domain)
	}
	return ""
}

// role is the highest role that the groups of a person give, and the group that
// gives it.
func (p *Provider) role(c Claims) (role, group string) {
	for _, entry := range p.conf.Roles {
		if group, role, ok := config.Role(entry); ok && slices.Contains(c.Groups, group) {
			return role, group
		}
	}
	return "", ""
}

// Gives reports whether the configuration gives a role to the members of a group
// now.
func (p *Provider) Gives(role, group string) bool {
	return slices.ContainsFunc(p.conf.Roles, func(entry string) bool {
		g, r, ok := config.Role(entry)
		return ok && g == group && r == role
	})
}

// groupsClaim is the claim that lists groups, or "" when nobody asks for them.
func (p *Provider) groupsClaim() string {
	if len(p.conf.AllowedGroups) == 0 && len(p.conf.Roles) == 0 {
		return ""
	}
	return cmp.Or(p.conf.GroupsClaim, "groups")
}

// groupsIn gives the texts of a claim: of that name, else at the end of the path
// that its dots make. Anything but a text or a list of texts is no group.
func groupsIn(c map[string]any, claim string) []string {
	v, found := c[claim]
	for rest := claim; !found; {
		var name string
		var deeper bool
		name, rest, deeper = strings.Cut(rest, ".")
		if v, found = c[name]; !found {
			return nil
		}
		if deeper {
			if c, found = v.(map[string]any); !found {
				return nil
			}
			found = false
		}
	}
	out := []string{}
	switch list := v.(type) {
	case string:
		out = append(out, list)
	case []any:
		for _, g := range list[:min(len(list), groupsMax)] {
			if s, ok := g.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// checkProof asks a sign-in that was to be a fresh proof for the time of it
// (OpenID Connect Core 1.0 §3.1.3.7, number 13): a provider that let the person
// through on an old session proves nothing. Zero since asks for nothing.
func (p *Provider) checkProof(c Claims, since time.Time) error {
	if since.IsZero() || p.conf.NoAuthTime && c.ProvedAt.IsZero() {
		return nil
	}
	if c.ProvedAt.Before(since.Add(-proofLead)) {
		err := errors.New("auth_time is before the proof was asked for, or missing")
		return fault.New(fault.Forbidden, "account.error.oidc.not_fresh").With("provider", p.Name).Wrap(err).At("/login/fresh")
	}
	return nil
}
