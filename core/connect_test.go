package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/connect"
	"github.com/osier-passport/osier/core/db"
)

const appAddress = "https://app.example/cb?from=osier"

// phoneApp is an app that people let in, as a library of others drives it.
type phoneApp struct {
	oauth2.Config

	p        *passport
	verifier string
}

// phone is one that an administrator set up.
func (p *passport) phone(confidential bool, scopes ...string) *phoneApp {
	p.t.Helper()
	c, secret, err := p.connect.Add(p.t.Context(), "Phone app", []string{appAddress, "http://127.0.0.1/cb", "org.example.app:/cb"}, confidential)
	if err != nil {
		p.t.Fatal(err)
	}
	a := p.oauth(c.ID, secret)
	if len(scopes) > 0 {
		a.Scopes = scopes
	}
	return a
}

func (p *passport) oauth(id, secret string) *phoneApp {
	style := oauth2.AuthStyleInParams
	if secret != "" {
		style = oauth2.AuthStyleInHeader
	}
	return &phoneApp{p: p, verifier: oauth2.GenerateVerifier(), Config: oauth2.Config{
		ClientID: id, ClientSecret: secret, RedirectURL: appAddress, Scopes: []string{connect.ReadBadges, connect.ReadProfile},
		Endpoint: oauth2.Endpoint{AuthURL: p.url + "/oauth/authorize", TokenURL: p.url + "/oauth/token", AuthStyle: style},
	}}
}

func (a *phoneApp) ctx() context.Context {
	return context.WithValue(a.p.t.Context(), oauth2.HTTPClient, &http.Client{Transport: a.p.transport, Timeout: 30 * time.Second})
}

// path is where the app sends a browser; more changes parameters, given as pairs.
func (a *phoneApp) path(more ...string) string {
	u, err := url.Parse(a.AuthCodeURL("the state", oauth2.S256ChallengeOption(a.verifier)))
	if err != nil {
		a.p.t.Fatal(err)
	}
	q := u.Query()
	for i := 0; i+1 < len(more); i += 2 {
		if q.Set(more[i], more[i+1]); more[i+1] == "" {
			q.Del(more[i])
		}
	}
	return u.Path + "?" + q.Encode()
}

// decide answers the consent page and gives what the browser hands to the app.
func (a *phoneApp) decide(v *visitor, answer string, more ...string) url.Values {
	a.p.t.Helper()
	page := v.get(a.path(more...)).is(a.p.t, 200)
	pairs := []string{"answer", answer}
	for _, n := range page.all(a.p.t, `form[action="/oauth/authorize"] input`) {
		if attr(n, "name") != "csrf" {
			pairs = append(pairs, attr(n, "name"), attr(n, "value"))
		}
	}
	to, err := url.Parse(v.post("/oauth/authorize", pairs...).is(a.p.t, 303).location())
	if err != nil {
		a.p.t.Fatal(err)
	}
	return to.Query()
}

// enter lets the app in and gives its tokens.
func (a *phoneApp) enter(v *visitor) *oauth2.Token {
	a.p.t.Helper()
	got := a.decide(v, "allow")
	t, err := a.Exchange(a.ctx(), got.Get("code"), oauth2.VerifierOption(a.verifier))
	if err != nil {
		a.p.t.Fatal(err)
	}
	return t
}

// opens reports whether a token still counts.
func (p *passport) opens(t *oauth2.Token) bool {
	p.t.Helper()
	_, err := p.connect.Bearer(p.t.Context(), t.AccessToken)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		p.t.Fatal(err)
	}
	return err == nil
}

// again brings a refresh token.
func (a *phoneApp) again(refresh string) (*oauth2.Token, error) {
	return a.TokenSource(a.ctx(), &oauth2.Token{RefreshToken: refresh}).Token()
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || e.ErrorCode != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// TestAnAppActsForAPerson is the whole way of an app that stays, by a client library
// of others: code, tokens, a refresh, and the end when a used token comes again.
func TestAnAppActsForAPerson(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada := p.member("ada")
		a := p.phone(true, connect.ReadBadges, connect.Stay, "openid")

		if to := p.visitor().get(a.path()).is(t, 303).location(); to != "/login?next="+url.QueryEscape(a.path()) {
			t.Errorf("a visitor is sent to %s", to)
		}
		got := a.decide(ada, "allow")
		if got.Get("state") != "the state" || got.Get("iss") != p.url || got.Get("scope") != connect.ReadBadges+" "+connect.Stay || got.Get("from") != "osier" {
			t.Errorf("handed over: %v", got)
		}
		first, err := a.Exchange(a.ctx(), got.Get("code"), oauth2.VerifierOption(a.verifier))
		if err != nil {
			t.Fatal(err)
		}
		if first.TokenType != "Bearer" || first.Extra("scope") != connect.ReadBadges+" "+connect.Stay || first.RefreshToken == "" || time.Until(first.Expiry) > time.Hour {
			t.Errorf("tokens: %+v, scope %v", first, first.Extra("scope"))
		}
		who, err := p.connect.Bearer(t.Context(), first.AccessToken)
		if err != nil || who.Person != ada.person.ID || !who.May(connect.ReadBadges) || who.May(connect.ReadProfile) {
			t.Errorf("the token opens %+v, %v", who, err)
		}
		second, err := a.again(first.RefreshToken)
		if err != nil || !p.opens(second) {
			t.Fatal(second, err)
		}
		if n := p.count(`SELECT count(*) FROM oauth_grant WHERE CAST(refresh_hash AS TEXT) LIKE '%' || $1 || '%'`, second.RefreshToken); n != 0 {
			t.Error("a token is kept in clear")
		}
		_, err = a.again(first.RefreshToken)
		wantCode(t, err, "invalid_grant")
		if p.opens(first) || p.opens(second) {
			t.Error("a used token came again, and others of its family count")
		}
		_, err = a.again(second.RefreshToken)
		wantCode(t, err, "invalid_grant")
	})
}

func TestACodeIsUsedOnce(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	a := p.phone(false)
	code := a.decide(ada, "allow").Get("code")
	_, err := a.Exchange(a.ctx(), code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
	wantCode(t, err, "invalid_grant")
	_, err = p.phone(false).Exchange(a.ctx(), code, oauth2.VerifierOption(a.verifier))
	wantCode(t, err, "invalid_grant")
	token, err := a.Exchange(a.ctx(), code, oauth2.VerifierOption(a.verifier))
	if err != nil || token.RefreshToken != "" || !p.opens(token) {
		t.Fatalf("%+v, %v", token, err)
	}
	_, err = a.Exchange(a.ctx(), code, oauth2.VerifierOption(a.verifier))
	wantCode(t, err, "invalid_grant")
	if p.opens(token) {
		t.Error("a code came again, and the token that it gave counts")
	}
}

// TestWhatAnAppMayNotAskFor: an unknown app or address leads nowhere; everything else
// is said to the app, once somebody is signed in.
func TestWhatAnAppMayNotAskFor(t *testing.T) {
	p := startPassport(t, options{})
	ada, nobody := p.member("ada"), p.visitor()
	a := p.phone(false)
	for _, c := range []struct {
		name string
		more []string
		want string // the error handed to the app, "" for an error page
	}{
		{"unknown app", []string{"client_id", "0123456789abcdefABCDEF"}, ""},
		{"no app", []string{"client_id", ""}, ""},
		{"another address", []string{"redirect_uri", "https://evil.example/cb"}, ""},
		{"no address", []string{"redirect_uri", ""}, ""},
		{"no response type", []string{"response_type", ""}, "invalid_request"},
		{"implicit", []string{"response_type", "token"}, "unsupported_response_type"},
		{"fragment", []string{"response_mode", "fragment"}, "invalid_request"},
		{"no challenge", []string{"code_challenge", ""}, "invalid_request"},
		{"plain challenge", []string{"code_challenge_method", "plain"}, "invalid_request"},
		{"no method, which is plain", []string{"code_challenge_method", ""}, "invalid_request"},
		{"short challenge", []string{"code_challenge", "abc"}, "invalid_request"},
		{"no scope", []string{"scope", ""}, "invalid_scope"},
		{"unknown scope", []string{"scope", "everything"}, "invalid_scope"},
		{"nothing but to stay", []string{"scope", connect.Stay}, "invalid_scope"},
		{"control characters in the state", []string{"state", "a\x01b"}, "invalid_request"},
		{"long state", []string{"state", strings.Repeat("s", 1001)}, "invalid_request"},
	} {
		got := ada.get(a.path(c.more...))
		nobody.get(a.path(c.more...)).is(t, 400)
		if c.want == "" {
			if got.is(t, 400); got.location() != "" {
				t.Errorf("%s: leads to %s", c.name, got.location())
			}
			continue
		}
		to, err := url.Parse(got.is(t, 303).location())
		if err != nil || !strings.HasPrefix(got.location(), appAddress+"&") || to.Query().Get("error") != c.want || to.Query().Get("iss") != p.url {
			t.Errorf("%s: %s, want %s", c.name, got.location(), c.want)
		}
	}
	double := a.path() + "&scope=x"
	if !strings.Contains(ada.get(double).is(t, 303).location(), "invalid_request") || ada.get(a.path()+"&client_id=x").is(t, 400).location() != "" {
		t.Error("a parameter counts that is there twice")
	}
	if got := a.decide(ada, "deny"); got.Get("error") != "access_denied" || got.Get("state") != "the state" || got.Has("code") {
		t.Errorf("denied: %v", got)
	}
	if n := p.count(`SELECT count(*) FROM oauth_grant`); n != 0 {
		t.Errorf("%d grants of nothing", n)
	}
}

// TestTheConsentPageLeadsToTheAppAlone: the policy of the page names the app, in each
// of the forms that its address may have.
func TestTheConsentPageLeadsToTheAppAlone(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	a := p.phone(false)
	for address, source := range map[string]string{
		appAddress: "https://app.example", "http://127.0.0.1:51004/cb": "http://127.0.0.1:51004", "org.example.app:/cb": "org.example.app:",
	} {
		page := ada.get(a.path("redirect_uri", address)).is(t, 200)
		policy := page.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "form-action 'self' "+source+";") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: %s", address, policy)
		}
	}
}

// TestTheHostileRedirectsOfAnApp: none of the addresses that browsers read as others
// is one that an app may name in place of its own.
func TestTheHostileRedirectsOfAnApp(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	a := p.phone(false)
	cases := hostileCases(t)["redirect"]
	for _, c := range cases {
		if got := ada.get(a.path("redirect_uri", string(c.data(t)))); got.status/100 != 4 || got.location() != "" {
			t.Errorf("%s: %d to %.100q", c.Name, got.status, got.location())
		}
	}
	if len(cases) < 20 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestWhatTheTokenEndpointRefuses(t *testing.T) {
	p := startPassport(t, options{})
	public, secretive := p.phone(false), p.phone(true)
	program := p.visitor()
	id, other := url.QueryEscape(public.ClientID), url.QueryEscape(secretive.ClientID)
	for _, c := range []struct {
		name, body string
		basic      string
		status     int
		want       string
	}{
		{"nothing", "", "", 401, "invalid_client"},
		{"no grant type", "client_id=" + id, "", 400, "invalid_request"},
		{"password", "grant_type=password&client_id=" + id, "", 400, "unsupported_grant_type"},
		{"client credentials", "grant_type=client_credentials&client_id=" + id, "", 400, "unsupported_grant_type"},
		{"unknown code", "grant_type=authorization_code&code=x&client_id=" + id, "", 400, "invalid_grant"},
		{"unknown refresh token", "grant_type=refresh_token&refresh_token=x.y&client_id=" + id, "", 400, "invalid_grant"},
		{"no secret", "grant_type=authorization_code&client_id=" + other, "", 401, "invalid_client"},
		{"wrong secret", "grant_type=authorization_code&client_secret=x&client_id=" + other, "", 401, "invalid_client"},
		{"a secret of none", "grant_type=authorization_code&client_secret=x&client_id=" + id, "", 401, "invalid_client"},
		{"wrong Basic", "grant_type=authorization_code", "x:y", 401, "invalid_client"},
		{"two ways", "grant_type=authorization_code&client_secret=x", secretive.ClientID + ":" + secretive.ClientSecret, 400, "invalid_request"},
		{"two apps", "grant_type=authorization_code&client_id=" + id, secretive.ClientID + ":" + secretive.ClientSecret, 401, "invalid_client"},
		{"twice", "grant_type=authorization_code&code=x&code=y&client_id=" + id, "", 400, "invalid_request"},
		{"no form", "%zz", "", 400, "invalid_request"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if user, pass, ok := strings.Cut(c.basic, ":"); ok {
			req.SetBasicAuth(user, pass)
		}
		got := program.send("POST", "/oauth/token", "application/x-www-form-urlencoded", []byte(c.body), "Authorization", req.Header.Get("Authorization"))
		var answer struct {
			Error string `json:"error"`
		}
		if err := json.Unmarshal(got.body, &answer); err != nil || got.status != c.status || answer.Error != c.want {
			t.Errorf("%s: %s, want %d %s", c.name, got, c.status, c.want)
		}
		if got.header.Get("Cache-Control") != "no-store" || strings.ContainsFunc(string(got.body), func(r rune) bool { return r > '~' }) {
			t.Errorf("%s: kept, or not ASCII: %s", c.name, got)
		}
		if c.basic != "" && c.status == 401 && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: no WWW-Authenticate", c.name)
		}
	}
	if got := program.send("POST", "/oauth/token", "application/json", []byte(`{}`)); got.status != 400 {
		t.Errorf("JSON is no form: %s", got)
	}
}

// TestWhatEndsAnApp: each of these ends what an app may do, at once; a new password
// does not.
func TestWhatEndsAnApp(t *testing.T) {
	p := startPassport(t, options{})
	a := p.phone(true, connect.ReadBadges, connect.Stay)
	for i, c := range []struct {
		name string
		do   func(v *visitor, token *oauth2.Token)
		ends bool
	}{
		{"disconnected", func(v *visitor, _ *oauth2.Token) { v.post("/settings/apps", "app", a.ClientID).is(t, 303) }, true},
		{"all disconnected", func(v *visitor, _ *oauth2.Token) { v.post("/settings/apps", "all", "1").is(t, 303) }, true},
		{"signed out everywhere with apps", func(v *visitor, _ *oauth2.Token) {
			v.post("/settings/security/sessions", "all", "1", "apps", "1").is(t, 303)
		}, true},
		{"signed out everywhere", func(v *visitor, _ *oauth2.Token) { v.post("/settings/security/sessions", "all", "1").is(t, 303) }, false},
		{"signed out", func(v *visitor, _ *oauth2.Token) { v.post("/logout").is(t, 303) }, false},
		{"new password", func(v *visitor, _ *oauth2.Token) {
			v.post("/settings/security/password", "password", "correct horse battery").is(t, 303)
		}, false},
		{"locked out", func(v *visitor, _ *oauth2.Token) {
			if err := p.accounts.SetDisabled(t.Context(), v.person.Handle, true); err != nil {
				t.Error(err)
			}
		}, true},
		{"locked out and let in", func(v *visitor, _ *oauth2.Token) {
			for _, out := range []bool{true, false} {
				if err := p.accounts.SetDisabled(t.Context(), v.person.Handle, out); err != nil {
					t.Error(err)
				}
			}
		}, true},
		{"removed", func(v *visitor, _ *oauth2.Token) {
			if err := p.remove(v.person.ID); err != nil {
				t.Error(err)
			}
		}, true},
		{"hidden", func(v *visitor, _ *oauth2.Token) { v.post("/settings/hidden", "action", "hide").is(t, 303) }, false},
		{"revoked by the app", func(v *visitor, token *oauth2.Token) { a.revoke(token.RefreshToken).is(t, 200) }, true},
		{"access token revoked by the app", func(v *visitor, token *oauth2.Token) { a.revoke(token.AccessToken).is(t, 200) }, true},
		{"revoked by another app", func(v *visitor, token *oauth2.Token) {
			other := p.phone(true)
			other.revoke(token.RefreshToken).is(t, 200)
			other.revoke(token.AccessToken).is(t, 200)
		}, false},
	} {
		v := p.member(fmt.Sprintf("person%d", i))
		token := a.enter(v)
		if !p.opens(token) {
			t.Fatalf("%s: the token opens nothing", c.name)
		}
		c.do(v, token)
		if got := !p.opens(token); got != c.ends {
			t.Errorf("%s: ended %v, want %v", c.name, got, c.ends)
		}
	}
}

func (a *phoneApp) revoke(token string) answer {
	form := url.Values{"token": {token}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}}
	return a.p.visitor().send("POST", "/oauth/revoke", "application/x-www-form-urlencoded", []byte(form.Encode()))
}

func TestWhatTimeEnds(t *testing.T) {
	var later atomic.Int64
	p := startPassport(t, options{clock: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	ada := p.member("ada")
	a := p.phone(true, connect.ReadBadges, connect.Stay)
	late := a.decide(ada, "allow").Get("code")
	token := a.enter(ada)
	later.Add(int64(10*time.Minute + time.Second))
	_, err := a.Exchange(a.ctx(), late, oauth2.VerifierOption(a.verifier))
	wantCode(t, err, "invalid_grant")
	later.Add(int64(50 * time.Minute))
	if p.opens(token) {
		t.Error("a token counts after an hour")
	}
	later.Add(int64(89 * 24 * time.Hour))
	if token, err = a.again(token.RefreshToken); err != nil || !p.opens(token) {
		t.Fatal(err)
	}
	later.Add(int64(91 * 24 * time.Hour))
	_, err = a.again(token.RefreshToken)
	wantCode(t, err, "invalid_grant")
	if err := p.connect.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if n := p.count(`SELECT (SELECT count(*) FROM oauth_grant) + (SELECT count(*) FROM oauth_token)`); n != 0 {
		t.Errorf("%d rows are left of what has ended", n)
	}
}

// TestAnAppRegistersItself by RFC 7591, as Open Badges asks, and is forgotten when
// nobody lets it in.
func TestAnAppRegistersItself(t *testing.T) {
	var later atomic.Int64
	p := startPassport(t, options{clock: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	ada := p.member("ada")
	register := func(body string) answer {
		return p.visitor().send("POST", "/oauth/register", "application/json", []byte(body))
	}
	const whole = `{"client_name":"Badge <b>reader</b>","client_uri":"https://app.example","logo_uri":"https://app.example/logo.svg","tos_uri":"https://app.example/tos",
		"policy_uri":"https://app.example/policy","software_id":"x","software_version":"1","redirect_uris":["` + appAddress + `"],"scope":"` + connect.ReadBadges + `","unknown":[1]}`
	var got struct {
		ID      string   `json:"client_id"`
		Secret  string   `json:"client_secret"`
		At      int64    `json:"client_id_issued_at"`
		Expires *int64   `json:"client_secret_expires_at"`
		Method  string   `json:"token_endpoint_auth_method"`
		Grants  []string `json:"grant_types"`
		Logo    string   `json:"logo_uri"`
	}
	if err := json.Unmarshal(register(whole).is(t, 201).body, &got); err != nil || got.Secret == "" || got.At == 0 || got.Expires == nil || *got.Expires != 0 ||
		got.Method != "client_secret_basic" || len(got.Grants) != 1 || got.Logo == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	a := p.oauth(got.ID, got.Secret)
	page := ada.get(a.path()).is(t, 200)
	if len(page.all(t, "main b")) != 1 || len(page.all(t, ".flash-warn")) != 1 || strings.Contains(string(page.body), "logo.svg") {
		t.Errorf("the page believes the app: %s", page)
	}
	if token := a.enter(ada); !p.opens(token) {
		t.Error("the token opens nothing")
	}
	for name, c := range map[string]struct{ body, want string }{
		"no JSON":          {`client_name=x`, "invalid_client_metadata"},
		"no name":          {`{"redirect_uris":["https://a.example/"]}`, "invalid_client_metadata"},
		"control in name":  {`{"client_name":"a\u0000b","redirect_uris":["https://a.example/"]}`, "invalid_client_metadata"},
		"no address":       {`{"client_name":"x"}`, "invalid_redirect_uri"},
		"http":             {`{"client_name":"x","redirect_uris":["http://a.example/"]}`, "invalid_redirect_uri"},
		"script":           {`{"client_name":"x","redirect_uris":["javascript:alert(1)"]}`, "invalid_redirect_uri"},
		"two hosts":        {`{"client_name":"x","client_uri":"https://b.example","redirect_uris":["https://a.example/"]}`, "invalid_client_metadata"},
		"http logo":        {`{"client_name":"x","logo_uri":"http://a.example/l","redirect_uris":["https://a.example/"]}`, "invalid_client_metadata"},
		"implicit":         {`{"client_name":"x","response_types":["token"],"redirect_uris":["https://a.example/"]}`, "invalid_client_metadata"},
		"password":         {`{"client_name":"x","grant_types":["password"],"redirect_uris":["https://a.example/"]}`, "invalid_client_metadata"},
		"unknown method":   {`{"client_name":"x","token_endpoint_auth_method":"private_key_jwt","redirect_uris":["https://a.example/"]}`, "invalid_client_metadata"},
		"too many":         {`{"client_name":"x","redirect_uris":["https://a.example/"` + strings.Repeat(`,"https://a.example/"`, 10) + `]}`, "invalid_redirect_uri"},
		"larger than 16kB": {`{"client_name":"x","redirect_uris":["https://a.example/"],"y":"` + strings.Repeat("y", 16<<10) + `"}`, "invalid_client_metadata"},
	} {
		if a := register(c.body); a.status != 400 || !strings.Contains(string(a.body), `"`+c.want+`"`) {
			t.Errorf("%s: %s", name, a)
		}
	}
	var native struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	body := register(`{"client_name":"On the phone","token_endpoint_auth_method":"none","redirect_uris":["org.example.app:/cb","http://127.0.0.1/cb"]}`).is(t, 201).body
	if err := json.Unmarshal(body, &native); err != nil || native.ID == "" || native.Secret != "" {
		t.Errorf("%s, %v", body, err)
	}
	later.Store(int64(31 * 24 * time.Hour))
	if err := p.connect.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if n := p.count(`SELECT count(*) FROM oauth_client WHERE id = $1`, native.ID); n != 0 {
		t.Error("an app that nobody let in is kept")
	}
}

func TestRegistrationCanBeOff(t *testing.T) {
	p := startPassport(t, options{}, func(c *config.Config) { c.Apps.Register = false })
	p.visitor().send("POST", "/oauth/register", "application/json", []byte(`{}`)).is(t, 404)
	if a := p.visitor().get("/.well-known/oauth-authorization-server").is(t, 200); strings.Contains(string(a.body), "registration_endpoint") {
		t.Errorf("it says that apps may register: %s", a)
	}
}

// TestSomebodyUnderAgeConnectsKnownAppsAlone: an app that nobody has looked at is told
// no, whatever the form says.
func TestSomebodyUnderAgeConnectsKnownAppsAlone(t *testing.T) {
	p := startPassport(t, options{})
	young := p.member("young")
	if err := p.accounts.AnswerAge(t.Context(), young.person.ID, account.AgeUnder, "guardian@people.test"); err != nil {
		t.Fatal(err)
	}
	p.write(`UPDATE guardian SET confirmed_at = 1 WHERE person = $1`, young.person.ID)
	c, _, err := p.connect.Register(t.Context(), connect.Metadata{Name: "Unknown", RedirectURIs: []string{appAddress}, AuthMethod: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.oauth(c.ID, "").decide(young, "allow"); got.Get("error") != "access_denied" || got.Has("code") {
		t.Errorf("handed over: %v", got)
	}
	if got := p.phone(false).decide(young, "allow"); !got.Has("code") {
		t.Errorf("handed over: %v", got)
	}
}

// TestConnectedAppsAreShown on their page, in what is held of the person, and in the
// account that another one becomes part of.
func TestConnectedAppsAreShown(t *testing.T) {
	p := startPassport(t, options{})
	ada, other := p.member("ada"), p.member("other")
	a := p.phone(true, connect.ReadBadges, connect.Stay)
	ada.get("/settings/apps").is(t, 200).has(t, "No app is connected")
	first, second := a.enter(ada), a.enter(ada)
	ada.get("/settings/apps").is(t, 200).has(t, "Phone app").has(t, "connected 2 times").has(t, "see all your badges")
	ada.get("/settings/data/document?name=apps/apps.json").is(t, 200).has(t, "Phone app")
	if err := p.merge.Do(t.Context(), ada.person.ID, other.person.ID); err != nil {
		t.Fatal(err)
	}
	who, err := p.connect.Bearer(t.Context(), first.AccessToken)
	if err != nil || who.Person != other.person.ID || !p.opens(second) {
		t.Errorf("%+v, %v", who, err)
	}
	other.get("/settings/apps").is(t, 200).has(t, "Phone app")
}
