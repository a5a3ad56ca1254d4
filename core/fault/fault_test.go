package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestStatusFollowsTheKindThroughWrapping(t *testing.T) {
	cause := errors.New("disk I/O error")
	base := New(Invalid, "badge.error.no_badge")
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"nil", nil, 200},
		{"unknown error is ours", cause, 500},
		{"fault", base, 422},
		{"wrapped fault", fmt.Errorf("import: %w", base.Wrap(cause)), 422},
		{"gone", New(Gone, "x"), 410},
		{"disk full", New(Insufficient, "x"), 507},
	} {
		if got := Status(c.err); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
	if !errors.Is(base.Wrap(cause), cause) {
		t.Error("the cause is lost")
	}
}

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	base := New(NotFound, "x").With("a", "1")
	_ = base.With("b", "2")
	if len(base.Args) != 1 {
		t.Errorf("the original changed: %v", base.Args)
	}
}
