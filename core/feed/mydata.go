package feed

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (f *Feed) OwnerName() string { return "feed" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (f *Feed) OwnerTables() []string { return []string{"event", "event_src"} }

type exportedEvent struct {
	At     time.Time `json:"at"`
	Verb   Verb      `json:"verb"`
	Badge  string    `json:"badge,omitempty"`
	Person string    `json:"person,omitempty"`
}

// Returns says what of this feature's part of an archive comes back.
func (f *Feed) Returns() []archive.Return {
	return []archive.Return{{Document: "events", Anew: archive.Made}}
}

// Export hands out what the feed says of the person.
func (f *Feed) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := listOwn(ctx, f.base.Read(), person)
	if err != nil {
		return err
	}
	return archive.Put(put, "feed/events.json", list)
}

// Counts gives how many events there are.
func (f *Feed) Counts(ctx context.Context, person int64) (map[string]int, error) {
	n, err := countOwn(ctx, f.base.Read(), person)
	return map[string]int{"feed/events.json": n}, err
}

// EraseSome deletes some of the person's events, and reports whether there may be more.
func (f *Feed) EraseSome(ctx context.Context, tx *db.Tx, person int64) (more bool, err error) {
	ids, err := someOwn(ctx, tx, person, erasePortion)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if err := deleteEvent(ctx, tx, id); err != nil {
			return false, err
		}
	}
	return len(ids) == erasePortion, nil
}

// erasePortion is how many events one transaction of an erasure deletes.
const erasePortion = 500

// Erase deletes all events of the person.
func (f *Feed) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteEvents(ctx, tx, ofActor, person)
}
