package pairs

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/core/openbadge/ld"
)

// poison is graphs whose blank nodes look alike, which takes time without end
// unless the work is counted (RDFC-1.0 §7.1), and graphs that are too large. The
// slowest one counts.
func poison(context.Context, *Env) (measure.Pair, error) {
	const limit = 50 // ms of CPU
	graphs := []string{clique(10), clique(30), ring(2000), ring(60_000), strings.Repeat("<urn:s> <urn:p> _:x .\n", 100_000)}
	return measure.Pair{
		Against: "50 ms for the worst", Unit: "cpu ms", AtMost: 2, Goal: 1,
		Ours: measure.Side{Value: func(ctx context.Context) (float64, error) {
			worst := 0.0
			for _, g := range graphs {
				before, err := measure.CPU(measure.Self)
				if err != nil {
					return 0, err
				}
				_, err = ld.CanonicalNQuads(ctx, []byte(g), crypto.SHA256)
				if e, ok := errors.AsType[*ld.Error](err); !ok || e.Reason != "too-complex" {
					return 0, fmt.Errorf("%w: %w", errWrong, err)
				}
				after, err := measure.CPU(measure.Self)
				if err != nil {
					return 0, err
				}
				worst = max(worst, float64((after-before).Microseconds())/1e3)
			}
			return worst, nil
		}},
		Other: measure.Side{Value: func(context.Context) (float64, error) { return limit, nil }},
	}, nil
}

func clique(n int) string {
	var s strings.Builder
	for i := range n {
		for j := range n {
			if i != j {
				fmt.Fprintf(&s, "_:n%d <urn:p> _:n%d .\n", i, j)
			}
		}
	}
	return s.String()
}

func ring(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "_:n%d <urn:p> _:n%d .\n", i, (i+1)%n)
	}
	return s.String()
}
