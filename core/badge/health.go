package badge

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// health says how long a host has not answered. The zero health is good.
type health struct {
	fails        int
	since, until time.Time // it is left alone until then
}

// wary fetches for one verification: it leaves hosts alone that do not answer,
// and notes who answered and who did not.
type wary struct {
	next verify.Fetcher
	base *db.Base
	ask  bool // everybody, also who is left alone: a person waits for it

	mu       sync.Mutex
	answered map[string]bool
	silent   map[string]bool
	spared   map[string]health // left alone this time
	busy     bool              // we ourselves had too much to do
}

func (s *Badges) wary(ask bool) *wary {
	return &wary{
		next: s.fetcher(), base: s.Base, ask: ask,
		answered: map[string]bool{}, silent: map[string]bool{}, spared: map[string]health{},
	}
}

// Fetch implements verify.Fetcher.
func (w *wary) Fetch(ctx context.Context, address string) (verify.Document, error) {
	host := siteOf(address)
	if !w.ask {
		h, err := getHealth(ctx, w.base.Read(), host)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return verify.Document{}, fmt.Errorf("%w: %w", verify.ErrUnavailable, err)
		}
		if h.until.After(w.base.Now()) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.spared[host] = h
			return verify.Document{}, fmt.Errorf("%w: left alone until %s", verify.ErrUnavailable, h.until)
		}
	}
	doc, err := w.next.Fetch(ctx, address)
	w.note(host, doc, err)
	return doc, err
}

// note sorts an outcome. A host that says it is overloaded or broken is left
// alone as one that says nothing.
func (w *wary) note(host string, doc verify.Document, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil && (doc.Status == 429 || doc.Status >= 500), isSilence(err):
		w.silent[host] = true
	case err == nil:
		w.answered[host] = true
	case isReason(err, "fetch.busy", "fetch.offline"):
		w.busy = true
	}
}

// isSilence tells a host that cannot be reached from an answer of no use and
// from a request that was never made.
func isSilence(err error) bool {
	return isReason(err, "fetch.unavailable", "fetch.timeout", "fetch.no_such_host", "fetch.certificate", "fetch.cut_off")
}

func isReason(err error, keys ...string) bool {
	if err == nil || errors.Is(err, fetch.ErrForbidden) {
		return false
	}
	f, ok := fault.As(err)
	return ok && slices.Contains(keys, f.Key)
}

// settle writes what was learned of the hosts that a badge hangs on, and gives
// when the last of the silent ones may be asked again.
func (w *wary) settle(ctx context.Context, tx *db.Tx, badge int64) (time.Time, error) {
	var until time.Time
	for host := range w.answered {
		if w.silent[host] {
			continue
		}
		if err := deleteHealth(ctx, tx, host); err != nil {
			return until, err
		}
	}
	for host := range w.spared {
		if err := insertBadgeHost(ctx, tx, badge, host); err != nil {
			return until, err
		}
		until = later(until, w.spared[host].until)
	}
	for host := range w.silent {
		h, err := worsen(ctx, tx, host)
		if err != nil {
			return until, err
		}
		if err := insertBadgeHost(ctx, tx, badge, host); err != nil {
			return until, err
		}
		until = later(until, h.until)
	}
	return until, nil
}

// worsen counts one more failure of a host, once for each time that it was due.
func worsen(ctx context.Context, tx *db.Tx, host string) (health, error) {
	h, err := getHealth(ctx, tx, host)
	switch {
	case errors.Is(err, db.ErrNotFound):
		h = health{since: tx.Now()}
	case err != nil || h.until.After(tx.Now()):
		return h, err
	}
	h.fails++
	h.until = tx.Now().Add(backOff(h.fails))
	return h, upsertHealth(ctx, tx, host, h)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// siteOf is the host and port of an address, in one form.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
