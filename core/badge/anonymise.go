package badge

import (
	"bytes"
	"context"
	"encoding/base64"
	"regexp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// purposeMark is what the keyed hash of a credential that is gone is made for:
// without the key of this passport nobody can try addresses against it.
const purposeMark = "badge/credential"

// Forgotten is published when what somebody without an account asked to have
// deleted or anonymised was taken from a person, in the same transaction: copies
// of it that wait elsewhere go as well.
type Forgotten struct{ Person int64 }

// Anonymise takes the identity out of a badge that nobody proved to be theirs. Its
// holder keeps the class, the issuer, the dates, the verdicts and a keyed hash of
// the credential. The credential itself goes: its signature covers the address, so
// what would be left of it could be verified by nobody. A badge that waits for its
// address is deleted, and one whose holder proved the address stays as it is.
func (s *Badges) Anonymise(ctx context.Context, tx *db.Tx, n Naming) error {
	if n.im.ID != 0 || n.Proven {
		return s.Forget(ctx, tx, n)
	}
	b, err := lockMine(ctx, tx, n.badge.Person, n.badge.PublicID)
	if fault.Is(err, fault.NotFound) || err == nil && (!b.Unclaimed || !b.AnonymisedAt.IsZero()) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.dropRecord(ctx, tx, b.ID); err != nil {
		return err
	}
	files, err := s.anonymise(ctx, tx, b)
	if err != nil {
		return err
	}
	if err := s.redactClass(ctx, tx, b.Class, n.address); err != nil {
		return err
	}
	if err := s.Blobs.Drop(ctx, tx, files...); err != nil {
		return err
	}
	return event.Publish(ctx, tx, s.Bus, Forgotten{Person: b.Person})
}

// anonymise rewrites the rows of a badge and gives the files that it leaves.
func (s *Badges) anonymise(ctx context.Context, tx *db.Tx, b Badge) ([]string, error) {
	credential, err := getCredential(ctx, tx, b.ID)
	if err != nil {
		return nil, err
	}
	bodies, err := listBodies(ctx, tx, b.ID)
	if err != nil {
		return nil, err
	}
	copies, err := deleteAliases(ctx, tx, b.PublicID)
	if err != nil {
		return nil, err
	}
	if err := bareLedger(ctx, tx, b.ID); err != nil {
		return nil, err
	}
	if err := deleteBadgeHosts(ctx, tx, b.ID); err != nil {
		return nil, err
	}
	if err := deleteShelf(ctx, tx, b.ID); err != nil { // the holder's words may name whom it was issued to
		return nil, err
	}
	if err := deleteImportsOf(ctx, tx, b); err != nil {
		return nil, err
	}
	mark := s.Secrets.MAC(purposeMark, credential)
	equality, err := getEquality(ctx, tx, b.ID)
	if err != nil {
		return nil, err
	}
	if err := updateAnonymised(ctx, tx, b, mark, s.equalityMark(equality)); err != nil {
		return nil, err
	}
	return append(append(bodies, copies...), b.Received, b.Thumbnail), nil
}

// anonymised begins the equality of a badge that was anonymised.
const anonymised = "anonymised:"

// equalityMark is what stands for the equality of an anonymised badge: an id may
// hold an address too.
func (s *Badges) equalityMark(equality string) string {
	if s.Secrets == nil { // nothing was ever anonymised without it
		return ""
	}
	return anonymised + s.Secrets.MAC(purposeMark, []byte(equality))
}

// dropRecord forgets the record that a badge of a stranger came in: it names them
// too. The record of somebody who proved the address is theirs and stays.
func (s *Badges) dropRecord(ctx context.Context, tx *db.Tx, badge int64) error {
	received, err := deleteStrangersRecord(ctx, tx, badge)
	if err != nil {
		return err
	}
	return s.Blobs.Drop(ctx, tx, received)
}

// redactClass takes the address out of the words of a class that name it.
func (s *Badges) redactClass(ctx context.Context, tx *db.Tx, c Class, address string) error {
	words, err := getWords(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	hidden, found := make([]string, len(words)), false
	for i, w := range words {
		hidden[i] = redact(w, address)
		found = found || hidden[i] != w
	}
	if !found {
		return nil
	}
	return updateWords(ctx, tx, c.ID, hidden)
}

// redact puts … where an address stands in a text, in whatever case.
func redact(text, address string) string {
	return regexp.MustCompile(`(?i)`+regexp.QuoteMeta(address)).ReplaceAllLiteralString(text, "…")
}

// plainly gives the steps of a verification without anything about whom the badge
// was issued to, and without what was read for them.
func plainly(steps []verify.Step) []verify.Step {
	out := make([]verify.Step, 0, len(steps))
	for _, st := range steps {
		out = append(out, verify.Step{Name: st.Name, Result: st.Result, Reason: st.Reason, Spec: st.Spec})
	}
	return out
}

// whole returns a fault Gone for a badge that has no credential any more.
func (b Badge) whole() error {
	if b.isWhole() {
		return nil
	}
	return fault.New(fault.Gone, "badge.error.anonymised").At("/b/" + b.PublicID)
}

func (b Badge) isWhole() bool { return b.AnonymisedAt.IsZero() }

// anonymised gives what pages say of an anonymised badge; the zero value for others.
func (s *Badges) anonymised(ctx context.Context, b Badge) (Anonymised, error) {
	if b.isWhole() {
		return Anonymised{}, nil
	}
	mark, err := getMark(ctx, s.Base.Read(), b.ID)
	return Anonymised{At: b.AnonymisedAt, Mark: mark}, err
}

// Mentions tells how many badges name an address somewhere in their credential:
// as that of an issuer or of who endorsed them, or in words. Badges that were
// issued to it are among them.
func (s *Badges) Mentions(ctx context.Context, address string) (int, error) {
	sought, n := bytes.ToLower([]byte(address)), 0
	for after := int64(0); ; {
		list, err := listCredentials(ctx, s.Base.Read(), after, forgetPage)
		if err != nil {
			return 0, err
		}
		for _, row := range list {
			if bytes.Contains(bytes.ToLower(readable(row.credential)), sought) {
				n++
			}
		}
		if len(list) < forgetPage {
			return n, nil
		}
		after = list[len(list)-1].id
	}
}

// readable is a credential as text: the payload of a JWS (RFC 7515 §7.1), any
// other as it is.
func readable(credential []byte) []byte {
	if parts := bytes.Split(bytes.TrimSpace(credential), []byte(".")); len(parts) == 3 {
		if payload, err := base64.RawURLEncoding.DecodeString(string(parts[1])); err == nil {
			return payload
		}
	}
	return credential
}
