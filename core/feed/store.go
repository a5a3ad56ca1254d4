package feed

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/page"
)

const newestOfAll = int64(1<<63 - 1)

func upTo(before int64) int64 {
	if before == 0 {
		return newestOfAll
	}
	return before
}

// reading is how much of all events a reader follows.
type reading struct {
	reader  int64
	follows int
	density float64
}

func readingOf(ctx context.Context, d db.DB, reader int64) (reading, error) {
	r := reading{reader: reader}
	err := d.QueryRow(ctx, `SELECT follows, density FROM person WHERE id = $1`, reader).Scan(&r.follows, &r.density)
	if errors.Is(err, db.ErrNotFound) {
		return r, nil
	}
	return r, err
}

// windowEnd gives the id of the oldest event that a scan from the cursor looks at, 0 for all.
func windowEnd(ctx context.Context, d db.DB, before int64) (int64, error) {
	var id int64
	err := d.QueryRow(ctx, `SELECT id FROM event WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2`, upTo(before), window).Scan(&id)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// span is the ids from low up to, and without, before.
type span struct{ before, low int64 }

// scan looks through a range of all events. The plus keeps SQLite from going
// through everything that the reader follows instead.
func scan(ctx context.Context, d db.DB, reader int64, s span, n int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT DISTINCT s.ev FROM event_src s WHERE s.ev < $2 AND s.ev >= $3
		AND +s.src IN (SELECT f.src FROM follow f WHERE f.follower = $1)
		ORDER BY s.ev DESC LIMIT $4`, reader, upTo(s.before), s.low, n)
}

// merge takes the newest of each followed source, at least n, and of those the
// newest n. CROSS JOIN fixes the order in which SQLite joins.
func merge(ctx context.Context, d db.DB, reader, before int64, n int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT DISTINCT s.ev FROM follow f CROSS JOIN event_src s
		WHERE f.follower = $1 AND s.src = f.src AND s.ev < $2
			AND s.ev >= COALESCE((SELECT x.ev FROM event_src x WHERE x.src = f.src AND x.ev < $2 ORDER BY x.ev DESC LIMIT 1 OFFSET $3), 0)
		ORDER BY s.ev DESC LIMIT $3`, reader, upTo(before), n)
}

// mergeNewest is merge for the first page of somebody who follows many: the n
// newest events lie in the sources with the newest last events, two for each
// event since an event belongs to at most two.
func mergeNewest(ctx context.Context, d db.DB, reader int64, n int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT DISTINCT s.ev FROM (
			SELECT o.id FROM follow f CROSS JOIN source o WHERE f.follower = $1 AND o.id = f.src ORDER BY o.last_event DESC LIMIT $3
		) near CROSS JOIN event_src s
		WHERE s.src = near.id
			AND s.ev >= COALESCE((SELECT x.ev FROM event_src x WHERE x.src = near.id ORDER BY x.ev DESC LIMIT 1 OFFSET $2), 0)
		ORDER BY s.ev DESC LIMIT $2`, reader, n, perEvent*n)
}

// part is at most n events before a cursor.
type part struct {
	before int64
	n      int
}

// forViewer is the condition that the viewer may see such an event at all: who follows
// whom is for members, and half of all events say that. hydrate asks for the rest.
const forViewer = ` AND (CAST($1 AS BIGINT) > 0 OR e.verb <> 'followed' OR e.class <> 0)`

func newest(ctx context.Context, d db.DB, viewer, before int64, n int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT e.id FROM event e WHERE e.id < $2`+forViewer+` ORDER BY e.id DESC LIMIT $3`, viewer, upTo(before), n)
}

func byActor(ctx context.Context, d db.DB, viewer, person int64, p part) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT e.id FROM event e WHERE e.actor = $2 AND e.id < $3`+forViewer+` ORDER BY e.id DESC LIMIT $4`,
		viewer, person, upTo(p.before), p.n)
}

// batchSizes keep the number of different statements small: the list of ids is
// padded to one of them.
var batchSizes = []int{16, 32, maxPageSize + 1}

// hydrate reads the events with what their cards show, as far as the viewer may see them.
func hydrate(ctx context.Context, d db.DB, as reader, filter Filter, ids []int64) ([]Event, error) {
	args := []any{as.viewer, string(filter.verb()), as.explores, as.now}
	marks := make([]string, 0, batchSizes[len(batchSizes)-1])
	size := batchSizes[len(batchSizes)-1]
	for _, s := range batchSizes {
		if len(ids) <= s {
			size = s
			break
		}
	}
	for i := range size {
		var id int64
		if i < len(ids) {
			id = ids[i]
		}
		args = append(args, id)
		marks = append(marks, "$"+strconv.Itoa(i+5))
	}
	return db.Select(ctx, d, scanEvent, `SELECT e.id, e.verb, e.at, a.id, a.public_id, a.handle, a.name, a.picture,
		COALESCE(b.public_id, ''), COALESCE(b.verdict, ''), COALESCE(b.issued_at, 0), COALESCE(b.expires_at, 0),
		COALESCE(c.public_id, ''), COALESCE(c.name, ''), COALESCE(i.name, ''), COALESCE(b.thumbnail, c.thumbnail, ''),
		COALESCE(t.id, 0), COALESCE(t.public_id, ''), COALESCE(t.handle, ''), COALESCE(t.name, ''), COALESCE(t.picture, ''), COALESCE(m.body, ''), COALESCE(g.public_id, ''), COALESCE(g.title, '')
		FROM event e JOIN person a ON a.id = e.actor
		LEFT JOIN badge b ON b.id = e.badge
		LEFT JOIN badge_class c ON c.id = e.class LEFT JOIN issuer i ON i.id = c.issuer
		LEFT JOIN source o ON e.verb = 'followed' AND e.class = 0 AND o.id = e.object LEFT JOIN person t ON t.id = CASE WHEN e.verb = 'cheered' THEN b.person ELSE o.object END
		LEFT JOIN comment m ON e.verb = 'commented' AND m.id = e.object LEFT JOIN badge held ON held.id = m.badge
		LEFT JOIN page g ON e.verb = 'arranged' AND g.id = e.object
		WHERE e.id IN (`+strings.Join(marks, ", ")+`) AND ($2 = '' OR e.verb = $2) AND `+account.ShownSQL("a", 1)+`
			AND (NOT $3 OR `+account.FindableSQL("a", 1)+`) AND (
			(e.verb = 'published' AND b.visibility IN ('members', 'public') AND `+badge.NamedSQL("b", 1)+`)
			OR (e.verb = 'arranged' AND g.visibility IN ('members', 'public') AND g.password = '' AND `+page.VisibleSQL("g", 1, 4)+`)
			OR (e.verb = 'cheered' AND b.visibility IN ('members', 'public') AND `+badge.NamedSQL("b", 1)+`)
			OR (e.verb = 'followed' AND e.class = 0 AND $1 > 0 AND t.id IS NOT NULL AND `+account.ShownSQL("t", 1)+`
				AND (NOT $3 OR `+account.FindableSQL("t", 1)+`))
			OR (e.class <> 0 AND (e.verb = 'followed' OR (e.verb = 'commented' AND m.id IS NOT NULL AND NOT m.hidden
					AND (m.badge = 0 OR (held.id IS NOT NULL AND `+badge.NamedSQL("held", 1)+`))))
				AND `+badge.SomeSQL("e.class", 1)+`))
		ORDER BY e.id DESC`, args...)
}

func scanEvent(s db.Scanner) (Event, error) {
	var e Event
	var at, issued, expires int64
	err := s.Scan(&e.ID, &e.Verb, &at, &e.Actor.ID, &e.Actor.PublicID, &e.Actor.Handle, &e.Actor.Name, &e.Actor.Picture,
		&e.BadgeID, &e.Verdict, &issued, &expires, &e.ClassID, &e.ClassName, &e.Issuer, &e.Thumbnail,
		&e.Person.ID, &e.Person.PublicID, &e.Person.Handle, &e.Person.Name, &e.Person.Picture, &e.Comment, &e.PageID, &e.Title)
	e.At, e.IssuedAt, e.ExpiresAt = db.Time(at), db.Time(issued), db.Time(expires)
	return e, err
}

// row is an event as it is stored.
type row struct {
	id                          int64
	verb                        Verb
	actor, class, badge, object int64
	at                          time.Time
}

func insertEvent(ctx context.Context, tx *db.Tx, r row) error {
	_, err := tx.Exec(ctx, `INSERT INTO event (id, actor, verb, class, badge, object, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.id, r.actor, r.verb, r.class, r.badge, r.object, db.Micros(r.at))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE feed_total SET events = events + 1 WHERE id = 1`)
	return err
}

// earlierID gives an id that an event of an earlier time could have had.
func earlierID(ctx context.Context, tx *db.Tx, at time.Time) (int64, error) {
	for id := max(1, db.IDAt(at)); ; id++ {
		taken, err := db.Exists(ctx, tx, `SELECT 1 FROM event WHERE id = $1`, id)
		if err != nil || !taken {
			return id, err
		}
	}
}

func insertEventSource(ctx context.Context, tx *db.Tx, src, event int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO event_src (src, ev) VALUES ($1, $2)`, src, event)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE source SET events = events + 1, last_event = CASE WHEN last_event > $2 THEN last_event ELSE $2 END WHERE id = $1`, src, event)
	return err
}

// The conditions by which events are deleted.
const (
	ofObject = `verb = $1 AND object = $2`
	ofFollow = `verb = $1 AND object = $2 AND actor = $3`
	ofBadge  = `badge = $1`
	ofCheer  = `verb = $1 AND badge = $2 AND actor = $3`
	ofClass  = `class = $1`
	ofActor  = `actor = $1`
)

// deleteEvents deletes events and keeps the counters of their sources right.
func deleteEvents(ctx context.Context, tx *db.Tx, which string, args ...any) error {
	ids, err := db.Select(ctx, tx, db.One[int64], `SELECT id FROM event WHERE `+which, args...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := deleteEvent(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

func deleteEvent(ctx context.Context, tx *db.Tx, id int64) error {
	sources, err := db.Select(ctx, tx, db.One[int64], `SELECT src FROM event_src WHERE ev = $1`, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM event_src WHERE ev = $1`, id); err != nil {
		return err
	}
	for _, src := range sources {
		_, err := tx.Exec(ctx, `UPDATE source SET events = events - 1,
			last_event = COALESCE((SELECT ev FROM event_src WHERE src = $1 ORDER BY ev DESC LIMIT 1), 0) WHERE id = $1`, src)
		if err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM event WHERE id = $1`, id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE feed_total SET events = events - 1 WHERE id = 1`)
	return err
}

// deleteSource takes a source out of all events, and deletes the events that say
// that somebody follows it.
func deleteSource(ctx context.Context, tx *db.Tx, src int64) error {
	if err := deleteEvents(ctx, tx, ofObject, string(Followed), src); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM event_src WHERE src = $1`, src)
	return err
}

const densityOf = `COALESCE((SELECT sum(o.events) FROM follow f JOIN source o ON o.id = f.src WHERE f.follower = person.id), 0) * 1.0
	/ (SELECT CASE WHEN events > 0 THEN events ELSE 1 END FROM feed_total WHERE id = 1)`

func refreshDensity(ctx context.Context, tx *db.Tx, reader int64) error {
	_, err := tx.Exec(ctx, `UPDATE person SET density = `+densityOf+` WHERE id = $1`, reader)
	return err
}

func refreshAllDensities(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE person SET density = `+densityOf+` WHERE follows > 0`)
	return err
}

// listOwn gives all that is kept of a person's doings. A badge class that the
// person may not see any more has no name in it. What
// others have hidden from the person since has no name in it.
func listOwn(ctx context.Context, d db.DB, person int64) ([]exportedEvent, error) {
	return db.Select(ctx, d, func(s db.Scanner) (exportedEvent, error) {
		var e exportedEvent
		var at int64
		err := s.Scan(&at, &e.Verb, &e.Badge, &e.Person)
		e.At = db.Time(at)
		return e, err
	}, `SELECT e.at, e.verb, COALESCE(c.name, ''), COALESCE(t.handle, '') FROM event e
		LEFT JOIN badge_class c ON c.id = e.class AND `+badge.SomeSQL("c.id", 1)+`
		LEFT JOIN source o ON e.verb = 'followed' AND e.class = 0 AND o.id = e.object LEFT JOIN person t ON t.id = o.object AND `+account.ShownSQL("t", 1)+`
		WHERE e.actor = $1 ORDER BY e.id DESC`, person)
}
