package core

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/jobs"
)

// tickAtOnce: work of a period that several replicas find due at the same moment is
// done once.
func (p *passport) tickAtOnce(t *testing.T) {
	var runs atomic.Int64
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range 8 {
		q := jobs.New(p.base, nil)
		q.Every("race.tick", time.Hour, func(context.Context) error { runs.Add(1); return nil })
		all.Go(func() {
			<-begin
			if err := q.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()
	if n := runs.Load(); n != 1 {
		t.Errorf("done %d times", n)
	}
}

// callbackAtOnce: of one return from a provider that comes ten times at once, one
// signs in and makes the account.
func (p *passport) callbackAtOnce(t *testing.T) {
	provider := oidctest.New(t)
	site := startPassport(t, options{}, func(c *config.Config) {
		c.OIDC = []config.OIDC{{
			ID: "uni", Name: "University", Issuer: provider.Issuer, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
			Scopes: []string{"openid", "email", "profile"},
		}}
		c.Fetch.Allow = []string{provider.Host()}
		if p.base.Engine() == db.Postgres {
			c.Database = dbtest.PostgresURL(t)
		}
	})
	v := site.visitor()
	back := provider.Approve(t, v.get("/auth/uni").is(t, 303).location())
	statuses := together(10, func(int) answer { return v.get("/auth/uni/callback?" + back.Encode()) })
	one(t, "returns", 303, site.count(`SELECT count(*) FROM person`), statuses)
	if n := site.count(`SELECT count(*) FROM session`); n != 1 {
		t.Errorf("%d sessions", n)
	}
}
