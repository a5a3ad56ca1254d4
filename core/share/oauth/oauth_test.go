package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// server is an authorisation server that wants pushed requests and proofs with
// its nonce, as atproto does.
type server struct {
	t      *testing.T
	pushed url.Values
	form   url.Values
	answer func(w http.ResponseWriter)
	proofs []map[string]any
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	if proof := r.Header.Get("DPoP"); proof != "" {
		claims := s.check(proof)
		s.proofs = append(s.proofs, claims)
		if claims["nonce"] != "the nonce" {
			w.Header().Set("DPoP-Nonce", "the nonce")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"use_dpop_nonce"}`)
			return
		}
	}
	s.form = r.PostForm
	if r.URL.Path == "/par" {
		s.pushed = r.PostForm
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"request_uri":"urn:request:1","expires_in":60}`)
		return
	}
	s.answer(w)
}

// check verifies a proof by the key in its header (RFC 9449 §4.3).
func (s *server) check(proof string) map[string]any {
	s.t.Helper()
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		s.t.Fatalf("a proof of %d parts", len(parts))
	}
	var head struct {
		Typ, Alg string
		JWK      jwk
	}
	claims := map[string]any{}
	for i, to := range []any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if head.Typ != "dpop+jwt" || head.Alg != "ES256" || head.JWK.D != "" {
		s.t.Errorf("head %+v", head)
	}
	number := func(text string) *big.Int {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			s.t.Fatal(err)
		}
		return new(big.Int).SetBytes(b)
	}
	signature := number(parts[2]).FillBytes(make([]byte, 64))
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	point := append([]byte{4}, append(number(head.JWK.X).FillBytes(make([]byte, 32)), number(head.JWK.Y).FillBytes(make([]byte, 32))...)...)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		s.t.Fatal(err)
	}
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		s.t.Error("the signature of a proof is wrong")
	}
	return claims
}

func start(t *testing.T) (*server, *Client, App) {
	t.Helper()
	s := &server{t: t, answer: func(w http.ResponseWriter) {
		fmt.Fprint(w, `{"access_token":"at","refresh_token":"rt","token_type":"DPoP","expires_in":60,"scope":"a b"}`)
	}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	a := App{
		ClientID: "https://passport.example/oauth/client-metadata.json", Auth: AuthNone, AuthorizeURL: h.URL + "/authorize?x=1", TokenURL: h.URL + "/token",
		RevokeURL: h.URL + "/revoke", PARURL: h.URL + "/par", Issuer: "https://issuer.example", Scopes: []string{"atproto"}, DPoP: true, RedirectURI: "https://passport.example/connect/callback",
	}
	return s, &Client{HTTP: h.Client(), Clock: func() time.Time { return time.Unix(1000, 0) }}, a
}

func TestAPushedRequestWithProofs(t *testing.T) {
	s, c, a := start(t)
	away, f, err := c.Begin(t.Context(), a, "ada.example")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(away)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); q.Get("request_uri") != "urn:request:1" || q.Get("x") != "1" || q.Has("state") || q.Has("code_challenge") {
		t.Errorf("the browser carries %s", away)
	}
	sum := sha256.Sum256([]byte(f.Verifier))
	for name, want := range map[string]string{
		"state": f.State, "code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256", "login_hint": "ada.example",
		"scope": "atproto", "redirect_uri": a.RedirectURI, "client_id": a.ClientID, "client_secret": "",
	} {
		if got := s.pushed.Get(name); got != want {
			t.Errorf("pushed %s %q, want %q", name, got, want)
		}
	}
	got, err := c.Exchange(t.Context(), a, f, "the code", "https://issuer.example")
	if err != nil || got.Access != "at" || got.Refresh != "rt" || !got.Expires.Equal(time.Unix(1060, 0)) {
		t.Errorf("token %+v, %v", got, err)
	}
	if s.form.Get("code_verifier") != f.Verifier {
		t.Errorf("form %v", s.form)
	}
	if n := len(s.proofs); n != 4 || s.proofs[0]["htm"] != "POST" || s.proofs[0]["htu"] != a.PARURL || s.proofs[0]["jti"] == s.proofs[1]["jti"] {
		t.Errorf("%d proofs, %v", n, s.proofs)
	}
}

func TestAnswersThatAreNotTaken(t *testing.T) {
	for _, c := range []struct{ name, answer string }{
		{"no token", `{"token_type":"DPoP"}`},
		{"not bound to the key", `{"access_token":"at","token_type":"Bearer"}`},
		{"no JSON", `<html>`},
		{"endless", `{"access_token":"` + strings.Repeat("a", maxAnswer) + `"}`},
		{"a token that is too long", `{"token_type":"DPoP","access_token":"` + strings.Repeat("a", maxToken+1) + `"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, client, a := start(t)
			s.answer = func(w http.ResponseWriter) { fmt.Fprint(w, c.answer) }
			if got, err := client.Refresh(t.Context(), a, mustKey(t), "rt"); err == nil {
				t.Errorf("taken: %+v", got)
			}
		})
	}
}

func mustKey(t *testing.T) string {
	t.Helper()
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTheIssuerIsHeldAgainstTheAnswer(t *testing.T) {
	_, c, a := start(t)
	for _, iss := range []string{"", "https://evil.example"} {
		if _, err := c.Exchange(t.Context(), a, Flow{}, "code", iss); !errors.Is(err, ErrIssuer) {
			t.Errorf("%q: %v", iss, err)
		}
	}
}

func TestRefusalsAndRefreshTokens(t *testing.T) {
	s, c, a := start(t)
	a.DPoP, a.Auth, a.ClientID, a.ClientSecret = false, AuthBasic, "a:b", "p&q"
	s.answer = func(w http.ResponseWriter) { fmt.Fprint(w, `{"access_token":"at2","token_type":"bearer"}`) }
	if got, err := c.Refresh(t.Context(), a, "", "old"); err != nil || got.Refresh != "old" || !got.Expires.IsZero() {
		t.Errorf("%+v, %v", got, err) // a server that gives none keeps the old one good
	}
	s.answer = func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"token old-secret is dead"}`)
	}
	_, err := c.Refresh(t.Context(), a, "", "old-secret")
	if !Is(err, "invalid_grant") || strings.Contains(err.Error(), "old-secret") {
		t.Errorf("%v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Revoke(gone, a, "", "tok-secret"); err == nil || strings.Contains(err.Error(), "http://") {
		t.Errorf("%v", err)
	}
	a.RevokeURL = ""
	if err := c.Revoke(t.Context(), a, "", "tok"); err != nil {
		t.Error(err)
	}
}
