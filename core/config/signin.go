package config

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
)

var (
	domainForm   = lazily(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	iconFileForm = lazily(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(svg|png|webp)$`)
)

// Icons are the icons that come with osier for the buttons of providers.
func Icons() []string {
	return []string{"badge", "globe", "home", "issuer", "key", "lock", "mail", "people", "person", "seal"}
}

// Role splits an entry of OIDC.Roles at its last =.
func Role(entry string) (group, role string, ok bool) {
	i := strings.LastIndexByte(entry, '=')
	if i < 1 || i == len(entry)-1 {
		return "", "", false
	}
	return strings.TrimSpace(entry[:i]), strings.TrimSpace(entry[i+1:]), true
}

// CheckAllowList says which entry is neither an address nor a domain, both in
// lower case.
func CheckAllowList(list []string) error {
	for _, s := range list {
		if a, err := mail.ParseAddress(s); err == nil && a.Address == s && s == strings.ToLower(s) {
			continue
		}
		if len(s) > 253 || !domainForm().MatchString(s) {
			return fmt.Errorf(`%q is neither an address nor a domain; write for example "ada@example.org" or "example.org", in lower case`, s)
		}
	}
	return nil
}

func checkOnly(id string, list []OIDC) error {
	if id == "" || slices.ContainsFunc(list, func(p OIDC) bool { return p.ID == id }) {
		return nil
	}
	return fmt.Errorf("there is no provider %q; write the id of one, or nothing", id)
}

func checkDays(n int) error {
	if n < 1 || n > 365 {
		return fmt.Errorf("%d is not between 1 and 365 days", n)
	}
	return nil
}

// validateRules checks who may come from a provider, and how it looks.
func (p OIDC) validateRules(key string) error {
	errs := []error{keyed(key+".icon", checkIcon(p.Icon))}
	for _, d := range p.AllowedDomains {
		if !domainForm().MatchString(d) {
			errs = append(errs, keyed(key+".allowed_domains", fmt.Errorf(`%q is not a domain; write for example "example.org", in lower case`, d)))
		}
	}
	if p.DomainClaim != "" && len(p.AllowedDomains) == 0 {
		errs = append(errs, keyed(key+".domain_claim", errors.New("it is compared with allowed_domains, which is empty; write the domains too")))
	}
	for _, r := range p.Roles {
		_, role, ok := Role(r)
		if !ok || role != "admin" {
			errs = append(errs, keyed(key+".roles", fmt.Errorf(`%q gives no role; write group=admin, for example "badge-team=admin"`, r)))
		}
	}
	return errors.Join(errs...)
}

func checkIcon(s string) error {
	if s == "" || slices.Contains(Icons(), s) || iconFileForm().MatchString(s) {
		return nil
	}
	return fmt.Errorf("%q is not known; write one of %s, or the name of an SVG, PNG or WebP file in the folder icons of the data folder", s, strings.Join(Icons(), ", "))
}
