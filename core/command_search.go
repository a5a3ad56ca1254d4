package core

import (
	"context"
	"fmt"
)

type searchCommand struct {
	Rebuild rebuildCommand `cmd:"" help:"Empty the search index and fill it again from what is shown. On SQLite the server must be stopped."`
}

type rebuildCommand struct{ configured }

// Run makes the index of explore and search anew and tells how much it holds. On
// PostgreSQL a running server helps with it.
func (r rebuildCommand) Run(ctx context.Context, s Streams) error {
	return r.with(ctx, func(a *app) error {
		if err := a.gallery.Rebuild(ctx); err != nil {
			return err
		}
		if err := a.gallery.Settle(ctx); err != nil {
			return err
		}
		n, err := a.gallery.Size(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.Out, "indexed: %d badges, %d people, %d pages, %d issuers, %d skills\n", n["class"], n["person"], n["page"], n["issuer"], n["skill"])
		return err
	})
}
