package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

const labelMaxLen = 100

// Arrival is the outcome of a visit.
type Arrival struct {
	Person Person
	Next   string
	Linked bool // the provider was linked; nobody was signed in
	New    bool // the account was made just now

	proof    statement // what the provider said
	provedAt time.Time // when the person proved who they are; zero when that is not known
}

// Arrive ends a visit, once and in the browser that began it: it checks the
// provider's answer and finds, makes or links the account of the identity. It
// returns a fault that says in words why not; the log has the cause.
func (a *Accounts) Arrive(ctx context.Context, r Return) (Arrival, error) {
	v, err := a.takeVisit(ctx, r)
	if err != nil {
		return Arrival{}, a.audit(ctx, r, err)
	}
	p, err := a.providers.Get(v.Provider)
	if err != nil {
		return Arrival{}, err
	}
	if r.Error != "" || r.Code == "" || len(r.Code) > codeMax {
		key := "account.error.oidc.refused"
		if r.Error == "access_denied" {
			key = "account.error.oidc.denied"
		}
		return Arrival{}, a.audit(ctx, r, fault.New(fault.Forbidden, key).With("provider", p.Name).At("/login"))
	}
	c, err := p.Finish(ctx, oidc.Answer{Code: r.Code, Issuer: r.Issuer, Nonce: v.Nonce, Verifier: v.Verifier, Since: v.since()})
	if err != nil {
		return Arrival{}, a.audit(ctx, r, err)
	}
	s := statement{c, p}
	out, err := a.settle(ctx, v, s, r.Viewer)
	if err != nil {
		return Arrival{}, a.audit(ctx, r, err)
	}
	out.Next, out.proof, out.provedAt = v.Next, s, c.ProvedAt
	if v.Purpose == purposeProof && c.ProvedAt.IsZero() { // as the configuration allows
		out.provedAt = a.base.Now()
	}
	return out, nil
}

// statement is what a provider says about a person.
type statement struct {
	oidc.Claims
	provider *oidc.Provider
}

// settle decides whose the claims are. Two visits of one new person at once make
// one account: the one that loses looks again.
func (a *Accounts) settle(ctx context.Context, v visit, c statement, viewer int64) (Arrival, error) {
	const tries = 3
	for try := 1; ; try++ {
		var out Arrival
		err := a.base.Tx(ctx, func(tx *db.Tx) error {
			var err error
			if v.Purpose == purposeLink {
				out, err = a.link(ctx, tx, v, c, viewer)
			} else {
				out, err = a.recognise(ctx, tx, v, c, viewer)
			}
			return err
		})
		if err == nil || try == tries || !db.IsUnique(err) {
			return out, err
		}
	}
}

// recognise finds the person of an identity, or makes one. An address never decides
// who somebody is. A browser in which somebody else is signed in gets nobody.
func (a *Accounts) recognise(ctx context.Context, tx *db.Tx, v visit, c statement, viewer int64) (Arrival, error) {
	owner, err := identityOwner(ctx, tx, c.Issuer, c.Subject)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return Arrival{}, err
	}
	if v.Purpose == purposeProof && viewer != v.Person {
		return Arrival{}, errVisit()
	}
	if viewer != 0 && owner.ID != viewer {
		return Arrival{}, fault.New(fault.Conflict, "account.error.oidc.another").With("provider", c.provider.Name).At("/settings/security")
	}
	if err != nil {
		return a.join(ctx, tx, v, c)
	}
	if owner.Disabled {
		return Arrival{}, errDisabled()
	}
	if err := a.followGroups(ctx, tx, owner.ID, c); err != nil {
		return Arrival{}, err
	}
	if err := a.confirmListed(ctx, tx, owner.ID, c); err != nil {
		return Arrival{}, err
	}
	owner, err = personByID(ctx, tx, owner.ID)
	return Arrival{Person: owner}, err
}

// followGroups gives a person the role that the provider's groups give now.
func (a *Accounts) followGroups(ctx context.Context, tx *db.Tx, person int64, c statement) error {
	if err := setGroupRole(ctx, tx, c.provider.ID, c.Claims); err != nil {
		return err
	}
	return a.settleRole(ctx, tx, person)
}

// confirmListed confirms an address that the person lists and the provider
// vouches for.
func (a *Accounts) confirmListed(ctx context.Context, tx *db.Tx, person int64, c statement) error {
	_, key, ok := vouched(c)
	if !ok {
		return nil
	}
	list, err := emailsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Key == key && !e.Confirmed() {
			err := a.confirmed(ctx, tx, e, c.provider.Name)
			if fault.Is(err, fault.Conflict) && !db.IsUnique(err) {
				return nil // it is somebody else's by now
			}
			return err
		}
	}
	return nil
}

// join makes the account of a new identity.
func (a *Accounts) join(ctx context.Context, tx *db.Tx, v visit, c statement) (Arrival, error) {
	bring := pass{invite: v.Invite}
	if _, key, ok := vouched(c); ok {
		bring.key = key
	}
	err := a.mayJoin(ctx, tx, bring)
	if err != nil {
		return Arrival{}, err
	}
	if err := a.comesBack(ctx, tx, v, c); err != nil {
		return Arrival{}, err
	}
	d := draft{person: Person{
		PublicID: secret.ID(), Role: RoleMember, Language: a.knownLanguage(v.Lang), Scheme: "auto", Contrast: "auto", Visibility: "private",
	}}
	if err := a.adoptAddress(ctx, tx, c, &d); err != nil {
		return Arrival{}, err
	}
	if d.person.Handle, err = a.freeHandle(ctx, tx, c); err != nil {
		return Arrival{}, err
	}
	if d.person.Name, err = parseName(c.Name); err != nil {
		d.person.Name = d.person.Handle
	}
	if err := a.create(ctx, tx, &d); err != nil {
		return Arrival{}, err
	}
	if err := a.admit(ctx, tx, bring, d.person.ID); err != nil {
		return Arrival{}, err
	}
	if err := insertIdentity(ctx, tx, identityOf(d.person.ID, c, tx.Now())); err != nil {
		return Arrival{}, err
	}
	if err := a.followGroups(ctx, tx, d.person.ID, c); err != nil {
		return Arrival{}, err
	}
	if d.email.Key == "" {
		return Arrival{Person: d.person, New: true}, nil
	}
	if _, _, ok := vouched(c); ok {
		err = a.confirmed(ctx, tx, d.email, c.provider.Name)
	} else {
		err = a.sendConfirmation(ctx, tx, d.person, d.email)
	}
	return Arrival{Person: d.person, New: true}, err
}

// adoptAddress gives a new account the address of the claims. A vouched address
// that is somebody's already means that this person has an account: they are
// told to sign in to it and link the provider there.
func (a *Accounts) adoptAddress(ctx context.Context, tx *db.Tx, c statement, d *draft) error {
	address, key, ok := claimed(c)
	if !ok {
		return nil
	}
	if c.Verified {
		_, err := ownerOf(ctx, tx, key)
		if err == nil {
			return fault.New(fault.Conflict, "account.error.oidc.address_owned").With("provider", c.provider.Name).At("/login?next=/settings/security")
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	d.email.Address, d.email.Key = address, key
	return nil
}

// claimed gives the address that a provider names, when it is one plain address
// in ASCII: others may look like somebody else's.
func claimed(c statement) (address, key string, ok bool) {
	if strings.ContainsFunc(c.Address, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", "", false
	}
	address, key, err := mail.ParseAddress(c.Address)
	return address, key, err == nil
}

// vouched gives the address that a provider says is the person's.
func vouched(c statement) (address, key string, ok bool) {
	address, key, ok = claimed(c)
	return address, key, ok && c.Verified
}

// freeHandle makes a handle out of what the provider says, with a number behind
// it when it is taken.
func (a *Accounts) freeHandle(ctx context.Context, tx *db.Tx, c statement) (string, error) {
	base := ""
	for _, s := range []string{c.Username, c.Name, c.Address} {
		if base = suggestHandle(s); base != "" {
			break
		}
	}
	if base == "" {
		base = "earner"
	}
	for n := 1; ; n++ {
		handle := numbered(base, n)
		_, err := personByHandle(ctx, tx, handle)
		if err == nil {
			continue
		}
		if !errors.Is(err, db.ErrNotFound) {
			return "", err
		}
		if err := a.claim(ctx, tx, 0, handle); !fault.Is(err, fault.Conflict) {
			return handle, err
		}
	}
}

// link joins an identity to the person who asked for it and is still here.
func (a *Accounts) link(ctx context.Context, tx *db.Tx, v visit, c statement, viewer int64) (Arrival, error) {
	if viewer == 0 || viewer != v.Person {
		return Arrival{}, errVisit()
	}
	person, err := personByID(ctx, tx, viewer)
	if err != nil {
		return Arrival{}, err
	}
	owner, err := identityOwner(ctx, tx, c.Issuer, c.Subject)
	switch {
	case err == nil && owner.ID != viewer:
		return Arrival{}, fault.New(fault.Conflict, "account.error.oidc.linked_elsewhere").With("provider", c.provider.Name).At("/settings/security")
	case err == nil:
		return Arrival{Person: person, Linked: true}, nil
	case !errors.Is(err, db.ErrNotFound):
		return Arrival{}, err
	}
	if err := insertIdentity(ctx, tx, identityOf(viewer, c, tx.Now())); err != nil {
		return Arrival{}, err
	}
	if err := a.followGroups(ctx, tx, viewer, c); err != nil {
		return Arrival{}, err
	}
	if err := deleteGone(ctx, tx, a.identityHash(c.Issuer, c.Subject)); err != nil {
		return Arrival{}, err
	}
	if err := a.Tell(ctx, tx, viewer, Notice{What: ProviderAdded, Detail: c.provider.Name}); err != nil {
		return Arrival{}, err
	}
	return Arrival{Person: person, Linked: true}, a.addVouched(ctx, tx, viewer, c)
}

// addVouched lists an address that the provider vouches for, unless it is
// somebody else's.
func (a *Accounts) addVouched(ctx context.Context, tx *db.Tx, person int64, c statement) error {
	address, key, ok := vouched(c)
	if !ok {
		return nil
	}
	_, err := ownerOf(ctx, tx, key)
	if err == nil {
		return nil
	}
	if !errors.Is(err, db.ErrNotFound) {
		return err
	}
	list, err := emailsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Key == key {
			return a.confirmed(ctx, tx, e, c.provider.Name)
		}
	}
	if len(list) >= addressesPerHead {
		return nil
	}
	e := Email{ID: tx.NewID(), Person: person, Address: address, Key: key, Primary: len(list) == 0, CreatedAt: tx.Now()}
	if err := insertEmail(ctx, tx, e); err != nil {
		return err
	}
	return a.confirmed(ctx, tx, e, c.provider.Name)
}

func identityOf(person int64, c statement, now time.Time) Identity {
	label := c.Address
	if _, _, ok := claimed(c); !ok {
		label, _ = parseName(c.Username)
	}
	if len(label) > labelMaxLen {
		label = ""
	}
	return Identity{Issuer: c.Issuer, Subject: c.Subject, Person: person, Provider: c.provider.ID, Label: label, CreatedAt: now}
}

// PublicID names an identity in forms of its own person.
func (i Identity) PublicID() string {
	sum := sha256.Sum256([]byte(i.Issuer + "\x00" + i.Subject))
	return hex.EncodeToString(sum[:11])
}

// Identities lists the providers that a person can sign in with.
func (a *Accounts) Identities(ctx context.Context, person int64) ([]Identity, error) {
	return identitiesOf(ctx, a.base.Read(), person)
}

// Unlink takes a provider away and ends all sessions but one, since any of them
// may have come from it. It returns a fault Conflict when nothing would be left to
// sign in with.
func (a *Accounts) Unlink(ctx context.Context, person int64, publicID string, keep []byte) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error {
		list, err := identitiesOf(ctx, tx, person)
		if err != nil {
			return err
		}
		for _, i := range list {
			if i.PublicID() != publicID {
				continue
			}
			if err := deleteIdentity(ctx, tx, i); err != nil {
				return err
			}
			if err := a.settleRole(ctx, tx, person); err != nil {
				return err
			}
			return a.tookAway(ctx, tx, person, keep, Notice{What: ProviderRemoved, Detail: a.providerName(i.Provider)})
		}
		return db.ErrNotFound
	}))
}

// audit writes the refusal of a sign-in to the log and passes it on.
func (a *Accounts) audit(ctx context.Context, r Return, err error) error {
	a.log.WarnContext(ctx, "sign-in with a provider refused", slog.String("provider", cutTo(r.Provider, labelMaxLen)), slog.Any("error", err))
	return err
}
