package mydata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/secret"
)

const (
	jobErase = "mydata.erase"
	passes   = 3 // over the owners in one run

	stepFiles = "files" // the last step of an erasure
)

// Removal says how an account is removed.
type Removal struct {
	KeepComments bool // their places stay, without words and name
	TakePosts    bool // what was posted elsewhere for them is taken back, where that can be
	Silent       bool // no last mail: who removes the account writes one, or none
	// Before and Also, where they are set, run in the transaction that closes the account,
	// before that and after it; an error leaves all as it was.
	Before func(ctx context.Context, tx *db.Tx) error
	Also   func(ctx context.Context, tx *db.Tx, r Receipt) error
}

// Receipt is what is left of an account that was removed: a random number, what
// went and when. It says nothing about who it was.
type Receipt struct {
	Number       string
	Person       int64 // 0 once all of it is gone
	State        string
	Step         string // owner that is at work
	KeepComments bool
	TakePosts    bool
	PostsTaken   int // posts elsewhere that were taken back
	PostsLeft    int // and those that their sites did not take back
	Counts       []Gone
	BegunAt      time.Time
	DoneAt       time.Time
}

// Done reports whether all of it is gone.
func (r Receipt) Done() bool { return r.State == StateDone }

// Gone is how much of one kind went. Hash is the SHA-256 of the ids that it had,
// sorted, one a line; ids are random, and only the person's own export lists them.
type Gone struct {
	Key  string `json:"key"` // document, as mydata.item has it
	N    int    `json:"n"`
	Hash string `json:"hash,omitempty"`
}

type erasePayload struct {
	Receipt string `json:"receipt"`
}

// Leaver is an Owner that can leave marks where something of a person was.
type Leaver interface {
	LeaveGaps(ctx context.Context, tx *db.Tx, person int64) error
}

// Vacater is an Owner with addresses that everybody could open. It notes the random ids
// of those that everybody still can, so that they answer as gone for good (RFC 9110
// §15.5.11) from the moment when the account is closed.
type Vacater interface {
	Vacate(ctx context.Context, tx *db.Tx, person int64) error
}

// Parter is an Owner that has others elsewhere forget a person, before anything is
// erased here. It takes a bounded time and may run again.
type Parter interface {
	// Part tells how many posts of the person were taken back, with posts, and how many
	// were not though they could be.
	Part(ctx context.Context, person int64, posts bool) (taken, left int, err error)
}

// Identifier is an Owner whose entries have random public ids.
type Identifier interface {
	// IDs gives those of one document.
	IDs(ctx context.Context, person int64) (document string, ids []string, err error)
}

// Remove removes an account. The doors close, and the erasure and its receipt are
// on record, in one transaction: after that a job erases, in this process or the
// next one. The last mail is sent at once.
func (d *Data) Remove(ctx context.Context, person int64, how Removal) (Receipt, error) {
	about, err := d.doors.About(ctx, d.base.Read(), person)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Number: secret.ID(), Person: person, State: StateWaiting, KeepComments: how.KeepComments, TakePosts: how.TakePosts}
	if r.Counts, err = d.gone(ctx, person); err != nil {
		return r, err
	}
	var farewell func()
	if !how.Silent {
		if farewell, err = d.farewell(ctx, r); err != nil {
			return r, fmt.Errorf("write the last mail: %w", err)
		}
	}
	err = d.base.Tx(ctx, func(tx *db.Tx) error {
		now := r // the transaction may run again
		if how.Before != nil {
			if err := how.Before(ctx, tx); err != nil {
				return err
			}
		}
		if err := d.begin(ctx, tx, &now); err != nil {
			return err
		}
		if how.Also != nil && now.Number == r.Number {
			if err := how.Also(ctx, tx, now); err != nil {
				return err
			}
		}
		r = now
		return nil
	})
	if err != nil {
		return r, fmt.Errorf("close the account: %w", err)
	}
	d.bury(ctx, about.PublicID)
	if farewell != nil {
		farewell()
	}
	return r, nil
}

// removeAgain is Remove for who has left before: no mail tells them twice.
func (d *Data) removeAgain(ctx context.Context, person int64) error {
	r := Receipt{Number: secret.ID(), Person: person, State: StateWaiting}
	var err error
	if r.Counts, err = d.gone(ctx, person); ignoreGone(err) != nil {
		return err
	}
	// What is not there any more another replica has just erased, which its receipt tells.
	return ignoreGone(d.base.Tx(ctx, func(tx *db.Tx) error { return d.begin(ctx, tx, &r) }))
}

// begin closes the doors of an account and queues its erasure. Of several that
// remove the same account one does; r is then that one's receipt.
func (d *Data) begin(ctx context.Context, tx *db.Tx, r *Receipt) error {
	known, err := receiptOf(ctx, tx, r.Person)
	if err == nil {
		*r = known
		return nil
	}
	if !errors.Is(err, db.ErrNotFound) {
		return err
	}
	r.BegunAt = tx.Now()
	for _, o := range d.owners {
		if v, ok := o.(Vacater); ok {
			if err := v.Vacate(ctx, tx, r.Person); err != nil {
				return fmt.Errorf("vacate %s: %w", o.OwnerName(), err)
			}
		}
	}
	if err := d.doors.Close(ctx, tx, r.Person); err != nil {
		return err
	}
	if err := insertErasure(ctx, tx, *r); err != nil {
		return err
	}
	return d.queueErasure(ctx, tx, r.Number)
}

func (d *Data) queueErasure(ctx context.Context, tx *db.Tx, number string) error {
	return d.queue.Add(ctx, tx, jobErase, erasePayload{number}, jobs.Options{Key: jobErase + "." + number})
}

// gone is what a receipt says of what will go, empty kinds left out.
func (d *Data) gone(ctx context.Context, person int64) ([]Gone, error) {
	list, err := d.Counts(ctx, person)
	if err != nil {
		return nil, err
	}
	hashes, err := d.fingerprints(ctx, person)
	if err != nil {
		return nil, err
	}
	var out []Gone
	for _, doc := range list {
		i := slices.IndexFunc(out, func(g Gone) bool { return g.Key == doc.Key() })
		switch {
		case doc.Count == 0:
		case i >= 0:
			out[i].N += doc.Count
		default:
			out = append(out, Gone{Key: doc.Key(), N: doc.Count, Hash: hashes[doc.Name]})
		}
	}
	slices.SortFunc(out, func(a, b Gone) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

func (d *Data) fingerprints(ctx context.Context, person int64) (map[string]string, error) {
	hashes := map[string]string{}
	for _, o := range d.owners {
		i, ok := o.(Identifier)
		if !ok {
			continue
		}
		name, ids, err := i.IDs(ctx, person)
		if err != nil {
			return nil, fmt.Errorf("list ids of %s: %w", o.OwnerName(), err)
		}
		slices.Sort(ids)
		hashes[name] = fmt.Sprintf("%x", secret.Hash(strings.Join(ids, "\n")+"\n"))
	}
	return hashes, nil
}

func (d *Data) farewell(ctx context.Context, r Receipt) (send func(), err error) {
	return d.doors.Farewell(ctx, d.base.Read(), r.Person, d.FarewellMail(r))
}

// FarewellMail is what the last mail says of a receipt.
func (d *Data) FarewellMail(r Receipt) account.FarewellMail {
	m := account.FarewellMail{Receipt: r.Number, URL: d.url("/removed/" + r.Number)}
	for _, g := range r.Counts {
		m.Counts = append(m.Counts, account.FarewellCount{Key: g.Key, N: g.N})
	}
	return m
}

// Leaving reports whether the account of a person was removed and is being erased.
func (d *Data) Leaving(ctx context.Context, from db.DB, person int64) (bool, error) {
	_, err := receiptOf(ctx, from, person)
	return err == nil, ignoreGone(err)
}

// Receipt gives a receipt by its number. It returns a fault NotFound for others.
func (d *Data) Receipt(ctx context.Context, number string) (Receipt, error) {
	r, err := findReceipt(ctx, d.base.Read(), number)
	if errors.Is(err, db.ErrNotFound) {
		return r, fault.New(fault.NotFound, "mydata.error.no_receipt")
	}
	return r, err
}

// Await gives the receipt once everything is gone, or as it is when wait has passed.
func (d *Data) Await(ctx context.Context, r Receipt, wait time.Duration) (Receipt, error) {
	end := time.NewTimer(wait)
	defer end.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		now, err := d.Receipt(ctx, r.Number)
		if err != nil || now.Done() {
			return now, err
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-end.C:
			return now, nil
		case <-look.C:
		}
	}
}

func (d *Data) eraseJob(ctx context.Context, payload []byte) error {
	var p erasePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read erase job: %w", err))
	}
	r, err := findReceipt(ctx, d.base.Read(), p.Receipt)
	if err != nil || r.Done() {
		return ignoreGone(err)
	}
	return d.erase(ctx, r)
}

// erase lets each owner delete its part, a transaction or several each, and then
// removes what deleted rows left in the files. Running it again is harmless.
//
// Requests of the person that are still at work may write what a later owner
// trips over: then all owners have another turn.
func (d *Data) erase(ctx context.Context, r Receipt) error {
	for _, o := range d.owners {
		if p, ok := o.(Parter); ok {
			if err := d.part(ctx, p, r); err != nil {
				return fmt.Errorf("part with %s: %w", o.OwnerName(), err)
			}
		}
	}
	err := d.eraseOnce(ctx, r)
	for pass := 1; err != nil && pass < passes; pass++ {
		err = d.eraseOnce(ctx, r)
	}
	if err != nil {
		return err
	}
	if err := d.base.Tx(ctx, func(tx *db.Tx) error { return updateErasure(ctx, tx, r.Number, stepFiles) }); err != nil {
		return err
	}
	if err := d.base.Scrub(ctx); err != nil {
		return fmt.Errorf("erase from the files: %w", err)
	}
	if d.base.Owes() { // a large file: rebuild ends it
		d.log.Info("account erased; its file is rebuilt at night", "receipt", r.Number)
		return nil
	}
	d.log.Info("account erased", "receipt", r.Number)
	return d.base.Tx(ctx, func(tx *db.Tx) error { return endErasure(ctx, tx, r.Number) })
}

// part lets one owner part from what lies elsewhere, and notes what came of it.
func (d *Data) part(ctx context.Context, p Parter, r Receipt) error {
	taken, left, err := p.Part(ctx, r.Person, r.TakePosts)
	if err != nil || taken+left == 0 {
		return err
	}
	return d.base.Tx(ctx, func(tx *db.Tx) error { return addParted(ctx, tx, r.Number, taken, left) })
}

// Compacter is an Owner whose index holds deleted words until it is told to let go of
// them, which takes as long as the index is large.
type Compacter interface {
	Compact(ctx context.Context, tx *db.Tx) error
}

// rebuild removes at night what erasures left in the bytes of a large file, and ends
// those that waited for it.
func (d *Data) rebuild(ctx context.Context) error {
	if !d.base.RebuildDue() {
		return nil
	}
	waiting, err := erasuresAt(ctx, d.base.Read(), stepFiles)
	if err != nil {
		return err
	}
	for _, o := range d.owners {
		if c, ok := o.(Compacter); ok {
			if err := d.base.Tx(ctx, func(tx *db.Tx) error { return c.Compact(ctx, tx) }); err != nil {
				return fmt.Errorf("compact %s: %w", o.OwnerName(), err)
			}
		}
	}
	if err := d.base.Rebuild(ctx); err != nil {
		return fmt.Errorf("rebuild the file: %w", err)
	}
	return d.base.Tx(ctx, func(tx *db.Tx) error {
		for _, number := range waiting {
			if err := endErasure(ctx, tx, number); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *Data) eraseOnce(ctx context.Context, r Receipt) error {
	for _, o := range d.owners {
		err := d.base.Tx(ctx, func(tx *db.Tx) error {
			if err := updateErasure(ctx, tx, r.Number, o.OwnerName()); err != nil {
				return err
			}
			if l, ok := o.(Leaver); ok && r.KeepComments {
				return l.LeaveGaps(ctx, tx, r.Person)
			}
			return nil
		})
		if err == nil {
			err = d.eraseOwner(ctx, o, r.Person)
		}
		if err != nil {
			return fmt.Errorf("erase %s: %w", o.OwnerName(), err)
		}
	}
	return nil
}

func (d *Data) eraseOwner(ctx context.Context, o Owner, person int64) error {
	if g, ok := o.(Gradual); ok {
		for more := true; more; {
			err := d.base.Tx(ctx, func(tx *db.Tx) (err error) {
				more, err = g.EraseSome(ctx, tx, person)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return d.base.Tx(ctx, func(tx *db.Tx) error { return o.Erase(ctx, tx, person) })
}
