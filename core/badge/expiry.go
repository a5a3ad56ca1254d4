package badge

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const (
	remindEvery   = 6 * time.Hour
	remindPortion = 200 // people whom one look reminds
	expiryBack    = 90 * 24 * time.Hour
	purposeFeed   = "badge/calendar"
)

// reminderTerms are how many days before a badge expires its holder hears of it,
// the latest first: each once.
var reminderTerms = []int{7, 30}

// Expiring gives the person's badges that expire, from a while ago on, in that order.
func (s *Badges) Expiring(ctx context.Context, person int64, limit int) ([]Badge, error) {
	return listExpiring(ctx, s.Base.Read(), person, db.Micros(s.Base.Now().Add(-expiryBack)), limit)
}

// ExpiringLetter is the data of the mail "expiring": badges end soon.
type ExpiringLetter struct {
	Name   string
	Badges []ExpiringBadge
	N      int
	More   int // that are not named
	First  string
	URL    string // absolute: the calendar
}

// ExpiringBadge is one badge in the mail.
type ExpiringBadge struct {
	Name, Issuer, URL string
	Expires           time.Time
}

// Remind tells people of badges that expire soon: once for each badge and term,
// and of all of theirs in one mail. A badge that is near already when it comes in
// is told of once, not once for each term that has passed.
func (s *Badges) Remind(ctx context.Context) error {
	for _, days := range reminderTerms {
		for {
			people, err := listToRemind(ctx, s.Base.Read(), s.due(days), remindPortion)
			if err != nil {
				return err
			}
			for _, person := range people {
				if err := s.remindOne(ctx, person, days); err != nil {
					return err
				}
			}
			if len(people) < remindPortion {
				break
			}
		}
	}
	return nil
}

// due says which badges a term is about.
type due struct {
	term       int // days
	now, until int64
}

func (s *Badges) due(days int) due {
	now := s.Base.Now()
	return due{days, db.Micros(now), db.Micros(now.AddDate(0, 0, days))}
}

func (s *Badges) remindOne(ctx context.Context, person int64, days int) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := listReminded(ctx, tx, person, s.due(days))
		if err != nil || len(list) == 0 {
			return err
		}
		for _, b := range list {
			for _, term := range reminderTerms {
				if term < days {
					continue
				}
				if err := insertReminder(ctx, tx, b, term); err != nil {
					return err
				}
			}
		}
		if s.Letters == nil {
			return nil
		}
		return s.Letters.Announce(ctx, tx, account.Announcement{
			Person: person, Kind: account.MailExpiring, Template: "expiring", Data: s.expiringLetter(list),
		})
	})
}

func (s *Badges) expiringLetter(list []Badge) ExpiringLetter {
	letter := ExpiringLetter{Name: list[0].Earner.Name, N: len(list), First: list[0].Class.Name, URL: s.URL("/badges/calendar")}
	for _, b := range list[:min(len(list), newsNamed)] {
		letter.Badges = append(letter.Badges, ExpiringBadge{b.Class.Name, b.Class.Issuer.Name, s.URL("/b/" + b.PublicID), b.ExpiresAt})
	}
	letter.More = len(list) - len(letter.Badges)
	return letter
}

// FeedURL gives the address of the person's calendar, "" when there is none.
func (s *Badges) FeedURL(ctx context.Context, person int64) (string, error) {
	sealed, err := getFeed(ctx, s.Base.Read(), person)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	token, err := s.Secrets.Open(sealed, []byte(purposeFeed))
	if err != nil {
		return "", err
	}
	return s.URL(feedPath(string(token))), nil
}

func feedPath(token string) string { return "/calendar/" + url.PathEscape(token) + ".ics" }

// MakeFeed makes the address of the person's calendar, or another one: the one
// before answers nothing any more.
func (s *Badges) MakeFeed(ctx context.Context, person int64) error {
	token := secret.Token()
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		return upsertFeed(ctx, tx, person, secret.Hash(token), s.Secrets.Seal([]byte(token), []byte(purposeFeed)))
	})
}

// EndFeed ends the person's calendar.
func (s *Badges) EndFeed(ctx context.Context, person int64) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return deleteFeed(ctx, tx, person) })
}

// feedOwner is whose calendar an address shows. It returns a fault NotFound for one
// that is none, any more or yet.
func (s *Badges) feedOwner(ctx context.Context, token string) (person int64, language string, err error) {
	person, language, err = findFeed(ctx, s.Base.Read(), secret.Hash(token))
	if errors.Is(err, db.ErrNotFound) {
		err = fault.New(fault.NotFound, "shelf.error.calendar")
	}
	return person, language, err
}
