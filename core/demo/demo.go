// Package demo is the made-up community that newcomers try a passport with: a
// dozen people, three issuers with keys of their own, sixty badges, some pages, and what
// people said and did over the last six weeks.
//
// The badges are real: core/openbadge/issue signs or hosts them, and they come
// in like any upload, so that every report in the ledger is a true one. What the
// issuers publish is answered twice, in process for verification and by routes
// below /demo/issuers/, so that no network is needed and every link leads
// somewhere. It owns no table and no event; only the command osier demo calls
// it. Names, texts and order are the same each time; keys are not.
package demo

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/endorse"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/gallery"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/social"
)

// Deps are the services that Seed fills. The clock of Base must be
// Community.Now and the fetch client of Badges must have Community.Documents.
type Deps struct {
	Base     *db.Base
	Accounts *account.Accounts
	Gallery  *gallery.Gallery // nil: nobody says where they are
	Badges   *badge.Badges
	Social   *social.Social
	Endorse  *endorse.Endorse
	Pages    *page.Pages // nil: nobody makes pages
	Queue    *jobs.Queue // not yet running; Seed runs it for a while
}

// Community is one demonstration: its issuers, what they publish and who is there.
type Community struct {
	site    string // public URL without a slash at its end
	started time.Time
	issuers map[string]*issuer
	classes map[string]*class
	files   files
	awards  []award

	clock  atomic.Int64 // microseconds; 0 is the real time
	deps   Deps
	locked string           // id of the page that asks for PagePassword
	ids    map[string]int64 // of seeded people, by the handle they began with
}

// New makes keys, art and documents for a site with this public URL. Its clock
// stands at the beginning of the story until Seed has told it.
func New(publicURL string) (*Community, error) {
	c := &Community{
		site: strings.TrimRight(publicURL, "/"), started: time.Now().UTC().Truncate(time.Second),
		issuers: map[string]*issuer{}, classes: map[string]*class{}, files: files{}, ids: map[string]int64{}, awards: awards(),
	}
	c.setClock(c.before(beginning))
	for _, step := range []func() error{c.makeIssuers, c.makeClasses, c.publish} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("make the demo: %w", err)
		}
	}
	return c, nil
}

// Now is the clock for the database of the demo: it stands still at the moment
// of the story that Seed tells, and is the real time before and after.
func (c *Community) Now() time.Time {
	if at := c.clock.Load(); at != 0 {
		return time.UnixMicro(at).UTC()
	}
	return time.Now()
}

func (c *Community) setClock(t time.Time) { c.clock.Store(t.UnixMicro()) }

// before is a moment of the story, in days before now.
func (c *Community) before(days float64) time.Time {
	return c.started.Add(-time.Duration(days * 24 * float64(time.Hour)))
}

// Documents are what the issuers publish, for fetch.Options.
func (c *Community) Documents() map[string]fetch.Document { return maps.Clone(c.files) }
