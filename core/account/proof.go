package account

import (
	"context"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/mail"
)

// addressPurpose keys the hashes of addresses that were given up.
const addressPurpose = "account/address"

// Proof says that a person controlled an address for a time. It is written when
// a confirmed address is removed, and does not hold the address.
type Proof struct {
	ID     int64
	Person int64
	Masked string // a…@example.org, for the person's own eyes
	By     string // how it had been confirmed: mail, setup, command, or the name of a provider
	From   time.Time
	Until  time.Time

	hash string
}

// Covers reports whether the address was the person's own at a time.
func (p Proof) Covers(at time.Time) bool {
	return !at.IsZero() && !at.Before(p.From) && !at.After(p.Until)
}

// Period is the time of the proof as days (ISO 8601-1 §5.5.2, a time interval).
func (p Proof) Period() string {
	return p.From.Format(time.DateOnly) + "/" + p.Until.Format(time.DateOnly)
}

// AddressRemoved is published when a person gave up a confirmed address, in the
// transaction that removes it. Proof stands for it from now on.
type AddressRemoved struct {
	Person  int64
	Address string
	Proof   Proof
}

// keepProof writes the proof of an address that is about to be removed.
func (a *Accounts) keepProof(ctx context.Context, tx *db.Tx, e Email) error {
	p := Proof{
		ID: tx.NewID(), Person: e.Person, Masked: maskAddress(e.Address), By: e.ConfirmedBy,
		From: e.ConfirmedAt, Until: tx.Now(), hash: a.addressHash(e.Key),
	}
	if err := insertProof(ctx, tx, p); err != nil {
		return err
	}
	return event.Publish(ctx, tx, a.bus, AddressRemoved{Person: e.Person, Address: e.Address, Proof: p})
}

func (a *Accounts) addressHash(key string) string { return a.keys.MAC(addressPurpose, []byte(key)) }

func maskAddress(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return local[:min(1, len(local))] + "…@" + domain
}

// Proofs lists what stands for the addresses that a person gave up, the newest last.
func (a *Accounts) Proofs(ctx context.Context, d db.DB, person int64) ([]Proof, error) {
	return proofsOf(ctx, d, person)
}

// ProofByID gives one proof of a person. It returns db.ErrNotFound when it is
// not theirs.
func (a *Accounts) ProofByID(ctx context.Context, d db.DB, person, id int64) (Proof, error) {
	return proofByID(ctx, d, person, id)
}

// ProofsOf lists the proofs of a person for one address, the newest last; none
// for what is no address.
func (a *Accounts) ProofsOf(ctx context.Context, d db.DB, person int64, address string) ([]Proof, error) {
	_, key, err := mail.ParseAddress(address)
	if err != nil {
		return nil, nil //nolint:nilerr // what is no address has no proofs
	}
	return proofsOfAddress(ctx, d, person, a.addressHash(key))
}

// HeldBefore reports whether somebody else controlled an address after a badge
// was issued to it: then the badge is most likely theirs. A badge without a date
// (zero) counts as issued before everything.
func (a *Accounts) HeldBefore(ctx context.Context, d db.DB, person int64, address string, issued time.Time) (bool, error) {
	_, key, err := mail.ParseAddress(address)
	if err != nil {
		return false, nil //nolint:nilerr // what is no address was nobody's
	}
	n, err := countForeignProofs(ctx, d, person, a.addressHash(key), db.Micros(issued))
	return n > 0, err
}
