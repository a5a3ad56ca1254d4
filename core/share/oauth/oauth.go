// Package oauth is the client half of OAuth 2 as connected accounts need it: the
// authorisation code with PKCE, pushed requests, proofs of possession, rotating
// refresh tokens and revocation.
//
// It follows RFC 6749, RFC 7636 (PKCE), RFC 7009 (revocation), RFC 9126 (PAR),
// RFC 9207 (iss), RFC 9449 (DPoP) and RFC 9700. It keeps nothing: it owns no table
// and no event. Requests go through the client that it is given, which is
// core/fetch's. core/share is its only caller.
package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/secret"
)

// Bounds of an answer.
const (
	maxAnswer = 256 << 10 // bytes
	maxToken  = 32 << 10  // characters
)

// The ways in which a client proves itself (RFC 6749 §2.3.1).
const (
	AuthPost  = "post"
	AuthBasic = "basic"
	AuthNone  = "none"
)

// App is a registration with one authorisation server, with its addresses.
type App struct {
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret,omitempty"`
	Auth         string   `json:"auth"` // one of the Auth constants
	AuthorizeURL string   `json:"authorize_url"`
	TokenURL     string   `json:"token_url"`
	RevokeURL    string   `json:"revoke_url,omitempty"`
	PARURL       string   `json:"par_url,omitempty"`
	Issuer       string   `json:"issuer,omitempty"` // what iss must be; "" is not asked for
	Scopes       []string `json:"scopes"`
	DPoP         bool     `json:"dpop,omitempty"`
	RedirectURI  string   `json:"redirect_uri"`
}

// Flow is what must be kept between the way out and the way back.
type Flow struct {
	State    string `json:"-"` // in the address alone; its hash finds the flow
	Verifier string `json:"verifier"`
	DPoPKey  string `json:"dpop_key,omitempty"` // private JWK
}

// Token is what an authorisation server gave.
type Token struct {
	Access  string
	Refresh string    // "" when there is none
	Expires time.Time // zero when it did not say
	Scope   string    // "" means all that was asked for (RFC 6749 §5.1)
}

// Error is an answer that refuses.
type Error struct {
	Status int
	Code   string // such as invalid_grant (RFC 6749 §5.2)
	text   string
}

// Error names the code; it never quotes what was sent.
func (e *Error) Error() string {
	return fmt.Sprintf("the authorisation server refuses: %d %s %s", e.Status, e.Code, e.text)
}

// Is reports whether err is a refusal with this code.
func Is(err error, code string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}

// Client makes the requests.
type Client struct {
	HTTP  *http.Client
	Clock func() time.Time
}

// Begin gives the address that the person is sent to. hint may say who they are
// there (login_hint).
func (c *Client) Begin(ctx context.Context, a App, hint string) (string, Flow, error) {
	f := Flow{State: secret.Token(), Verifier: secret.Token()}
	if a.DPoP {
		var err error
		if f.DPoPKey, err = NewKey(); err != nil {
			return "", f, err
		}
	}
	sum := sha256.Sum256([]byte(f.Verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.ClientID}, "redirect_uri": {a.RedirectURI}, "state": {f.State},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, // RFC 7636 §4.2
	}
	if len(a.Scopes) > 0 {
		q.Set("scope", strings.Join(a.Scopes, " "))
	}
	if hint != "" {
		q.Set("login_hint", hint)
	}
	if a.PARURL != "" {
		pushed, err := c.push(ctx, a, f, q)
		if err != nil {
			return "", f, fmt.Errorf("push the request: %w", err)
		}
		q = url.Values{"client_id": {a.ClientID}, "request_uri": {pushed}} // RFC 9126 §4
	}
	to, err := url.Parse(a.AuthorizeURL)
	if err != nil {
		return "", f, fmt.Errorf("read the address of the authorisation server: %w", err)
	}
	all := to.Query()
	maps.Copy(all, q)
	to.RawQuery = all.Encode()
	return to.String(), f, nil
}

func (c *Client) push(ctx context.Context, a App, f Flow, q url.Values) (string, error) {
	var answer struct {
		RequestURI string `json:"request_uri"`
	}
	if err := c.post(ctx, a, request{a.PARURL, q, f.DPoPKey}, &answer); err != nil {
		return "", err
	}
	if answer.RequestURI == "" {
		return "", errors.New("an answer without request_uri")
	}
	return answer.RequestURI, nil
}

// ErrIssuer is returned by Exchange for an answer of another server (RFC 9207 §2.4).
var ErrIssuer = errors.New("the answer is another server's")

// Exchange gives the tokens for a code. iss is what the way back carried.
func (c *Client) Exchange(ctx context.Context, a App, f Flow, code, iss string) (Token, error) {
	if a.Issuer != "" && iss != a.Issuer {
		return Token{}, ErrIssuer
	}
	return c.token(ctx, a, f.DPoPKey, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {a.RedirectURI}, "code_verifier": {f.Verifier},
	})
}

// Refresh gives new tokens. The refresh token may have been replaced; when the
// answer has none the old one stays good (RFC 6749 §6).
func (c *Client) Refresh(ctx context.Context, a App, key, refresh string) (Token, error) {
	t, err := c.token(ctx, a, key, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	if err == nil && t.Refresh == "" {
		t.Refresh = refresh
	}
	return t, err
}

// Revoke ends a token. Servers answer 200 for one that is dead already (RFC 7009 §2.2).
func (c *Client) Revoke(ctx context.Context, a App, key, token string) error {
	if a.RevokeURL == "" || token == "" {
		return nil
	}
	return c.post(ctx, a, request{a.RevokeURL, url.Values{"token": {token}}, key}, nil)
}

func (c *Client) token(ctx context.Context, a App, key string, q url.Values) (Token, error) {
	var answer struct {
		Access  string  `json:"access_token"`
		Refresh string  `json:"refresh_token"`
		Type    string  `json:"token_type"`
		Expires float64 `json:"expires_in"`
		Scope   string  `json:"scope"`
	}
	if err := c.post(ctx, a, request{a.TokenURL, q, key}, &answer); err != nil {
		return Token{}, err
	}
	want := "bearer"
	if a.DPoP {
		want = "dpop" // RFC 9449 §5: anything else would not be bound
	}
	if answer.Access == "" || len(answer.Access) > maxToken || len(answer.Refresh) > maxToken || !strings.EqualFold(answer.Type, want) {
		return Token{}, errors.New("an answer without a usable token")
	}
	t := Token{Access: answer.Access, Refresh: answer.Refresh, Scope: answer.Scope}
	if answer.Expires > 0 && answer.Expires < 10*365*24*3600 {
		t.Expires = c.Clock().Add(time.Duration(answer.Expires) * time.Second)
	}
	return t, nil
}

// request is one form to send. With a key a proof of possession goes with it.
type request struct {
	address string
	form    url.Values
	key     string
}

// post sends a form and reads the JSON answer into to. A server that asks for a
// nonce in the proof gets it, once (RFC 9449 §8).
func (c *Client) post(ctx context.Context, a App, r request, to any) error {
	nonce := ""
	for try := 0; ; try++ {
		status, header, body, err := c.send(ctx, a, r, nonce)
		if err != nil {
			return err
		}
		if status >= 200 && status < 300 {
			if to == nil {
				return nil
			}
			if err := json.Unmarshal(body, to); err != nil {
				return errors.New("an answer that is no JSON")
			}
			return nil
		}
		refused := refusal(status, body)
		if nonce = header.Get("DPoP-Nonce"); r.key != "" && try == 0 && refused.Code == "use_dpop_nonce" && nonce != "" {
			continue
		}
		return refused
	}
}

func refusal(status int, body []byte) *Error {
	var answer struct {
		Code string `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Code) > 100 || strings.ContainsFunc(answer.Code, func(r rune) bool { return r < ' ' || r > '~' }) {
		answer.Code = ""
	}
	return &Error{Status: status, Code: answer.Code}
}

func (c *Client) send(ctx context.Context, a App, r request, nonce string) (int, http.Header, []byte, error) {
	form := maps.Clone(r.form)
	if a.Auth != AuthBasic {
		form.Set("client_id", a.ClientID)
	}
	if a.Auth == AuthPost {
		form.Set("client_secret", a.ClientSecret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("ask the authorisation server: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if a.Auth == AuthBasic {
		req.SetBasicAuth(url.QueryEscape(a.ClientID), url.QueryEscape(a.ClientSecret)) // RFC 6749 §2.3.1
	}
	if r.key != "" {
		proof, err := Proof(r.key, http.MethodPost, r.address, nonce, c.Clock())
		if err != nil {
			return 0, nil, nil, err
		}
		req.Header.Set("DPoP", proof)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("ask the authorisation server: %w", withoutAddress(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errors.New("an answer that is too long")
	}
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read the authorisation server: %w", err)
	}
	return resp.StatusCode, resp.Header, body, nil
}

// withoutAddress drops the address from an error of the client, which may hold
// what is nobody's business.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
