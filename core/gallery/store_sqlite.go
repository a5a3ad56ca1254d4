package gallery

import (
	"context"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// The default build of mattn/go-sqlite3 has FTS4 and no FTS5 (docs/adr), so the
// rank is worked out here from what matchinfo tells.

func insertIndexed(ctx context.Context, tx *db.Tx, id int64, t wording) error {
	_, err := tx.Exec(ctx, `INSERT INTO search_index (docid, title, keys, body) VALUES ($1, $2, $3, $4)`, id, joined(t.title), joined(t.keys), joined(t.body))
	return err
}

func deleteIndexed(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_index WHERE docid = $1`, id)
	return err
}

func emptyIndexed(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_index`)
	return err
}

// optimizeIndexed merges the index into one piece, which leaves nothing of
// deleted words in it.
func optimizeIndexed(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO search_index (search_index) VALUES ('optimize')`)
	return err
}

// matchQuery writes terms in the words of FTS4: all terms, each in one of its
// forms. Words are letters and digits in lower case, so nothing in them is an
// operator.
func matchQuery(terms []term) string {
	var b strings.Builder
	for i, t := range terms {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte('(')
		for j, w := range t {
			if j > 0 {
				b.WriteString(" OR ")
			}
			b.WriteString(w.text)
			if w.prefix {
				b.WriteByte('*')
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}

// rankSQLite gives documents that match, of a kind or of all (""), in no order, with their
// score.
func rankSQLite(ctx context.Context, d db.DB, f finding, most int) ([]found, error) {
	return db.Select(ctx, d, func(s db.Scanner) (found, error) {
		var r found
		var info []byte
		err := s.Scan(&r.id, &r.shown, &r.kind, &info)
		r.score = bm25(info)
		return r, err
	}, `SELECT d.id, d.`+f.level+`, d.kind, matchinfo(search_index, 'pcnalx') FROM search_index CROSS JOIN search_doc d ON d.id = search_index.docid
		WHERE search_index MATCH $1 AND ($2 = '' OR d.kind = $2) AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` LIMIT $7`,
		append([]any{matchQuery(f.terms), f.kind}, f.facetArgs(most)...)...)
}

// matchSQLite gives a page of the documents that match: those that most people
// show first, or the newest.
func matchSQLite(ctx context.Context, d db.DB, f finding, most int) ([]found, error) {
	return db.Select(ctx, d, scanFound, `SELECT d.id, d.`+f.order+` FROM search_index CROSS JOIN search_doc d ON d.id = search_index.docid
		WHERE search_index MATCH $1 AND d.kind = $2 AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` AND (d.`+f.order+`, d.id) < ($8, $9)
		ORDER BY d.`+f.order+` DESC, d.id DESC LIMIT $7`,
		append(append([]any{matchQuery(shortest(f.terms)), f.kind}, f.facetArgs(most)...), f.after.by, f.after.id)...)
}

// idsSQLite gives all documents that match, of any kind, in one text: a row for each
// would cost ten times as much.
func idsSQLite(ctx context.Context, d db.DB, terms []term) (map[int64]bool, error) {
	list, err := db.One[string](d.QueryRow(ctx, `SELECT COALESCE(group_concat(docid), '') FROM search_index WHERE search_index MATCH $1`, matchQuery(shortest(terms))))
	ids := make(map[int64]bool, strings.Count(list, ",")+1)
	for id := range strings.SplitSeq(list, ",") {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			ids[n] = true
		}
	}
	return ids, err
}

// tuneIndexed has writers merge the pieces of the index as they go: a search looks
// into each of them.
func tuneIndexed(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO search_index (search_index) VALUES ('automerge=4')`)
	return err
}

// columnWeights are of title, keys and body.
var columnWeights = [...]float64{6, 3, 1}

// bm25 scores one row by what matchinfo 'pcnalx' says of it: numbers of phrases p
// and columns c, of documents n, the mean length of each column, its length here,
// and for each phrase and column the hits here, everywhere, and the documents
// with one (https://www.sqlite.org/fts3.html#matchinfo).
func bm25(info []byte) float64 {
	const k, b = 1.2, 0.75
	at := func(i int) float64 { return float64(binary.NativeEndian.Uint32(info[4*i:])) }
	if len(info) < 12 {
		return 0
	}
	p, c, n := int(at(0)), int(at(1)), at(2)
	if c != len(columnWeights) || len(info) < 4*(3+2*c+3*p*c) {
		return 0
	}
	score := 0.0
	for phrase := range p {
		base := 3 + 2*c + 3*c*phrase
		documents := 0.0
		for col := range c {
			documents = max(documents, at(base+3*col+2))
		}
		rarity := math.Log(1 + (n-documents+0.5)/(documents+0.5))
		for col, weight := range columnWeights {
			hits, mean, length := at(base+3*col), max(at(3+col), 1), at(3+c+col)
			score += weight * rarity * hits * (k + 1) / (hits + k*(1-b+b*length/mean))
		}
	}
	return score
}
