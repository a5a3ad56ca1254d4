package people

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// Record is this feature's part of a person's data: what administrators did about the
// account, and what the person did as one.
type Record struct{ base *db.Base }

// NewRecord makes it.
func NewRecord(base *db.Base) *Record { return &Record{base} }

const (
	exportActs    = "admin/acts.json"
	exportRemoval = "admin/removal.json"
)

// OwnerName names this feature's part of a person's data.
func (r *Record) OwnerName() string { return "admin" }

// OwnerTables are the tables with rows about a person.
func (r *Record) OwnerTables() []string { return []string{"admin_act", "removal"} }

// Returns says that nothing of it comes back.
func (r *Record) Returns() []archive.Return {
	return []archive.Return{{Document: "acts", Anew: archive.Others}, {Document: "removal", Anew: archive.Passing}}
}

type exportedAct struct {
	At    time.Time `json:"at"`
	What  string    `json:"what"`
	By    string    `json:"by"` // you, an administrator, the server, the day that was set
	To    string    `json:"to"` // you, somebody, or nobody
	Words string    `json:"words,omitempty"`
}

type exportedRemoval struct {
	Due  time.Time `json:"due"`
	Told bool      `json:"told"`
}

// Export hands out what was done about the person, and what they did as an
// administrator: whom they did it to is not theirs to have.
func (r *Record) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	on, err := listAllActsOn(ctx, r.base.Read(), person)
	if err != nil {
		return err
	}
	by, err := listActsBy(ctx, r.base.Read(), person)
	if err != nil {
		return err
	}
	out := []exportedAct{}
	for _, a := range on {
		e := exportedAct{At: a.At, What: a.Kind, By: exportedWays[a.Way], To: "you", Words: a.Words}
		if a.Actor == person {
			e.By = "you"
		}
		out = append(out, e)
	}
	for _, a := range by {
		if a.Subject != person {
			e := exportedAct{At: a.At, What: a.Kind, By: "you", To: "somebody"}
			if a.Kind == kindList {
				e.To = "nobody"
			}
			out = append(out, e)
		}
	}
	if err := archive.Put(put, exportActs, out); err != nil {
		return err
	}
	waits, err := removalOf(ctx, r.base.Read(), person)
	if err != nil {
		return err
	}
	due := []exportedRemoval{}
	if !waits.Due.IsZero() {
		due = append(due, exportedRemoval{waits.Due, waits.Told})
	}
	return archive.Put(put, exportRemoval, due)
}

var exportedWays = map[string]string{wayPage: "an administrator", wayCommand: "the server", wayTime: "the day that was set"}

// Counts gives how much there is of each document.
func (r *Record) Counts(ctx context.Context, person int64) (map[string]int, error) {
	n, err := countActs(ctx, r.base.Read(), person)
	if err != nil {
		return nil, err
	}
	waits, err := removalOf(ctx, r.base.Read(), person)
	due := 0
	if !waits.Due.IsZero() {
		due = 1
	}
	return map[string]int{exportActs: n, exportRemoval: due}, err
}

// Erase takes the person out of the record.
func (r *Record) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return forgetPerson(ctx, tx, person)
}

// Merge gives the record of a person to another account of theirs.
func (r *Record) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return mergePerson(ctx, tx, from, into)
}
