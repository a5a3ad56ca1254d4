package core

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/demo"
	"github.com/osier-passport/osier/core/fetch"
)

type demoCommand struct {
	Listen string `default:"localhost:8080" placeholder:"ADDR" help:"Address to listen on (default ${default})."`
}

// Run serves a seeded community from a folder that is removed at the end.
func (d demoCommand) Run(ctx context.Context, s Streams) error {
	dir, err := os.MkdirTemp("", "osier-demo-")
	if err != nil {
		return fmt.Errorf("make a throw-away folder: %w", err)
	}
	return errors.Join(d.serve(ctx, s, dir), os.RemoveAll(dir))
}

func (d demoCommand) serve(ctx context.Context, s Streams, dir string) error {
	ln, err := listenOn(ctx, d.Listen)
	if err != nil {
		return err
	}
	community, err := demo.New(localURL(ln.Addr()))
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	c := config.Default()
	c.Data, c.Listen = dir, d.Listen
	log := newLogger(s.Err, "warn")
	a, err := open(ctx, c, log, options{demo: true, clock: community.Now, fetch: fetch.Options{Documents: community.Documents()}})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	fmt.Fprintln(s.Err, "making the demo community …")
	community.Mount(a.web.Router()) //nolint:contextcheck // a request brings its own
	a.web.Bind(ln.Addr())
	if err := community.Seed(ctx, demo.Deps{Base: a.base, Accounts: a.accounts, Gallery: a.gallery, Badges: a.badges, Social: a.social, Endorse: a.endorse, Pages: a.pages, Queue: a.queue}); err != nil {
		return errors.Join(err, ln.Close(), a.close(context.WithoutCancel(ctx)))
	}
	ready := func(context.Context) error {
		_, err := fmt.Fprintf(s.Err, "the demo is at %s — everything in it is gone when you stop it (Ctrl-C)\n", a.web.URL("/"))
		return err
	}
	return errors.Join(a.serve(ctx, ln, ready), a.close(context.WithoutCancel(ctx)))
}

// localURL is the address by which this machine's own browser reaches ln.
func localURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "http://localhost"
	}
	return "http://localhost:" + strconv.Itoa(tcp.Port)
}
