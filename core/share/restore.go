package share

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"sync"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

const (
	kindTarget  = "target" // the kind of items that this feature finds in an archive
	targetsMost = 200
)

// Returns says what of this feature's part of an archive comes back.
func (s *Share) Returns() []archive.Return {
	return []archive.Return{
		{Document: "places", Kinds: []string{kindTarget}},
		{Document: "accounts", Anew: archive.Secret},
		{Document: "shares", Anew: archive.Others},
		{Document: "posts", Anew: archive.Others},
	}
}

var targetID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9-]{1,40}\.[a-z0-9._-]{1,40}$`) })

// Plan gives the order in which somebody has the targets of sharing, and which of them
// they hid. That they know what leaves for one is asked anew.
func (s *Share) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedChoice
	if err := a.JSON("share/places.json", &list); err != nil || len(list) == 0 {
		return err
	}
	now, err := listChoices(ctx, s.base.Read(), person)
	if err != nil {
		return err
	}
	for _, e := range list[:min(len(list), targetsMost)] {
		if !targetID().MatchString(e.Target) || e.Place < 0 || e.Place > targetsMost || e.Place == 0 && !e.Hidden {
			continue
		}
		item := archive.Item{Kind: kindTarget, Title: e.Target, State: archive.Add}
		if slices.ContainsFunc(now, func(p preferred) bool { return p.target == e.Target && p.place == e.Place && p.hidden == e.Hidden }) {
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, e); err != nil {
			return err
		}
	}
	return nil
}

// Restore keeps the place of one target.
func (s *Share) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var e exportedChoice
	if err := json.Unmarshal(item.Data, &e); err != nil {
		return item, err
	}
	item.State = archive.Done
	return item, upsertChoice(ctx, tx, person, preferred{target: e.Target, place: e.Place, hidden: e.Hidden})
}
