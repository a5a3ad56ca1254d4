package pairs

import (
	"context"
	"os"
	"time"

	"github.com/osier-passport/osier/bench/measure"
)

func starting() []Maker {
	return []Maker{
		{"start/time to the first 200", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return startPair(ctx, e, startCase{measure.Wall, 3, 2, timeToAnswer})
		}},
		{"start/CPU to the first 200", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return startPair(ctx, e, startCase{measure.CPU1, 3, 2, cpuToAnswer})
		}},
		{"start/memory at rest", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return startPair(ctx, e, startCase{measure.MB, 2, 2, memoryAtRest})
		}},
		{"start/size of the binary", sizePair},
	}
}

// startCase is what is looked at, and what the ratio is to be.
type startCase struct {
	unit       measure.Unit
	most, goal float64
	figure     func(context.Context, *server, time.Time) (float64, error)
}

// startPair holds a start on the generated folder against that of a program that
// links the same libraries and does nothing.
func startPair(ctx context.Context, e *Env, c startCase) (measure.Pair, error) {
	if err := e.stopServers(); err != nil {
		return measure.Pair{}, err
	}
	side := func(launch func(context.Context) (*server, error)) measure.Side {
		return measure.Side{Value: func(ctx context.Context) (float64, error) {
			begun := time.Now()
			s, err := launch(ctx)
			if err != nil {
				return 0, err
			}
			err = s.ready(ctx)
			var v float64
			if err == nil {
				v, err = c.figure(ctx, s, begun)
			}
			if stopped := s.stop(); err == nil {
				err = stopped
			}
			return v, err
		}}
	}
	p := measure.Pair{
		Against: "a program that links the same libraries", Unit: c.unit, AtMost: c.most, Goal: c.goal,
		Ours:  side(e.startOsier),
		Other: side(func(ctx context.Context) (*server, error) { return e.startLinkall(ctx) }),
	}
	for _, s := range []measure.Side{p.Ours, p.Other} { // builds, and reads the files once
		if _, err := s.Value(ctx); err != nil {
			return p, err
		}
	}
	return p, nil
}

func timeToAnswer(_ context.Context, _ *server, begun time.Time) (float64, error) {
	return float64(time.Since(begun).Microseconds()), nil
}

func cpuToAnswer(_ context.Context, s *server, _ time.Time) (float64, error) {
	used, err := measure.CPU(s.pid())
	return float64(used.Microseconds()), err
}

func memoryAtRest(ctx context.Context, s *server, _ time.Time) (float64, error) {
	if err := s.quiet(ctx); err != nil {
		return 0, err
	}
	bytes, err := measure.Resident(s.pid())
	return float64(bytes) / 1e6, err
}

func sizePair(ctx context.Context, e *Env) (measure.Pair, error) {
	size := func(name string) measure.Side {
		return measure.Side{Value: func(ctx context.Context) (float64, error) {
			path, err := e.binary(ctx, name)
			if err != nil {
				return 0, err
			}
			info, err := os.Stat(path)
			if err != nil {
				return 0, err
			}
			return float64(info.Size()) / 1e6, nil
		}}
	}
	return measure.Pair{
		Against: "a program that links the same libraries", Unit: measure.MB, AtMost: 2, Goal: 2, Ours: size("osier"), Other: size("linkall"),
	}, nil
}
