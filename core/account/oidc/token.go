package oidc

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

const (
	tokenMax   = 16 << 10 // bytes
	subjectMax = 255      // OpenID Connect Core 1.0 §2, sub
	skew       = 10 * time.Minute
)

// compact is a JWS in its compact form and nothing around it (RFC 7515 §3.1).
var compact = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`) })

// verifier checks id tokens of one provider for one client.
type verifier struct {
	*metadata
	clientID string
	groups   string // claim that lists groups, or ""
	domain   string // claim with a domain, or ""
	now      func() time.Time
}

// verify checks an id token (OpenID Connect Core 1.0 §3.1.3.7): what any token of
// the provider has to be, then what makes it the answer of this sign-in.
func (v verifier) verify(ctx context.Context, raw, nonce, accessToken string) (Claims, error) {
	token, claims, err := v.signed(ctx, raw, "JWT")
	if err != nil {
		return Claims{}, err
	}
	if s, ok := claims["nonce"].(string); !ok || s != nonce || nonce == "" {
		return Claims{}, errors.New("nonce is not the one of this sign-in")
	}
	if s, ok := claims["sub"].(string); !ok || !isSubject(s) {
		return Claims{}, errors.New("sub is not a subject")
	}
	if _, ok := claims["events"]; ok {
		return Claims{}, errors.New("the token is a logout token")
	}
	if _, ok := claims["at_hash"]; ok {
		if err := token.VerifyAccessToken(accessToken); err != nil {
			return Claims{}, fmt.Errorf("at_hash: %w", err)
		}
	}
	out := v.person(claims)
	return out, v.addSession(claims, &out)
}

// addSession reads what an id token says about the session at the provider.
func (v verifier) addSession(claims map[string]any, c *Claims) error {
	if sid, present := claims["sid"]; present {
		s, ok := sid.(string)
		if !ok || s == "" || len(s) > subjectMax {
			return errors.New("sid is not a session")
		}
		c.Session = s
	}
	if at, present := claims["auth_time"]; present {
		t, ok := moment(at)
		if !ok || t.After(v.now().Add(skew)) {
			return errors.New("auth_time is not a time that has been")
		}
		c.ProvedAt = t
	}
	return nil
}

// signed checks a token of the provider for us, of one of the types: first its
// form, then with go-oidc signature, issuer, audience and expiry, then what go-oidc
// leaves to us.
func (v verifier) signed(ctx context.Context, raw string, types ...string) (*goidc.IDToken, map[string]any, error) {
	if len(raw) > tokenMax || !compact().MatchString(raw) {
		return nil, nil, errors.New("not a compact token of at most 16 kB")
	}
	if err := checkHeader(raw, types); err != nil {
		return nil, nil, err
	}
	if _, _, err := v.keys.get(ctx, false); err != nil {
		return nil, nil, err
	}
	token, err := goidc.NewVerifier(v.issuer, v.keys, &goidc.Config{
		ClientID: v.clientID, SupportedSigningAlgs: v.algorithms, Now: v.now,
	}).Verify(ctx, raw)
	if err != nil {
		return nil, nil, fmt.Errorf("verify the token: %w", err)
	}
	var payload json.RawMessage
	if err := token.Claims(&payload); err != nil {
		return nil, nil, fmt.Errorf("read the claims: %w", err)
	}
	claims, err := object(payload)
	if err != nil {
		return nil, nil, fmt.Errorf("read the claims: %w", err)
	}
	return token, claims, v.checkClaims(claims)
}

// checkHeader takes a JWT that needs no extension to be understood (RFC 7515 §4.1.9, §4.1.11).
func checkHeader(raw string, types []string) error {
	first, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return fmt.Errorf("decode the token's header: %w", err)
	}
	h, err := object(text)
	if err != nil {
		return fmt.Errorf("read the token's header: %w", err)
	}
	for _, name := range []string{"crit", "zip", "b64", "enc"} {
		if _, ok := h[name]; ok {
			return fmt.Errorf("the token's header has %s", name)
		}
	}
	if typ, ok := h["typ"]; ok {
		s, isText := typ.(string)
		if !isText || !slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(s, t) }) {
			return errors.New("the token is of another type")
		}
	}
	return nil
}

func (v verifier) checkClaims(c map[string]any) error {
	if s, ok := c["iss"].(string); !ok || s != v.issuer {
		return errors.New("iss is not the issuer")
	}
	if err := v.checkAudience(c); err != nil {
		return err
	}
	return v.checkTimes(c)
}

// isSubject takes 1 to 255 printable ASCII characters.
func isSubject(s string) bool {
	return s != "" && len(s) <= subjectMax && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// checkAudience takes a token made for us alone, or for several and given to us.
func (v verifier) checkAudience(c map[string]any) error {
	var audience []any
	switch a := c["aud"].(type) {
	case string:
		audience = []any{a}
	case []any:
		audience = a
	}
	if !slices.Contains(audience, any(v.clientID)) {
		return errors.New("aud is not this client")
	}
	azp, present := c["azp"]
	if !present && len(audience) > 1 {
		return errors.New("several audiences and no azp")
	}
	if s, ok := azp.(string); present && (!ok || s != v.clientID) {
		return errors.New("azp is another client")
	}
	return nil
}

// checkTimes asks for real numbers and for a token that was made just now.
func (v verifier) checkTimes(c map[string]any) error {
	now := v.now()
	expires, okExp := moment(c["exp"])
	issued, okIat := moment(c["iat"])
	if !okExp || !okIat {
		return errors.New("exp or iat is not a number")
	}
	if now.After(expires.Add(skew)) {
		return errors.New("the token has expired")
	}
	if issued.Before(now.Add(-skew)) || issued.After(now.Add(skew)) {
		return errors.New("the token was not issued just now")
	}
	if nbf, present := c["nbf"]; present {
		if t, ok := moment(nbf); !ok || t.After(now.Add(skew)) {
			return errors.New("the token is not valid yet")
		}
	}
	return nil
}

func moment(v any) (time.Time, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) > math.MaxInt32*1000 {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0), true
}

// addUserInfo asks for what the id token left out. An answer about another
// person is refused (OpenID Connect Core 1.0 §5.3.2), and so is one without end;
// no answer leaves the claims as they are.
func (p *Provider) addUserInfo(ctx context.Context, m *metadata, tok *oauth2.Token, c Claims) (Claims, error) {
	wanted := c.Address == "" || c.Name == "" || p.groupsClaim() != "" && c.Groups == nil || p.conf.DomainClaim != "" && c.Domain == ""
	if m.provider.UserInfoEndpoint() == "" || !wanted {
		return c, nil
	}
	info, err := m.provider.UserInfo(ctx, oauth2.StaticTokenSource(tok))
	if errors.Is(err, errLarge) {
		return c, fmt.Errorf("read the user info: %w", err)
	}
	if err != nil {
		return c, nil //nolint:nilerr // the person is known without it
	}
	var raw json.RawMessage
	if err := info.Claims(&raw); err != nil {
		return c, fmt.Errorf("read the user info: %w", err)
	}
	claims, err := object(raw)
	if err != nil {
		return c, fmt.Errorf("read the user info: %w", err)
	}
	if s, ok := claims["sub"].(string); !ok || s != c.Subject {
		return c, errors.New("the user info is about another person")
	}
	more := p.verifier(m).person(claims)
	if c.Address == "" {
		c.Address, c.Verified = more.Address, more.Verified
	}
	c.Name, c.Username, c.Domain = cmp.Or(c.Name, more.Name), cmp.Or(c.Username, more.Username), cmp.Or(c.Domain, more.Domain)
	if c.Groups == nil {
		c.Groups = more.Groups
	}
	return c, nil
}

// person picks the claims that are used, each only in its right type.
func (v verifier) person(c map[string]any) Claims {
	text := func(names ...string) string {
		for _, n := range names {
			if s, ok := c[n].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	out := Claims{Issuer: v.issuer, Subject: text("sub"), Username: text("preferred_username", "nickname"), Address: text("email")}
	out.Name = text("name")
	if out.Name == "" {
		out.Name = strings.TrimSpace(text("given_name") + " " + text("family_name"))
	}
	verified, isBool := c["email_verified"].(bool)
	out.Verified = isBool && verified && out.Address != ""
	if v.domain != "" {
		out.Domain = text(v.domain)
	}
	if v.groups != "" {
		out.Groups = groupsIn(c, v.groups)
	}
	return out
}

func object(text []byte) (map[string]any, error) {
	v, err := strictjson.Decode(text, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("not a JSON object")
	}
	return o, nil
}
