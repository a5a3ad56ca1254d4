package oidc

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
)

// configured is a provider of the double with changes to its configuration.
func configured(t *testing.T, p *oidctest.Provider, change func(*config.OIDC)) *Provider {
	t.Helper()
	c := config.OIDC{
		ID: "uni", Name: "University", Issuer: p.Issuer, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
		Scopes: []string{"openid"},
	}
	change(&c)
	return New(Options{
		Providers: []config.OIDC{c}, Client: fetch.New(fetch.Options{Allow: []string{p.Host()}}).HTTP(),
		Callback:  func(id string) string { return "https://passport.test/auth/" + id + "/callback" },
		SignedOut: func(id string) string { return "https://passport.test/auth/" + id + "/signed-out" },
	}).List()[0]
}

// finish plays a sign-in; with since it is one that asks for a fresh proof.
func finish(t *testing.T, provider *Provider, p *oidctest.Provider, since time.Time) (Claims, error) {
	t.Helper()
	r := request
	r.Again = !since.IsZero()
	to, err := provider.Begin(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	back := p.Approve(t, to)
	return provider.Finish(t.Context(), Answer{
		Code: back.Get("code"), Issuer: back.Get("iss"), Nonce: request.Nonce, Verifier: request.Verifier, Since: since,
	})
}

func TestWhoIsLetIn(t *testing.T) {
	domains := func(c *config.OIDC) { c.AllowedDomains = []string{"example.org", "example.edu"} }
	hosted := func(c *config.OIDC) { c.AllowedDomains, c.DomainClaim = []string{"example.org"}, "hd" }
	groups := func(c *config.OIDC) { c.AllowedGroups = []string{"staff", "a b/c"} }
	nested := func(c *config.OIDC) { c.AllowedGroups, c.GroupsClaim = []string{"staff"}, "realm_access.roles" }
	url := func(c *config.OIDC) { c.AllowedGroups, c.GroupsClaim = []string{"staff"}, "https://x.test/groups" }
	tests := []struct {
		name   string
		conf   func(*config.OIDC)
		claims jsonObject
		in     bool
	}{
		{"domain", domains, jsonObject{"email": "Ada@Example.ORG"}, true},
		{"another domain", domains, jsonObject{"email": "ada@example.com"}, false},
		{"domain below", domains, jsonObject{"email": "ada@evil.example.org"}, false},
		{"domain that ends alike", domains, jsonObject{"email": "ada@evilexample.org"}, false},
		{"domain not verified", domains, jsonObject{"email": "ada@example.org", "email_verified": false}, false},
		{"verified as text", domains, jsonObject{"email": "ada@example.org", "email_verified": "true"}, false},
		{"two addresses", domains, jsonObject{"email": "ada@example.com@example.org"}, false},
		{"no address", domains, jsonObject{"email": nil}, false},
		{"list of addresses", domains, jsonObject{"email": []string{"ada@example.org"}}, false},
		{"hd", hosted, jsonObject{"hd": "example.org", "email": "ada@elsewhere.test"}, true},
		{"no hd, though the address fits", hosted, jsonObject{"email": "ada@example.org"}, false},
		{"hd as a list", hosted, jsonObject{"hd": []string{"example.org"}}, false},
		{"group", groups, jsonObject{"groups": []string{"other", "staff"}}, true},
		{"group as one text", groups, jsonObject{"groups": "a b/c"}, true},
		{"groups in one text", groups, jsonObject{"groups": "staff,other"}, false},
		{"other groups", groups, jsonObject{"groups": []string{"Staff", "staff "}}, false},
		{"groups of odd types", groups, jsonObject{"groups": []any{1, nil, jsonObject{"staff": true}, []string{"staff"}}}, false},
		{"groups as an object", groups, jsonObject{"groups": jsonObject{"staff": true}}, false},
		{"no groups", groups, nil, false},
		{"nested", nested, jsonObject{"realm_access": jsonObject{"roles": []string{"staff"}}}, true},
		{"nested, another path", nested, jsonObject{"realm_access": []string{"staff"}, "roles": []string{"staff"}}, false},
		{"nested, a name with a dot wins", nested, jsonObject{"realm_access.roles": []string{"staff"}}, true},
		{"nested, the name with a dot is empty", nested, jsonObject{"realm_access.roles": nil, "realm_access": jsonObject{"roles": []string{"staff"}}}, false},
		{"a claim named by an address", url, jsonObject{"https://x.test/groups": []string{"staff"}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := oidctest.New(t)
			p.UserInfo = func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }
			p.Claims = func(c jsonObject) { maps.Copy(c, tt.claims) }
			got, err := finish(t, configured(t, p, tt.conf), p, time.Time{})
			if tt.in && err != nil || !tt.in && !fault.Is(err, fault.Forbidden) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestGroupsComeOfTheUserInfoToo(t *testing.T) {
	p := oidctest.New(t)
	p.Person["groups"] = []string{"staff", "badge-team"}
	p.Claims = func(c jsonObject) { delete(c, "groups") }
	provider := configured(t, p, func(c *config.OIDC) {
		c.AllowedGroups, c.Roles = []string{"staff"}, []string{"x=admin", "badge-team=admin"}
	})
	got, err := finish(t, provider, p, time.Time{})
	if err != nil || got.Role != "admin" || !slices.Contains(got.Groups, "staff") {
		t.Errorf("got %+v, %v", got, err)
	}
	p.Person["groups"] = []string{"staff"}
	if got, err = finish(t, provider, p, time.Time{}); err != nil || got.Role != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestAFreshSignInProvesIt: prompt=login is a wish that a provider may overlook;
// auth_time says whether it did.
func TestAFreshSignInProvesIt(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name  string
		at    any // auth_time
		lax   bool
		fresh bool
	}{
		{"just now", now.Unix(), false, true},
		{"half a minute before, by another clock", now.Add(-30 * time.Second).Unix(), false, true},
		{"an hour ago", now.Add(-time.Hour).Unix(), false, false},
		{"in 1970", 0, false, false},
		{"tomorrow", now.Add(24 * time.Hour).Unix(), false, false},
		{"as text", "4102444800", false, false},
		{"null", nil, false, false},
		{"not said", "absent", false, false},
		{"not said, as configured", "absent", true, true},
		{"an hour ago, though it never says", now.Add(-time.Hour).Unix(), true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := oidctest.New(t)
			p.Claims = func(c jsonObject) {
				if c["auth_time"] = tt.at; tt.at == "absent" {
					delete(c, "auth_time")
				}
			}
			provider := configured(t, p, func(c *config.OIDC) { c.NoAuthTime = tt.lax })
			got, err := finish(t, provider, p, now)
			if tt.fresh && err != nil || !tt.fresh && !fault.Is(err, fault.Forbidden) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
