package gallery

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
)

// mark is a thing that changed since it was indexed.
type mark struct {
	kind   string
	object int64
}

func anyMark(ctx context.Context, d db.DB) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM search_mark LIMIT 1`)
}

// takeMarks takes the oldest marks.
func takeMarks(ctx context.Context, tx *db.Tx, most int) ([]mark, error) {
	return db.Select(ctx, tx, func(s db.Scanner) (mark, error) {
		var m mark
		err := s.Scan(&m.kind, &m.object)
		return m, err
	}, `DELETE FROM search_mark WHERE id IN (SELECT m.id FROM search_mark m ORDER BY m.id LIMIT $1) RETURNING kind, object`, most)
}

// markAll marks all that may be found.
func markAll(ctx context.Context, tx *db.Tx) error {
	for _, q := range []string{
		`DELETE FROM search_mark`,
		`INSERT INTO search_mark (kind, object) SELECT 'class', id FROM badge_class`,
		`INSERT INTO search_mark (kind, object) SELECT 'person', id FROM person`,
		`INSERT INTO search_mark (kind, object) SELECT 'page', id FROM page WHERE visibility IN ('members', 'public')`,
	} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// emptyIndex deletes all that is indexed.
func emptyIndex(ctx context.Context, tx *db.Tx) error {
	if err := emptyText(ctx, tx); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM facet_doc`, `DELETE FROM facet`, `DELETE FROM search_gram`, `DELETE FROM search_word`, `DELETE FROM search_doc`,
	} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// doc is a document as it is indexed. id is 0 for none.
type doc struct {
	id, public, members int64
	digest, words       string
}

func getDoc(ctx context.Context, tx *db.Tx, kind string, object int64) (doc, error) {
	var d doc
	err := tx.QueryRow(ctx, `SELECT id, public, members, digest, words FROM search_doc WHERE kind = $1 AND object = $2`, kind, object).
		Scan(&d.id, &d.public, &d.members, &d.digest, &d.words)
	if errors.Is(err, db.ErrNotFound) {
		return doc{}, nil
	}
	return d, err
}

func insertDoc(ctx context.Context, tx *db.Tx, id int64, d document) error {
	_, err := tx.Exec(ctx, `INSERT INTO search_doc (id, kind, object, public, members, at, digest, words) VALUES ($1, $2, $3, $4, $5, $6, '', '')`,
		id, d.kind, d.object, d.public, d.members, d.at)
	return err
}

func updateCounts(ctx context.Context, tx *db.Tx, id int64, d document) error {
	_, err := tx.Exec(ctx, `UPDATE search_doc SET public = $2, members = $3, at = $4 WHERE id = $1 AND (public <> $2 OR members <> $3 OR at <> $4)`,
		id, d.public, d.members, d.at)
	return err
}

func updateWords(ctx context.Context, tx *db.Tx, digest, words string, n named) error {
	_, err := tx.Exec(ctx, `UPDATE search_doc SET digest = $2, words = $3, maker = $4, name = $5 WHERE id = $1`, n.id, digest, words, n.maker, n.name)
	return err
}

func deleteDoc(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_doc WHERE id = $1`, id)
	return err
}

// countWords keeps how many documents hold each word. A word that none holds is
// forgotten, and one that is new can be found by its grams.
func countWords(ctx context.Context, tx *db.Tx, changes map[string]wordChange) error {
	for word, c := range changes {
		var members int64
		err := tx.QueryRow(ctx, `INSERT INTO search_word (word, public, members) VALUES ($1, $2, $3)
			ON CONFLICT (word) DO UPDATE SET public = search_word.public + excluded.public, members = search_word.members + excluded.members
			RETURNING members`, word, c.public, c.members).Scan(&members)
		if err != nil {
			return err
		}
		switch {
		case members <= 0:
			err = forgetWord(ctx, tx, word)
		case members == c.members && corrigible(word):
			err = insertGrams(ctx, tx, word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func forgetWord(ctx context.Context, tx *db.Tx, word string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM search_gram WHERE word = $1`, word); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM search_word WHERE word = $1`, word)
	return err
}

func insertGrams(ctx context.Context, tx *db.Tx, word string) error {
	for _, g := range grams(word) {
		if _, err := tx.Exec(ctx, `INSERT INTO search_gram (gram, word) VALUES ($1, $2) ON CONFLICT (gram, word) DO NOTHING`, g, word); err != nil {
			return err
		}
	}
	return nil
}

// link is how many people show a document under a value.
type link struct{ public, members int64 }

// level is 1 where anybody does.
func (l link) level() link { return link{min(l.public, 1), min(l.members, 1)} }

func (l link) minus(o link) link { return link{l.public - o.public, l.members - o.members} }

// dated is a link with the time of its document.
type dated struct {
	link

	at int64
}

func linksOf(ctx context.Context, tx *db.Tx, doc int64) (map[int64]link, error) {
	type row struct {
		facet int64
		link
	}
	list, err := db.Select(ctx, tx, func(s db.Scanner) (row, error) {
		var r row
		err := s.Scan(&r.facet, &r.public, &r.members)
		return r, err
	}, `SELECT facet, public, members FROM facet_doc WHERE doc = $1`, doc)
	out := make(map[int64]link, len(list))
	for _, r := range list {
		out[r.facet] = r.link
	}
	return out, err
}

func setLink(ctx context.Context, tx *db.Tx, doc, facet int64, l dated) error {
	_, err := tx.Exec(ctx, `INSERT INTO facet_doc (doc, facet, public, members, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (doc, facet) DO UPDATE SET public = excluded.public, members = excluded.members, at = excluded.at`,
		doc, facet, l.public, l.members, l.at)
	return err
}

func deleteLink(ctx context.Context, tx *db.Tx, doc, facet int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM facet_doc WHERE doc = $1 AND facet = $2`, doc, facet)
	return err
}

// upsertFacet finds or makes a value of documents of a kind. The name of an issuer
// is the one that it has now; a tag or a skill keeps the first.
func upsertFacet(ctx context.Context, tx *db.Tx, of string, f facetOf) (int64, error) {
	var id int64
	var label string
	err := tx.QueryRow(ctx, `SELECT id, label FROM facet WHERE of = $1 AND kind = $2 AND value = $3`, of, f.kind, f.value).Scan(&id, &label)
	switch {
	case err == nil && (f.kind != facetIssuer || label == f.label):
		return id, nil
	case err == nil:
		_, err = tx.Exec(ctx, `UPDATE facet SET label = $2, label_folded = $3 WHERE id = $1`, id, f.label, db.Fold(f.label))
		return id, err
	case !errors.Is(err, db.ErrNotFound):
		return 0, err
	}
	id = tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO facet (id, public_id, of, kind, value, label, label_folded, scheme, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, shortHash(of+"\n"+f.kind+"\n"+f.value), of, f.kind, f.value, f.label, db.Fold(f.label), f.scheme, f.detail)
	return id, err
}

func countFacet(ctx context.Context, tx *db.Tx, facet int64, by link) error {
	if by == (link{}) {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE facet SET public = public + $2, members = members + $3 WHERE id = $1`, facet, by.public, by.members)
	return err
}

type facetRow struct {
	of, kind, detail string
	members          int64
}

func getFacet(ctx context.Context, tx *db.Tx, id int64) (facetRow, error) {
	var f facetRow
	err := tx.QueryRow(ctx, `SELECT of, kind, detail, members FROM facet WHERE id = $1`, id).Scan(&f.of, &f.kind, &f.detail, &f.members)
	return f, err
}

func deleteFacet(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM facet WHERE id = $1`, id)
	return err
}

// countDocs counts the documents of each kind.
func countDocs(ctx context.Context, d db.DB) (map[string]int, error) {
	out := map[string]int{}
	_, err := db.Select(ctx, d, func(s db.Scanner) (struct{}, error) {
		var kind string
		var n int
		err := s.Scan(&kind, &n)
		out[kind] = n
		return struct{}{}, err
	}, `SELECT kind, count(*) FROM search_doc GROUP BY kind`)
	return out, err
}
