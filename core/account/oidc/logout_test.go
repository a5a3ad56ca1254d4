package oidc

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/fault"
)

func same(*config.OIDC) {}

func TestALogoutTokenNamesWhatEnded(t *testing.T) {
	p := oidctest.New(t)
	provider := configured(t, p, same)
	for name, change := range map[string]func(h, c jsonObject){
		"typed":            nil,
		"typ JWT":          func(h, _ jsonObject) { h["typ"] = "JWT" },
		"no typ":           func(h, _ jsonObject) { delete(h, "typ") },
		"subject alone":    func(_, c jsonObject) { delete(c, "sid") },
		"session alone":    func(_, c jsonObject) { delete(c, "sub") },
		"several for many": func(_, c jsonObject) { c["aud"] = []string{oidctest.ClientID, "x"}; c["azp"] = oidctest.ClientID },
	} {
		e, err := provider.ReadLogout(t.Context(), p.LogoutToken(change))
		if err != nil || e.Issuer != p.Issuer || e.ID == "" || e.Subject == "" && e.Session == "" {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func TestHostileLogoutTokensAreRefused(t *testing.T) {
	past := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	const event = "http://schemas.openid.net/event/backchannel-logout"
	tests := map[string]func(h, c jsonObject){
		"access token":              func(h, _ jsonObject) { h["typ"] = "at+jwt" },
		"typ of another kind":       func(h, _ jsonObject) { h["typ"] = 1 },
		"alg none":                  func(h, _ jsonObject) { h["alg"] = "none" },
		"HMAC":                      func(h, _ jsonObject) { h["alg"] = "HS256" },
		"another issuer":            func(_, c jsonObject) { c["iss"] = "https://other.test" },
		"another client":            func(_, c jsonObject) { c["aud"] = "other" },
		"no audience":               func(_, c jsonObject) { delete(c, "aud") },
		"azp of another client":     func(_, c jsonObject) { c["azp"] = "other" },
		"no iat":                    func(_, c jsonObject) { delete(c, "iat") },
		"old":                       func(_, c jsonObject) { c["iat"] = past(time.Hour) },
		"of tomorrow":               func(_, c jsonObject) { c["iat"] = past(-24 * time.Hour) },
		"no exp":                    func(_, c jsonObject) { delete(c, "exp") },
		"expired":                   func(_, c jsonObject) { c["exp"] = past(time.Hour) },
		"no jti":                    func(_, c jsonObject) { delete(c, "jti") },
		"empty jti":                 func(_, c jsonObject) { c["jti"] = "" },
		"jti of 1 kB":               func(_, c jsonObject) { c["jti"] = strings.Repeat("j", 1024) },
		"jti as a number":           func(_, c jsonObject) { c["jti"] = 7 },
		"nonce":                     func(_, c jsonObject) { c["nonce"] = "nonce-1" },
		"nonce null":                func(_, c jsonObject) { c["nonce"] = nil },
		"no events":                 func(_, c jsonObject) { delete(c, "events") },
		"events as a list":          func(_, c jsonObject) { c["events"] = []string{event} },
		"events of another kind":    func(_, c jsonObject) { c["events"] = jsonObject{"http://schemas.openid.net/event/other": jsonObject{}} },
		"the event is no object":    func(_, c jsonObject) { c["events"] = jsonObject{event: true} },
		"neither sub nor sid":       func(_, c jsonObject) { delete(c, "sub"); delete(c, "sid") },
		"sub empty":                 func(_, c jsonObject) { c["sub"] = "" },
		"sub as a list":             func(_, c jsonObject) { c["sub"] = []string{"subject-1"} },
		"sid empty, sub would be":   func(_, c jsonObject) { c["sid"] = "" },
		"sid null, sub would be":    func(_, c jsonObject) { c["sid"] = nil },
		"sid as a number":           func(_, c jsonObject) { c["sid"] = 5 },
		"an id token of the person": func(h, c jsonObject) { h["typ"] = "JWT"; delete(c, "events"); delete(c, "jti"); c["nonce"] = "n" },
		"crit":                      func(h, _ jsonObject) { h["crit"] = []string{"x"} },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			p := oidctest.New(t)
			if e, err := configured(t, p, same).ReadLogout(t.Context(), p.LogoutToken(change)); !fault.Is(err, fault.Forbidden) {
				t.Errorf("got %+v, %v", e, err)
			}
		})
	}
	p := oidctest.New(t)
	for _, raw := range []string{"", "x", "a.b.c", p.LogoutToken(nil) + "\n", " " + p.LogoutToken(nil), strings.Repeat(".", 100_000)} {
		if e, err := configured(t, p, same).ReadLogout(t.Context(), raw); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%.20q: got %+v, %v", raw, e, err)
		}
	}
}

func TestALogoutTokenIsNoSignIn(t *testing.T) {
	p := oidctest.New(t)
	p.Sign = func(c jsonObject) string {
		return p.LogoutToken(func(h, l jsonObject) { h["typ"] = "JWT"; l["nonce"] = c["nonce"] })
	}
	if got, err := signIn(t, p, nil); !fault.Is(err, fault.Forbidden) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTheSignOutAtAProvider(t *testing.T) {
	p := oidctest.New(t)
	to, ok := configured(t, p, same).SignOut(t.Context(), "the.id.token", "state-1")
	u, err := url.Parse(to)
	if !ok || err != nil || !strings.HasPrefix(to, p.Issuer+"/logout?") {
		t.Fatalf("%q, %v, %v", to, ok, err)
	}
	q := u.Query()
	if q.Get("id_token_hint") != "the.id.token" || q.Get("state") != "state-1" || q.Get("client_id") != oidctest.ClientID ||
		q.Get("post_logout_redirect_uri") != "https://passport.test/auth/uni/signed-out" {
		t.Errorf("%s", to)
	}
	if to, ok = configured(t, p, same).SignOut(t.Context(), strings.Repeat("t", 5000), "s"); !ok || strings.Contains(to, "ttt") || len(to) > 1000 {
		t.Errorf("a token that does not fit: %d characters", len(to))
	}
	p.Discovery = func(d jsonObject) { delete(d, "end_session_endpoint") }
	if to, ok = configured(t, p, same).SignOut(t.Context(), "t", "s"); ok {
		t.Errorf("a provider without the endpoint: %s", to)
	}
	p.Discovery = func(d jsonObject) { d["end_session_endpoint"] = "javascript:alert(1)" }
	if to, ok = configured(t, p, same).SignOut(t.Context(), "t", "s"); ok {
		t.Errorf("a script: %s", to)
	}
	p.Handle["/.well-known/openid-configuration"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	if to, ok = configured(t, p, same).SignOut(t.Context(), "t", "s"); ok {
		t.Errorf("a dead provider: %s", to)
	}
}
