package badge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

// Addresses tells which addresses are a person's own. core/account answers.
type Addresses interface {
	Confirmed(ctx context.Context, d db.DB, person int64) ([]string, error)
}

// Own answers for addresses of this passport at which documents for verifiers
// are: it asks itself without the network. core/sign answers.
type Own func(ctx context.Context, address string) (verify.Document, bool)

// Deps is what a Badges needs.
type Deps struct {
	Base      *db.Base
	Blobs     blob.Store
	Bus       *event.Bus
	Queue     *jobs.Queue
	Fetch     *fetch.Client
	Addresses Addresses
	Confirm   interface {
		AskConfirmation(ctx context.Context, person int64, address string) error
	} // mails links to addresses; core/account does
	Proofs  Proofs  // nil: nobody gave an address up
	Letters Letters // nil: nobody is told by mail
	URL     func(path string) string
	Known   Lists // of issuers that the administrator knows
	Records Records
	Secrets *secret.Keys // for the marks of what was anonymised
	Own     Own          // documents of this passport itself; nil: it has none
	Log     *slog.Logger

	Colors func(style string) (art.CardColors, error) // of cards, with a page's look or "" for the theme's own; nil: the default theme's
}

// Badges takes badges in, verifies, shows and removes them.
type Badges struct {
	Deps
	cards      *drawn
	thumbnails *drawn
	lists      verify.Lists  // status lists, for as long as their issuers allow
	slots      chan struct{} // taken by imports that are being verified
	settlers   chan struct{} // taken by uploads whose badges are being verified
	waiting    waiting       // imports whose bytes need not be read again
	desk       desk          // uploads to be written
	unsettled  bool          // in tests: all is left to workers
	settling   time.Duration // how long an upload is verified before it is answered
	uses       []Uses
	keepers    []LinkKeeper
	vouched    Vouched
	waits      []Waits
	marking    []Marking
	skills     skillsKept
}

// New makes the service and registers its jobs.
func New(d Deps) *Badges {
	s := &Badges{Deps: d, cards: newDrawn(cardsKept), thumbnails: newDrawn(thumbnailsKept), slots: make(chan struct{}, arrivalSlots), settlers: make(chan struct{}, settleMost), settling: settleTime}
	event.On(d.Bus, s.onAddressRemoved)
	event.On(d.Bus, s.onAddressConfirmed)
	d.Queue.Handle(jobClaim, s.runClaim)
	d.Queue.Handle(jobNews, s.runNews)
	d.Queue.Handle(jobPurge, s.runPurge)
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e account.SeenByOthers) error {
		return countHoldersOf(ctx, tx, e.Person)
	})
	d.Queue.HandleMany(jobImport, jobs.Lots{Size: arrivalLot, AtOnce: arrivalLots}, s.runImports)
	d.Queue.Handle(jobCriteria, s.runCriteria)
	d.Queue.Handle(jobHost, s.runHost)
	d.Queue.Every("badge.recheck", recheckEvery, s.recheck)
	d.Queue.Every("badge.remind", remindEvery, s.Remind)
	d.Queue.Every("badge.sweep", time.Hour, s.Sweep)
	d.Queue.Every("badge.pack", time.Hour, s.PackOld)
	return s
}

// errNotFound answers for what is not there and for what the viewer may not see.
func errNotFound() error { return fault.New(fault.NotFound, "badge.error.not_found") }

// Get gives a badge that the viewer may see: by the predicate, or by the secret of
// its link. It returns a fault Gone for a link that has ended, and NotFound.
func (s *Badges) Get(ctx context.Context, viewer int64, publicID, linkSecret string) (Badge, error) {
	b, err := getBadge(ctx, s.Base.Read(), asked{viewer, publicID, linkSecret, db.Micros(s.Base.Now())})
	if errors.Is(err, db.ErrNotFound) {
		b, err = s.getJoined(ctx, viewer, publicID, linkSecret)
	}
	if errors.Is(err, db.ErrNotFound) {
		return Badge{}, s.ended(ctx, viewer, publicID, linkSecret)
	}
	return b, err
}

// Mine gives a badge of the person's own.
func (s *Badges) Mine(ctx context.Context, person int64, publicID string) (Badge, error) {
	b, err := s.Get(ctx, person, publicID, "")
	if err != nil {
		return Badge{}, err
	}
	if b.Person != person {
		return Badge{}, errNotFound()
	}
	return b, nil
}

// List gives all badges of the person with everything that is known of them, the
// newest first; those that were just removed too.
func (s *Badges) List(ctx context.Context, person int64, r Range) ([]Badge, error) {
	return listMine(ctx, s.Base.Read(), person, r)
}

// Count gives how many badges the person holds.
func (s *Badges) Count(ctx context.Context, person int64) (int, error) {
	return countMine(ctx, s.Base.Read(), person)
}

// Range is a part of a list, the newest first: at most Limit entries older than
// the id Before, 0 for the newest.
type Range struct {
	Before int64
	Limit  int
}

// Shown gives the badges that a profile shows to the viewer, the newest first,
// with what cards show of them.
func (s *Badges) Shown(ctx context.Context, viewer, person int64, r Range) ([]Badge, error) {
	return listShown(ctx, s.Base.Read(), viewer, person, r)
}

// Holders gives badges of a class whose holders the viewer may know, with what
// cards show of them.
func (s *Badges) Holders(ctx context.Context, viewer, class int64, r Range) ([]Badge, error) {
	return listHolders(ctx, s.Base.Read(), viewer, class, r)
}

// ClassByID gives a badge class that the viewer may know of: one of its badges
// is visible to the viewer.
func (s *Badges) ClassByID(ctx context.Context, viewer int64, publicID string) (Class, error) {
	c, err := getClass(ctx, s.Base.Read(), viewer, publicID)
	if errors.Is(err, db.ErrNotFound) {
		return Class{}, fault.New(fault.NotFound, "badge.error.class_not_found")
	}
	return c, err
}

// IssuerByID gives an issuer that the viewer may know of, with its visible classes.
func (s *Badges) IssuerByID(ctx context.Context, viewer int64, publicID string) (Issuer, []Class, error) {
	i, err := getIssuer(ctx, s.Base.Read(), viewer, publicID)
	if errors.Is(err, db.ErrNotFound) {
		return Issuer{}, nil, fault.New(fault.NotFound, "badge.error.issuer_not_found")
	}
	if err != nil {
		return Issuer{}, nil, err
	}
	classes, err := listClasses(ctx, s.Base.Read(), viewer, i.ID)
	return i, classes, err
}

// SetVisibility changes who may see a badge. It takes effect with the commit,
// everywhere: nothing that others read is cached without it.
func (s *Badges) SetVisibility(ctx context.Context, person int64, publicID string, v Visibility) error {
	if !v.Valid() {
		return fault.New(fault.Invalid, "badge.error.visibility")
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		b, err := lockMine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return s.show(ctx, tx, b, v)
	})
}

// show changes who may see b, and tells when others can find it for the first time.
func (s *Badges) show(ctx context.Context, tx *db.Tx, b Badge, v Visibility) error {
	return s.showSince(ctx, tx, b, v, tx.Now())
}

// showSince is show for a badge that others first found at a time, if it is shown now.
func (s *Badges) showSince(ctx context.Context, tx *db.Tx, b Badge, v Visibility, since time.Time) error {
	if v != Private && b.Unclaimed {
		return errUnclaimed(b.PublicID)
	}
	if v != Private && b.Verdict == verify.Invalid {
		return fault.New(fault.Conflict, "badge.error.invalid_not_published")
	}
	if v == Public || v == Link {
		if err := checkWidth(ctx, tx, b.Person); err != nil {
			return err
		}
	}
	b.Secret = linkSecret(b, v)
	switch {
	case v != Link:
		b.LinkAt, b.LinkUntil = time.Time{}, time.Time{}
	case b.Visibility != Link:
		b.LinkAt = tx.Now()
	}
	first := v.shown() && b.PublishedAt.IsZero()
	if first {
		b.PublishedAt = since
	}
	b.Visibility = v
	if err := updateVisibility(ctx, tx, b); err != nil {
		return err
	}
	if !first {
		return nil
	}
	return event.Publish(ctx, tx, s.Bus, Published{Badge: b.ID, Class: b.Class.ID, Person: b.Person, At: b.PublishedAt})
}

// linkSecret keeps the secret of a link as long as the badge stays at that level.
func linkSecret(b Badge, v Visibility) string {
	switch {
	case v != Link:
		return ""
	case b.Secret != "":
		return b.Secret
	}
	return secret.Token()
}

// SetNaming says what others see of who holds the badge. It returns a fault
// Malformed for none of the three ways.
func (s *Badges) SetNaming(ctx context.Context, person int64, publicID string, n NameShown) error {
	if !n.Valid() {
		return fault.New(fault.Malformed, "web.form")
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		b, err := lockMine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return updateNaming(ctx, tx, b, n)
	})
}

// Remove deletes a badge with everything that is kept about it.
func (s *Badges) Remove(ctx context.Context, person int64, publicID string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		b, err := lockMine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return s.remove(ctx, tx, b)
	})
}

func (s *Badges) remove(ctx context.Context, tx *db.Tx, b Badge) error {
	if err := event.Publish(ctx, tx, s.Bus, Removed{Badge: b.ID, Person: b.Person}); err != nil {
		return err
	}
	bodies, err := listBodies(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	record, err := recordIn(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	copies, err := deleteAliases(ctx, tx, b.PublicID)
	if err != nil {
		return err
	}
	if err := deleteBadge(ctx, tx, b); err != nil {
		return err
	}
	if err := s.dropLoneRecord(ctx, tx, record); err != nil {
		return err
	}
	if err := s.removeLoneClass(ctx, tx, b.Class.ID); err != nil {
		return err
	}
	if err := s.Blobs.Drop(ctx, tx, append(append(bodies, copies...), b.Received, b.Thumbnail)...); err != nil {
		return fmt.Errorf("remove badge: %w", err)
	}
	return nil
}

// removeLoneClass deletes a class that nobody holds, with what was said about it,
// and its issuer with the last class: nobody could see them any more, and a class
// of one holder may say a lot about them.
func (s *Badges) removeLoneClass(ctx context.Context, tx *db.Tx, class int64) error {
	lone, err := isLone(ctx, tx, class)
	if err != nil || !lone {
		return err
	}
	if err := event.Publish(ctx, tx, s.Bus, ClassRemoved{Class: class}); err != nil {
		return err
	}
	criteria, err := deleteCriteria(ctx, tx, class)
	if err != nil {
		return err
	}
	thumbnail, err := deleteClass(ctx, tx, class)
	if err != nil {
		return err
	}
	return s.Blobs.Drop(ctx, tx, thumbnail, criteria)
}

// Ledger gives the verifications of a badge, the newest first.
func (s *Badges) Ledger(ctx context.Context, b Badge, limit int) ([]Ledger, error) {
	return listLedger(ctx, s.Base.Read(), b.ID, limit)
}

// CountShown gives how many badges a profile shows to the viewer.
func (s *Badges) CountShown(ctx context.Context, viewer, person int64) (int, error) {
	return countShown(ctx, s.Base.Read(), viewer, person)
}

// MineOf gives the path of the person's own badge of a class, or "".
func (s *Badges) MineOf(ctx context.Context, person, class int64) (string, error) {
	if person == 0 {
		return "", nil
	}
	id, err := findMineOf(ctx, s.Base.Read(), person, class)
	if err != nil || id == "" {
		return "", err
	}
	return "/b/" + id, nil
}

// Newest gives the public badges that were published last.
func (s *Badges) Newest(ctx context.Context, viewer int64, limit int) ([]Badge, error) {
	return listNewest(ctx, s.Base.Read(), viewer, limit)
}

var linkedInNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{0,20}$`) })

// SetLinkedIn sets the number of an issuer's organisation at LinkedIn, "" for
// none. Only administrators may call it.
func (s *Badges) SetLinkedIn(ctx context.Context, publicID, number string) error {
	number = strings.TrimSpace(number)
	if !linkedInNumber().MatchString(number) {
		return fault.New(fault.Invalid, "badge.error.linkedin").At("/i/" + publicID)
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		n, err := updateLinkedIn(ctx, tx, publicID, number)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "badge.error.issuer_not_found")
		}
		return err
	})
}

// Picture gives a picture of ours by its blob hash, nothing for the empty hash.
// Whoever asks has made sure that the viewer may see what it belongs to.
func (s *Badges) Picture(ctx context.Context, hash string) ([]byte, error) {
	if hash == "" {
		return nil, nil
	}
	data, _, err := s.Blobs.Get(ctx, s.Base.Read(), hash)
	return data, err
}
