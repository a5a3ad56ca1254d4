package sharetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Meet tries the one demand whose name holds want.
func Meet(ctx context.Context, want string, command ...string) error {
	for _, d := range demands() {
		if !strings.Contains(d.name, want) {
			continue
		}
		p, err := start(ctx, Suite{Command: command})
		if err != nil {
			return fmt.Errorf("cannot be tried: %w", err)
		}
		defer p.end()
		if about, err := p.describe(ctx); err == nil && d.of != nil && !slices.ContainsFunc(about.GetTargets(), d.of) {
			return fmt.Errorf("%q is not asked of it", d.name)
		}
		if try(ctx, p, d) == nil {
			return fmt.Errorf("passed as one that %s", d.name)
		}
		return nil
	}
	return fmt.Errorf("no demand is called %q", want)
}
