package oidc

import (
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
)

type jsonObject = oidctest.JSON

func newProvider(t *testing.T, p *oidctest.Provider) *Provider {
	t.Helper()
	ps := New(Options{
		Providers: []config.OIDC{{
			ID: "uni", Issuer: p.Issuer, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
			Scopes: []string{"openid", "email", "profile"},
		}},
		Client:   fetch.New(fetch.Options{Allow: []string{p.Host()}}).HTTP(),
		Callback: func(id string) string { return "https://passport.test/auth/" + id + "/callback" },
	})
	found, err := ps.Get("uni")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var request = Request{State: "state", Nonce: "nonce-1", Verifier: strings.Repeat("v", 43)}

// signIn plays a whole sign-in; spoil changes the browser's way back.
func signIn(t *testing.T, p *oidctest.Provider, spoil func(url.Values)) (Claims, error) {
	t.Helper()
	provider := newProvider(t, p)
	to, err := provider.Begin(t.Context(), request)
	if err != nil {
		return Claims{}, err
	}
	back := p.Approve(t, to)
	if spoil != nil {
		spoil(back)
	}
	return provider.Finish(t.Context(), Answer{
		Code: back.Get("code"), Issuer: back.Get("iss"), Nonce: request.Nonce, Verifier: request.Verifier,
	})
}

func TestSignIn(t *testing.T) {
	p := oidctest.New(t)
	got, err := signIn(t, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.ProvedAt.IsZero() || got.Token == "" {
		t.Errorf("no time of the proof, or no token: %+v", got)
	}
	got.ProvedAt, got.Token = time.Time{}, ""
	want := Claims{Issuer: p.Issuer, Subject: "subject-1", Session: "session-1", Name: "Ada Lovelace", Address: "ada@example.org", Verified: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUserInfoFillsWhatTheTokenLeavesOut(t *testing.T) {
	p := oidctest.New(t)
	p.Claims = func(c jsonObject) { delete(c, "email"); delete(c, "email_verified"); delete(c, "name") }
	got, err := signIn(t, p, nil)
	if err != nil || got.Address != "ada@example.org" || !got.Verified || got.Name != "Ada Lovelace" {
		t.Errorf("got %+v, %v", got, err)
	}
	p.UserInfo = func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }
	got, err = signIn(t, p, nil)
	if err != nil || got.Address != "" || got.Verified {
		t.Errorf("refused user info: got %+v, %v", got, err)
	}
	p.UserInfo = func(w http.ResponseWriter) {
		_, _ = w.Write([]byte(`{"sub":"another","email":"victim@example.org","email_verified":true}`))
	}
	if got, err = signIn(t, p, nil); !fault.Is(err, fault.Forbidden) {
		t.Errorf("user info of another person: got %+v, %v", got, err)
	}
}

// TestAnswersOfMoreThanAMegabyteAreRefused: what is cut could read as whole.
func TestAnswersOfMoreThanAMegabyteAreRefused(t *testing.T) {
	p := oidctest.New(t)
	p.Claims = func(c jsonObject) { delete(c, "email") }
	for _, size := range []int{0, documentSize - 200, documentSize, 3 << 20} {
		p.UserInfo = func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`{"sub":"subject-1","email":"ada@example.org","email_verified":true}` + strings.Repeat(" ", size)))
		}
		got, err := signIn(t, p, nil)
		if size < documentSize && (err != nil || !got.Verified) || size >= documentSize && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%d bytes of padding: got %+v, %v", size, got, err)
		}
	}
}

func claim(name string, value any) func(*oidctest.Provider) {
	return func(p *oidctest.Provider) { p.Claims = func(c jsonObject) { c[name] = value } }
}

func without(name string) func(*oidctest.Provider) {
	return func(p *oidctest.Provider) { p.Claims = func(c jsonObject) { delete(c, name) } }
}

func header(h jsonObject) func(*oidctest.Provider) {
	return func(p *oidctest.Provider) {
		h["kid"] = "k"
		p.Sign = func(claims jsonObject) string { return oidctest.Sign(p.Key(), h, claims) }
	}
}

func TestHostileTokensAreRefused(t *testing.T) {
	hour := func(n int) int64 { return time.Now().Add(time.Duration(n) * time.Hour).Unix() }
	tests := map[string]func(*oidctest.Provider){
		"nonce of another session": claim("nonce", "nonce-2"),
		"nonce missing":            without("nonce"),
		"nonce empty":              claim("nonce", ""),
		"nonce null":               claim("nonce", nil),
		"nonce in capitals":        claim("nonce", "NONCE-1"),
		"azp of another client":    claim("azp", "evil"),
		"azp null":                 claim("azp", nil),
		"two audiences, no azp":    claim("aud", []string{oidctest.ClientID, "evil"}),
		"another audience":         claim("aud", "evil"),
		"no audience":              without("aud"),
		"another issuer":           claim("iss", "https://other.test"),
		"no subject":               without("sub"),
		"empty subject":            claim("sub", ""),
		"null subject":             claim("sub", nil),
		"NUL in the subject":       claim("sub", "a\x00b"),
		"subject of 5,000":         claim("sub", strings.Repeat("a", 5000)),
		"subject in capitals":      func(p *oidctest.Provider) { p.Claims = func(c jsonObject) { c["Sub"] = c["sub"]; delete(c, "sub") } },
		"iat of 1970":              claim("iat", 1),
		"iat in the future":        claim("iat", hour(2)),
		"iat as text":              claim("iat", "1"),
		"iat missing":              without("iat"),
		"expired":                  claim("exp", hour(-1)),
		"exp as text":              claim("exp", "4102444800"),
		"not yet valid":            claim("nbf", hour(1)),
		"at_hash of another token": claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"at_hash empty":            claim("at_hash", ""),
		"logout token":             header(jsonObject{"typ": "logout+jwt"}),
		"access token":             header(jsonObject{"typ": "at+jwt"}),
		"zip":                      header(jsonObject{"zip": "DEF"}),
		"crit":                     header(jsonObject{"crit": []string{}}),
		"alg none":                 header(jsonObject{"alg": "none"}),
		"HMAC":                     header(jsonObject{"alg": "HS256"}),
		"a key in the header":      header(jsonObject{"jwk": jsonObject{"kty": "oct", "k": "AAAA"}, "alg": "HS256"}),
		"duplicate subject": func(p *oidctest.Provider) {
			p.Sign = func(c jsonObject) string {
				text, _ := json.Marshal(c)
				return oidctest.Sign(p.Key(), jsonObject{"kid": "k"}, strings.TrimSuffix(string(text), "}")+`,"sub":"victim"}`)
			}
		},
		"white space inside": func(p *oidctest.Provider) {
			p.Sign = func(c jsonObject) string {
				return strings.Replace(oidctest.Sign(p.Key(), jsonObject{"kid": "k"}, c), ".", ".\n", 1)
			}
		},
		"20 kB":       claim("padding", strings.Repeat("a", 20<<10)),
		"another key": func(p *oidctest.Provider) { p.Sign = foreign(t) },
		"no id token": func(p *oidctest.Provider) { p.Token = func(a jsonObject) { delete(a, "id_token") } },
		"id token {}": func(p *oidctest.Provider) { p.Token = func(a jsonObject) { a["id_token"] = jsonObject{} } },
		"type mac":    func(p *oidctest.Provider) { p.Token = func(a jsonObject) { a["token_type"] = "mac" } },
		"keys: use=enc": func(p *oidctest.Provider) {
			p.Keys = func() any { return keys(p.Key(), "k", func(k jsonObject) { k["use"] = "enc" }) }
		},
		"keys: none": func(p *oidctest.Provider) { p.Keys = func() any { return jsonObject{"keys": []any{}} } },
		"keys: secret": func(p *oidctest.Provider) {
			p.Keys = func() any { return jsonObject{"keys": []any{jsonObject{"kty": "oct", "kid": "k", "k": "AAAA"}}} }
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			p := oidctest.New(t)
			spoil(p)
			got, err := signIn(t, p, nil)
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func foreign(t *testing.T) func(jsonObject) string {
	key := oidctest.NewKey(t)
	return func(c jsonObject) string { return oidctest.Sign(key, jsonObject{"kid": "k"}, c) }
}

// keys is a set of one key, changed.
func keys(key *ecdsa.PrivateKey, id string, change func(jsonObject)) jsonObject {
	k := oidctest.PublicKey(key, id)
	if change != nil {
		change(k)
	}
	return jsonObject{"keys": []any{k}}
}

func TestDuplicateKeyIDsWithTwoKeysStillFindTheRightOne(t *testing.T) {
	p := oidctest.New(t)
	other := oidctest.NewKey(t)
	p.Keys = func() any {
		return jsonObject{"keys": []any{oidctest.PublicKey(other, "k"), oidctest.PublicKey(p.Key(), "k")}}
	}
	if _, err := signIn(t, p, nil); err != nil {
		t.Error(err)
	}
}

// TestWhatNeverCountsAsAnAddress holds addresses that may not link to anybody.
func TestWhatNeverCountsAsAnAddress(t *testing.T) {
	for _, verified := range []any{false, nil, "true", "false", 1, []bool{true}} {
		p := oidctest.New(t)
		p.UserInfo = func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }
		claim("email_verified", verified)(p)
		if got, err := signIn(t, p, nil); err != nil || got.Verified {
			t.Errorf("email_verified %v: got %+v, %v", verified, got, err)
		}
	}
	p := oidctest.New(t)
	p.UserInfo = func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }
	claim("email", []string{"ada@example.org"})(p)
	if got, err := signIn(t, p, nil); err != nil || got.Address != "" || got.Verified {
		t.Errorf("list: got %+v, %v", got, err)
	}
}

func TestProvidersThatDoNotWork(t *testing.T) {
	document := func(name string, value any) func(*oidctest.Provider) {
		return func(p *oidctest.Provider) { p.Discovery = func(d jsonObject) { d[name] = value } }
	}
	answer := func(path string, h http.HandlerFunc) func(*oidctest.Provider) {
		return func(p *oidctest.Provider) { p.Handle[path] = h }
	}
	const discovery = "/.well-known/openid-configuration"
	large := func(size int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat(" ", size) + "{}")) }
	}
	tests := map[string]func(*oidctest.Provider){
		"script for an endpoint":     document("authorization_endpoint", "javascript:alert(1)"),
		"no token endpoint":          document("token_endpoint", ""),
		"keys on another machine":    document("jwks_uri", "http://127.0.0.1:9/keys"),
		"keys of an inner network":   document("jwks_uri", "http://10.1.2.3/keys"),
		"user name in an endpoint":   document("token_endpoint", "http://a:b@127.0.0.1/token"),
		"document of another issuer": document("issuer", "https://other.test"),
		"document of 8 MB":           answer(discovery, large(8<<20)),
		"document of 2 MB":           answer(discovery, large(2<<20)),
		"document is no JSON":        answer(discovery, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }),
		"document elsewhere": answer(discovery, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://other.test/", http.StatusFound)
		}),
		"document with an error":       answer(discovery, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }),
		"keys with an error":           answer("/keys", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }),
		"keys are no JSON":             answer("/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }),
		"token endpoint with an error": answer("/token", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }),
		"token of 10 MB":               answer("/token", large(10<<20)),
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			p := oidctest.New(t)
			spoil(p)
			start := time.Now()
			got, err := signIn(t, p, nil)
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("got %+v, %v", got, err)
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("took %s", d)
			}
		})
	}
}

func TestADeadProviderIsNotAskedByEverybody(t *testing.T) {
	p := oidctest.New(t)
	const discovery = "/.well-known/openid-configuration"
	p.Handle[discovery] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	provider := newProvider(t, p)
	for range 20 {
		if _, err := provider.Begin(t.Context(), request); !fault.Is(err, fault.Unavailable) {
			t.Fatal(err)
		}
	}
	if n := p.Count(discovery); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestKeysThatChangeAreFollowedAtABoundedPace(t *testing.T) {
	p := oidctest.New(t)
	provider := newProvider(t, p)
	finish := func() error {
		to, err := provider.Begin(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		back := p.Approve(t, to)
		_, err = provider.Finish(t.Context(), Answer{Code: back.Get("code"), Issuer: back.Get("iss"), Nonce: request.Nonce, Verifier: request.Verifier})
		return err
	}
	if err := finish(); err != nil {
		t.Fatal(err)
	}
	rotated := oidctest.NewKey(t)
	p.Keys = func() any { return keys(rotated, "k2", nil) }
	p.Sign = func(c jsonObject) string { return oidctest.Sign(rotated, jsonObject{"kid": "k2"}, c) }
	if err := finish(); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	p.Sign = foreign(t)
	for range 30 {
		if finish() == nil {
			t.Fatal("a foreign key signed in")
		}
	}
	if n := p.Count("/keys"); n > keysBurst+1 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

func TestTheAnswerIsBoundToItsIssuerAndRequest(t *testing.T) {
	spoil := map[string]func(url.Values){
		"another issuer": func(q url.Values) { q.Set("iss", "https://other.test") },
		"no issuer":      func(q url.Values) { q.Del("iss") },
		"unknown code":   func(q url.Values) { q.Set("code", "x") },
		"no code":        func(q url.Values) { q.Del("code") },
	}
	for name, f := range spoil {
		t.Run(name, func(t *testing.T) {
			if got, err := signIn(t, oidctest.New(t), f); !fault.Is(err, fault.Forbidden) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	p := oidctest.New(t)
	p.Discovery = func(d jsonObject) { delete(d, "authorization_response_iss_parameter_supported") }
	if _, err := signIn(t, p, func(q url.Values) { q.Del("iss") }); err != nil {
		t.Errorf("a provider that does not send iss: %v", err)
	}
}

// shared is the folder of outside test data beside the checkout.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != "/" {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", "hostile")
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		t.Skip("no shared test data")
	}
	return dir
}
