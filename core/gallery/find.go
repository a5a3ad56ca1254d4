package gallery

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

const (
	termsMost  = 8
	rankedMost = 1000 // documents whose rank is worked out; of more, the most held come first
	fixesMost  = 3    // words that stand in for a mistyped one
)

// The orders of what is found.
const (
	byRank   = ""
	byHeld   = "held"
	byNewest = "newest"
)

// form is one way to write a word that is asked for.
type form struct {
	text   string
	prefix bool // longer words that begin so are meant too
}

// term is a word that is asked for, in the forms that it is found in.
type term []form

// termsOf makes terms of what somebody typed. A short word must be whole.
func termsOf(text string) []term {
	var list []term
	for _, w := range distinctInOrder(tokens(text, 4*termsMost)) {
		if len(list) == termsMost {
			break
		}
		t := term{{text: w}}
		if len([]rune(w)) > 1 {
			t = append(t, form{text: w, prefix: true})
		}
		list = append(list, t)
	}
	return list
}

// shortest are terms that find the same, in less time: a word of which longer ones are
// meant too is not looked for twice. The rank asks for both, since the word itself counts
// for more.
func shortest(terms []term) []term {
	out := make([]term, len(terms))
	for i, t := range terms {
		out[i] = slices.DeleteFunc(slices.Clone(t), func(w form) bool { return !w.prefix && slices.Contains(t, form{w.text, true}) })
	}
	return out
}

func distinctInOrder(words []string) []string {
	var list []string
	for _, w := range words {
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// cursor is the last entry of a page: its number in the order, and its id.
type cursor struct{ by, id int64 }

var fromStart = cursor{math.MaxInt64, math.MaxInt64}

func (c cursor) String() string {
	return strconv.FormatInt(c.by, 36) + "." + strconv.FormatInt(c.id, 36)
}

// cursorOf reads a cursor; what is none is the start.
func cursorOf(s string) cursor {
	a, b, _ := strings.Cut(s, ".")
	by, err := strconv.ParseInt(a, 36, 64)
	id, err2 := strconv.ParseInt(b, 36, 64)
	if err != nil || err2 != nil || by < 0 || id <= 0 {
		return fromStart
	}
	return cursor{by, id}
}

// finding is what is looked for, of one kind.
type finding struct {
	kind   string
	level  string // the counter that the viewer may know: public, members
	terms  []term
	facets []int64 // that all must have, at most four
	sort   string
	order  string // the column of the order
	common bool   // more match than are ranked
	after  cursor

	together *together // nil: of this kind alone
}

func (f finding) facet(i int) int64 {
	if i < len(f.facets) {
		return f.facets[i]
	}
	return 0
}

// facetArgs are the arguments of facetsSQL and of the LIMIT behind it.
func (f finding) facetArgs(most int) []any {
	return []any{f.facet(0), f.facet(1), f.facet(2), f.facet(3), most}
}

// level is the counter that a viewer may know.
func level(viewer int64) string {
	if viewer == visitor {
		return "public"
	}
	return "members"
}

// find gives the documents of a page, and the cursor of the next page, if any.
func find(ctx context.Context, d db.DB, f finding) ([]int64, string, error) {
	const size = pageIDs
	if f.sort == byName || f.sort == byIssuer {
		return findByWords(ctx, d, f, size)
	}
	f.order = f.level
	if f.sort == byNewest {
		f.order = "at"
	}
	if len(f.terms) > 0 && d.Engine() == db.SQLite {
		matches, err := f.together.matches(ctx, d, f.terms)
		if err != nil || len(matches) == 0 {
			return nil, "", err
		}
		if f.common = len(matches) > rankedMost; f.common {
			list, done, err := walk(ctx, d, f, matches, size+1)
			if err != nil || done {
				ids, next := cut(list, size)
				return ids, next, err
			}
		}
	}
	if len(f.terms) > 0 && f.sort == byRank && !f.common {
		list, all, err := ranked(ctx, d, f)
		if err != nil || all {
			ids, next := pageOf(list, f.after, size)
			return ids, next, err
		}
	}
	list, err := listed(ctx, d, f, size+1)
	ids, next := cut(list, size)
	return ids, next, err
}

const (
	walkBatch = 500
	walkMost  = 5 * walkBatch
)

// walk goes through the documents in their order and keeps those that match, which
// is most of them where many do. It reports false when it gave up.
func walk(ctx context.Context, d db.DB, f finding, matches map[int64]bool, most int) ([]found, bool, error) {
	var list []found
	f.terms = nil
	for seen := 0; seen < walkMost; seen += walkBatch {
		batch, err := listed(ctx, d, f, walkBatch)
		if err != nil {
			return nil, false, err
		}
		for _, row := range batch {
			if f.after = (cursor{row.shown, row.id}); matches[row.id] {
				list = append(list, row)
			}
			if len(list) == most {
				return list, true, nil
			}
		}
		if len(batch) < walkBatch {
			return list, true, nil
		}
	}
	return nil, false, nil
}

// cut gives the ids of a page, and the cursor of the next one where there is more.
func cut(list []found, size int) ([]int64, string) {
	next := ""
	if len(list) > size {
		list = list[:size]
		next = cursor{list[size-1].shown, list[size-1].id}.String()
	}
	return idsOf(list), next
}

// ranked gives all that matches, the best first, unless it is too much.
func ranked(ctx context.Context, d db.DB, f finding) (list []found, all bool, err error) {
	if list, all, err = f.together.rank(ctx, d, f); err != nil || !all {
		return nil, false, err
	}
	for i := range list {
		list[i].score *= 1 + 0.15*math.Log1p(float64(list[i].shown))
	}
	slices.SortFunc(list, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.id, a.id))
	})
	return list, true, nil
}

// rank gives what matches in no order, one too many where it is more than are ranked.
func rank(ctx context.Context, d db.DB, f finding) ([]found, error) {
	if d.Engine() == db.Postgres {
		return rankPostgres(ctx, d, f, rankedMost+1)
	}
	return rankSQLite(ctx, d, f, rankedMost+1)
}

// pageOf cuts a page out of what is ranked, behind the document of a cursor.
func pageOf(list []found, after cursor, size int) ([]int64, string) {
	if after != fromStart {
		i := slices.IndexFunc(list, func(f found) bool { return f.id == after.id })
		list = list[i+1:]
	}
	next := ""
	if len(list) > size {
		list = list[:size]
		next = cursor{0, list[size-1].id}.String()
	}
	return idsOf(list), next
}

func listed(ctx context.Context, d db.DB, f finding, most int) ([]found, error) {
	switch {
	case len(f.terms) > 0 && d.Engine() == db.Postgres:
		return matchPostgres(ctx, d, f, most)
	case len(f.terms) > 0:
		return matchSQLite(ctx, d, f, most)
	case len(f.facets) > 0:
		return listByFacet(ctx, d, f, most)
	}
	return listByKind(ctx, d, f, most)
}

func idsOf(list []found) []int64 {
	ids := make([]int64, len(list))
	for i, f := range list {
		ids[i] = f.id
	}
	return ids
}

// correct replaces words that nothing holds by those that somebody may have meant,
// and gives the new terms, or nil when there is nothing to replace. Only words of
// documents that the viewer's level knows stand in.
func correct(ctx context.Context, d db.DB, f finding) ([]term, error) {
	var out []term
	changed := false
	for _, t := range f.terms {
		word := t[0].text
		known, err := knowsWord(ctx, d, f.level, word)
		if err != nil {
			return nil, err
		}
		if !known && corrigible(word) {
			fixes, err := fixesFor(ctx, d, f.level, word)
			if err != nil {
				return nil, err
			}
			if len(fixes) > 0 {
				t, changed = fixes, true
			}
		}
		out = append(out, t)
	}
	if !changed {
		return nil, nil
	}
	return out, nil
}

// fixesFor finds the words most like one that nothing holds: those that hold it
// inside of them, then those with the fewest mistakes, the most used first.
func fixesFor(ctx context.Context, d db.DB, level, word string) (term, error) {
	list, err := similarWords(ctx, d, level, grams(word))
	if err != nil {
		return nil, err
	}
	type candidate struct {
		wordCount
		far int
	}
	var near []candidate
	for _, w := range list {
		switch far := distance(word, w.word); {
		case strings.Contains(w.word, word):
			near = append(near, candidate{w, 1})
		case far <= mistakes(word):
			near = append(near, candidate{w, far})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(b.documents, a.documents), cmp.Compare(a.word, b.word))
	})
	var t term
	for _, c := range near[:min(len(near), fixesMost)] {
		t = append(t, form{text: c.word})
	}
	return t, nil
}
