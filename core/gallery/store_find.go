package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// facetsSQL, a level and facetsSeen are the condition that document d has the facets $3 to
// $6, 0 for none, as far as viewers of the level may know it.
const (
	facetsSQL  = ` AND (CAST($3 AS BIGINT) = 0 OR (SELECT count(*) FROM facet_doc l WHERE l.doc = d.id AND l.facet IN ($3, $4, $5, $6) AND l.`
	facetsSeen = ` > 0) = 1 + (CASE WHEN CAST($4 AS BIGINT) = 0 THEN 0 ELSE 1 END) + (CASE WHEN CAST($5 AS BIGINT) = 0 THEN 0 ELSE 1 END)
		+ (CASE WHEN CAST($6 AS BIGINT) = 0 THEN 0 ELSE 1 END))`
)

func scanFound(s db.Scanner) (found, error) {
	var f found
	err := s.Scan(&f.id, &f.shown)
	return f, err
}

// listByKind gives a page of all documents of a kind.
func listByKind(ctx context.Context, d db.DB, f finding, most int) ([]found, error) {
	return db.Select(ctx, d, scanFound, `SELECT d.id, d.`+f.order+` FROM search_doc d
		WHERE d.kind = $1 AND d.`+f.level+` > 0 AND (d.`+f.order+`, d.id) < ($2, $3) ORDER BY d.`+f.order+` DESC, d.id DESC LIMIT $4`,
		f.kind, f.after.by, f.after.id, most)
}

// listByFacet gives a page of the documents that have the facets: in the order of
// the first, checked for the others.
func listByFacet(ctx context.Context, d db.DB, f finding, most int) ([]found, error) {
	return db.Select(ctx, d, scanFound, `SELECT d.doc, d.`+f.order+` FROM facet_doc d
		WHERE d.facet = $1 AND d.`+f.level+` > 0 AND (d.`+f.order+`, d.doc) < ($5, $6)
			AND (CAST($2 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM facet_doc l WHERE l.doc = d.doc AND l.facet = $2 AND l.`+f.level+` > 0))
			AND (CAST($3 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM facet_doc l WHERE l.doc = d.doc AND l.facet = $3 AND l.`+f.level+` > 0))
			AND (CAST($4 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM facet_doc l WHERE l.doc = d.doc AND l.facet = $4 AND l.`+f.level+` > 0))
		ORDER BY d.`+f.order+` DESC, d.doc DESC LIMIT $7`,
		f.facet(0), f.facet(1), f.facet(2), f.facet(3), f.after.by, f.after.id, most)
}

// pageIDs is how many ids one statement takes.
const pageIDs = 24

// idArgs pads ids to the number that a statement takes.
func idArgs(viewer int64, ids []int64) []any {
	args := []any{viewer}
	for i := range pageIDs {
		var id int64
		if i < len(ids) {
			id = ids[i]
		}
		args = append(args, id)
	}
	return args
}

// idParams are the ids. Behind them each statement says the kind in a way that no index is
// chosen by: SQLite would go through all documents of the kind, and look for the ids there.
const idParams = `($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`

// classShown is the condition that the viewer may find class d.object.
var classShown = badge.SomeFoundSQL("d.object", 1)

type classRow struct {
	doc   int64
	class badge.Class
}

// readClasses gives the badge classes of documents that the viewer may find.
func readClasses(ctx context.Context, d db.DB, viewer int64, ids []int64) ([]classRow, error) {
	return db.Select(ctx, d, func(s db.Scanner) (classRow, error) {
		var r classRow
		err := s.Scan(&r.doc, &r.class.ID, &r.class.PublicID, &r.class.Name, &r.class.Thumbnail, &r.class.Holders, &r.class.Issuer.Name, &r.class.Issuer.PublicID)
		return r, err
	}, `SELECT d.id, c.id, c.public_id, c.name, c.thumbnail, CASE WHEN CAST($1 AS BIGINT) > 0 THEN d.members ELSE d.public END, i.name, i.public_id
		FROM search_doc d JOIN badge_class c ON c.id = d.object JOIN issuer i ON i.id = c.issuer
		WHERE d.id IN `+idParams+` AND d.kind || '' = 'class' AND `+classShown, idArgs(viewer, ids)...)
}

type person struct {
	doc, id               int64
	handle, name, picture string
	badges                int
}

// readPeople gives the people of documents that the viewer may find.
func readPeople(ctx context.Context, d db.DB, viewer int64, ids []int64) ([]person, error) {
	return db.Select(ctx, d, func(s db.Scanner) (person, error) {
		var p person
		err := s.Scan(&p.doc, &p.id, &p.handle, &p.name, &p.picture, &p.badges)
		return p, err
	}, `SELECT d.id, p.id, p.handle, p.name, p.picture, CASE WHEN CAST($1 AS BIGINT) > 0 THEN d.members ELSE d.public END
		FROM search_doc d JOIN person p ON p.id = d.object
		WHERE d.id IN `+idParams+` AND d.kind || '' = 'person' AND `+account.FindableSQL("p", 1)+`
			AND EXISTS (SELECT 1 FROM badge b WHERE b.person = p.id AND b.visibility IN ('members', 'public') AND `+badge.FoundNamedSQL("b", 1)+`)`,
		idArgs(viewer, ids)...)
}

type issuerRow struct {
	doc    int64
	issuer badge.Issuer
	badges int
}

// readIssuers gives the issuers of documents that the viewer may find.
func readIssuers(ctx context.Context, d db.DB, viewer int64, ids []int64) ([]issuerRow, error) {
	return db.Select(ctx, d, func(s db.Scanner) (issuerRow, error) {
		var r issuerRow
		err := s.Scan(&r.doc, &r.issuer.ID, &r.issuer.PublicID, &r.issuer.WireID, &r.issuer.Name, &r.badges)
		return r, err
	}, `SELECT d.id, i.id, i.public_id, i.wire_id, i.name, CASE WHEN CAST($1 AS BIGINT) > 0 THEN d.members ELSE d.public END
		FROM search_doc d JOIN issuer i ON i.id = d.object
		WHERE d.id IN `+idParams+` AND d.kind || '' = 'issuer' AND EXISTS (SELECT 1 FROM badge_class c WHERE c.issuer = i.id AND `+badge.SomeFoundSQL("c.id", 1)+`)`, idArgs(viewer, ids)...)
}

// facetShown is the condition that the viewer may find something that has facet f.
var facetShown = `EXISTS (SELECT 1 FROM facet_doc l CROSS JOIN search_doc d WHERE d.id = l.doc AND d.kind = f.of AND l.facet = f.id
	AND ((d.kind = 'class' AND ` + classShown + `) OR (d.kind = 'person' AND EXISTS (SELECT 1 FROM person p WHERE p.id = d.object AND ` + account.FindableSQL("p", 1) + `))))`

// anyShown is facetShown for things of all kinds, pages among them, at the time $5.
var anyShown = `(` + facetShown + ` OR (f.of = 'page' AND EXISTS (SELECT 1 FROM facet_doc l CROSS JOIN search_doc d WHERE d.id = l.doc AND l.facet = f.id AND ` + pageShown + `)))`

// Facet is a value that documents are sorted by.
type facetView struct {
	doc                                          int64
	id                                           int64
	publicID, kind, value, label, scheme, detail string
	count                                        int
}

func scanFacet(s db.Scanner) (facetView, error) {
	var f facetView
	err := s.Scan(&f.id, &f.publicID, &f.kind, &f.value, &f.label, &f.scheme, &f.detail, &f.count)
	return f, err
}

// facetKey names the values of a kind that documents of a kind have, or one of them.
type facetKey struct {
	of, kind, value string
	now             int64 // microseconds
}

// topFacets gives the values of a kind that most documents have.
func topFacets(ctx context.Context, d db.DB, viewer int64, k facetKey, most int) ([]facetView, error) {
	level := level(viewer)
	return db.Select(ctx, d, scanFacet, `SELECT f.id, f.public_id, f.kind, f.value, f.label, f.scheme, '', f.`+level+` FROM facet f
		WHERE f.of = $2 AND f.kind = $3 AND f.`+level+` > 0 AND `+anyShown+` ORDER BY f.`+level+` DESC, f.id DESC LIMIT $4`,
		viewer, k.of, k.kind, most, k.now)
}

// getFacetOf finds a value by what stands in addresses.
func getFacetOf(ctx context.Context, d db.DB, viewer int64, k facetKey) (facetView, error) {
	level := level(viewer)
	return scanFacet(d.QueryRow(ctx, `SELECT f.id, f.public_id, f.kind, f.value, f.label, f.scheme, f.detail, f.`+level+` FROM facet f
		WHERE f.of = $2 AND f.kind = $3 AND f.value = $4 AND f.`+level+` > 0 AND `+anyShown, viewer, k.of, k.kind, k.value, k.now))
}

// getSkill finds a skill or tag by its public id.
func getSkill(ctx context.Context, d db.DB, viewer int64, publicID string) (facetView, error) {
	level := level(viewer)
	return scanFacet(d.QueryRow(ctx, `SELECT f.id, f.public_id, f.kind, f.value, f.label, f.scheme, f.detail, f.`+level+` FROM facet f
		WHERE f.public_id = $2 AND f.of = 'class' AND f.kind IN ('skill', 'tag') AND f.`+level+` > 0 AND `+facetShown, viewer, publicID))
}

// shelf is a place in the list of the skills of a framework: behind a name and an id.
type shelf struct {
	scheme, after string
	afterID       int64
}

// listSkills gives the skills of a framework by name.
func listSkills(ctx context.Context, d db.DB, viewer int64, at shelf, most int) ([]facetView, error) {
	level := level(viewer)
	return db.Select(ctx, d, scanFacet, `SELECT f.id, f.public_id, f.kind, f.value, f.label, f.scheme, f.detail, f.`+level+` FROM facet f
		WHERE f.scheme = $2 AND (f.label_folded, f.id) > ($3, $4) AND f.`+level+` > 0 AND `+facetShown+` ORDER BY f.label_folded, f.id LIMIT $5`,
		viewer, at.scheme, at.after, at.afterID, most)
}

// readSkills gives the skills of documents that the viewer may find.
func readSkills(ctx context.Context, d db.DB, viewer int64, ids []int64) ([]facetView, error) {
	return db.Select(ctx, d, func(s db.Scanner) (facetView, error) {
		var f facetView
		err := s.Scan(&f.doc, &f.id, &f.publicID, &f.kind, &f.value, &f.label, &f.scheme, &f.detail, &f.count)
		return f, err
	}, `SELECT o.id, f.id, f.public_id, f.kind, f.value, f.label, f.scheme, f.detail, CASE WHEN CAST($1 AS BIGINT) > 0 THEN f.members ELSE f.public END
		FROM search_doc o JOIN facet f ON f.id = o.object WHERE o.id IN `+idParams+` AND o.kind || '' = 'skill' AND `+facetShown, idArgs(viewer, ids)...)
}

func knowsWord(ctx context.Context, d db.DB, level, word string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM search_word WHERE word = $1 AND `+level+` > 0`, word)
}

type wordCount struct {
	word      string
	documents int64
}

// gramsMost is how many grams one statement takes.
const gramsMost = 16

// similarWords gives the words that share most grams, of those that are used at a level.
// A gram that thousands of words hold tells nothing, and counting them would take long.
func similarWords(ctx context.Context, d db.DB, level string, list []string) ([]wordCount, error) {
	args := make([]any, gramsMost)
	for i := range args {
		args[i] = ""
		if i < len(list) {
			args[i] = list[i]
		}
	}
	return db.Select(ctx, d, func(s db.Scanner) (wordCount, error) {
		var w wordCount
		err := s.Scan(&w.word, &w.documents)
		return w, err
	}, `SELECT w.word, w.`+level+` FROM (SELECT g.word, count(*) AS same FROM (SELECT k.column1 AS gram
				FROM (VALUES ($1), ($2), ($3), ($4), ($5), ($6), ($7), ($8), ($9), ($10), ($11), ($12), ($13), ($14), ($15), ($16)) k
				WHERE NOT EXISTS (SELECT 1 FROM search_gram x WHERE x.gram = k.column1 ORDER BY x.word LIMIT 1 OFFSET 2000)) rare
			CROSS JOIN search_gram g WHERE g.gram = rare.gram
			GROUP BY g.word ORDER BY same DESC, g.word LIMIT 200) g JOIN search_word w ON w.word = g.word
		WHERE w.`+level+` > 0`, args...)
}

// visitor is the viewer who is not signed in.
const visitor = int64(0)

// countCap bounds the counts of the front page: more is shown as "more than".
const countCap = 1000

// countPublic counts what a visitor may come across.
func countPublic(ctx context.Context, d db.DB) (people, badges, issuers int, err error) {
	err = d.QueryRow(ctx, `SELECT
		(SELECT count(*) FROM (SELECT p.id FROM person p WHERE `+account.FindableSQL("p", 2)+` LIMIT $1) p),
		(SELECT count(*) FROM (SELECT b.id FROM badge b WHERE b.visibility = 'public' AND `+badge.FoundSQL("b", 2)+` LIMIT $1) b),
		(SELECT count(*) FROM (SELECT d.id FROM search_doc d WHERE d.kind = 'issuer' AND d.public > 0 LIMIT $1) i)`, countCap, visitor).Scan(&people, &badges, &issuers)
	return people, badges, issuers, err
}
