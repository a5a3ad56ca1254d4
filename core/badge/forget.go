package badge

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// forgetPage is how many badges are read at once.
const forgetPage = 500

// Naming is a badge, or a badge that waits, that was issued to an address.
type Naming struct {
	Title, Issuer string
	IssuedAt      time.Time
	Hashed        bool // it hides the address
	Proven        bool // its holder proved that the address was theirs
	Waits         bool // it is no badge yet: it waits for its address

	address string
	badge   Badge
	im      Import
}

// NamesOf finds what was issued to an address: badges and imports that wait.
func (s *Badges) NamesOf(ctx context.Context, address string) ([]Naming, error) {
	var out []Naming
	for _, issued := range []string{openbadge.Recipient{SubjectID: "mailto:" + address}.Masked(), ""} {
		for after := int64(0); ; {
			list, err := listIssuedTo(ctx, s.Base.Read(), issued, after, forgetPage)
			if err != nil {
				return nil, err
			}
			found, err := s.namedIn(ctx, list, address)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
			if len(list) < forgetPage {
				break
			}
			after = list[len(list)-1].id
		}
	}
	waiting, err := s.waitingFor(ctx, address)
	return append(out, waiting...), err
}

// namedIn gives the badges of a page that were issued to an address.
func (s *Badges) namedIn(ctx context.Context, list []credentialRow, address string) ([]Naming, error) {
	var out []Naming
	for _, row := range list {
		c, err := openbadge.Parse(row.credential)
		if err != nil || !names(c, address) {
			continue
		}
		b, err := getAny(ctx, s.Base.Read(), row.id)
		if err != nil {
			return nil, err
		}
		hashed := len(plainAddresses(c.Recipient)) == 0
		out = append(out, Naming{Title: c.Name, Issuer: c.Issuer.Name, IssuedAt: c.IssuedOn, Hashed: hashed, Proven: !b.Unclaimed, address: address, badge: b})
	}
	return out, nil
}

func names(c *openbadge.Credential, address string) bool {
	_, ok := c.Recipient.Match([]string{address})
	return ok
}

func (s *Badges) waitingFor(ctx context.Context, address string) ([]Naming, error) {
	list, err := listAllWaiting(ctx, s.Base.Read())
	if err != nil {
		return nil, err
	}
	var out []Naming
	for _, im := range list {
		data, _, err := s.Blobs.Get(ctx, s.Base.Read(), im.Received)
		if err != nil {
			return nil, err
		}
		found, err := bake.Extract(data)
		if err != nil {
			continue
		}
		if c, err := openbadge.Parse(found.Payload); err == nil && names(c, address) {
			out = append(out, Naming{Title: c.Name, Issuer: c.Issuer.Name, IssuedAt: c.IssuedOn, Hashed: len(plainAddresses(c.Recipient)) == 0, Waits: true, address: address, im: im})
		}
	}
	return out, nil
}

// Forget deletes a badge that nobody proved to be theirs, with its file. A badge
// of somebody who proved that they had the address is theirs and stays.
func (s *Badges) Forget(ctx context.Context, tx *db.Tx, n Naming) error {
	if n.im.ID != 0 {
		ended, err := forgetMismatch(ctx, tx, n.im.ID)
		if err != nil || !ended {
			return err
		}
		if err := s.dropLoneRecord(ctx, tx, n.im.Record); err != nil {
			return err
		}
		if err := s.Blobs.Drop(ctx, tx, n.im.Received); err != nil {
			return err
		}
		return event.Publish(ctx, tx, s.Bus, Forgotten{Person: n.im.Person})
	}
	if n.Proven {
		return nil
	}
	b, err := lockMine(ctx, tx, n.badge.Person, n.badge.PublicID)
	if fault.Is(err, fault.NotFound) || err == nil && !b.Unclaimed {
		return nil
	}
	if err != nil {
		return err
	}
	if err := errors.Join(s.dropRecord(ctx, tx, b.ID), s.redactClass(ctx, tx, b.Class, n.address)); err != nil {
		return err
	}
	if err := s.remove(ctx, tx, b); err != nil {
		return err
	}
	return event.Publish(ctx, tx, s.Bus, Forgotten{Person: b.Person})
}
