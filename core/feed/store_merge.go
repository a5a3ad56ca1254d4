package feed

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// The conditions by which events are deleted that would be said twice.
const (
	ofTwin = `actor = $1 AND verb = 'followed' AND EXISTS (SELECT 1 FROM event o
		WHERE o.actor = $2 AND o.verb = 'followed' AND o.object = event.object)`
	ofTwinObject = `verb = 'followed' AND object = $1 AND EXISTS (SELECT 1 FROM event o
		WHERE o.verb = 'followed' AND o.object = $2 AND o.actor = event.actor)`
	ofTwinBadge = `badge = $1 AND EXISTS (SELECT 1 FROM event o WHERE o.badge = $2 AND o.verb = event.verb AND o.actor = event.actor)`
)

// move is a person with the source that stands for them, and who they become.
type move struct{ from, into, oldSrc, newSrc int64 }

// moveEvents makes events another person's, with the counters of the sources.
func moveEvents(ctx context.Context, tx *db.Tx, m move) error {
	if _, err := tx.Exec(ctx, `UPDATE event SET actor = $2 WHERE actor = $1`, m.from, m.into); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE event SET object = $2 WHERE verb = 'followed' AND object = $1`, m.oldSrc, m.newSrc); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO event_src (src, ev) SELECT CAST($2 AS BIGINT), ev FROM event_src WHERE src = $1 ON CONFLICT (src, ev) DO NOTHING`,
		m.oldSrc, m.newSrc); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM event_src WHERE src = $1`, m.oldSrc); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE source SET events = (SELECT count(*) FROM event_src WHERE src = $1),
		last_event = COALESCE((SELECT max(ev) FROM event_src WHERE src = $1), 0) WHERE id = $1`, m.newSrc)
	return err
}

func rebindEvents(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE event SET badge = $2 WHERE badge = $1`, from, into)
	return err
}
