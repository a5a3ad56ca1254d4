package account

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
)

// planBlocks gives whom somebody blocked, where those people are.
func (a *Accounts) planBlocks(ctx context.Context, p Person, in *archive.Archive, add func(archive.Item) error) error {
	var e exportedPrivacy
	if err := in.JSON("account/privacy.json", &e); err != nil {
		return err
	}
	for _, b := range e.Blocked {
		item := archive.Item{Kind: kindBlock, Title: archive.Clip(b.Handle), State: archive.Add}
		other, err := personByPublicID(ctx, a.base.Read(), b.ID)
		if errors.Is(err, db.ErrNotFound) || other.ID == p.ID {
			item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		} else if err != nil {
			return err
		} else if known, err := isBlocked(ctx, a.base.Read(), p.ID, other.ID); err != nil {
			return err
		} else if known {
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, b.ID); err != nil {
			return err
		}
	}
	return nil
}

func (a *Accounts) restoreBlock(ctx context.Context, tx *db.Tx, p Person, item archive.Item) (archive.Item, error) {
	var id string
	if err := json.Unmarshal(item.Data, &id); err != nil {
		return item, err
	}
	other, err := personByPublicID(ctx, tx, id)
	if errors.Is(err, db.ErrNotFound) || other.ID == p.ID {
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		return item, nil
	}
	if err != nil {
		return item, err
	}
	item.State = archive.Done
	if err := insertBlock(ctx, tx, p.ID, other.ID); err != nil {
		return item, err
	}
	return item, event.Publish(ctx, tx, a.bus, Blocked{Person: p.ID, Other: other.ID})
}
