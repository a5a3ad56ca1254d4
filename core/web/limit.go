package web

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const ratePurpose = "web/rate"

// Limit counts one try of name by key (an address, a person, Ctx.Network()) and
// refuses with TooMany when there were more than n in the current window of
// length per. The count is shared by all replicas and holds no key in clear.
func (c *Ctx) Limit(name, key string, n int, per time.Duration) error {
	now := c.app.now()
	end := now.Truncate(per).Add(per)
	code := name + ":" + c.app.o.Keys.MAC(ratePurpose, []byte(name+"\x00"+key))
	var hits int64
	err := c.app.o.Base.Tx(c.Context(), func(tx *db.Tx) error {
		var err error
		hits, err = hit(c.Context(), tx, code, end)
		return err
	})
	if err != nil {
		return err
	}
	if hits > int64(n) {
		return fault.New(fault.TooMany, "web.rate").After(end.Sub(now))
	}
	return nil
}

// Sweep forgets the counts of windows that have ended. Call it now and then.
func (a *App) Sweep(ctx context.Context) error {
	return a.o.Base.Tx(ctx, func(tx *db.Tx) error { return sweep(ctx, tx, a.now()) })
}
