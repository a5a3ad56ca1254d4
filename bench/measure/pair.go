package measure

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Unit says what the two figures of a pair are.
type Unit string

// The units. All but CPU are taken as they are; CPU is divided by the number of
// operations.
const (
	CPU1 Unit = "cpu µs"
	Wall Unit = "wall µs"
	MB   Unit = "MB"

	Bytes Unit = "bytes"
)

// Side is one of the two pieces of work of a pair.
type Side struct {
	// Run does the work n times.
	Run func(ctx context.Context, n int) error
	// PID is the process whose CPU time counts; Self for this one.
	PID int
	// Value, where set, gives the figure itself, in the unit of the pair, in
	// place of Run.
	Value func(ctx context.Context) (float64, error)
}

// Pair is our work and what it is held against.
type Pair struct {
	Name    string
	Against string // what the other side is
	Unit    Unit   // "" is CPU1
	Ours    Side
	Other   Side

	// Exactly one is set. AtMost bounds ours/other: the other side is the least
	// that the work can cost. AtLeast bounds other/ours: the other side is
	// another way of doing the same.
	AtMost, AtLeast float64
	Held            bool          // a whole run holds Goal; short turns, which a busy machine bends, hold the bound
	Goal            float64       // what the ratio should become; 0 where the bound is the goal
	Slice           time.Duration // of one turn; 0 is 200 ms
	Turns           int           // at least so many, however few are asked for
	Check           func(ctx context.Context) error
	Close           func() error
}

// Result is the outcome of a pair.
type Result struct {
	Pair

	OursMedian, OtherMedian, Ratio float64
	OK                             bool
}

// Run measures a pair in turns, whose order changes, and gives the medians. The number of operations
// of a turn is found first, so that it lasts about the pair's slice.
func (p Pair) Run(ctx context.Context, rounds int) (Result, error) {
	r := Result{Pair: p}
	if p.Check != nil {
		if err := p.Check(ctx); err != nil {
			return r, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	var n [2]int
	var figures [2][]float64
	sides := [2]Side{p.Ours, p.Other}
	for i, s := range sides {
		if s.Value != nil {
			continue
		}
		var err error
		if n[i], err = p.operations(ctx, s); err != nil {
			return r, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	for round := range max(rounds, p.Turns) {
		for turn := range sides {
			i := (round + turn) % len(sides) // neither is always the first
			v, err := p.turn(ctx, sides[i], n[i])
			if err != nil {
				return r, fmt.Errorf("%s: %w", p.Name, err)
			}
			figures[i] = append(figures[i], v)
		}
	}
	r.OursMedian, r.OtherMedian = median(figures[0]), median(figures[1])
	r.judge()
	return r, nil
}

func (r *Result) judge() {
	if r.AtLeast > 0 {
		r.Ratio = r.OtherMedian / r.OursMedian
		r.OK = r.Ratio >= r.AtLeast
		return
	}
	r.Ratio = r.OursMedian / r.OtherMedian
	r.OK = r.Ratio <= r.AtMost
}

// operations finds how many operations fill a slice, and warms the side up.
func (p Pair) operations(ctx context.Context, s Side) (int, error) {
	slice := p.Slice
	if slice == 0 {
		slice = 200 * time.Millisecond
	}
	// The first one may start a process or fill a cache; it says nothing of the others.
	if err := s.Run(ctx, 1); err != nil {
		return 0, err
	}
	for n := 1; ; n *= 4 {
		start := time.Now()
		if err := s.Run(ctx, n); err != nil {
			return 0, err
		}
		if took := time.Since(start); took > slice/8 || n > 1<<22 {
			return max(1, int(float64(n)*float64(slice)/float64(took))), nil
		}
	}
}

func (p Pair) turn(ctx context.Context, s Side, n int) (float64, error) {
	if s.Value != nil {
		return s.Value(ctx)
	}
	start := time.Now()
	before, err := CPU(s.PID)
	if err != nil {
		return 0, err
	}
	if err := s.Run(ctx, n); err != nil {
		return 0, err
	}
	after, err := CPU(s.PID)
	if err != nil {
		return 0, err
	}
	used := after - before
	if p.Unit == Wall {
		used = time.Since(start)
	}
	return float64(used.Nanoseconds()) / 1e3 / float64(n), nil
}

func median(list []float64) float64 {
	slices.Sort(list)
	half := len(list) / 2
	if len(list)%2 == 1 {
		return list[half]
	}
	return (list[half-1] + list[half]) / 2
}
