package gallery

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/page"
)

// listedSQL is the condition that page g is of a kind that stands in lists at all,
// whoever looks: its owner does not come across it by the way either.
const listedSQL = `g.visibility IN ('members', 'public') AND g.password = ''`

type pageWords struct {
	title, owner, handle string
	country, countryFor  string
	public, members      int64 // 1 where such viewers may find it
	published            int64
	tags                 []string
	blocks               []blockWords
}

type blockWords struct {
	kind  page.Kind
	words page.Words
}

// pageText gives the words of a page with who may find it at the moment.
func pageText(ctx context.Context, tx *db.Tx, id int64) (pageWords, error) {
	var p pageWords
	err := tx.QueryRow(ctx, `SELECT g.title, p.name, p.handle, COALESCE(e.country, ''), COALESCE(e.country_for, 'private'), g.published_at,
			CASE WHEN g.visibility = 'public' AND `+listedSQL+` AND `+page.FoundSQL("g", 2, 4)+` THEN 1 ELSE 0 END,
			CASE WHEN `+listedSQL+` AND `+page.FoundSQL("g", 3, 4)+` THEN 1 ELSE 0 END
		FROM page g JOIN person p ON p.id = g.person LEFT JOIN explore_place e ON e.person = g.person WHERE g.id = $1`,
		id, visitor, anyMember, db.Micros(tx.Now())).
		Scan(&p.title, &p.owner, &p.handle, &p.country, &p.countryFor, &p.published, &p.public, &p.members)
	if err != nil || p.members == 0 {
		return p, err
	}
	if p.tags, err = db.Select(ctx, tx, db.One[string], `SELECT tag FROM page_tag WHERE page = $1 ORDER BY folded`, id); err != nil {
		return p, err
	}
	p.blocks, err = db.Select(ctx, tx, func(s db.Scanner) (blockWords, error) {
		var b blockWords
		var body string
		if err := s.Scan(&b.kind, &body); err != nil {
			return b, err
		}
		return b, json.Unmarshal([]byte(body), &b.words)
	}, `SELECT kind, body FROM page_block WHERE page = $1 ORDER BY place, id`, id)
	return p, err
}

// pageShown is the condition that the viewer $1 may find page d.object at the time $5.
var pageShown = `EXISTS (SELECT 1 FROM page g WHERE g.id = d.object AND ` + listedSQL + ` AND ` + page.FoundSQL("g", 1, 5) + `)`

type pageRow struct {
	doc, id               int64
	publicID, title       string
	style                 string
	published             int64
	handle, name, picture string
}

// readPages gives the pages of documents that the viewer may find.
func readPages(ctx context.Context, d db.DB, viewer, now int64, ids []int64) ([]pageRow, error) {
	return db.Select(ctx, d, func(s db.Scanner) (pageRow, error) {
		var p pageRow
		err := s.Scan(&p.doc, &p.id, &p.publicID, &p.title, &p.style, &p.published, &p.handle, &p.name, &p.picture)
		return p, err
	}, `SELECT d.id, g.id, g.public_id, g.title, g.style, g.published_at, p.handle, p.name, p.picture
		FROM search_doc d JOIN page g ON g.id = d.object JOIN person p ON p.id = g.person
		WHERE d.id IN `+idParams+` AND d.kind = 'page' AND `+listedSQL+` AND `+page.FoundSQL("g", 1, 26), append(idArgs(viewer, ids), now)...)
}

// pageArts is how many badges stand for a page in a list.
const pageArts = 4

// readArts gives the first badges that were chosen for a page and that the viewer
// may find, by their public ids.
func readArts(ctx context.Context, d db.DB, viewer, id int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT b.public_id FROM page_badge c CROSS JOIN badge b
		WHERE c.page = $2 AND b.id = c.badge AND b.thumbnail <> '' AND b.visibility IN ('members', 'public') AND `+badge.FoundSQL("b", 1)+`
		ORDER BY c.place, c.block LIMIT $3`, viewer, id, pageArts)
}

// markEnded marks the pages in the index whose time is over.
func markEnded(ctx context.Context, tx *db.Tx, now int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g CROSS JOIN search_doc d
		WHERE g.until > 0 AND g.until <= $1 AND d.kind = 'page' AND d.object = g.id`, now)
	return err
}

// anyEnded reports whether there are such.
func anyEnded(ctx context.Context, d db.DB, now int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM page g CROSS JOIN search_doc d WHERE g.until > 0 AND g.until <= $1 AND d.kind = 'page' AND d.object = g.id LIMIT 1`, now)
}
