package mydata

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/secret"
)

const (
	jobRead   = "mydata.read"
	jobImport = "mydata.import"

	same = "same" // among the choices: everything is shown to those who saw it before
)

// choices are what a person can say about an archive, each with the kinds of
// items that it stands for.
var choices = []struct {
	Key   string
	Kinds []string
}{
	{"badges", []string{"badge", "record", "collection"}},
	{"details", []string{"detail"}},
	{"endorsements", []string{"endorsement"}},
	{"profile", []string{"contact", "profile", "picture", "privacy", "answer", "block", "pin", "machines", "layout", "place", "target"}},
	{"addresses", []string{"address"}},
	{"following", []string{"following"}},
	{"comments", []string{"comment", "cheer", "report"}},
	{"files", []string{"file"}},
	{"pages", []string{"page"}},
	{"invitations", []string{"invitation"}},
}

// Planner is an Owner that can take its part of an archive in again. It is a
// Restorer or a Taker as well.
type Planner interface {
	// Plan gives what is in an archive and what can become of it. It writes nothing,
	// gives the same items in the same order each time, and only their states differ.
	Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error
}

// Restorer takes items in within the one transaction of all Restorers.
type Restorer interface {
	Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error)
}

// Taker takes items in one by one, each in a transaction of its own, since each
// waits for the network. Taking an item again is harmless.
type Taker interface {
	Take(ctx context.Context, person int64, a *archive.Archive, item archive.Item) (archive.Item, error)
}

// BeginUpload makes place for an archive of size bytes. An older one makes place
// for it; one that is being taken in is a fault Conflict.
func (d *Data) BeginUpload(ctx context.Context, person, size int64) (Task, error) {
	if size <= 0 || size > archive.MaxTotal {
		return Task{}, fault.New(fault.TooLarge, "mydata.zip.size")
	}
	last, err := d.Newest(ctx, person, KindImport)
	if err != nil {
		return last, err
	}
	if last.Busy() {
		return last, fault.New(fault.Conflict, "mydata.import.error.busy").At("/settings/data/import/" + last.PublicID)
	}
	if last.ID != 0 {
		if err := d.forget(ctx, last.ID); err != nil {
			return last, err
		}
	}
	var t Task
	err = d.base.Tx(ctx, func(tx *db.Tx) error {
		now, err := newestTask(ctx, tx, person, KindImport)
		if err == nil { // another request was first: one archive each takes place
			return fault.New(fault.Conflict, "mydata.import.error.busy").At("/settings/data/import/" + now.PublicID)
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		t = Task{
			ID: tx.NewID(), PublicID: secret.ID(), Person: person, Kind: KindImport, State: StateUpload, Size: size,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(taskKeep),
		}
		if err := insertTask(ctx, tx, t); err != nil {
			return err
		}
		return updateTask(ctx, tx, t)
	})
	return t, err
}

// AddSlice keeps the bytes that follow those that are there. With the last of
// them the archive is looked at: what is no archive of ours is a fault that names
// the entry, and nothing of it stays. at guards against slices that come twice.
func (d *Data) AddSlice(ctx context.Context, person int64, publicID string, at int64, data []byte) (Task, error) {
	var t Task
	err := d.base.Tx(ctx, func(tx *db.Tx) (err error) {
		if t, err = d.taskOf(ctx, tx, person, publicID); err != nil {
			return err
		}
		if t.Kind != KindImport || t.State != StateUpload || int64(t.Done) != at || at+int64(len(data)) > t.Size || len(data) == 0 {
			return fault.New(fault.Conflict, "mydata.import.error.slice")
		}
		return d.keepSlice(ctx, tx, &t, data)
	})
	if err != nil || int64(t.Done) < t.Size {
		return t, err
	}
	if err := d.lookAt(ctx, t); err != nil {
		return t, errors.Join(err, d.forget(ctx, t.ID))
	}
	return t, d.base.Tx(ctx, func(tx *db.Tx) error {
		t.State, t.Done = StateReading, 0
		if err := updateTask(ctx, tx, t); err != nil {
			return err
		}
		return d.queue.Add(ctx, tx, jobRead, taskPayload{t.ID}, jobs.Options{Person: person})
	})
}

func (d *Data) keepSlice(ctx context.Context, tx *db.Tx, t *Task, data []byte) error {
	list, err := listParts(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	number := int64(len(list))
	for chunk := range slices.Chunk(data, partSize) {
		p, err := sealPart(d.keys, t.ID, part{number: number, start: int64(t.Done)}, chunk, nil)
		if err != nil {
			return err
		}
		if err := insertPart(ctx, tx, t.ID, p); err != nil {
			return err
		}
		t.Done += len(chunk)
		number++
	}
	return updateTask(ctx, tx, *t)
}

// lookAt holds the directory of an archive to the limits.
func (d *Data) lookAt(ctx context.Context, t Task) error {
	_, done, err := d.archiveOf(ctx, t)
	if err == nil {
		done()
	}
	return err
}

// archiveOf opens the archive of a task. Call done after use.
func (d *Data) archiveOf(ctx context.Context, t Task) (a *archive.Archive, done func(), err error) {
	in, err := d.open(ctx, t.ID)
	if err != nil {
		return nil, nil, err
	}
	if a, err = archive.Open(in, t.Size); err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	if a.SameSite, err = d.isOurs(ctx, t.Person, a); err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return a, func() { _ = in.Close() }, nil
}

// plan gives the items of all owners, numbered.
func (d *Data) plan(ctx context.Context, t Task, a *archive.Archive) ([]planned, error) {
	var list []planned
	for _, o := range d.owners {
		p, ok := o.(Planner)
		if !ok {
			continue
		}
		err := p.Plan(ctx, t.Person, a, func(item archive.Item) error {
			item.Number = len(list)
			item.Title = strings.ToValidUTF8(strings.ReplaceAll(item.Title, "\x00", ""), "\ufffd")
			list = append(list, planned{item, o})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read an archive for %s: %w", o.OwnerName(), err)
		}
	}
	return list, nil
}

// Hider is an Owner whose items are seen by others.
type Hider interface {
	// OnlyMe lets nobody but its holder see an item that is taken in.
	OnlyMe(item archive.Item) (archive.Item, error)
}

// hidden gives an item as it is taken in: for the person alone, unless they said that
// it is shown as it was.
func hidden(t Task, p planned) (archive.Item, error) {
	h, ok := p.owner.(Hider)
	if !ok || slices.Contains(strings.Fields(t.Choices), same) {
		return p.Item, nil
	}
	return h.OnlyMe(p.Item)
}

type planned struct {
	archive.Item

	owner Owner
}

// readJob reads the whole archive and writes down what could become of it.
func (d *Data) readJob(ctx context.Context, payload []byte) error {
	t, err := d.taskFor(ctx, payload)
	if err != nil || t.State != StateReading {
		return ignoreGone(err)
	}
	a, done, err := d.archiveOf(ctx, t)
	if err == nil {
		defer done()
		err = a.Check()
	}
	var list []planned
	if err == nil {
		list, err = d.plan(ctx, t, a)
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		return d.fail(ctx, t, f)
	}
	if err != nil {
		return d.stumble(ctx, t.ID, err)
	}
	t.State = StateChoose
	return ignoreGone(d.base.Tx(ctx, func(tx *db.Tx) error {
		if err := updateTask(ctx, tx, t); err != nil {
			return err
		}
		for _, p := range list {
			if err := insertItem(ctx, tx, t.ID, p.Item); err != nil {
				return err
			}
		}
		return nil
	}))
}

// fail ends a task with a reason for its person, and lets go of its bytes.
func (d *Data) fail(ctx context.Context, t Task, f *fault.Error) error {
	t.State, t.Reason, t.Detail = StateFailed, f.Key, f.Args["name"]
	return ignoreGone(d.base.Tx(ctx, func(tx *db.Tx) error {
		if err := updateTask(ctx, tx, t); err != nil {
			return err
		}
		return deleteParts(ctx, tx, t.ID)
	}))
}

// Choose says which kinds of an archive are taken in, and begins.
func (d *Data) Choose(ctx context.Context, person int64, publicID string, picked []string) (Task, error) {
	var t Task
	err := d.base.Tx(ctx, func(tx *db.Tx) (err error) {
		if t, err = d.taskOf(ctx, tx, person, publicID); err != nil {
			return err
		}
		if t.Kind != KindImport || t.State != StateChoose {
			return nil // another request was first
		}
		kinds := kindsOf(picked)
		if len(kinds) == 0 {
			return fault.New(fault.Invalid, "mydata.import.error.nothing")
		}
		if t.Total, err = countItems(ctx, tx, t.ID, kinds); err != nil {
			return err
		}
		if slices.Contains(picked, same) {
			kinds = append(kinds, same)
		}
		t.State, t.Done, t.Choices = StateWaiting, 0, strings.Join(kinds, " ")
		if err := updateTask(ctx, tx, t); err != nil {
			return err
		}
		return d.queue.Add(ctx, tx, jobImport, taskPayload{t.ID}, jobs.Options{Person: person})
	})
	return t, err
}

// ImportKinds gives the kinds of items that a person can choose to take in.
func (d *Data) ImportKinds() []string {
	var all []string
	for _, c := range choices {
		all = append(all, c.Kinds...)
	}
	return all
}

func kindsOf(picked []string) []string {
	var kinds []string
	for _, c := range choices {
		if slices.Contains(picked, c.Key) {
			kinds = append(kinds, c.Kinds...)
		}
	}
	return kinds
}

// importJob takes in what was chosen: first the badges, one by one, from the one
// that came first, then all the rest in one transaction. What it has done it does
// not do again.
func (d *Data) importJob(ctx context.Context, payload []byte) error {
	t, err := d.taskFor(ctx, payload)
	if err != nil || t.State != StateWaiting && t.State != StateRunning {
		return ignoreGone(err)
	}
	t.State = StateRunning
	a, done, err := d.archiveOf(ctx, t)
	if err != nil {
		return ignoreGone(err)
	}
	defer done()
	err = d.takeIn(ctx, t, a)
	if errors.Is(err, errPause) {
		return d.base.Tx(ctx, func(tx *db.Tx) error {
			return d.queue.Add(ctx, tx, jobImport, taskPayload{t.ID}, jobs.Options{Person: t.Person})
		})
	}
	return d.stumble(ctx, t.ID, err)
}

func (d *Data) takeIn(ctx context.Context, t Task, a *archive.Archive) error {
	list, err := d.plan(ctx, t, a)
	if err != nil {
		return err
	}
	if list, err = d.chosen(ctx, t, list); err != nil {
		return err
	}
	if err := d.takeAll(ctx, &t, a, list); err != nil {
		return err
	}
	return d.base.Tx(ctx, func(tx *db.Tx) error { return d.restoreAll(ctx, tx, t, list) })
}

// chosen leaves the items that the person chose and that wait.
func (d *Data) chosen(ctx context.Context, t Task, list []planned) ([]planned, error) {
	waiting, err := waitingItems(ctx, d.base.Read(), t.ID)
	if err != nil {
		return nil, err
	}
	kinds := strings.Fields(t.Choices)
	out := list[:0]
	for _, p := range list {
		if waiting[p.Number] && slices.Contains(kinds, p.Kind) {
			out = append(out, p)
		}
	}
	return out, nil
}

// takeAll takes in what goes one by one: badges from the one that came first,
// then the records that they came in.
func (d *Data) takeAll(ctx context.Context, t *Task, a *archive.Archive, list []planned) error {
	until := time.Now().Add(exportBudget)
	order := slices.Clone(list)
	slices.Reverse(order)
	slices.SortStableFunc(order, func(x, y planned) int { return strings.Compare(x.Kind, y.Kind) }) // badge before record
	for _, p := range order {
		taker, ok := p.owner.(Taker)
		if !ok {
			continue
		}
		if time.Now().After(until) {
			return errPause
		}
		item, err := hidden(*t, p)
		if err != nil {
			return err
		}
		if item.State == archive.Add {
			if item, err = taker.Take(ctx, t.Person, a, item); err != nil {
				return fmt.Errorf("take in a %s: %w", item.Kind, err)
			}
		}
		t.Done++
		err = d.base.Tx(ctx, func(tx *db.Tx) error {
			if err := updateItem(ctx, tx, t.ID, item); err != nil {
				return err
			}
			return updateTask(ctx, tx, *t)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// restoreAll takes all the rest in, or nothing of it.
func (d *Data) restoreAll(ctx context.Context, tx *db.Tx, t Task, list []planned) error {
	for _, p := range list {
		r, ok := p.owner.(Restorer)
		if !ok {
			continue
		}
		item, err := hidden(t, p)
		if err != nil {
			return err
		}
		if item.State == archive.Add {
			if item, err = r.Restore(ctx, tx, t.Person, item); err != nil {
				return fmt.Errorf("take in a %s: %w", item.Kind, err)
			}
		}
		if err := updateItem(ctx, tx, t.ID, item); err != nil {
			return err
		}
	}
	t.State, t.Done = StateDone, t.Total
	if err := updateTask(ctx, tx, t); err != nil {
		return err
	}
	return deleteParts(ctx, tx, t.ID)
}
