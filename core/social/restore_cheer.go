package social

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
)

// planCheer takes a congratulation in on the passport where it was made, of a badge
// that the person still sees.
func (s *Social) planCheer(ctx context.Context, c ownCheer, p plan) error {
	item := archive.Item{Kind: kindCheer, Title: archive.Clip(c.Badge), State: archive.Add}
	on, err := cheerable(ctx, s.base.Read(), p.person, c.ID)
	switch {
	case !p.here:
		item.State, item.Reason = archive.Refused, "mydata.zip.other_site"
	case errors.Is(err, db.ErrNotFound):
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
	case err != nil:
		return err
	case on.cheered:
		item.State = archive.Known
	}
	return archive.AddWith(p.add, item, c)
}

// restoreCheer congratulates again. Nobody is mailed: it is nothing new.
func (s *Social) restoreCheer(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var c ownCheer
	if err := json.Unmarshal(item.Data, &c); err != nil {
		return item, err
	}
	on, err := cheerable(ctx, tx, person, c.ID)
	if errors.Is(err, db.ErrNotFound) {
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		return item, nil
	}
	if err != nil || on.cheered {
		item.State = archive.Known
		return item, err
	}
	item.State = archive.Done
	at, _ := time.Parse(time.RFC3339, c.At) // what is no time is now
	at = done(at, tx.Now())
	if _, err := insertCheer(ctx, tx, person, on.badge, at); err != nil {
		return item, err
	}
	return item, event.Publish(ctx, tx, s.bus, Congratulated{Badge: on.badge, Class: on.class, Person: person, At: at})
}
