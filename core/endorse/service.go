package endorse

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/sign"
	"github.com/osier-passport/osier/core/text"
)

// Deps is what an Endorse needs.
type Deps struct {
	Base     *db.Base
	Bus      *event.Bus
	Queue    *jobs.Queue
	Keys     *secret.Keys
	Accounts *account.Accounts
	Badges   *badge.Badges
	Signer   *sign.Signer
	Mailer   *mail.Mailer
	URL      func(path string) string
	Log      *slog.Logger
}

// Endorse is the service of this package.
type Endorse struct {
	Deps

	lists statusLists
}

// New makes the service, subscribes it to the end of badges and registers its
// periodic work.
func New(d Deps) *Endorse {
	s := &Endorse{Deps: d}
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error {
		outsiders, err := deleteOnBadge(ctx, tx, e.Badge)
		if err != nil {
			return err
		}
		return s.dropLone(ctx, tx, outsiders)
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Joined) error {
		outsiders, err := moveToBadge(ctx, tx, e.From, e.Into)
		if err != nil {
			return err
		}
		return s.dropLone(ctx, tx, outsiders)
	})
	d.Queue.Every("endorse.sweep", time.Hour, s.Sweep)
	return s
}

// subject gives a badge of the person's own that can be endorsed.
func (s *Endorse) subject(ctx context.Context, person int64, publicID string) (Subject, error) {
	b, err := subjectMine(ctx, s.Base.Read(), person, publicID)
	if errors.Is(err, db.ErrNotFound) {
		return b, fault.New(fault.NotFound, "badge.error.not_found")
	}
	return b, usable(b, err)
}

// usable refuses badges that nobody can vouch for.
func usable(b Subject, err error) error {
	if err == nil && (b.Unclaimed || b.Anonymised) {
		err = fault.New(fault.Conflict, "endorse.error.badge").At("/b/" + b.PublicID)
	}
	return err
}

// Words are what somebody says about a badge.
type Words struct {
	Name   string // of somebody without an account
	Body   string
	Skills []string
}

// clean checks words against the badge that they are about.
func (w Words) clean(b Subject) (Words, error) {
	body, ok := text.CleanText(w.Body, maxBody)
	if !ok {
		return w, account.FieldErrors{"text": "endorse.error.text"}
	}
	offered := b.Skills()
	skills := []string{}
	for _, skill := range offered {
		if slices.Contains(w.Skills, skill) {
			skills = append(skills, skill)
		}
	}
	if body == "" && len(skills) == 0 {
		return w, account.FieldErrors{"text": "endorse.error.empty"}
	}
	w.Body, w.Skills = body, skills
	return w, nil
}

// SubjectFor gives a badge as a member sees it who may endorse it, and what they
// wrote or were asked for; its ID is 0 for nothing. It returns a fault Invalid for
// a badge of their own.
func (s *Endorse) SubjectFor(ctx context.Context, person int64, publicID string) (Subject, Endorsement, error) {
	b, err := subjectOf(ctx, s.Base.Read(), person, publicID)
	if errors.Is(err, db.ErrNotFound) {
		err = fault.New(fault.NotFound, "badge.error.not_found")
	}
	if err = usable(b, err); err != nil {
		return b, Endorsement{}, err
	}
	if b.Holder.ID == person {
		return b, Endorsement{}, errSelf()
	}
	e, err := getByMember(ctx, s.Base.Read(), person, b.ID)
	if errors.Is(err, db.ErrNotFound) {
		err = nil
	}
	return b, e, err
}

// Write keeps what a member says about a badge that they see or were asked about.
// What they said before about it is replaced and not shown until the holder accepts
// this.
func (s *Endorse) Write(ctx context.Context, person int64, publicID string, w Words) error {
	b, was, err := s.SubjectFor(ctx, person, publicID)
	if err != nil {
		return err
	}
	if w, err = w.clean(b); err != nil {
		return err
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		by, err := s.Accounts.PersonByID(ctx, tx, person)
		if err != nil {
			return err
		}
		if was.ID == 0 { // who was asked knows of the badge; who comes by may have been blocked just now
			if _, err := personShown(ctx, tx, person, b.Holder.Handle); err != nil {
				return fault.New(fault.NotFound, "badge.error.not_found").Wrap(err)
			}
		}
		e := Endorsement{ID: tx.NewID(), PublicID: secret.ID(), Subject: b, By: Person{ID: person, Name: by.Name}, Body: w.Body, Skills: w.Skills}
		if err := insertWritten(ctx, tx, e); err != nil {
			return err
		}
		return s.tellWritten(ctx, tx, e)
	})
}

// tellWritten tells a holder that there is something to accept.
func (s *Endorse) tellWritten(ctx context.Context, tx *db.Tx, e Endorsement) error {
	return s.Accounts.Announce(ctx, tx, account.Announcement{
		Person: e.Subject.Holder.ID, About: e.By.ID, Kind: account.MailEndorse, Template: "endorse-written",
		Data: WrittenMail{Name: e.Subject.Holder.Name, Who: e.author().Name, Badge: e.Subject.Name, Text: e.Body, URL: s.URL("/endorsements")},
	})
}

// Refuse says no to a request.
func (s *Endorse) Refuse(ctx context.Context, person int64, publicID string) error {
	e, err := getOwn(ctx, s.Base.Read(), person, publicID)
	if err != nil {
		return known(err)
	}
	return s.move(ctx, e, Asked, Refused)
}

// Withdraw takes back what a member wrote, or deletes what they were asked for.
func (s *Endorse) Withdraw(ctx context.Context, person int64, publicID string) error {
	e, err := getOwn(ctx, s.Base.Read(), person, publicID)
	if err != nil {
		return known(err)
	}
	return s.delete(ctx, e)
}

// Remove deletes a request or an endorsement of a badge of the person's own.
func (s *Endorse) Remove(ctx context.Context, person int64, publicID string) error {
	e, err := getReceived(ctx, s.Base.Read(), person, publicID)
	if err != nil {
		return known(err)
	}
	return s.delete(ctx, e)
}

func known(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return errNotFound()
	}
	return err
}

func (s *Endorse) delete(ctx context.Context, e Endorsement) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		outsiders, err := deleteOne(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		return s.dropLone(ctx, tx, outsiders)
	})
}

func (s *Endorse) move(ctx context.Context, e Endorsement, from, to State) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		done, err := updateState(ctx, tx, e.ID, from, to)
		if err == nil && !done {
			err = errChanged()
		}
		return err
	})
}

// Decline keeps an endorsement from being shown: its credential is deleted.
// Accept shows it again.
func (s *Endorse) Decline(ctx context.Context, person int64, publicID string) error {
	e, err := getReceived(ctx, s.Base.Read(), person, publicID)
	if err != nil {
		return known(err)
	}
	if e.State != Written && e.State != Accepted {
		return errChanged()
	}
	return s.move(ctx, e, e.State, Declined)
}

// Accept shows an endorsement with the badge. The passport signs it in the name of
// who wrote it, and verifies what it signed. It returns a fault Conflict when it was
// written anew or taken back since the holder saw it.
func (s *Endorse) Accept(ctx context.Context, person int64, publicID string) error {
	e, err := getReceived(ctx, s.Base.Read(), person, publicID)
	if err != nil {
		return known(err)
	}
	if e.State != Written && e.State != Declined {
		return errChanged()
	}
	credential, on, err := s.sign(ctx, e)
	if err != nil {
		return err
	}
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		done, err := updateAccepted(ctx, tx, e, signed{credential, on})
		if err == nil && !done {
			err = errChanged()
		}
		if err != nil || e.By.ID == 0 {
			return err
		}
		return s.Accounts.Announce(ctx, tx, account.Announcement{
			Person: e.By.ID, About: person, Kind: account.MailEndorse, Template: "endorse-accepted",
			Data: AcceptedMail{Name: e.By.Name, Who: e.Subject.Holder.Name, Badge: e.Subject.Name, URL: s.URL("/endorsements")},
		})
	})
	if err != nil {
		return err
	}
	return s.recheck(ctx, e.ID) // now that its place is not revoked; the sweep does what a crash leaves
}

// sign makes the EndorsementCredential (OB3 §B.2): its issuer is who wrote it, its
// subject the credential of the badge, its status a place in the list of who wrote
// it: until it is accepted there, that place is revoked.
func (s *Endorse) sign(ctx context.Context, e Endorsement) ([]byte, place, error) {
	who := sign.Who{Holder: e.By.PublicID, Person: e.By.ID}
	if e.By.ID == 0 {
		who = sign.Who{Holder: e.Outsider.PublicID}
	}
	var key sign.Key
	var on place
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if key, err = s.Signer.Key(ctx, tx, who); err != nil {
			return err
		}
		on, err = s.takePlace(ctx, tx, who)
		return err
	})
	if err != nil {
		return nil, on, err
	}
	about := e.Subject.WireID
	if about == "" {
		about = s.URL("/b/" + e.Subject.PublicID)
	}
	doc := issue.Endorsement3(openbadge.Credential{
		ID: s.URL("/endorsements/" + e.PublicID + "/credential"), Name: e.Subject.Name,
		Issuer: openbadge.Issuer{ID: key.DID, Name: e.author().Name}, IssuedOn: e.WrittenAt,
	}, about, e.comment())
	doc["credentialStatus"] = s.statusOf(on)
	credential, err := key.Sign(ctx, doc, s.Base.Now())
	return credential, on, err
}

// Waiting gives what a holder has not decided about.
func (s *Endorse) Waiting(ctx context.Context, person int64) ([]Endorsement, error) {
	list, err := listReceived(ctx, s.Base.Read(), person, listed)
	return slices.DeleteFunc(list, func(e Endorsement) bool { return e.State != Written }), err
}

// Shown gives the accepted endorsements of a badge. The caller has made sure that
// the viewer sees the badge.
func (s *Endorse) Shown(ctx context.Context, viewer, badgeID int64) ([]Endorsement, error) {
	return listShown(ctx, s.Base.Read(), viewer, badgeID)
}

// Signed gives the credential of an accepted endorsement to its holder, its writer
// and whoever sees the badge, by the secret of its link too.
func (s *Endorse) Signed(ctx context.Context, viewer int64, publicID, linkSecret string) (Endorsement, []byte, error) {
	e, credential, err := getSigned(ctx, s.Base.Read(), viewer, publicID)
	if err != nil {
		return e, nil, known(err)
	}
	if viewer == 0 || viewer != e.By.ID {
		if _, err := s.Badges.Get(ctx, viewer, e.Subject.PublicID, linkSecret); err != nil {
			return e, nil, err
		}
	}
	return e, credential, nil
}

const (
	recheckAfter = 7 * 24 * time.Hour
	recheckAtOne = 200
)

// Sweep deletes requests by mail that nobody answered, and verifies again what was
// accepted long ago.
func (s *Endorse) Sweep(ctx context.Context) error {
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		outsiders, err := deleteUnanswered(ctx, tx)
		if err != nil {
			return err
		}
		return s.dropLone(ctx, tx, outsiders)
	})
	if err != nil {
		return err
	}
	due, err := listDue(ctx, s.Base.Read(), db.Micros(s.Base.Now().Add(-recheckAfter)), recheckAtOne)
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := s.recheck(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Endorse) recheck(ctx context.Context, id int64) error {
	credential, err := credentialOf(ctx, s.Base.Read(), id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	verdict := string(s.Badges.Look(ctx, credential).Verdict)
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return updateVerdict(ctx, tx, id, verdict) })
}
