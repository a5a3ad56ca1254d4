package oidc

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// Events of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

const (
	hintMax  = 2500 // characters of an id token that fits into an address
	jtiMax   = 255  // characters
	tokenFor = 2 * skew
)

// SignOut gives the address at the provider where the person signs out and comes
// back from, with state (OpenID Connect RP-Initiated Logout 1.0 §2). ok is false
// when the provider has none or does not answer: then the sign-out is ours alone.
func (p *Provider) SignOut(ctx context.Context, token, state string) (to string, ok bool) {
	m, err := p.metadata(ctx)
	if err != nil || m.endURL == "" {
		return "", false
	}
	u, err := url.Parse(m.endURL)
	if err != nil {
		return "", false
	}
	q := u.Query()
	q.Set("client_id", p.conf.ClientID)
	q.Set("post_logout_redirect_uri", p.signedOut(p.ID))
	q.Set("state", state)
	if token != "" && len(token) <= hintMax {
		q.Set("id_token_hint", token)
	}
	u.RawQuery = q.Encode()
	return u.String(), true
}

// Ended is what a provider says has ended: a session of a person there, or with
// Session "" all of them.
type Ended struct {
	Issuer, Subject, Session string
	ID                       string    // of the message; it counts once
	Until                    time.Time // when the message is too old to count
}

// ReadLogout checks a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6).
// The caller refuses a message whose ID has come before. It returns a fault
// Forbidden for what is no logout token for us, and Unavailable when the keys
// cannot be had.
func (p *Provider) ReadLogout(ctx context.Context, raw string) (Ended, error) {
	m, err := p.metadata(ctx)
	if err != nil {
		return Ended{}, err
	}
	_, claims, err := p.verifier(m).signed(ctx, raw, "logout+jwt", "JWT")
	if err != nil {
		return Ended{}, p.tokenFailed(err)
	}
	e, err := ended(claims)
	if err != nil {
		return Ended{}, p.refused(err)
	}
	e.Issuer, e.Until = m.issuer, p.now().Add(tokenFor)
	return e, nil
}

func ended(c map[string]any) (Ended, error) {
	if _, ok := c["nonce"]; ok {
		return Ended{}, errors.New("a logout token has no nonce")
	}
	events, _ := c["events"].(map[string]any)
	if _, ok := events[logoutEvent].(map[string]any); !ok {
		return Ended{}, errors.New("events is not those of a logout")
	}
	var e Ended
	var ok bool
	if e.ID, ok = c["jti"].(string); !ok || e.ID == "" || len(e.ID) > jtiMax {
		return Ended{}, errors.New("jti is not an id")
	}
	if sub, present := c["sub"]; present {
		if e.Subject, ok = sub.(string); !ok || !isSubject(e.Subject) {
			return Ended{}, errors.New("sub is not a subject")
		}
	}
	if sid, present := c["sid"]; present {
		if e.Session, ok = sid.(string); !ok || e.Session == "" || len(e.Session) > subjectMax {
			return Ended{}, errors.New("sid is not a session")
		}
	}
	if e.Subject == "" && e.Session == "" {
		return Ended{}, errors.New("neither sub nor sid")
	}
	return e, nil
}
