package gallery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const (
	indexPoll  = 200 * time.Millisecond // between looks at what changed in this process
	indexIdle  = 5 * time.Second        // at what other processes changed
	indexBatch = 100                    // marks that one transaction works off
	manyMarks  = 2000
)

// Index keeps what is found by search, and the counters of explore, as they would
// be if they were counted anew: it works off the marks that every change of a
// badge, class, person, issuer or page leaves (search_mark).
type Index struct {
	base *db.Base
	log  *slog.Logger
}

// NewIndex makes the index of a database. log may be nil.
func NewIndex(b *db.Base, log *slog.Logger) *Index {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Index{base: b, log: log}
}

// Run works marks off until ctx ends: within a quarter of a second of a change by
// this process, within some seconds of one by another.
func (x *Index) Run(ctx context.Context) {
	if err := x.base.Tx(ctx, func(tx *db.Tx) error { return tuneText(ctx, tx) }); err != nil && ctx.Err() == nil {
		x.log.Error("index", "err", err)
	}
	tick := time.NewTicker(indexPoll)
	defer tick.Stop()
	var seen int64 = -1
	var looked time.Time
	for {
		if now := x.base.Commits(); now != seen || time.Since(looked) >= indexIdle {
			seen, looked = now, time.Now()
			if err := errors.Join(x.endPages(ctx), x.Settle(ctx)); err != nil && ctx.Err() == nil {
				x.log.Error("index", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Settle works off all marks that there are. Many at once, as after a migration,
// leave the full-text index in many pieces, which are made one.
func (x *Index) Settle(ctx context.Context) error {
	for done := 0; ; {
		n, err := x.step(ctx)
		if err != nil {
			return err
		}
		if done += n; n == 0 {
			if done < manyMarks {
				return nil
			}
			return x.base.Tx(ctx, func(tx *db.Tx) error { return forgetText(ctx, tx) })
		}
	}
}

// step works off one batch and gives its size.
func (x *Index) step(ctx context.Context) (int, error) {
	if there, err := anyMark(ctx, x.base.Read()); err != nil || !there {
		return 0, err
	}
	n := 0
	err := x.base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		n, err = x.work(ctx, tx)
		return err
	})
	return n, err
}

// work works off a batch as part of tx and gives its size.
func (x *Index) work(ctx context.Context, tx *db.Tx) (int, error) {
	marks, err := takeMarks(ctx, tx, indexBatch)
	if err != nil {
		return 0, err
	}
	done := map[mark]bool{}
	for _, m := range marks {
		if done[m] {
			continue
		}
		done[m] = true
		if err := x.refresh(ctx, tx, m.kind, m.object); err != nil {
			return 0, fmt.Errorf("index %s %d: %w", m.kind, m.object, err)
		}
	}
	return len(marks), nil
}

// Rebuild empties the index and marks everything, which Settle or Run then index.
func (x *Index) Rebuild(ctx context.Context) error {
	return x.base.Tx(ctx, func(tx *db.Tx) error {
		if err := emptyIndex(ctx, tx); err != nil {
			return err
		}
		return markAll(ctx, tx)
	})
}

// refresh brings one document to what it says at the moment, and what is counted
// from it.
func (x *Index) refresh(ctx context.Context, tx *db.Tx, kind string, object int64) error {
	d, err := describe(ctx, tx, kind, object)
	if err != nil {
		return err
	}
	old, err := getDoc(ctx, tx, kind, object)
	if err != nil || d.members == 0 && old.id == 0 {
		return err
	}
	if d.members == 0 {
		return x.drop(ctx, tx, kind, object, old)
	}
	id := old.id
	if id == 0 {
		id = tx.NewID()
		if err := insertDoc(ctx, tx, id, d); err != nil {
			return err
		}
	}
	if err := x.setText(ctx, tx, id, old, d); err != nil {
		return err
	}
	if err := updateCounts(ctx, tx, id, d); err != nil {
		return err
	}
	return x.setFacets(ctx, tx, id, d)
}

// drop takes a document out of the index.
func (x *Index) drop(ctx context.Context, tx *db.Tx, kind string, object int64, old doc) error {
	d := document{kind: kind, object: object}
	if err := x.setText(ctx, tx, old.id, old, d); err != nil {
		return err
	}
	if err := x.setFacets(ctx, tx, old.id, d); err != nil {
		return err
	}
	return deleteDoc(ctx, tx, old.id)
}

// setText brings the words of a document up to date, with the dictionary.
func (x *Index) setText(ctx context.Context, tx *db.Tx, id int64, old doc, d document) error {
	t := d.wording()
	now, digest, words := &t, t.digest(), t.dictionary()
	if d.members == 0 {
		now, digest, words = nil, "", nil
	}
	switch {
	case digest != old.digest:
		if err := setIndexed(ctx, tx, id, now); err != nil {
			return err
		}
		if err := updateWords(ctx, tx, digest, strings.Join(words, " "), d.named(id)); err != nil {
			return err
		}
	case (old.public > 0) == (d.public > 0):
		return nil
	}
	return countWords(ctx, tx, wordChanges(old, words, d.public > 0))
}

// wordChange is by how much more or fewer documents hold a word.
type wordChange struct{ public, members int64 }

func wordChanges(old doc, words []string, public bool) map[string]wordChange {
	changes := map[string]wordChange{}
	add := func(list []string, public bool, n int64) {
		for _, w := range list {
			c := changes[w]
			c.members += n
			if public {
				c.public += n
			}
			changes[w] = c
		}
	}
	add(strings.Fields(old.words), old.public > 0, -1)
	add(words, public, 1)
	for w, c := range changes {
		if c == (wordChange{}) {
			delete(changes, w)
		}
	}
	return changes
}

// setFacets brings the values of a document up to date, with their counters, and
// then what is a document of its own because of them.
func (x *Index) setFacets(ctx context.Context, tx *db.Tx, id int64, d document) error {
	old, err := linksOf(ctx, tx, id)
	if err != nil {
		return err
	}
	var touched []int64
	for _, f := range d.facets {
		if f.members == 0 {
			continue
		}
		facet, err := upsertFacet(ctx, tx, d.kind, f)
		if err != nil {
			return err
		}
		was, now := old[facet], link{f.public, f.members}
		delete(old, facet)
		if was == now {
			continue
		}
		touched = append(touched, facet)
		if err := relink(ctx, tx, change{id, facet, was, now, d.at}); err != nil {
			return err
		}
	}
	for facet, was := range old {
		touched = append(touched, facet)
		if err := relink(ctx, tx, change{id, facet, was, link{}, 0}); err != nil {
			return err
		}
	}
	for _, facet := range touched {
		if err := x.follow(ctx, tx, facet); err != nil {
			return err
		}
	}
	return nil
}

// change is what becomes of the link between a document and a value.
type change struct {
	doc, facet int64
	was, now   link
	at         int64
}

func relink(ctx context.Context, tx *db.Tx, c change) error {
	var err error
	if c.now == (link{}) {
		err = deleteLink(ctx, tx, c.doc, c.facet)
	} else {
		err = setLink(ctx, tx, c.doc, c.facet, dated{c.now, c.at})
	}
	if err != nil {
		return err
	}
	return countFacet(ctx, tx, c.facet, c.now.level().minus(c.was.level()))
}

// follow refreshes the document that stands for a facet: its issuer, or the skill
// itself. A facet that nothing has any more is deleted.
func (x *Index) follow(ctx context.Context, tx *db.Tx, facet int64) error {
	f, err := getFacet(ctx, tx, facet)
	if err != nil {
		return err
	}
	switch {
	case f.of != kindClass:
	case f.kind == facetIssuer:
		row, err := strconv.ParseInt(f.detail, 10, 64)
		if err != nil {
			return err
		}
		err = x.refresh(ctx, tx, kindIssuer, row)
		if err != nil {
			return err
		}
	case f.kind == facetSkill, f.kind == facetTag:
		if err := x.refresh(ctx, tx, kindSkill, facet); err != nil {
			return err
		}
	}
	if f.members > 0 {
		return nil
	}
	return deleteFacet(ctx, tx, facet)
}
