package page

import (
	"context"
	"encoding/json"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const mostSets = 200 // blocks that are asked what they bring along

// use is a page that shows a badge to others.
type use struct {
	badge, page, title string
	at                 time.Time
}

// setBlock is a block that brings badges along which nobody chose one by one.
type setBlock struct {
	Block

	on use
}

// shownPage is the condition that page g of the person $1 is shown to others at the
// time $2.
const shownPage = `g.person = $1 AND g.removed_at = 0 AND g.visibility <> 'private' AND (g.until = 0 OR g.until > $2)`

func listChosenUses(ctx context.Context, d db.DB, person, now int64) ([]use, error) {
	return db.Select(ctx, d, func(s db.Scanner) (use, error) {
		var u use
		var at int64
		err := s.Scan(&u.badge, &u.page, &u.title, &at)
		u.at = db.Time(at)
		return u, err
	}, `SELECT b.public_id, g.public_id, g.title, g.published_at FROM page g JOIN page_badge c ON c.page = g.id JOIN badge b ON b.id = c.badge
		WHERE `+shownPage+` AND b.person = $1`, person, now)
}

func listSetBlocks(ctx context.Context, d db.DB, person, now int64) ([]setBlock, error) {
	return db.Select(ctx, d, func(s db.Scanner) (setBlock, error) {
		var b setBlock
		var body string
		var at int64
		if err := s.Scan(&b.Kind, &body, &b.on.page, &b.on.title, &at); err != nil {
			return b, err
		}
		b.on.at = db.Time(at)
		return b, json.Unmarshal([]byte(body), &b.Words)
	}, `SELECT k.kind, k.body, g.public_id, g.title, g.published_at FROM page g JOIN page_block k ON k.page = g.id
		WHERE `+shownPage+` AND k.kind IN ('tag', 'issuer', 'collection') ORDER BY g.id DESC LIMIT $3`, person, now, mostSets)
}
