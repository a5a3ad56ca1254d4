package badge

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const (
	deskMost = 64               // files that are written together
	deskLone = 16               // an upload of more is written by itself
	deskWait = 30 * time.Second // for the database
)

// upload is what a person gave, to be written.
type upload struct {
	person  int64
	reading Reading
	done    []*received // what was settled of its entries, nil: nothing
	batch   string

	im   Import // the last one that was written
	err  error
	turn chan bool // true: it is written, or has failed; false: its own goroutine is to write
}

// desk has uploads that come at the same time written together: one of those who wait
// writes for all, since badges that come together share their issuer and class, and much
// of the work is that of a transaction. The zero value is ready.
type desk struct {
	mu   sync.Mutex
	busy bool
	line []*upload
}

// enter writes u, with those that wait. Its error is that of u alone.
func (d *desk) enter(ctx context.Context, s *Badges, u *upload) error {
	if len(u.reading.Entries) > deskLone {
		return s.writeUploads(ctx, []*upload{u})
	}
	u.turn = make(chan bool, 1)
	if d.join(u) && <-u.turn {
		return u.err
	}
	list := d.take(u)
	defer d.next(list[1:])
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deskWait) // of all, whoever of them goes away
	defer cancel()
	err := s.writeUploads(ctx, list)
	if err == nil || len(list) == 1 {
		return err
	}
	for _, one := range list {
		one.err = s.writeUploads(ctx, []*upload{one})
	}
	return u.err
}

// join reports whether somebody else is writing, who wakes u.
func (d *desk) join(u *upload) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy {
		d.line = append(d.line, u)
		return true
	}
	d.busy = true
	return false
}

// take gives u with those that wait.
func (d *desk) take(u *upload) []*upload {
	d.mu.Lock()
	defer d.mu.Unlock()
	list, files := []*upload{u}, len(u.reading.Entries)
	for len(d.line) > 0 {
		if files += len(d.line[0].reading.Entries); files > deskMost {
			break
		}
		list, d.line = append(list, d.line[0]), d.line[1:]
	}
	return list
}

// next wakes those that were written, and who is to write now.
func (d *desk) next(written []*upload) {
	for _, u := range written {
		u.turn <- true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy = len(d.line) > 0; d.busy {
		d.line[0].turn <- false
		d.line = d.line[1:]
	}
}

// writeUploads writes uploads in one transaction.
func (s *Badges) writeUploads(ctx context.Context, list []*upload) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("begin imports: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		m := newMemo()
		for _, u := range list {
			if err := s.writeUpload(ctx, tx, m, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeUpload writes what was settled of an upload as badges, and the rest to be verified.
func (s *Badges) writeUpload(ctx context.Context, tx *db.Tx, m *memo, u *upload) error {
	if err := s.admit(ctx, tx, u.person); err != nil {
		return err
	}
	for i, e := range u.reading.Entries {
		u.im = importOf(u.person, u.reading, e, u.batch)
		if u.done == nil || u.done[i] == nil {
			if err := s.queueImport(ctx, tx, &u.im, e); err != nil {
				return err
			}
			continue
		}
		if err := s.enter(ctx, tx, m, u, i); err != nil {
			return err
		}
	}
	return nil
}
