package badge

import (
	"context"
	"time"
)

// PlanForgotten is what Sweep does for badges without a next check, in batches of a size.
func (s *Badges) PlanForgotten(ctx context.Context, batch int64) error {
	return s.planForgotten(ctx, batch)
}

// TakeTime has uploads verified before they are answered for as long as a busy machine needs.
func (s *Badges) TakeTime() { s.settling = time.Minute }

// LeaveToWorkers has nothing verified before an upload is answered.
func (s *Badges) LeaveToWorkers() { s.unsettled = true }
