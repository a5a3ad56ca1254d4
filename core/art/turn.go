package art

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/osier-passport/osier/core/fault"
)

// drawing bounds how many pictures are drawn at one time, over all callers: half
// of the processors stay free for pages, whatever visitors ask to be drawn.
var drawing = semaphore.NewWeighted(int64(max(1, runtime.GOMAXPROCS(0)/2)))

// patience is how long a preview waits for its turn.
const patience = 10 * time.Second

// turn waits until a picture may be drawn, at most until ctx ends. The error is a
// fault Unavailable around the context's.
func turn(ctx context.Context) (done func(), err error) {
	if err := drawing.Acquire(ctx, 1); err != nil {
		return nil, fault.New(fault.Unavailable, "error.busy").After(patience / 2).Wrap(err)
	}
	return func() { drawing.Release(1) }, nil
}

// soon is turn for previews, which nobody needs to have.
func soon(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return turn(ctx)
}
