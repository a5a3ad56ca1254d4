package gallery

import (
	"context"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// vectorOf writes words as a tsvector by itself, without a parser of PostgreSQL,
// whose idea of a word depends on the locale of the database.
func vectorOf(t wording) string {
	var b strings.Builder
	position := 0
	for _, part := range []struct {
		words  []string
		weight string
	}{{t.title, "A"}, {t.keys, "B"}, {t.body, "D"}} {
		for _, w := range part.words {
			position++
			b.WriteString("'" + w + "':" + strconv.Itoa(position) + part.weight + " ")
		}
	}
	return b.String()
}

func setVector(ctx context.Context, tx *db.Tx, id int64, t *wording) error {
	vector := ""
	if t != nil {
		vector = vectorOf(*t)
	}
	_, err := tx.Exec(ctx, `UPDATE search_doc SET vector = CAST($2 AS tsvector) WHERE id = $1`, id, vector)
	return err
}

// tsQuery writes terms in the words of PostgreSQL: all terms, each in one of its
// forms.
func tsQuery(terms []term) string {
	parts := make([]string, 0, len(terms))
	for _, t := range terms {
		forms := make([]string, 0, len(t))
		for _, w := range t {
			form := "'" + w.text + "'"
			if w.prefix {
				form += ":*"
			}
			forms = append(forms, form)
		}
		parts = append(parts, "("+strings.Join(forms, "|")+")")
	}
	return strings.Join(parts, "&")
}

// wholeWords asks for any of the words as they were typed: they count for more than
// the longer words that begin so.
func wholeWords(terms []term) string {
	words := make([]string, 0, len(terms))
	for _, t := range terms {
		words = append(words, "'"+t[0].text+"'")
	}
	return strings.Join(words, "|")
}

// rankPostgres gives documents that match, of a kind or of all (""), in no order, with
// their score.
func rankPostgres(ctx context.Context, d db.DB, f finding, most int) ([]found, error) {
	return db.Select(ctx, d, func(s db.Scanner) (found, error) {
		var r found
		err := s.Scan(&r.id, &r.shown, &r.kind, &r.score)
		return r, err
	}, `SELECT d.id, d.`+f.level+`, d.kind, ts_rank(CAST('{0.1, 0.1, 0.4, 1.0}' AS REAL[]), d.vector, CAST($1 AS tsquery), 1)
			+ ts_rank(CAST('{0.1, 0.1, 0.4, 1.0}' AS REAL[]), d.vector, CAST($8 AS tsquery), 1) FROM search_doc d
		WHERE d.vector @@ CAST($9 AS tsquery) AND ($2 = '' OR d.kind = $2) AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` LIMIT $7`,
		append(append([]any{tsQuery(f.terms), f.kind}, f.facetArgs(most)...), wholeWords(f.terms), tsQuery(shortest(f.terms)))...)
}

// matchPostgres gives a page of the documents that match: those that most people
// show first, or the newest.
func matchPostgres(ctx context.Context, d db.DB, f finding, most int) ([]found, error) {
	return db.Select(ctx, d, scanFound, `SELECT d.id, d.`+f.order+` FROM search_doc d
		WHERE d.vector @@ CAST($1 AS tsquery) AND d.kind = $2 AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` AND (d.`+f.order+`, d.id) < ($8, $9)
		ORDER BY d.`+f.order+` DESC, d.id DESC LIMIT $7`,
		append(append([]any{tsQuery(shortest(f.terms)), f.kind}, f.facetArgs(most)...), f.after.by, f.after.id)...)
}

// matchNamedPostgres gives documents that match in an order by words.
func matchNamedPostgres(ctx context.Context, d db.DB, f finding, args []any) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT d.id FROM search_doc d
		WHERE d.vector @@ CAST($1 AS tsquery) AND d.kind = $2 AND d.`+f.level+` > 0`+facetsSQL+f.level+facetsSeen+` AND (`+wordsSQL+`, d.id) > ($8, $9)
		ORDER BY `+wordsSQL+`, d.id LIMIT $7`, args...)
}

func listMatchingPostgres(ctx context.Context, d db.DB, ids string, terms []term) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT d.id FROM search_doc d
		WHERE d.id IN (SELECT CAST(v AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)) v) AND d.vector @@ CAST($2 AS tsquery)`, ids, tsQuery(shortest(terms)))
}
