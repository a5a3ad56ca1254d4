package badge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// Proofs tells which addresses people controlled before. core/account answers.
type Proofs interface {
	ProofByID(ctx context.Context, d db.DB, person, id int64) (account.Proof, error)
	ProofsOf(ctx context.Context, d db.DB, person int64, address string) ([]account.Proof, error)
	HeldBefore(ctx context.Context, d db.DB, person int64, address string, issued time.Time) (bool, error)
}

const (
	reasonEarlier = "recipient-earlier" // a warning: the address was given up
	reasonBefore  = "recipient-before"  // somebody else had the address then
)

// onAddressRemoved binds the badges that were issued to an address to the proof
// that stands for it from now on.
func (s *Badges) onAddressRemoved(ctx context.Context, tx *db.Tx, e account.AddressRemoved) error {
	list, err := listRecipients(ctx, tx, e.Person)
	if err != nil {
		return err
	}
	for _, b := range list {
		c, err := openbadge.Parse(b.credential)
		if err != nil {
			continue // only its issuer's address has the text
		}
		if _, ok := c.Recipient.Match([]string{e.Address}); ok {
			if err := updateAddressProof(ctx, tx, b.id, e.Proof.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// earlier answers verify.Options.Earlier for a person: a plain address that they
// controlled when the badge was issued, or whose proof a badge is bound to.
func (s *Badges) earlier(ctx context.Context, person int64, bound bond) func(*openbadge.Credential) (string, bool) {
	if s.Proofs == nil {
		return nil
	}
	return func(c *openbadge.Credential) (string, bool) {
		if bound.proof.ID != 0 && sameRecipient(bound.recipient, c.Recipient) {
			return bound.proof.Period(), true
		}
		for _, address := range plainAddresses(c.Recipient) {
			list, err := s.Proofs.ProofsOf(ctx, s.Base.Read(), person, address)
			if err != nil {
				s.Log.Warn("read the proofs of an address", "error", err)
				return "", false
			}
			for _, p := range slices.Backward(list) {
				if p.Covers(c.IssuedOn) {
					return p.Period(), true
				}
			}
		}
		return "", false
	}
}

// bond is the proof that a badge is bound to, with the recipient it was bound for.
type bond struct {
	proof     account.Proof
	recipient openbadge.Recipient
}

// bondOf reads the bond of a badge; the zero bond is none.
func (s *Badges) bondOf(ctx context.Context, b Badge, credential []byte) (bond, error) {
	if s.Proofs == nil {
		return bond{}, nil
	}
	id, err := getAddressProof(ctx, s.Base.Read(), b.ID)
	if err != nil || id == 0 {
		return bond{}, err
	}
	p, err := s.Proofs.ProofByID(ctx, s.Base.Read(), b.Person, id)
	if errors.Is(err, db.ErrNotFound) {
		return bond{}, nil
	}
	c, errParse := openbadge.Parse(credential)
	if err != nil || errParse != nil {
		return bond{}, err
	}
	return bond{p, c.Recipient}, nil
}

// dated says in a report whose recipient was proven before that the address was
// given up since.
func (b bond) dated(checks []verify.Step) []verify.Step {
	for i, c := range checks {
		if b.proof.ID != 0 && c.Name == verify.CheckRecipient && c.Result == verify.Pass {
			checks[i].Warning, checks[i].Detail = reasonEarlier, b.proof.Period()
		}
	}
	return checks
}

func sameRecipient(a, b openbadge.Recipient) bool {
	return len(a.Identities)+len(a.SubjectID) > 0 && a.SubjectID == b.SubjectID && slices.Equal(a.Identities, b.Identities)
}

// plainAddresses are the e-mail addresses that a recipient names openly.
func plainAddresses(r openbadge.Recipient) []string {
	var list []string
	add := func(s string) {
		s = strings.TrimPrefix(s, "mailto:")
		if strings.Contains(s, "@") && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	for _, i := range r.Identities {
		if !i.Hashed {
			add(i.Value)
		}
	}
	if strings.HasPrefix(r.SubjectID, "mailto:") {
		add(r.SubjectID)
	}
	return list
}

// notOfAnother refuses a badge that was issued while somebody else controlled
// the address: an address that changed hands brings no badges of its former owner.
func (s *Badges) notOfAnother(ctx context.Context, person int64, addresses []string, r verify.Report) (verify.Report, error) {
	if s.Proofs == nil || r.Credential == nil || r.Verdict == verify.Invalid {
		return r, nil
	}
	matched, ok := r.Credential.Recipient.Match(addresses)
	if !ok {
		return r, nil
	}
	held, err := s.Proofs.HeldBefore(ctx, s.Base.Read(), person, matched, r.Credential.IssuedOn)
	if err != nil || !held {
		return r, err
	}
	for i, c := range r.Checks {
		if c.Name == verify.CheckRecipient {
			r.Checks[i].Result, r.Checks[i].Reason, r.Checks[i].Detail = verify.Fail, reasonBefore, ""
		}
	}
	r.Verdict = verify.Invalid
	return r, nil
}
