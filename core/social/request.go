package social

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
)

// ask notes that follower wants to follow person.
func (s *Social) ask(ctx context.Context, tx *db.Tx, person, follower int64) error {
	if err := insertRequest(ctx, tx, person, follower); err != nil {
		return err
	}
	if err := s.tellFollowed(ctx, tx, person, follower, true); err != nil {
		return err
	}
	return event.Publish(ctx, tx, s.bus, Asked{Person: person, Follower: follower})
}

// Answer lets a person in who wants to follow, or turns them down. It returns a
// fault NotFound when nobody asked.
func (s *Social) Answer(ctx context.Context, person, follower int64, yes bool) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		if err := takeRequest(ctx, tx, person, follower); err != nil {
			if errors.Is(err, db.ErrNotFound) {
				return fault.New(fault.NotFound, "social.error.no_request").Wrap(err)
			}
			return err
		}
		if !yes {
			return nil
		}
		src, err := SourceOf(ctx, tx, Person, person)
		if err != nil {
			return err
		}
		made, err := insertFollow(ctx, tx, follower, src, tx.Now())
		if err != nil || !made {
			return err
		}
		return event.Publish(ctx, tx, s.bus, Followed{Follower: follower, Kind: Person, Object: person, Source: src})
	})
}

// onBlocked ends what two people follow of each other.
func (s *Social) onBlocked(ctx context.Context, tx *db.Tx, e account.Blocked) error {
	return errors.Join(s.unfollow(ctx, tx, e.Other, Person, e.Person), s.unfollow(ctx, tx, e.Person, Person, e.Other))
}

// FollowMail is the data of the mail "followed".
type FollowMail struct {
	Name, Who, URL string

	Asks bool // they want to follow, and wait for an answer
}

func (s *Social) tellFollowed(ctx context.Context, tx *db.Tx, person, follower int64, asks bool) error {
	if s.letters == nil {
		return nil
	}
	me, err := nameOf(ctx, tx, person)
	if err != nil {
		return err
	}
	who, err := nameOf(ctx, tx, follower)
	if err != nil {
		return err
	}
	letter := FollowMail{Name: me.Name, Who: who.Name, URL: s.url("/@" + who.Handle), Asks: asks}
	if asks {
		letter.URL = s.url("/settings/followers")
	}
	return s.letters.Announce(ctx, tx, account.Announcement{Person: person, About: follower, Kind: account.MailFollow, Template: "followed", Data: letter})
}
