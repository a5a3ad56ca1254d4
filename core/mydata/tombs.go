package mydata

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

// tombs is a file of which accounts were removed, one a line: the random id of
// the account, a keyed hash of its handle and the time. It is only added to. A
// backup of the database brings people back who left after it was made; this
// file, kept apart from backups, has them erased again.
type tombs struct {
	mu   sync.Mutex
	path string
}

const tombsHead = "# Accounts that were removed. Keep this file when you restore a backup: see docs/operate.md.\n"

// read gives what the file knows, and the lines that it cannot read.
func (t *tombs) read() (list []account.Tombstone, bad []string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		stone, ok := parseTombstone(line)
		if !ok {
			bad = append(bad, line)
			continue
		}
		list = append(list, stone)
	}
	return list, bad, lines.Err()
}

func parseTombstone(line string) (account.Tombstone, bool) {
	parts := strings.Fields(line)
	if len(parts) != 3 {
		return account.Tombstone{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, parts[2])
	return account.Tombstone{PublicID: parts[0], HandleHash: parts[1], ErasedAt: at}, err == nil
}

// add appends tombstones and returns when they are on the disk.
func (t *tombs) add(list ...account.Tombstone) error {
	if len(list) == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(t.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	var text strings.Builder
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if info.Size() == 0 {
		text.WriteString(tombsHead)
	} else if last := make([]byte, 1); true { // a line that was cut short ends here
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return errors.Join(err, f.Close())
		}
		if last[0] != '\n' {
			text.WriteByte('\n')
		}
	}
	for _, s := range list {
		fmt.Fprintf(&text, "%s %s %s\n", s.PublicID, s.HandleHash, s.ErasedAt.UTC().Format(time.RFC3339Nano))
	}
	_, err = f.WriteString(text.String())
	return errors.Join(err, f.Sync(), f.Close())
}

// bury adds an account that was just closed to the file. A failure is logged: the
// account is closed, and the next start adds it.
func (d *Data) bury(ctx context.Context, publicID string) {
	stone, err := d.doors.Tombstone(ctx, d.base.Read(), publicID)
	if err == nil {
		err = d.tombs.add(stone)
	}
	if err != nil {
		d.log.Error("the file of tombstones is not written: until the next start a backup may bring an erased account back", "file", d.tombs.path, "error", err)
	}
}

// Reconcile holds the database and the file of tombstones against each other.
// Accounts that were removed and are there again are closed before anybody is
// served, and erased again; erasures that were interrupted go on. Call it before
// serving. It returns an error when the file cannot be read: rather none is
// served than somebody who left.
func (d *Data) Reconcile(ctx context.Context) error {
	filed, bad, err := d.tombs.read()
	if err != nil {
		return fmt.Errorf("read the tombstones: %w", err)
	}
	for range bad {
		d.log.Error("a line of the file of tombstones cannot be read", "file", d.tombs.path)
	}
	err = d.base.Tx(ctx, func(tx *db.Tx) error {
		for _, s := range filed {
			if err := d.doors.AddTombstone(ctx, tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the tombstones: %w", err)
	}
	if err := d.buryAgain(ctx); err != nil {
		return fmt.Errorf("erase again: %w", err)
	}
	return d.fileAll(ctx, filed)
}

// tombsEvery is how often a running process holds its file of tombstones against
// the database.
const tombsEvery = time.Hour

// Watch runs Reconcile now and then until ctx ends, in every replica: each has a
// file of its own, which has to know of the accounts that others removed, and a
// backup may be restored under a process that runs on.
func (d *Data) Watch(ctx context.Context) { d.watch(ctx, tombsEvery) }

func (d *Data) watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := d.Reconcile(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("the tombstones are not held against the database", "file", d.tombs.path, "error", err)
		}
	}
}

// buryAgain begins the erasure of everybody who should not be there.
func (d *Data) buryAgain(ctx context.Context) error {
	risen, err := d.doors.Risen(ctx, d.base.Read())
	if err != nil {
		return err
	}
	for _, person := range risen {
		if err := d.removeAgain(ctx, person); err != nil {
			return err
		}
	}
	open, err := openErasures(ctx, d.base.Read())
	if err != nil {
		return err
	}
	return d.base.Tx(ctx, func(tx *db.Tx) error {
		for _, number := range open {
			if err := d.queueErasure(ctx, tx, number); err != nil {
				return err
			}
		}
		return nil
	})
}

// fileAll adds to the file what only the database knows.
func (d *Data) fileAll(ctx context.Context, filed []account.Tombstone) error {
	known := map[string]bool{}
	for _, s := range filed {
		known[s.PublicID] = true
	}
	all, err := d.doors.Tombstones(ctx, d.base.Read())
	if err != nil {
		return err
	}
	var missing []account.Tombstone
	for _, s := range all {
		if !known[s.PublicID] {
			missing = append(missing, s)
		}
	}
	if err := d.tombs.add(missing...); err != nil {
		return fmt.Errorf("write the tombstones: %w", err)
	}
	return nil
}
