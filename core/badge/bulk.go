package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

// What can be done to many badges at once.
const (
	doTag        = "tag"        // Value: words, as AddTags reads them
	doUntag      = "untag"      // Value: one tag
	doCollect    = "collect"    // Value: a collection's public id
	doUncollect  = "uncollect"  // Value: a collection's public id
	doVisibility = "visibility" // Value: a Visibility
	doRemove     = "remove"
	doSeen       = "seen" // which is not taken back
)

const (
	undoFor     = time.Hour
	bulkMost    = 10_000 // badges of one change
	bulkPortion = 200    // of one transaction: others write too
	jobPurge    = "badge.purge"
)

// Choice is which of their own badges a person chose: some, or all of a filter.
type Choice struct {
	Badges []string // public ids
	All    bool     // all of Filter in place of Badges
	Filter Filter
}

// Action is what is done to the chosen badges.
type Action struct{ Do, Value string }

// Change is what was done to many badges at once, until it can be taken back no more.
type Change struct {
	ID       int64
	PublicID string
	Person   int64
	Action   Action
	Badges   int // that were changed
	At       time.Time
	Until    time.Time
}

// changedRow is one badge of a change, with what it was before.
type changedRow struct {
	badge    int64
	publicID string
	before   string
}

// Chosen gives the public ids of the chosen badges: ids that are not the person's
// are left out.
func (s *Badges) Chosen(ctx context.Context, person int64, c Choice) ([]string, error) {
	if c.All {
		return listChosen(ctx, s.Base.Read(), person, c.Filter, s.Base.Now())
	}
	list := make([]string, 0, len(c.Badges))
	for _, id := range c.Badges[:min(len(c.Badges), bulkMost)] {
		if _, err := s.Mine(ctx, person, id); fault.Is(err, fault.NotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list, nil
}

// Do does one thing to the chosen badges and gives the change, which Undo takes
// back for an hour. Badges that it does not apply to are left as they are, and
// not counted. Each portion of badges is one transaction: a process that dies
// leaves a change of fewer badges, whole and to be taken back as well. It returns
// a fault Invalid when nothing is chosen or the value is none.
func (s *Badges) Do(ctx context.Context, person int64, c Choice, a Action) (Change, error) {
	ids, err := s.Chosen(ctx, person, c)
	if err != nil {
		return Change{}, err
	}
	if len(ids) == 0 {
		return Change{}, fault.New(fault.Invalid, "shelf.error.none_chosen").At("/badges")
	}
	do, err := s.doer(ctx, person, a)
	if err != nil {
		return Change{}, err
	}
	now := s.Base.Now()
	change := Change{ID: s.Base.NewID(), PublicID: secret.ID(), Person: person, Action: a, At: now, Until: now.Add(undoFor)}
	for portion := range slices.Chunk(ids, bulkPortion) {
		if err := s.Base.Tx(ctx, func(tx *db.Tx) error { return s.doPortion(ctx, tx, &change, portion, do) }); err != nil {
			return change, err
		}
	}
	return change, nil
}

// doer does one thing to one badge inside a transaction. It gives what the badge
// was before, and false when there was nothing to do.
type doer func(ctx context.Context, tx *db.Tx, b Badge) (before string, done bool, err error)

func (s *Badges) doPortion(ctx context.Context, tx *db.Tx, change *Change, ids []string, do doer) error {
	count := change.Badges
	first := count == 0
	if first {
		if err := insertChange(ctx, tx, *change); err != nil {
			return err
		}
	}
	for _, id := range ids {
		b, err := lockMine(ctx, tx, change.Person, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		before, done, err := do(ctx, tx, b)
		if err != nil {
			return err
		}
		if !done {
			continue
		}
		count++
		if err := insertChanged(ctx, tx, change.ID, b.ID, before); err != nil {
			return err
		}
	}
	if err := s.endPortion(ctx, tx, *change, count, first); err != nil {
		return err
	}
	change.Badges = count
	return nil
}

// endPortion counts what a change has done so far, and forgets a change that has
// done nothing. Badges that were hidden are deleted by a job, when the time to
// take it back is over.
func (s *Badges) endPortion(ctx context.Context, tx *db.Tx, change Change, count int, first bool) error {
	if count == 0 {
		return deleteChange(ctx, tx, change.ID)
	}
	if first && change.Action.Do == doRemove {
		if err := s.Queue.Add(ctx, tx, jobPurge, purgePayload{change.ID}, jobs.Options{At: change.Until, Person: change.Person}); err != nil {
			return err
		}
	}
	return updateChange(ctx, tx, change.ID, count)
}

// doer prepares an action. It returns a fault for a value that is none.
func (s *Badges) doer(ctx context.Context, person int64, a Action) (doer, error) {
	switch a.Do {
	case doTag:
		return tagger(a.Value)
	case doUntag:
		return untagger(db.Fold(a.Value)), nil
	case doCollect, doUncollect:
		c, err := s.CollectionByID(ctx, person, a.Value)
		if err != nil {
			return nil, err
		}
		return collector(c.ID, a.Do == doCollect), nil
	case doVisibility:
		v := Visibility(a.Value)
		if !v.Valid() {
			return nil, fault.New(fault.Invalid, "badge.error.visibility")
		}
		return s.shower(v), nil
	case doRemove:
		return remover, nil
	case doSeen:
		return func(ctx context.Context, tx *db.Tx, b Badge) (string, bool, error) {
			return "", false, updateSeen(ctx, tx, b.ID) // nothing to take back
		}, nil
	}
	return nil, fault.New(fault.Malformed, "web.form")
}

func tagger(words string) (doer, error) {
	list, err := readTags(words)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.Invalid, "shelf.error.no_tag")
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *db.Tx, b Badge) (string, bool, error) {
		has, err := listTagsOf(ctx, tx, b.ID)
		if err != nil {
			return "", false, err
		}
		var added []Tag
		for _, t := range list {
			if !slices.ContainsFunc(has, func(o Tag) bool { return o.Folded == t.Folded }) {
				added = append(added, t)
			}
		}
		if len(added) == 0 || len(has)+len(added) > tagsMost {
			return "", false, nil
		}
		return marshal(added), true, addTags(ctx, tx, b.ID, added)
	}, nil
}

func untagger(folded string) doer {
	return func(ctx context.Context, tx *db.Tx, b Badge) (string, bool, error) {
		has, err := listTagsOf(ctx, tx, b.ID)
		if err != nil {
			return "", false, err
		}
		had := slices.DeleteFunc(has, func(t Tag) bool { return t.Folded != folded })
		if len(had) == 0 {
			return "", false, nil
		}
		return marshal(had), true, deleteTag(ctx, tx, b.ID, folded)
	}
}

func collector(collection int64, in bool) doer {
	return func(ctx context.Context, tx *db.Tx, b Badge) (string, bool, error) {
		place, err := getPlace(ctx, tx, collection, b.ID)
		member := err == nil
		if errors.Is(err, db.ErrNotFound) {
			err = nil
		}
		switch {
		case err != nil || member == in:
			return "", false, err
		case in:
			return "", true, insertCollected(ctx, tx, collection, b.ID)
		}
		return marshal(place), true, deleteCollected(ctx, tx, collection, b.ID)
	}
}

// shownAs is who could see a badge before a change.
type shownAs struct {
	Visibility Visibility `json:"v"`
	Secret     string     `json:"s,omitempty"`
	At         time.Time  `json:"at,omitzero"`
	Until      time.Time  `json:"until,omitzero"`
}

func (s *Badges) shower(v Visibility) doer {
	return func(ctx context.Context, tx *db.Tx, b Badge) (string, bool, error) {
		if b.Visibility == v || v != Private && (b.Unclaimed || b.Verdict == verify.Invalid) {
			return "", false, nil
		}
		before := shownAs{b.Visibility, b.Secret, b.LinkAt, b.LinkUntil}
		return marshal(before), true, s.show(ctx, tx, b, v)
	}
}

// remover hides a badge at once from everybody, its holder's lists included.
func remover(ctx context.Context, tx *db.Tx, b Badge) (string, bool, error) {
	return "", true, updateRemoved(ctx, tx, b, tx.Now())
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "" // none of the types here has a value that cannot be written
	}
	return string(text)
}

// LastChange gives what the person did to many badges at once most lately and can
// take back; Badges is 0 when there is nothing.
func (s *Badges) LastChange(ctx context.Context, person int64) (Change, error) {
	c, err := lastChange(ctx, s.Base.Read(), person, db.Micros(s.Base.Now()))
	if errors.Is(err, db.ErrNotFound) {
		return Change{}, nil
	}
	return c, err
}

// Undo takes a change back: each badge is again as it was, unless it was changed
// otherwise meanwhile. It returns a fault Gone when the time for it is over.
func (s *Badges) Undo(ctx context.Context, person int64, publicID string) (Change, error) {
	var c Change
	for {
		more := false
		err := s.Base.Tx(ctx, func(tx *db.Tx) (err error) {
			if c, err = s.openChange(ctx, tx, person, publicID); err != nil {
				return err
			}
			more, err = s.undoPortion(ctx, tx, c)
			return err
		})
		if err != nil || !more {
			return c, err
		}
	}
}

func (s *Badges) openChange(ctx context.Context, tx *db.Tx, person int64, publicID string) (Change, error) {
	c, err := getChange(ctx, tx, person, publicID, db.Micros(tx.Now()))
	if errors.Is(err, db.ErrNotFound) {
		return Change{}, fault.New(fault.Gone, "shelf.error.undo_over").At("/badges")
	}
	return c, err
}

func (s *Badges) undoPortion(ctx context.Context, tx *db.Tx, c Change) (more bool, err error) {
	list, err := listChanged(ctx, tx, c.ID, bulkPortion)
	if err != nil {
		return false, err
	}
	for _, row := range list {
		if err := s.undoOne(ctx, tx, c, row); err != nil {
			return false, err
		}
		if err := deleteChanged(ctx, tx, c.ID, row.badge); err != nil {
			return false, err
		}
	}
	if len(list) == bulkPortion {
		return true, nil
	}
	return false, deleteChange(ctx, tx, c.ID)
}

func (s *Badges) undoOne(ctx context.Context, tx *db.Tx, c Change, row changedRow) error {
	b, err := lockAny(ctx, tx, c.Person, row.publicID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch c.Action.Do {
	case doTag, doUntag:
		return undoTags(ctx, tx, b, row.before, c.Action.Do == doTag)
	case doCollect, doUncollect:
		return s.undoCollect(ctx, tx, c, b, row.before)
	case doVisibility:
		return s.undoShow(ctx, tx, c, b, row.before)
	case doRemove:
		return updateRemoved(ctx, tx, b, time.Time{})
	}
	return nil
}

func undoTags(ctx context.Context, tx *db.Tx, b Badge, before string, added bool) error {
	var list []Tag
	if err := json.Unmarshal([]byte(before), &list); err != nil {
		return fmt.Errorf("read a change of tags: %w", err)
	}
	for _, t := range list {
		var err error
		if added {
			err = deleteTag(ctx, tx, b.ID, t.Folded)
		} else {
			err = insertTag(ctx, tx, b.ID, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Badges) undoCollect(ctx context.Context, tx *db.Tx, c Change, b Badge, before string) error {
	in, err := s.collection(ctx, tx, c.Person, c.Action.Value)
	if fault.Is(err, fault.NotFound) {
		return nil // the collection was deleted meanwhile
	}
	if err != nil || c.Action.Do == doCollect {
		return errors.Join(err, deleteCollected(ctx, tx, in.ID, b.ID))
	}
	var place int64
	if err := json.Unmarshal([]byte(before), &place); err != nil {
		return fmt.Errorf("read a place: %w", err)
	}
	if err := insertCollected(ctx, tx, in.ID, b.ID); err != nil {
		return err
	}
	return updatePlace(ctx, tx, in.ID, b.ID, place)
}

// undoShow lets those see a badge who saw it before. Its link is the same again.
func (s *Badges) undoShow(ctx context.Context, tx *db.Tx, c Change, b Badge, before string) error {
	var was shownAs
	if err := json.Unmarshal([]byte(before), &was); err != nil {
		return fmt.Errorf("read a visibility: %w", err)
	}
	if string(b.Visibility) != c.Action.Value {
		return nil // it was changed otherwise since
	}
	if was.Visibility == Public || was.Visibility == Link {
		if err := checkWidth(ctx, tx, b.Person); fault.Is(err, fault.Conflict) {
			return nil
		} else if err != nil {
			return err
		}
	}
	b.Visibility, b.Secret, b.LinkAt, b.LinkUntil = was.Visibility, was.Secret, was.At, was.Until
	return updateVisibility(ctx, tx, b)
}

// Settle ends the time in which a change can be taken back: badges that were
// removed are deleted for good, now.
func (s *Badges) Settle(ctx context.Context, person int64, publicID string) error {
	var c Change
	err := s.Base.Tx(ctx, func(tx *db.Tx) (err error) {
		c, err = s.openChange(ctx, tx, person, publicID)
		return err
	})
	if err != nil {
		return err
	}
	return s.purge(ctx, c.ID)
}

type purgePayload struct {
	Change int64 `json:"change"`
}

// runPurge is the job: what was removed and not taken back is deleted for good.
func (s *Badges) runPurge(ctx context.Context, payload []byte) error {
	var p purgePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read the job of removed badges: %w", err))
	}
	return s.purge(ctx, p.Change)
}

// purge deletes the badges of a change that are hidden, and the change. Doing it
// again finds nothing.
func (s *Badges) purge(ctx context.Context, change int64) error {
	for {
		more := false
		err := s.Base.Tx(ctx, func(tx *db.Tx) error {
			list, err := listHidden(ctx, tx, change, erasePortion)
			if err != nil {
				return err
			}
			for _, b := range list {
				if err := s.remove(ctx, tx, b); err != nil {
					return err
				}
			}
			if more = len(list) == erasePortion; more {
				return nil
			}
			return deleteChange(ctx, tx, change)
		})
		if err != nil || !more {
			return err
		}
	}
}

// endChanges forgets changes that cannot be taken back any more.
func endChanges(ctx context.Context, tx *db.Tx) error {
	list, err := listOverChanges(ctx, tx, db.Micros(tx.Now()), bulkPortion)
	if err != nil {
		return err
	}
	for _, id := range list {
		if err := deleteChange(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// restoreHidden brings a badge back that was removed and not yet deleted: its
// holder has just added it again.
func (s *Badges) restoreHidden(ctx context.Context, tx *db.Tx, person int64, publicID string) error {
	b, err := lockAny(ctx, tx, person, publicID)
	if err != nil {
		return err
	}
	hidden, err := getRemoved(ctx, tx, b.ID)
	if err != nil || hidden == 0 {
		return err
	}
	return updateRemoved(ctx, tx, b, time.Time{})
}
