package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const (
	visitFor   = 10 * time.Minute
	visitSeal  = "account/visit"
	ticketMax  = 4096 // characters of the cookie
	stateMax   = 128  // characters
	codeMax    = 4096 // characters
	nextMax    = 500  // characters; a longer way on is forgotten
	ticketName = 8    // characters of the state in the name of its cookie
)

// Purposes of a visit to a provider.
const (
	purposeSignIn = "sign-in"
	purposeLink   = "link"
	purposeProof  = "proof" // of who is signed in
)

// visit is what has to be known when the browser comes back. It waits in a
// sealed cookie of that browser, so that looking at a provider writes nothing.
type visit struct {
	State    string    `json:"s"`
	Provider string    `json:"p"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Next     string    `json:"t,omitempty"`
	Person   int64     `json:"w,omitempty"` // who links or proves; 0 for a sign-in
	Invite   string    `json:"i,omitempty"` // secret of an invitation
	Anew     bool      `json:"a,omitempty"` // an account that was removed may begin again
	Lang     string    `json:"l,omitempty"` // of a new account
	Purpose  string    `json:"u"`
	Expires  time.Time `json:"e"`
}

// Wish is to be sent to a provider.
type Wish struct {
	Provider string
	Next     string // local path to go on to
	Link     int64  // the person who links the provider; 0 to sign in
	Prove    int64  // the person who is signed in and proves it again at the provider
	Invite   string // secret of an invitation, or ""
	Anew     bool   // begin again after the account was removed
	Lang     string // that the browser reads
}

// Ticket is the cookie that brings a visit back: one each, so that several
// windows do not disturb each other.
type Ticket struct {
	Name, Value string
	Age         time.Duration
}

// Visit begins a sign-in at a provider: it gives the address to send the browser
// to and the ticket for its cookie. It returns a fault NotFound for an unknown
// provider and Unavailable for one that does not answer.
func (a *Accounts) Visit(ctx context.Context, w Wish) (string, Ticket, error) {
	p, err := a.providers.Get(w.Provider)
	if err != nil {
		return "", Ticket{}, err
	}
	if only, ok := a.OnlyProvider(); ok && only.ID != p.ID {
		return "", Ticket{}, errOnly(only)
	}
	v := visit{
		State: secret.Token(), Provider: p.ID, Nonce: secret.Token(), Verifier: secret.Token(),
		Next: w.Next, Person: w.Link, Invite: w.Invite, Anew: w.Anew, Lang: a.knownLanguage(w.Lang), Purpose: purposeSignIn, Expires: a.base.Now().Add(visitFor),
	}
	if w.Link != 0 {
		v.Purpose = purposeLink
	} else if w.Prove != 0 {
		v.Purpose, v.Person = purposeProof, w.Prove
	}
	if len(v.Next) > nextMax {
		v.Next = ""
	}
	to, err := p.Begin(ctx, oidc.Request{State: v.State, Nonce: v.Nonce, Verifier: v.Verifier, Again: v.Purpose == purposeProof})
	if err != nil {
		a.log.WarnContext(ctx, "sign-in provider does not answer", slog.String("provider", p.ID), slog.Any("error", err))
		return "", Ticket{}, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", Ticket{}, fmt.Errorf("write a ticket: %w", err)
	}
	sealed := base64.RawURLEncoding.EncodeToString(a.keys.Seal(text, []byte(visitSeal)))
	return to, Ticket{Name: ticketOf(v.State), Value: sealed, Age: visitFor}, nil
}

// since is when a proof was asked for; zero when none was.
func (v visit) since() time.Time {
	if v.Purpose != purposeProof {
		return time.Time{}
	}
	return v.Expires.Add(-visitFor)
}

// ticketOf names the cookie of a state; "" for what is no state of ours.
func ticketOf(state string) string {
	if len(state) < ticketName || len(state) > stateMax {
		return ""
	}
	return "visit-" + base64.RawURLEncoding.EncodeToString(secret.Hash(state))[:ticketName]
}

// takeVisit opens the ticket of this browser for the state that came back, once.
func (a *Accounts) takeVisit(ctx context.Context, r Return) (visit, error) {
	if len(r.Ticket) > ticketMax || len(r.State) > stateMax {
		return visit{}, errVisit()
	}
	sealed, err := base64.RawURLEncoding.DecodeString(r.Ticket)
	if err != nil {
		return visit{}, errVisit()
	}
	text, err := a.keys.Open(sealed, []byte(visitSeal))
	if err != nil {
		return visit{}, errVisit()
	}
	var v visit
	if err := json.Unmarshal(text, &v); err != nil {
		return visit{}, fmt.Errorf("read a ticket: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(v.State), []byte(r.State)) != 1 || v.Provider != r.Provider || !a.base.Now().Before(v.Expires) {
		return visit{}, errVisit()
	}
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		return insertSpent(ctx, tx, secret.Hash(r.State), secret.Hash(r.Ticket), v)
	})
	if db.IsUnique(err) {
		return visit{}, errVisit()
	}
	return v, err
}

// Return is what a browser brought back from a provider.
type Return struct {
	Provider string
	Ticket   string // value of the cookie
	State    string
	Code     string
	Issuer   string
	Error    string
	Viewer   int64 // who is signed in, 0 for nobody
}

func errVisit() error { return fault.New(fault.Forbidden, "account.error.oidc.state").At("/login") }
