package share

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/fault"
)

// errNoCap says that a target charges and nobody said what a month may cost.
func errNoCap(target string) error {
	plugin, _, _ := strings.Cut(target, ".")
	return fault.New(fault.Conflict, "share.error.no_cap").With("target", target).At("/admin/plugins/" + plugin)
}

// capped refuses a target whose remote charges while a month has no cap: a limit of 0
// would be without end.
func (s *Share) capped(ctx context.Context, target string) error {
	t, err := s.targetInfo(target)
	if err != nil || t.Limits.CostCents == 0 {
		return err
	}
	l, err := s.TargetLimits(ctx, target)
	if err == nil && l.MonthCents == 0 {
		err = errNoCap(target)
	}
	return err
}
