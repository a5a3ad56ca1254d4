package badge

import (
	"context"
	"errors"
	"fmt"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// reasonAnother is why a badge is not proven by a proof of something else.
const reasonAnother = "another-badge"

// proves reports whether a verdict says that the credential is its issuer's.
func proves(v verify.Verdict) bool { return v != verify.Unverifiable && v != verify.Invalid }

// keepsTo holds a later check against what was proven before. The credential at
// the badge's address must still be the same badge, else its proof says nothing
// about this one; whom it was issued to was proven then and is not asked again,
// since a badge does not depend on an address staying.
func keepsTo(p proof, r verify.Report) verify.Report {
	r.Checks = keepRecipient(r.Checks, p.recipient)
	if !proves(r.Verdict) || r.Credential == nil || samenessOf(r.Credential).is(p.equality) {
		return r
	}
	return another(r)
}

// another is a report of a check that met another badge.
func another(r verify.Report) verify.Report {
	for i, c := range r.Checks {
		if c.Name == verify.CheckProof {
			r.Checks[i].Result, r.Checks[i].Reason, r.Checks[i].Detail = verify.Unknown, reasonAnother, clip(r.Credential.ID, 200)
		}
	}
	r.Verdict, r.Keys = verify.Unverifiable, nil
	return r
}

// keepRecipient carries the outcome of the recipient check over.
func keepRecipient(now []verify.Step, kept verify.Step) []verify.Step {
	for i, c := range now {
		if c.Name == verify.CheckRecipient && kept.Name != "" {
			now[i] = kept
		}
	}
	return now
}

// proof is what an earlier check has proven of a badge. The zero proof is none.
type proof struct {
	equality  string
	recipient verify.Step
}

// proofOf reads the newest proof of a badge from its ledger.
func proofOf(ctx context.Context, d db.DB, badge int64) (proof, error) {
	l, equality, err := getProof(ctx, d, badge)
	if errors.Is(err, db.ErrNotFound) {
		return proof{}, nil
	}
	if err != nil {
		return proof{}, fmt.Errorf("read the proof of a badge: %w", err)
	}
	p := proof{equality: equality}
	for _, c := range l.Report.Checks {
		if c.Name == verify.CheckRecipient {
			p.recipient = c
		}
	}
	return p, nil
}

// firstProof takes a badge in anew when r is the first report that proves it.
func (s *Badges) firstProof(ctx context.Context, tx *db.Tx, b *Badge, r verify.Report) (verify.Report, error) {
	known, err := proofOf(ctx, tx, b.ID)
	if err != nil || known.equality != "" || !proves(r.Verdict) || r.Credential == nil {
		return r, err
	}
	ok, err := s.become(ctx, tx, b, r)
	if !ok {
		r = another(r)
	}
	return r, err
}

// become gives a badge that was taken in without a proof the content that is
// proven now: until then it showed what its holder brought. It reports false when
// the holder has that badge already.
func (s *Badges) become(ctx context.Context, tx *db.Tx, b *Badge, r verify.Report) (bool, error) {
	c := r.Credential
	name := samenessOf(c)
	held, err := findHeld(ctx, tx, b.Person, s.equalitiesOf(name))
	if err != nil || held != "" && held != b.PublicID {
		return false, err
	}
	issuer, err := newMemo().issuer(ctx, tx, named(c.Issuer), r.Verdict == verify.Valid)
	if err != nil {
		return false, err
	}
	content := contentOf(c, b.Class.Thumbnail, searchText(c))
	hash, err := content.hash()
	if err != nil {
		return false, err
	}
	class, err := newMemo().class(ctx, tx, issuer, hash, content)
	if err != nil {
		return false, err
	}
	old := b.Class.ID
	b.Class.ID, b.Class.Issuer.ID = class, issuer
	b.WireID, b.Version, b.IssuedTo, b.Plain = c.ID, c.Version, c.Recipient.Masked(), isPlain(c.Recipient)
	b.IssuedAt, b.ExpiresAt, b.Evidence = c.IssuedOn, c.Expires, safeEvidence(c.Evidence)
	if err := updateContent(ctx, tx, *b, name.short()); err != nil || class == old {
		return true, err
	}
	countHolders(ctx, tx, class)
	if err := s.wantCriteria(ctx, tx, class, c.CriteriaID); err != nil {
		return true, err
	}
	countHolders(ctx, tx, old)
	return true, s.removeLoneClass(ctx, tx, old)
}
