package db

import (
	"context"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// On PostgreSQL, where other processes write too: how often the database is asked whether
// they did, and how long an answer is believed while there is no newer one.
const (
	changesAsked    = 250 * time.Millisecond
	changesBelieved = 700 * time.Millisecond
	changesWait     = 2 * time.Second // for the database
)

// changes numbers the states of what is shown.
type changes struct {
	quiet map[string]bool // tables of which nothing is shown to visitors
	own   atomic.Int64    // of this process
	all   atomic.Int64    // PostgreSQL only: of all processes
	asked atomic.Int64    // nanoseconds since the start
	known atomic.Int64    // nanoseconds since the start, of the last answer; 0: none yet
	start time.Time
}

func newChanges(quiet []string) *changes {
	c := &changes{quiet: make(map[string]bool, len(quiet)), start: time.Now().Add(-time.Hour)}
	for _, table := range quiet {
		c.quiet[table] = true
	}
	return c
}

// Changes is a number that is larger after each transaction that wrote to another table
// than the quiet ones (Options.Quiet): what was read while it had a value is as it was
// for as long as it has that value. The number grows before Tx returns; what another
// process wrote to PostgreSQL counts within a second. It reports false where that
// cannot be known.
func (b *Base) Changes(ctx context.Context) (int64, bool) {
	c := b.changes
	if b.engine == SQLite { // the lock of its file keeps other processes out
		return c.own.Load(), true
	}
	last, now := c.asked.Load(), int64(time.Since(c.start))
	if now-last > int64(changesAsked) && c.asked.CompareAndSwap(last, now) {
		if err := b.askChanges(ctx, `SELECT last_value + CAST(is_called AS INTEGER) FROM change_seq`); err == nil {
			c.known.Store(now)
		}
	}
	known := c.known.Load()
	return c.own.Load() + c.all.Load(), known != 0 && now-known <= int64(changesBelieved)
}

// askChanges runs a statement that answers the number of the newest change.
func (b *Base) askChanges(ctx context.Context, query string) error {
	ctx, cancel := context.WithTimeout(ctx, changesWait)
	defer cancel()
	var n int64
	if err := b.Read().QueryRow(ctx, query).Scan(&n); err != nil {
		return err
	}
	for old := b.changes.all.Load(); old < n; old = b.changes.all.Load() {
		b.changes.all.CompareAndSwap(old, n)
	}
	return nil
}

// changed numbers what has just been committed. Where other processes cannot be told,
// what they keep ends by its age.
func (b *Base) changed() {
	if b.engine == Postgres {
		if err := b.askChanges(context.Background(), `SELECT nextval('change_seq') + 1`); err == nil {
			return
		}
	}
	b.changes.own.Add(1)
}

// Quiet says that nothing of what the transaction writes from now on is shown to
// anybody, whatever table it is in: pages that are kept stay as they are
// (Base.Changes). It is for work on many rows in the background.
func (t *Tx) Quiet() { t.quiet = true }

// note remembers that a transaction writes to a table of which something is shown.
func (t *Tx) note(query string) {
	if t.shown || t.quiet {
		return
	}
	table := writes(query)
	t.shown = table != "" && !t.base.changes.quiet[table]
}

var (
	writing = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)`) })
	reading = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*SELECT\s`) })
	written sync.Map // query -> what it writes; the set of statements is the program's own
)

// writes is the table that a statement writes to, "" for none, "?" where that is not plain.
func writes(query string) string {
	if table, ok := written.Load(query); ok {
		return table.(string) //nolint:errcheck,forcetypeassert // only strings are stored below
	}
	table := "?"
	if m := writing().FindStringSubmatch(query); m != nil {
		table = m[1]
	} else if reading().MatchString(query) {
		table = ""
	}
	written.Store(query, table)
	return table
}
