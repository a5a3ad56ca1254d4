package jobs

import (
	"context"
	"testing"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestLongJobsLeaveWorkersFree: more long jobs than there are workers wait, and a
// short one that comes after them is done while they run.
func TestLongJobsLeaveWorkersFree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		q := New(b, nil)
		began, hold, short := make(chan struct{}, 20), make(chan struct{}), make(chan struct{})
		q.HandleLong("export", func(context.Context, []byte) error {
			began <- struct{}{}
			<-hold
			return nil
		})
		q.Handle("import", func(context.Context, []byte) error { close(short); return nil })
		const all = 12
		for i := range all {
			add(t, b, q, "export", i, Options{})
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- q.Run(ctx) }()
		<-began
		<-began
		add(t, b, q, "import", nil, Options{})
		<-short
		if n := len(began); n != 0 {
			t.Errorf("%d more long jobs than may run at once", n)
		}
		close(hold)
		for range all - 2 {
			<-began
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
