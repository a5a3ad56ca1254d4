package social

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// Congratulated is published when somebody congratulates on a badge, and
// CheerTakenBack when they do so no more.
type Congratulated struct {
	Badge, Class, Person int64
	At                   time.Time // zero: now
}

// CheerTakenBack is published when a congratulation is taken back.
type CheerTakenBack struct{ Badge, Person int64 }

// CheerMail is the data of the mail "congratulated".
type CheerMail struct{ Name, Who, Badge, URL string }

// Congratulate congratulates the holder of a badge that the caller has made sure
// the person may see: once, however often it is asked. It returns a fault Invalid
// for a badge of their own.
func (s *Social) Congratulate(ctx context.Context, person int64, b badge.Badge) error {
	if person == b.Person {
		return fault.New(fault.Invalid, "social.cheer.error.self")
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		made, err := insertCheer(ctx, tx, person, b.ID, tx.Now())
		if errors.Is(err, db.ErrNotFound) {
			return fault.New(fault.NotFound, "badge.error.not_found")
		}
		if err != nil || !made {
			return err
		}
		if err := s.tellCheered(ctx, tx, person, b); err != nil {
			return err
		}
		return event.Publish(ctx, tx, s.bus, Congratulated{Badge: b.ID, Class: b.Class.ID, Person: person})
	})
}

// TakeCheerBack ends that. Ending what is not there is no error.
func (s *Social) TakeCheerBack(ctx context.Context, person int64, b badge.Badge) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		gone, err := deleteCheer(ctx, tx, person, b.ID)
		if err != nil || !gone {
			return err
		}
		return event.Publish(ctx, tx, s.bus, CheerTakenBack{Badge: b.ID, Person: person})
	})
}

func (s *Social) tellCheered(ctx context.Context, tx *db.Tx, person int64, b badge.Badge) error {
	if s.letters == nil {
		return nil
	}
	who, err := nameOf(ctx, tx, person)
	if err != nil {
		return err
	}
	return s.letters.Announce(ctx, tx, account.Announcement{
		Person: b.Person, About: person, Kind: account.MailCheer, Template: "congratulated",
		Data: CheerMail{Name: b.Earner.Name, Who: who.Name, Badge: b.Class.Name, URL: s.url("/b/" + b.PublicID)},
	})
}

const cheersShown = 12

// Cheer is how a badge that the viewer sees is congratulated on.
func (s *Social) Cheer(c *web.Ctx, b badge.Badge) (badge.Cheers, error) {
	ctx, viewer := c.Context(), c.Viewer().Person
	people, err := listCheers(ctx, s.base.Read(), viewer, b.ID, cheersShown)
	if err != nil {
		return badge.Cheers{}, err
	}
	var out badge.Cheers
	for _, p := range people {
		out.People = append(out.People, badge.PersonView(p.Handle, p.Name, p.Picture))
	}
	if out.Count, out.Mine, err = countCheers(ctx, s.base.Read(), viewer, b.ID); err != nil {
		return out, err
	}
	if c.Viewer().SignedIn() && !c.Viewer().IsPreview() && viewer != b.Person && b.Visibility != badge.Link && !b.Unclaimed {
		out.URL = "/b/" + b.PublicID + "/congratulate"
	}
	return out, nil
}

func (p *Pages) congratulate(c *web.Ctx) error {
	me := c.Viewer().Person
	b, err := p.badges.Get(c.Context(), me, c.Param("id"), "")
	if err != nil {
		return err
	}
	if err := c.Limit("cheer", strconv.FormatInt(me, 10), 120, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if form.Get("action") == "undo" {
		err = p.social.TakeCheerBack(c.Context(), me, b)
	} else {
		err = p.social.Congratulate(c.Context(), me, b)
	}
	if err != nil {
		return err
	}
	if c.WantsJSON() {
		return c.JSON(http.StatusOK, map[string]bool{"congratulated": form.Get("action") != "undo"})
	}
	return c.Redirect("/b/" + b.PublicID + "#cheers")
}
