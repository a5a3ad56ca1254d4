package badge

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

// settleTime is how long an upload is verified before it is answered; what is left then
// waits for a worker.
const settleTime = time.Second

// settleMost is how many uploads have badges verified at once; others wait, within that time.
const settleMost = 8

// settle verifies those badges of an upload that need no answer of anybody, so that they
// are written with it, in one transaction in place of three. It gives one for each entry, or none at
// all: nil for what is left to a worker, which is all that waits for the network, has art that
// must be drawn first, or will not be kept.
func (s *Badges) settle(ctx context.Context, person int64, r Reading) []*received {
	addresses, err := s.Addresses.Confirmed(ctx, s.Base.Read(), person)
	if err != nil || s.unsettled {
		return nil // a worker tries again
	}
	ctx, cancel := context.WithTimeout(ctx, s.settling)
	defer cancel()
	select {
	case s.settlers <- struct{}{}:
		defer func() { <-s.settlers }()
	case <-ctx.Done():
		return nil
	}
	var list []*received
	for i := range r.Entries {
		if e := &r.Entries[i]; e.mayBeSettled() && ctx.Err() == nil {
			if one := s.settleOne(ctx, settling{person, addresses, r.Archive}, e); one != nil {
				if list == nil {
					list = make([]*received, len(r.Entries))
				}
				list[i] = one
			}
		}
	}
	return list
}

// settling is for whom badges are verified, and whether several came together.
type settling struct {
	person    int64
	addresses []string
	archive   bool
}

// mayBeSettled is a first guess: keys of other issuers are in documents of theirs.
func (e *Entry) mayBeSettled() bool {
	return e.prepared != nil && (strings.HasPrefix(e.issuer, "did:key:") || strings.HasPrefix(e.issuer, "did:jwk:"))
}

func (s *Badges) settleOne(ctx context.Context, w settling, e *Entry) (done *received) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic at an upload", "panic", fmt.Sprint(p))
			done = nil // a worker comes to it, and can be stopped by it without harm
		}
	}()
	r := received{data: e.Found.File, found: e.Found, frame: frameOf(e.Found, e.Found.File)}
	var drawn bool
	if r.art, drawn = s.artAtHand(ctx, e, r.frame); !drawn {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alone := &nobodyAsked{own: s.Own, stop: cancel}
	p := e.prepared
	e.prepared = nil // it may be checked once
	r.report = p.Check(ctx, verify.Options{
		At: s.Base.Now(), Fetcher: alone, Lists: &s.lists, Recipients: append([]string{}, w.addresses...),
		Earlier: s.earlier(ctx, w.person, bond{}),
	})
	report, err := s.notOfAnother(ctx, w.person, w.addresses, r.report)
	if r.report = report; err != nil || alone.asked.Load() || ctx.Err() != nil || !keepable(report) {
		return nil
	}
	if r.draft, err = s.draftOf(r, !w.archive); err != nil {
		return nil
	}
	return &r
}

// keepable reports whether a checked credential becomes a badge.
func keepable(r verify.Report) bool {
	return r.Credential != nil && r.Verdict != verify.Invalid && r.Kind == openbadge.Badge
}

// artAtHand gives the art of a badge if that is none, or was drawn before.
func (s *Badges) artAtHand(ctx context.Context, e *Entry, frame framed) (picture, bool) {
	source := e.Found.File
	if e.Found.Carrier != bake.CarrierPNG && e.Found.Carrier != bake.CarrierSVG {
		if isAddress(e.image) {
			return picture{}, false
		}
		source = s.imageOf(ctx, e.image)
	}
	if len(source) == 0 {
		return picture{}, true
	}
	return s.thumbnails.kept(pictureKey(source, frame))
}

// nobodyAsked ends a Check that wants a document, of anybody but this passport itself.
type nobodyAsked struct {
	own   Own
	stop  func()
	asked atomic.Bool
}

// Fetch implements verify.Fetcher.
func (n *nobodyAsked) Fetch(ctx context.Context, address string) (verify.Document, error) {
	if n.own != nil {
		if d, ok := n.own(ctx, address); ok {
			return d, nil
		}
	}
	n.asked.Store(true)
	n.stop()
	return verify.Document{}, verify.ErrUnavailable
}

// enter writes entry i of an upload, a badge that was settled, with its import u.im, which
// has ended with that.
func (s *Badges) enter(ctx context.Context, tx *db.Tx, m *memo, u *upload, i int) error {
	e, r := u.reading.Entries[i], *u.done[i]
	im := u.im.about(r.report)
	im.ID, im.PublicID, im.CreatedAt = tx.NewID(), secret.ID(), tx.Now()
	if err := s.decide(ctx, tx, &im, r); err != nil {
		return err
	}
	if im.State == StateDone && !r.inline() {
		if err := s.Blobs.PutAs(ctx, tx, e.hash, e.Found.File, mimeOf(e.Found.Carrier)); err != nil {
			return fmt.Errorf("keep upload: %w", err)
		}
	}
	u.im = im
	if err := insertImport(ctx, tx, im); err != nil || im.State != StateDone {
		return err
	}
	im.Received = e.hash
	return s.makeBadge(ctx, tx, m, im, r)
}
