package badge

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/osier-passport/osier/core/fault"
)

func TestOfManyWhoAskForAPictureOneDraws(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrawn(2)
		var drew atomic.Int64
		begin := make(chan struct{})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				p, err := d.get("key", func() ([]byte, error) {
					drew.Add(1)
					<-begin
					return []byte("png"), nil
				})
				if err != nil || string(p.PNG) != "png" || p.Hash != hashOf([]byte("png")) {
					t.Errorf("%+v, %v", p, err)
				}
			})
		}
		synctest.Wait()
		close(begin)
		all.Wait()
		if drew.Load() != 1 {
			t.Errorf("drawn %d times", drew.Load())
		}
	})
}

// Whoever waits for the drawing of somebody who went away draws it then.
func TestAPictureIsDrawnAlthoughWhoAskedFirstIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrawn(2)
		first, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			_, err := d.get("key", func() ([]byte, error) {
				<-first.Done()
				return nil, first.Err()
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("who went away: %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			p, err := d.get("key", func() ([]byte, error) { return []byte("png"), nil })
			if err != nil || string(p.PNG) != "png" {
				t.Errorf("who waited: %+v, %v", p, err)
			}
		})
		synctest.Wait()
		leave()
		all.Wait()
	})
}

// Where too much is drawn, nobody waits for a turn a second time.
func TestAllHearThatNoPictureCanBeDrawnNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrawn(2)
		var tried atomic.Int64
		over := make(chan struct{})
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				_, err := d.get("key", func() ([]byte, error) {
					tried.Add(1)
					<-over
					return nil, fault.New(fault.Unavailable, "error.busy").Wrap(context.DeadlineExceeded)
				})
				if !fault.Is(err, fault.Unavailable) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		close(over)
		all.Wait()
		if tried.Load() != 1 {
			t.Errorf("%d waited for a turn", tried.Load())
		}
	})
}
