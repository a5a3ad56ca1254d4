// Command gen makes a data folder of a generated community, to serve or measure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/osier-passport/osier/bench/gen"
)

func main() {
	o := gen.Options{Now: time.Now()}
	flag.StringVar(&o.Dir, "dir", "", "data folder to make")
	flag.Float64Var(&o.Scale, "scale", 0.05, "1 is 100,000 people, 1,000,000 badges and 5,000,000 events")
	flag.Uint64Var(&o.Seed, "seed", 1, "the same seed makes the same community")
	postgres := flag.String("postgres", "", "address of an empty PostgreSQL database to copy the folder to; the folder is made where there is none")
	flag.Parse()
	if o.Dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	m, err := gen.Of(o.Dir)
	if err != nil {
		m, err = gen.Generate(ctx, o)
	}
	if err == nil && *postgres != "" {
		err = gen.Copy(ctx, o.Dir, *postgres)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1) //nolint:gocritic // stop only unhooks the signal
	}
	fmt.Fprintf(os.Stdout, "%s: %d people, %d classes, %d badges, %d follows, %d comments, %d events in %s\n",
		o.Dir, m.People, m.Classes, m.Badges, m.Follows, m.Comments, m.Events, time.Since(o.Now).Round(100*time.Millisecond))
}
