package mydata

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// graves is a house that tells each time it is asked for tombstones.
type graves struct {
	*house

	asked chan struct{}
}

func (g *graves) Tombstones(context.Context, db.DB) ([]account.Tombstone, error) {
	g.asked <- struct{}{}
	return []account.Tombstone{{PublicID: "gone", HandleHash: "hash", ErasedAt: time.Unix(1, 0)}}, nil
}

// TestARunningProcessLearnsOfTombstones: it holds its file against the database
// again and again, and ends when it is told to.
func TestARunningProcessLearnsOfTombstones(t *testing.T) {
	g := &graves{&house{}, make(chan struct{})}
	d := &Data{base: dbtest.SQLite(t), doors: g, log: slog.New(slog.DiscardHandler), tombs: &tombs{path: filepath.Join(t.TempDir(), "tombstones")}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		d.watch(ctx, time.Millisecond)
		close(ended)
	}()
	<-g.asked
	<-g.asked // the first time has ended
	if list, _, err := d.tombs.read(); err != nil || len(list) != 1 || list[0].PublicID != "gone" {
		t.Errorf("the file says %v, %v", list, err)
	}
	cancel()
	for {
		select {
		case <-ended:
			return
		case <-g.asked:
		}
	}
}
