package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// ceremony is what has to be known when the browser answers a challenge. It waits
// in a sealed cookie of that browser, so that looking at the sign-in page writes
// nothing.
type ceremony struct {
	Purpose string               `json:"u"`
	Person  int64                `json:"w,omitempty"`
	Session webauthn.SessionData `json:"s"`
	Expires time.Time            `json:"e"`
}

// BeginAdd challenges a person's authenticator to make a passkey. The options are
// for navigator.credentials.create (WebAuthn §5.4).
func (a *Accounts) BeginAdd(ctx context.Context, person int64) (options any, t Ticket, err error) {
	h, err := a.holderOf(ctx, a.base.Read(), person)
	if err != nil {
		return nil, Ticket{}, err
	}
	if len(h.passkeys) >= passkeysPerHead {
		return nil, Ticket{}, fault.New(fault.Conflict, "account.error.passkey.full").At("/settings/security")
	}
	rp, err := a.namedParty(ctx)
	if err != nil {
		return nil, Ticket{}, err
	}
	known := webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()
	made, session, err := rp.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return nil, Ticket{}, fmt.Errorf("begin a passkey: %w", err)
	}
	t, err = a.ticket(ceremony{Purpose: ceremonyAdd, Person: person, Session: *session})
	return made, t, err
}

// BeginEnter challenges any authenticator that has a passkey of this site. The
// options are for navigator.credentials.get (WebAuthn §5.5), without a list of
// credentials: the person types no name.
func (a *Accounts) BeginEnter(ctx context.Context) (options any, t Ticket, err error) {
	rp, err := a.namedParty(ctx)
	if err != nil {
		return nil, Ticket{}, err
	}
	asked, session, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, Ticket{}, fmt.Errorf("begin a sign-in: %w", err)
	}
	t, err = a.ticket(ceremony{Purpose: ceremonyEnter, Session: *session})
	return asked, t, err
}

// BeginProve challenges the passkeys of a person who is signed in, for a fresh
// proof of identity.
func (a *Accounts) BeginProve(ctx context.Context, person int64) (options any, t Ticket, err error) {
	h, err := a.holderOf(ctx, a.base.Read(), person)
	if err != nil {
		return nil, Ticket{}, err
	}
	rp, err := a.namedParty(ctx)
	if err != nil {
		return nil, Ticket{}, err
	}
	if len(h.WebAuthnCredentials()) == 0 {
		return nil, Ticket{}, errPasskey(nil)
	}
	asked, session, err := rp.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, Ticket{}, fmt.Errorf("begin a proof: %w", err)
	}
	t, err = a.ticket(ceremony{Purpose: ceremonyProve, Person: person, Session: *session})
	return asked, t, err
}

func (a *Accounts) namedParty(ctx context.Context) (*webauthn.WebAuthn, error) {
	s, err := a.settingsIn(ctx, a.base.Read())
	if err != nil {
		return nil, err
	}
	return a.relyingParty(s.Name)
}

func (a *Accounts) ticket(c ceremony) (Ticket, error) {
	c.Expires = a.base.Now().Add(ceremonyFor)
	text, err := json.Marshal(c)
	if err != nil {
		return Ticket{}, fmt.Errorf("write a ticket: %w", err)
	}
	sealed := base64.RawURLEncoding.EncodeToString(a.keys.Seal(text, []byte(ceremonySeal)))
	return Ticket{Name: ceremonyTicket(c.Session.Challenge), Value: sealed, Age: ceremonyFor}, nil
}

func ceremonyTicket(challenge string) string {
	return "passkey-" + base64.RawURLEncoding.EncodeToString(secret.Hash(challenge))[:ticketName]
}

// Answer is what a browser brought back from an authenticator.
type Answer struct {
	JSON   string                   // of a PublicKeyCredential (WebAuthn §5.1)
	Ticket func(name string) string // gives a cookie of the browser
	Viewer int64                    // who is signed in, 0 for nobody
}

// open finds the ceremony of an answer.
func (a *Accounts) open(r Answer, challenge string, purposes ...string) (ceremony, error) {
	ticket := r.Ticket(ceremonyTicket(challenge))
	sealed, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil {
		return ceremony{}, errPasskeyOld(err)
	}
	text, err := a.keys.Open(sealed, []byte(ceremonySeal))
	if err != nil {
		return ceremony{}, errPasskeyOld(err)
	}
	var c ceremony
	if err := json.Unmarshal(text, &c); err != nil {
		return ceremony{}, fmt.Errorf("read a ticket: %w", err)
	}
	if !slices.Contains(purposes, c.Purpose) || c.Session.Challenge != challenge || !a.base.Now().Before(c.Expires) ||
		c.Person != 0 && c.Person != r.Viewer {
		return ceremony{}, errPasskeyOld(nil)
	}
	return c, nil
}

// spend uses a challenge up. It is part of the transaction that it allows.
func spend(ctx context.Context, tx *db.Tx, c ceremony) error {
	err := insertOnce(ctx, tx, secret.Hash(c.Session.Challenge), c.Expires)
	if db.IsUnique(err) {
		return errPasskeyOld(err)
	}
	return err
}
