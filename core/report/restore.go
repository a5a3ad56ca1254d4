package report

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

// kindReport is the kind of items that this feature finds in an archive.
const kindReport = "report"

// Returns says what of this feature's part of an archive comes back.
func (s *Reports) Returns() []archive.Return {
	return []archive.Return{{Document: "reports", Kinds: []string{kindReport}}}
}

// Plan gives what somebody reported, on the passport whose administrators it went to.
func (s *Reports) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedReport
	if err := a.JSON(exportName, &list); err != nil {
		return err
	}
	for _, e := range list {
		item := archive.Item{Kind: kindReport, Title: archive.Clip(e.Badge), State: archive.Add}
		on, err := reportable(ctx, s.base.Read(), person, e.ID)
		switch {
		case !a.SameSite:
			item.State, item.Reason = archive.Refused, "mydata.zip.other_site"
		case errors.Is(err, db.ErrNotFound):
			item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		case err != nil:
			return err
		case on.reported:
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, e); err != nil {
			return err
		}
	}
	return nil
}

// Restore keeps one report. Of two about one badge the one that is here stays.
func (s *Reports) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var e exportedReport
	if err := json.Unmarshal(item.Data, &e); err != nil {
		return item, err
	}
	words, ok := text.CleanText(e.Words, maxWords)
	on, err := reportable(ctx, tx, person, e.ID)
	switch {
	case errors.Is(err, db.ErrNotFound) || !ok || !slices.Contains(reasons, e.Reason):
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		return item, nil
	case err != nil:
		return item, err
	case on.reported:
		item.State = archive.Known
		return item, nil
	}
	item.State = archive.Done
	a := added{tx.NewID(), secret.ID(), on.badge, person, e.Reason, words}
	if err := upsert(ctx, tx, a); err != nil || e.State != closed {
		return item, err
	}
	_, err = updateState(ctx, tx, a.publicID, closed)
	return item, err
}
