package pairs

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/feed"
	outside "github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/mydata"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/pack"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/themes"
)

// What somebody holds who leaves.
const (
	leaverBadges = 1_000
	leaverEvents = 10_000
)

func leaving() []Maker {
	return []Maker{
		{"erase/account of 1,000 badges, 10,000 events", erasePair},
		{"export/1,000 badges", exportPair},
	}
}

// leavers is a passport of its own that people leave.
type leavers struct {
	base  *db.Base
	queue *jobs.Queue
	data  *mydata.Data
	next  int64
	now   int64

	credential, report []byte
	packed             pack.Packed
	received           string
}

// newLeavers wires what erasing and exporting ask: all owners whose rows grow with a
// person's badges and activity.
func newLeavers(ctx context.Context, e *Env, name string) (*leavers, error) {
	base, err := db.Open(ctx, db.Options{URL: filepath.Join(e.Work, name+".db")})
	if err != nil {
		return nil, err
	}
	l := &leavers{base: base, now: db.Micros(base.Now())}
	if err := l.wire(filepath.Join(e.Work, name+"-tombstones")); err != nil {
		return nil, errors.Join(err, base.Close())
	}
	if err := l.furnish(ctx); err != nil {
		return nil, errors.Join(err, base.Close())
	}
	return l, nil
}

func (l *leavers) wire(tombstones string) error {
	log := slog.New(slog.DiscardHandler)
	keys, err := secret.RandomKeys()
	if err != nil {
		return err
	}
	catalogue, err := i18n.Load(nil)
	if err != nil {
		return err
	}
	look, err := theme.Open(theme.Options{Bundled: themes.FS, Catalogue: catalogue})
	if err != nil {
		return err
	}
	l.queue = jobs.New(l.base, log)
	mailer, err := mail.New(mail.Options{Base: l.base, Queue: l.queue, Keys: keys, Renderer: look, Log: log})
	if err != nil {
		return err
	}
	bus := event.New(log)
	address := func(path string) string { return "https://passport.example" + path }
	accounts := account.New(account.Options{
		Base: l.base, Bus: bus, Keys: keys, Mailer: mailer, Catalogue: catalogue, Config: config.Default(), URL: address, Log: log,
	})
	badges := badge.New(badge.Deps{
		Base: l.base, Blobs: blob.Store{}, Bus: bus, Queue: l.queue, Fetch: outside.New(outside.Options{Offline: true, Log: log}),
		Addresses: accounts, Proofs: accounts, Confirm: accounts, Letters: accounts, URL: address, Secrets: keys, Log: log,
	})
	people := social.New(l.base, bus, accounts, address)
	l.data = mydata.New(mydata.Deps{
		Base: l.base, Bus: bus, Queue: l.queue, Keys: keys, Doors: accounts, Letters: accounts, Catalogue: catalogue,
		Site: func(ctx context.Context) (web.Site, error) { return accounts.Site(ctx) }, URL: address, Log: log, Tombstones: tombstones,
	}, feed.New(l.base, bus, l.queue), people, badges, mailer, l.queue, accounts)
	return nil
}

// furnish makes the classes, which stay, and what all badges share.
func (l *leavers) furnish(ctx context.Context) (err error) {
	if l.credential, err = sample.Embedded(ctx); err != nil {
		return err
	}
	r := verify.Check(ctx, l.credential, verify.Options{At: sample.At()})
	if l.report, err = json.Marshal(badge.StoredReport{Checks: r.Checks, Documents: r.Documents}); err != nil {
		return err
	}
	l.packed = pack.Pack(l.credential)
	return l.base.Tx(ctx, func(tx *db.Tx) error {
		if l.received, err = (blob.Store{}).Put(ctx, tx, l.credential, "application/ld+json"); err != nil {
			return err
		}
		w := rows{ctx: ctx, tx: tx}
		w.put(`INSERT INTO credential_part (id, hash, data) VALUES (1, 'part', $1)`, l.packed.Part)
		w.put(`INSERT INTO person (id, public_id, handle, name, created_at) VALUES (1, 'stays', 'stays', 'Stays', 1)`)
		w.put(`INSERT INTO issuer (id, public_id, wire_id, name, url, description, first_seen) VALUES (1, 'i1', 'https://school.example', 'School', '', '', 1)`)
		for c := range leaverBadges {
			w.put(`INSERT INTO badge_class (id, public_id, content_hash, issuer, name, search, created_at) VALUES ($1, $2, $2, 1, $2, '', 1)`, c+1, fmt.Sprintf("c%d", c+1))
			w.put(`INSERT INTO source (id, kind, object) VALUES ($1, 'class', $1)`, c+1)
			l.badge(&w, int64(c+1), 1, int64(c+1)) // somebody who stays holds each
		}
		return w.err
	})
}

// rows writes until something fails.
type rows struct {
	ctx context.Context //nolint:containedctx // lives for one transaction
	tx  *db.Tx
	err error
}

func (w *rows) put(query string, args ...any) {
	if w.err == nil {
		_, w.err = w.tx.Exec(w.ctx, query, args...)
	}
}

func (l *leavers) badge(w *rows, id, person, class int64) {
	public := fmt.Sprintf("b%d", id)
	w.put(`INSERT INTO badge (id, public_id, person, class, equality, wire_id, version, form, carrier, received, filename, credential, part, issued_to,
		issued_at, evidence, visibility, verdict, verified_at, published_at, created_at)
		VALUES ($1, $2, $3, $4, $2, $2, '3.0', 'embedded', 'json', $5, 'badge.json', $6, 1, 'a•••@example.org', $7, '[]', 'public', 'valid', $7, $7, $7)`,
		id, public, person, class, l.received, l.packed.Own, l.now)
	w.put(`INSERT INTO verification (id, badge, at, verdict, report, packed) VALUES ($1, $1, $2, 'valid', '', $3)`, id, l.now, pack.Text(l.report))
}

// leaver is somebody who is about to leave, and the keys of all of their rows.
type leaver struct {
	person int64
	keys   map[string][][2]int64 // by table
}

// settle makes somebody with badges and activity.
func (l *leavers) settle(ctx context.Context) (leaver, error) {
	l.next++
	p := leaver{person: 1 + l.next, keys: map[string][][2]int64{}}
	first := p.person * 1_000_000
	err := l.base.Tx(ctx, func(tx *db.Tx) error {
		w := rows{ctx: ctx, tx: tx}
		name := fmt.Sprintf("p%d", p.person)
		w.put(`INSERT INTO person (id, public_id, handle, name, created_at) VALUES ($1, $2, $2, $2, 1)`, p.person, name)
		src := first
		w.put(`INSERT INTO source (id, kind, object, events, last_event) VALUES ($1, 'person', $2, $3, $4)`, src, p.person, leaverEvents, first+leaverEvents)
		for i := range int64(leaverBadges) {
			l.badge(&w, first+i, p.person, i+1)
			p.add("badge", first+i, 0)
			p.add("verification", first+i, 0)
		}
		for i := range int64(leaverEvents) {
			id, class := first+i, i%leaverBadges+1
			w.put(`INSERT INTO event (id, actor, verb, class, badge, object, at) VALUES ($1, $2, 'published', $3, $4, 0, $5)`, id, p.person, class, first+class-1, l.now)
			p.add("event", id, 0)
			for _, s := range []int64{src, class} {
				w.put(`INSERT INTO event_src (src, ev) VALUES ($1, $2)`, s, id)
				p.add("event_src", s, id)
			}
		}
		p.add("source", src, 0)
		p.add("person", p.person, 0)
		w.put(`UPDATE feed_total SET events = events + $1 WHERE id = 1`, leaverEvents)
		return w.err
	})
	return p, err
}

func (p *leaver) add(table string, key, second int64) {
	p.keys[table] = append(p.keys[table], [2]int64{key, second})
}

// deletions of one row each, what refers before what it refers to.
var deletions = []struct{ table, query string }{
	{"event_src", `DELETE FROM event_src WHERE src = $1 AND ev = $2`},
	{"event", `DELETE FROM event WHERE id = $1`},
	{"verification", `DELETE FROM verification WHERE id = $1`},
	{"badge", `DELETE FROM badge WHERE id = $1`},
	{"source", `DELETE FROM source WHERE id = $1`},
	{"person", `DELETE FROM person WHERE id = $1`},
}

// remove deletes the rows of somebody one by one by their primary keys, in one
// transaction.
func (l *leavers) remove(ctx context.Context, p leaver) error {
	return l.base.Tx(ctx, func(tx *db.Tx) error {
		for _, d := range deletions {
			for _, key := range p.keys[d.table] {
				args := []any{key[0]}
				if d.table == "event_src" {
					args = append(args, key[1])
				}
				if n, err := tx.Exec(ctx, d.query, args...); err != nil || n != 1 {
					return fmt.Errorf("%w: %d rows of %s: %w", errWrong, n, d.table, err)
				}
			}
		}
		return nil
	})
}

// erase removes the account as its owner does, and waits for the receipt.
func (l *leavers) erase(ctx context.Context, p leaver) error {
	r, err := l.data.Remove(ctx, p.person, mydata.Removal{})
	if err != nil {
		return err
	}
	if err := l.queue.Drain(ctx); err != nil {
		return err
	}
	if r, err = l.data.Receipt(ctx, r.Number); err != nil || !r.Done() {
		return fmt.Errorf("%w: the receipt is not done: %w", errWrong, err)
	}
	if !slices.ContainsFunc(r.Counts, func(g mydata.Gone) bool { return g.N == leaverBadges }) {
		return fmt.Errorf("%w: the receipt counts %v", errWrong, r.Counts)
	}
	return nil
}

// perAccount is the CPU time that f takes for somebody who was made just before.
func (l *leavers) perAccount(f func(ctx context.Context, p leaver) error) measure.Side {
	return measure.Side{Value: func(ctx context.Context) (float64, error) {
		p, err := l.settle(ctx)
		if err != nil {
			return 0, err
		}
		before, err := measure.CPU(measure.Self)
		if err != nil {
			return 0, err
		}
		if err := f(ctx, p); err != nil {
			return 0, err
		}
		after, err := measure.CPU(measure.Self)
		return float64((after - before).Microseconds()), err
	}}
}

// erasePair: the whole removal of an account, from the closed doors to the emptied
// files and the receipt, against the deletion of its rows by their primary keys.
func erasePair(ctx context.Context, e *Env) (measure.Pair, error) {
	l, err := newLeavers(ctx, e, "erase")
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: "DELETE of its rows by primary key", Unit: measure.CPU1, AtMost: 4, Goal: 3, Close: l.base.Close,
		Ours: l.perAccount(l.erase), Other: l.perAccount(l.remove),
	}, nil
}

// exportPair: everything about somebody as one ZIP, against a ZIP of as many files
// of the same bytes.
func exportPair(ctx context.Context, e *Env) (measure.Pair, error) {
	l, err := newLeavers(ctx, e, "export")
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: "a ZIP of as many credentials", Unit: measure.CPU1, AtMost: 14, Goal: 9, Close: l.base.Close,
		Ours: l.perAccount(func(ctx context.Context, p leaver) error {
			if _, err := l.data.BeginExport(ctx, p.person); err != nil {
				return err
			}
			if err := l.queue.Drain(ctx); err != nil {
				return err
			}
			t, err := l.data.Newest(ctx, p.person, mydata.KindExport)
			if err == nil && t.State != mydata.StateReady {
				err = fmt.Errorf("%w: the export is %s", errWrong, t.State)
			}
			return err
		}),
		Other: l.perAccount(func(context.Context, leaver) error { return l.zip() }),
	}, nil
}

// zip writes as many files as there are badges.
func (l *leavers) zip() error {
	w := zip.NewWriter(io.Discard)
	for i := range leaverBadges {
		f, err := w.Create(fmt.Sprintf("badges/%d.json", i))
		if err == nil {
			_, err = f.Write(l.credential)
		}
		if err != nil {
			return err
		}
	}
	return w.Close()
}
