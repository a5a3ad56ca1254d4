package page

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

const pageColumns = `g.id, g.public_id, g.person, p.handle, p.name, p.picture, g.title, g.style, g.frame, g.space, g.visibility, g.link_secret, g.password,
	g.until, g.rev, g.head_rev, g.version, g.created_at, g.changed_at, g.published_at, g.removed_at`

const pageTables = ` FROM page g JOIN person p ON p.id = g.person `

func scanPage(s db.Scanner) (Page, error) {
	var p Page
	var until, created, changed, published, removed int64
	err := s.Scan(&p.ID, &p.PublicID, &p.Person, &p.Owner.Handle, &p.Owner.Name, &p.Owner.Picture, &p.Title, &p.Style, &p.Frame, &p.Space, &p.Visibility, &p.Secret, &p.password,
		&until, &p.rev, &p.HeadRev, &p.version, &created, &changed, &published, &removed)
	p.HasPassword = p.password != ""
	p.Until, p.CreatedAt, p.ChangedAt, p.PublishedAt, p.RemovedAt = db.Time(until), db.Time(created), db.Time(changed), db.Time(published), db.Time(removed)
	return p, err
}

// linkSQL is the condition that $3 is the secret of the link that shows page g of
// person p to the viewer $1.
var linkSQL = `g.visibility = 'link' AND $3 <> '' AND g.link_secret = $3 AND ` + account.ShownSQL("p", 1) + ` AND NOT p.under_age`

// asked is which page who asks for, with which secret of a link, at what time.
type asked struct {
	viewer           int64
	publicID, secret string
	now              int64 // microseconds
}

// getPage gives a page that the viewer may see, or may see with its password. It
// is the one query where the secret of a link is compared.
func getPage(ctx context.Context, d db.DB, a asked) (Page, error) {
	p, err := scanPage(d.QueryRow(ctx, `SELECT `+pageColumns+pageTables+`WHERE g.public_id = $2 AND g.removed_at = 0 AND (g.person = $1
		OR ((g.until = 0 OR g.until > $4) AND ((`+linkSQL+`)
			OR ((g.visibility = 'public' OR (g.visibility = 'members' AND $1 > 0)) AND `+account.ShownSQL("p", 1)+`))))`,
		a.viewer, a.publicID, a.secret, a.now))
	if p.Person != a.viewer && a.secret == "" {
		p.Secret = ""
	}
	return p, err
}

func getMine(ctx context.Context, d db.DB, person int64, publicID string) (Page, error) {
	p, err := scanPage(d.QueryRow(ctx, `SELECT `+pageColumns+pageTables+`WHERE g.public_id = $2 AND g.person = $1 AND g.removed_at = 0`, person, publicID))
	if errors.Is(err, db.ErrNotFound) {
		return Page{}, errNotFound()
	}
	return p, err
}

// lock holds others up who change the same page, until the transaction ends.
func lock(ctx context.Context, tx *db.Tx, person int64, publicID string) error {
	n, err := tx.Exec(ctx, `UPDATE page SET changed_at = $3 WHERE public_id = $2 AND person = $1 AND removed_at = 0`, person, publicID, db.Micros(tx.Now()))
	if err == nil && n == 0 {
		return errNotFound()
	}
	return err
}

// listMine gives the person's pages, the newest first: those that are there, or
// those that were deleted and can be brought back.
func listMine(ctx context.Context, d db.DB, person int64, q Query) ([]Page, error) {
	return db.Select(ctx, d, scanPage, `SELECT `+pageColumns+pageTables+`WHERE g.person = $1 AND (g.removed_at > 0) = CAST($2 AS BOOLEAN)
		AND (CAST($3 AS BIGINT) = 0 OR g.id < $3) AND ($4 = '' OR EXISTS (SELECT 1 FROM page_tag t WHERE t.page = g.id AND t.folded = $4))
		ORDER BY g.id DESC LIMIT $5`, person, q.Removed, q.Before, q.Tag, q.Limit)
}

func listAll(ctx context.Context, d db.DB, person int64) ([]Page, error) {
	return db.Select(ctx, d, scanPage, `SELECT `+pageColumns+pageTables+`WHERE g.person = $1 ORDER BY g.id`, person)
}

func countMine(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM page WHERE person = $1 AND removed_at = 0`, person))
}

// listShown gives the pages of a person that the viewer may see and find.
func listShown(ctx context.Context, d db.DB, a asked, person int64, limit int) ([]Page, error) {
	return db.Select(ctx, d, scanPage, `SELECT `+pageColumns+pageTables+`WHERE g.person = $3 AND g.visibility IN ('members', 'public') AND g.password = ''
		AND `+VisibleSQL("g", 1, 2)+` ORDER BY g.published_at DESC, g.id DESC LIMIT $4`, a.viewer, a.now, person, limit)
}

func insertPage(ctx context.Context, tx *db.Tx, p Page) error {
	_, err := tx.Exec(ctx, `INSERT INTO page (id, public_id, person, title, style, visibility, created_at, changed_at, frame, space) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)`,
		p.ID, p.PublicID, p.Person, p.Title, p.Style, p.Visibility, db.Micros(p.CreatedAt), p.Frame, p.Space)
	return err
}

func updateHead(ctx context.Context, tx *db.Tx, p Page) error {
	_, err := tx.Exec(ctx, `UPDATE page SET title = $2, style = $3, rev = $4, head_rev = $5, version = $6, frame = $7, space = $8 WHERE id = $1`,
		p.ID, p.Title, p.Style, p.rev, p.HeadRev, p.version, p.Frame, p.Space)
	return err
}

func updateSharing(ctx context.Context, tx *db.Tx, p Page) error {
	_, err := tx.Exec(ctx, `UPDATE page SET visibility = $2, link_secret = $3, password = $4, until = $5, published_at = $6,
		link_at = CASE WHEN link_secret = $3 THEN link_at WHEN $3 = '' THEN 0 ELSE $7 END, link_hits = CASE WHEN link_secret = $3 THEN link_hits ELSE 0 END WHERE id = $1`,
		p.ID, p.Visibility, p.Secret, p.password, db.Micros(p.Until), db.Micros(p.PublishedAt), db.Micros(tx.Now()))
	return err
}

// hide deletes a page for now.
func hide(ctx context.Context, tx *db.Tx, person int64, publicID string) (int64, error) {
	return tx.Exec(ctx, `UPDATE page SET removed_at = $3 WHERE public_id = $2 AND person = $1 AND removed_at = 0`, person, publicID, db.Micros(tx.Now()))
}

// unhide brings it back.
func unhide(ctx context.Context, tx *db.Tx, person int64, publicID string) (int64, error) {
	return tx.Exec(ctx, `UPDATE page SET removed_at = 0 WHERE public_id = $2 AND person = $1 AND removed_at > 0`, person, publicID)
}

func listGone(ctx context.Context, d db.DB, before int64, limit int) ([]Page, error) {
	return db.Select(ctx, d, scanPage, `SELECT `+pageColumns+pageTables+`WHERE g.removed_at > 0 AND g.removed_at < $1 ORDER BY g.removed_at LIMIT $2`, before, limit)
}

func deletePage(ctx context.Context, tx *db.Tx, id int64) error {
	for _, statement := range []string{
		`DELETE FROM page_badge WHERE page = $1`, `DELETE FROM page_block WHERE page = $1`, `DELETE FROM page_version WHERE page = $1`,
		`DELETE FROM page_tag WHERE page = $1`, `DELETE FROM page WHERE id = $1`,
	} {
		if _, err := tx.Exec(ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}

func isUnderAge(ctx context.Context, d db.DB, person int64) (bool, error) {
	return db.One[bool](d.QueryRow(ctx, `SELECT under_age FROM person WHERE id = $1`, person))
}

func listTags(ctx context.Context, d db.DB, page int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT tag FROM page_tag WHERE page = $1 ORDER BY folded`, page)
}

// tagsOf gives the tags of a person's pages, each once.
func tagsOf(ctx context.Context, d db.DB, person int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT min(t.tag) FROM page g JOIN page_tag t ON t.page = g.id
		WHERE g.person = $1 AND g.removed_at = 0 GROUP BY t.folded ORDER BY t.folded LIMIT 200`, person)
}

func replaceTags(ctx context.Context, tx *db.Tx, page int64, tags []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM page_tag WHERE page = $1`, page); err != nil {
		return err
	}
	for _, t := range tags {
		if _, err := tx.Exec(ctx, `INSERT INTO page_tag (page, folded, tag) VALUES ($1, $2, $3)`, page, db.Fold(t), t); err != nil {
			return err
		}
	}
	return nil
}

// listBlocks gives the blocks of a page in order, with what was chosen for them.
func listBlocks(ctx context.Context, d db.DB, page int64) ([]Block, error) {
	blocks, err := db.Select(ctx, d, func(s db.Scanner) (Block, error) {
		var b Block
		var body string
		if err := s.Scan(&b.ID, &b.Kind, &b.Rev, &body, &b.File.ID, &b.File.PublicID); err != nil {
			return b, err
		}
		return b, json.Unmarshal([]byte(body), &b.Words)
	}, `SELECT k.id, k.kind, k.rev, k.body, k.file, COALESCE(f.public_id, '') FROM page_block k LEFT JOIN file f ON f.id = k.file
		WHERE k.page = $1 ORDER BY k.place, k.id`, page)
	if err != nil || len(blocks) == 0 {
		return blocks, err
	}
	at := make(map[string]*Block, len(blocks))
	for i := range blocks {
		at[blocks[i].ID] = &blocks[i]
	}
	type chosen struct {
		block string
		ref   Ref
	}
	list, err := db.Select(ctx, d, func(s db.Scanner) (chosen, error) {
		var c chosen
		return c, s.Scan(&c.block, &c.ref.ID, &c.ref.PublicID)
	}, `SELECT c.block, c.badge, b.public_id FROM page_badge c JOIN badge b ON b.id = c.badge WHERE c.page = $1 ORDER BY c.block, c.place`, page)
	for _, c := range list {
		if b := at[c.block]; b != nil {
			b.Badges = append(b.Badges, c.ref)
		}
	}
	return blocks, err
}

// saveBlock writes one block at a place.
func saveBlock(ctx context.Context, tx *db.Tx, page int64, b Block, place int) error {
	body, err := json.Marshal(b.Words)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO page_block (page, id, place, rev, kind, body, file) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (page, id) DO UPDATE SET place = excluded.place, rev = excluded.rev, kind = excluded.kind, body = excluded.body, file = excluded.file`,
		page, b.ID, place, b.Rev, b.Kind, string(body), b.File.ID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM page_badge WHERE page = $1 AND block = $2`, page, b.ID); err != nil {
		return err
	}
	for i, r := range b.Badges {
		if _, err := tx.Exec(ctx, `INSERT INTO page_badge (page, block, badge, place) VALUES ($1, $2, $3, $4)`, page, b.ID, r.ID, i); err != nil {
			return err
		}
	}
	return nil
}

func placeBlock(ctx context.Context, tx *db.Tx, page int64, id string, place int) error {
	_, err := tx.Exec(ctx, `UPDATE page_block SET place = $3 WHERE page = $1 AND id = $2`, page, id, place)
	return err
}

func deleteBlock(ctx context.Context, tx *db.Tx, page int64, id string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM page_badge WHERE page = $1 AND block = $2`, page, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM page_block WHERE page = $1 AND id = $2`, page, id)
	return err
}

// findBadge gives a badge of the person's own by its public id, also by one that
// it had before it was joined with another.
func findBadge(ctx context.Context, d db.DB, person int64, publicID string) (Ref, error) {
	return scanRef(d.QueryRow(ctx, `SELECT b.id, b.public_id FROM badge b WHERE b.person = $1 AND b.public_id = $2
		UNION ALL SELECT b.id, b.public_id FROM badge_alias a JOIN badge b ON b.public_id = a.badge WHERE a.public_id = $2 AND b.person = $1 LIMIT 1`, person, publicID))
}

func findFile(ctx context.Context, d db.DB, person int64, publicID string) (Ref, error) {
	return scanRef(d.QueryRow(ctx, `SELECT id, public_id FROM file WHERE public_id = $2 AND person = $1`, person, publicID))
}

func findKept(ctx context.Context, d db.DB, person int64, hash string) (Ref, error) {
	return scanRef(d.QueryRow(ctx, `SELECT id, public_id FROM file WHERE blob = $2 AND person = $1 ORDER BY id LIMIT 1`, person, hash))
}

// nameOf gives what a collection of the person's own, or an issuer, goes by
// elsewhere: the name of one, the id that the other gives itself.
func nameOf(ctx context.Context, d db.DB, person int64, k Kind, publicID string) (string, error) {
	if k == Collection {
		return db.One[string](d.QueryRow(ctx, `SELECT name FROM collection WHERE public_id = $2 AND person = $1`, person, publicID))
	}
	return db.One[string](d.QueryRow(ctx, `SELECT wire_id FROM issuer WHERE public_id = $1`, publicID))
}

// findNamed gives the public id of what nameOf names.
func findNamed(ctx context.Context, d db.DB, person int64, k Kind, name string) (string, error) {
	if k == Collection {
		return db.One[string](d.QueryRow(ctx, `SELECT public_id FROM collection WHERE person = $1 AND name = $2 ORDER BY id LIMIT 1`, person, name))
	}
	return db.One[string](d.QueryRow(ctx, `SELECT public_id FROM issuer WHERE wire_id = $1`, name))
}

func scanRef(s db.Scanner) (Ref, error) {
	var r Ref
	return r, s.Scan(&r.ID, &r.PublicID)
}

// hasSame reports whether the person has a page of that name made at that moment.
func hasSame(ctx context.Context, d db.DB, person int64, title string, created int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM page WHERE person = $1 AND title = $2 AND created_at = $3`, person, title, created)
}

// showsFile reports whether the viewer may see a page that carries the file.
func showsFile(ctx context.Context, d db.DB, viewer, now, file int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM page_block k JOIN page g ON g.id = k.page WHERE k.file = $3 AND k.file > 0 AND `+VisibleSQL("g", 1, 2), viewer, now, file)
}

func listCarrying(ctx context.Context, d db.DB, file int64) ([]Page, error) {
	return db.Select(ctx, d, scanPage, `SELECT DISTINCT `+pageColumns+` FROM page_block k JOIN page g ON g.id = k.page JOIN person p ON p.id = g.person
		WHERE k.file = $1 AND k.file > 0 AND g.removed_at = 0 ORDER BY g.id`, file)
}

func dropFile(ctx context.Context, tx *db.Tx, file int64) error {
	_, err := tx.Exec(ctx, `UPDATE page_block SET file = 0 WHERE file = $1 AND file > 0`, file)
	return err
}

func dropBadge(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM page_badge WHERE badge = $1`, badge)
	return err
}

// joinBadge gives the places of a badge to the one that it was joined with.
func joinBadge(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE page_badge SET badge = $2 WHERE badge = $1
		AND NOT EXISTS (SELECT 1 FROM page_badge o WHERE o.page = page_badge.page AND o.block = page_badge.block AND o.badge = $2)`, from, into)
	if err != nil {
		return err
	}
	return dropBadge(ctx, tx, from)
}

// listHeld gives the public ids of the badges and files that a person has.
func listHeld(ctx context.Context, d db.DB, person int64) (map[string]bool, error) {
	list, err := db.Select(ctx, d, db.One[string], `SELECT public_id FROM badge WHERE person = $1 UNION ALL SELECT public_id FROM file WHERE person = $1`, person)
	held := make(map[string]bool, len(list))
	for _, id := range list {
		held[id] = true
	}
	return held, err
}

// listArt gives the first badges with a picture that were chosen for a page.
func listArt(ctx context.Context, d db.DB, page int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT b.public_id FROM page_badge c JOIN badge b ON b.id = c.badge
		WHERE c.page = $1 AND b.thumbnail <> '' AND b.removed_at = 0 ORDER BY c.block, c.place LIMIT 4`, page)
}
