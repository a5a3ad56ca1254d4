// Command ratio runs the pairs of package pairs in turns, prints the medians and
// their ratios, and fails when one is worse than its bound.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"text/tabwriter"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/pairs"
)

type options struct {
	rounds int
	only   string
	scale  float64
	data   string
	pg     string
	list   bool
	check  bool
	cpu    string
}

var errBelow = errors.New("below its bound")

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "turns of each side")
	flag.StringVar(&o.only, "only", "", "only pairs whose name contains this")
	flag.Float64Var(&o.scale, "scale", 0.05, "size of the generated community: 1 is 100,000 people and 5,000,000 events")
	flag.StringVar(&o.data, "data", "", "folder that cmd/gen made, or where to make one to keep")
	flag.StringVar(&o.pg, "postgres", "", "PostgreSQL database that holds the community of -data (cmd/gen -postgres), to measure in place of SQLite")
	flag.BoolVar(&o.list, "list", false, "list the pairs")
	flag.StringVar(&o.cpu, "cpuprofile", "", "file for a CPU profile of this process")
	flag.BoolVar(&o.check, "check", false, "three short turns: enough to see a ratio below its floor")
	flag.Parse()
	if o.check {
		o.rounds = 3
	}
	if flag.NArg() > 0 || o.rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ratio:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.list {
		for _, m := range pairs.All() {
			fmt.Fprintln(os.Stdout, m.Name)
		}
		return nil
	}
	root, err := pairs.Root()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "osier-bench-")
	if err != nil {
		return err
	}
	e := &pairs.Env{Root: root, Work: work, Data: o.data, Scale: o.scale, Postgres: o.pg, Log: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	}}
	stop, err := profile(o.cpu)
	if err != nil {
		return err
	}
	results, err := measureAll(ctx, e, o)
	stop()
	printTable(os.Stdout, results)
	err = errors.Join(err, e.Close(), os.RemoveAll(work))
	for _, r := range results {
		if !r.OK {
			err = errors.Join(err, fmt.Errorf("%s: %w", r.Name, errBelow))
		}
	}
	return err
}

// profile writes a CPU profile to a file until the function it gives is called.
func profile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	out, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = out.Close() // a profile that is cut short cannot be read, which is seen
	}, pprof.StartCPUProfile(out)
}

// measureAll goes on when a pair cannot be measured, and gives all such errors.
func measureAll(ctx context.Context, e *pairs.Env, o options) ([]measure.Result, error) {
	var results []measure.Result
	var errs []error
	for _, m := range pairs.All() {
		if !strings.Contains(m.Name, o.only) {
			continue
		}
		r, err := measureOne(ctx, e, m, o)
		if errors.Is(err, pairs.ErrLeftOut) {
			fmt.Fprintf(os.Stderr, "%s: %v\n", m.Name, err)
			continue
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", m.Name, err)
			errs = append(errs, fmt.Errorf("%s: %w", m.Name, err))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		results = append(results, r)
		fmt.Fprintf(os.Stderr, "%s: %.2f\n", m.Name, r.Ratio)
	}
	if len(results)+len(errs) == 0 {
		return nil, fmt.Errorf("no pair is named like %q", o.only)
	}
	return results, errors.Join(errs...)
}

func measureOne(ctx context.Context, e *pairs.Env, m pairs.Maker, o options) (r measure.Result, err error) {
	p, err := m.Make(ctx, e)
	if p.Close != nil {
		defer func() { err = errors.Join(err, p.Close()) }()
	}
	if err != nil {
		return r, err
	}
	p.Name = m.Name
	if p.Held && !o.check {
		p.AtMost = p.Goal
	}
	return p.Run(ctx, o.rounds)
}

func printTable(out io.Writer, results []measure.Result) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "pair\tours\tother\tunit\tratio\tbound\tgoal\t\t  against")
	for _, r := range results {
		unit, sign, bound := r.Unit, "≤", r.AtMost
		if unit == "" {
			unit = measure.CPU1
		}
		if r.AtLeast > 0 {
			sign, bound = "≥", r.AtLeast
		}
		state := "ok"
		if !r.OK {
			state = "BELOW"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s %g\t%s %g\t%s\t  %s\n",
			r.Name, figure(r.OursMedian), figure(r.OtherMedian), unit, figure(r.Ratio), sign, bound, sign, r.Goal, state, r.Against)
	}
	_ = w.Flush() // to standard output
}

func figure(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
