package connect

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
)

var verifierForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`) }) // RFC 7636 §4.1

// Tokens is the answer of the token endpoint (RFC 6749 §5.1).
type Tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int    `json:"expires_in"`
	Refresh string `json:"refresh_token,omitempty"`
	Scope   string `json:"scope"`
}

// Redeem gives tokens for a code (RFC 6749 §4.1.3), once: who brings it again ends all
// that came of it (§4.1.2). It returns invalid_grant.
func (s *Connect) Redeem(ctx context.Context, c Client, code, redirect, verifier string) (Tokens, error) {
	var t Tokens
	var refused *Refusal // which must not undo what it ends
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		g, err := grantOfCode(ctx, tx, secret.Hash(code))
		if errors.Is(err, db.ErrNotFound) || err == nil && g.client != c.ID {
			refused = errCode()
			return nil
		}
		if err != nil {
			return err
		}
		if !g.redeemedAt.IsZero() {
			refused = errCode()
			return deleteGrant(ctx, tx, g.id)
		}
		if !tx.Now().Before(g.endsAt) || g.redirect != redirect || !proves(g.challenge, verifier) {
			refused = errCode()
			return nil
		}
		t, refused, err = s.first(ctx, tx, g)
		return err
	})
	return t, outcome(err, refused)
}

// first makes the first tokens of a grant.
func (s *Connect) first(ctx context.Context, tx *db.Tx, g grant) (Tokens, *Refusal, error) {
	g.endsAt = tx.Now().Add(tokenFor)
	family := ""
	if slices.Contains(g.scopes, Stay) {
		family = secret.Token()
		g.endsAt = tx.Now().Add(stayFor)
	}
	if n, err := redeemGrant(ctx, tx, g, hashOf(family)); err != nil || n == 0 {
		return Tokens{}, errCode(), err
	}
	t, err := s.issue(ctx, tx, g, family, g.scopes)
	return t, nil, err
}

// Refresh gives new tokens for a refresh token (RFC 6749 §6), which is used up by it: who
// brings one that was used before ends them all (RFC 9700 §4.14.2). scope may narrow
// what the new token opens. It returns invalid_grant and invalid_scope.
func (s *Connect) Refresh(ctx context.Context, c Client, token, scope string) (Tokens, error) {
	family, _, _ := strings.Cut(token, ".")
	var t Tokens
	var refused *Refusal
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		g, err := grantOfFamily(ctx, tx, secret.Hash(family))
		if errors.Is(err, db.ErrNotFound) || err == nil && (g.client != c.ID || !tx.Now().Before(g.endsAt)) {
			refused = errRefresh()
			return nil
		}
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(g.refresh, secret.Hash(token)) != 1 {
			refused = errRefresh()
			return deleteGrant(ctx, tx, g.id)
		}
		scopes, ok := narrowed(g.scopes, scope)
		if !ok {
			refused = refuse("invalid_scope", "The new scope may only be narrower than the one that was granted.")
			return nil
		}
		g.endsAt = tx.Now().Add(stayFor)
		t, err = s.issue(ctx, tx, g, family, scopes)
		return err
	})
	return t, outcome(err, refused)
}

// issue makes an access token, and the next refresh token of a family.
func (s *Connect) issue(ctx context.Context, tx *db.Tx, g grant, family string, scopes []string) (Tokens, error) {
	t := Tokens{Access: secret.Token(), Type: "Bearer", Seconds: int(tokenFor / time.Second), Scope: strings.Join(scopes, " ")}
	if family != "" {
		t.Refresh = family + "." + secret.Token()
		if err := updateRefresh(ctx, tx, g, secret.Hash(t.Refresh)); err != nil {
			return Tokens{}, err
		}
	}
	return t, insertToken(ctx, tx, g, t)
}

// Revoke ends a token of the app (RFC 7009 §2.1): an access token alone, a refresh
// token with all that came of it. One that is unknown is ended already.
func (s *Connect) Revoke(ctx context.Context, c Client, token string) error {
	family, _, _ := strings.Cut(token, ".")
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		g, err := grantOfFamily(ctx, tx, secret.Hash(family))
		if errors.Is(err, db.ErrNotFound) {
			return deleteToken(ctx, tx, secret.Hash(token), c.ID)
		}
		if err != nil || g.client != c.ID {
			return err
		}
		return deleteGrant(ctx, tx, g.id)
	})
}

// Bearer is who a token acts for, and what it opens.
type Bearer struct {
	Person int64
	Client string
	Scopes []string

	grant int64
	used  time.Time
}

// May reports whether the token opens a scope.
func (b Bearer) May(scope string) bool { return slices.Contains(b.Scopes, scope) }

// Bearer finds what a token opens. It returns db.ErrNotFound for one that is unknown
// or over, and when its person is locked out.
func (s *Connect) Bearer(ctx context.Context, token string) (Bearer, error) {
	b, err := bearerOf(ctx, s.Base.Read(), secret.Hash(token), s.Base.Now())
	if err != nil || s.Base.Now().Sub(b.used) < touch {
		return b, err
	}
	if err := s.Base.Tx(ctx, func(tx *db.Tx) error { return touchGrant(ctx, tx, b) }); err != nil { // a full disk stops nobody from reading
		s.Log.WarnContext(ctx, "use of a token not noted", "error", err)
	}
	return b, nil
}

// proves reports whether a verifier is the one behind an S256 challenge (RFC 7636 §4.6).
func proves(challenge, verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return verifierForm().MatchString(verifier) &&
		subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// narrowed gives the scopes of a refreshed token: all, or those asked for of them.
func narrowed(have []string, asked string) ([]string, bool) {
	words := strings.Fields(asked)
	if len(words) == 0 {
		return have, true
	}
	for _, w := range words {
		if !slices.Contains(have, w) {
			return nil, false
		}
	}
	got := granted(asked)
	return got, opens(got)
}

func hashOf(token string) []byte {
	if token == "" {
		return nil
	}
	return secret.Hash(token)
}

func outcome(err error, refused *Refusal) error {
	if err == nil && refused != nil {
		return refused
	}
	return err
}
