package badge

import "context"

// PlanForgotten is what Sweep does for badges without a next check, in batches of a size.
func (s *Badges) PlanForgotten(ctx context.Context, batch int64) error {
	return s.planForgotten(ctx, batch)
}

// LeaveToWorkers has nothing verified before an upload is answered.
func (s *Badges) LeaveToWorkers() { s.unsettled = true }
