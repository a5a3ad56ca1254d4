package badge

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/jobs"
)

const (
	jobNews   = "badge.news"
	newsAfter = 2 * time.Minute // what arrives meanwhile is in the same mail
	newsNamed = 10              // badges that one mail names
)

type newsPayload struct {
	Person int64 `json:"person"`
}

// arrived has the holder told of a badge that became theirs by itself: it had
// waited for its address. Who just added a badge knows.
func (s *Badges) arrived(ctx context.Context, tx *db.Tx, b Badge, byItself bool) error {
	if !byItself || s.Letters == nil {
		return nil
	}
	if err := markNews(ctx, tx, b.ID); err != nil {
		return err
	}
	return s.tellNews(ctx, tx, b.Person)
}

// tellNews has a person told of what they have not been told of, in a little while.
func (s *Badges) tellNews(ctx context.Context, tx *db.Tx, person int64) error {
	return s.Queue.Add(ctx, tx, jobNews, newsPayload{person}, jobs.Options{
		At: tx.Now().Add(newsAfter), Person: person, Key: fmt.Sprintf("%s/%d", jobNews, person),
	})
}

// ArrivedLetter is the data of the mail "arrived": badges came in that the person
// did not add just now.
type ArrivedLetter struct {
	Name   string
	Badges []ArrivedBadge
	N      int    // all of them
	More   int    // that are not named
	First  string // the name of the first
	URL    string // absolute: the person's badges
}

// ArrivedBadge is one badge in the mail.
type ArrivedBadge struct{ Name, Issuer, URL string }

// runNews is the job: one mail tells of all badges that a person has not been told
// of. Whether they want to hear of them, and can, is asked now.
func (s *Badges) runNews(ctx context.Context, payload []byte) error {
	var p newsPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read the job of arrived badges: %w", err))
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := takeNews(ctx, tx, p.Person)
		if err != nil || len(list) == 0 {
			return err
		}
		return s.Letters.Announce(ctx, tx, account.Announcement{
			Person: p.Person, Kind: account.MailReceived, Template: "arrived", Data: s.arrivedLetter(list),
		})
	})
}

func (s *Badges) arrivedLetter(list []Badge) ArrivedLetter {
	letter := ArrivedLetter{Name: list[0].Earner.Name, N: len(list), First: list[0].Class.Name, URL: s.URL("/badges")}
	for _, b := range list[:min(len(list), newsNamed)] {
		letter.Badges = append(letter.Badges, ArrivedBadge{Name: b.Class.Name, Issuer: b.Class.Issuer.Name, URL: s.URL("/b/" + b.PublicID)})
	}
	letter.More = len(list) - len(letter.Badges)
	return letter
}
