package core

import (
	"context"
	"errors"
	"fmt"

	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/share/host"
)

type pluginSendCommand struct {
	configured

	ID     string `arg:"" help:"The plugin."`
	Target string `arg:"" help:"Its target."`

	Text     string `help:"Words of one's own."`
	Lang     string `default:"en" help:"Language of the person who shares."`
	Instance string `placeholder:"HOST" help:"The server, for a target that needs one."`
	DryRun   bool   `help:"Print what would be shared, and share nothing."`
}

// Run has a plugin share a badge that nobody has. A link is never more than an
// address, so that it is printed either way.
func (c pluginSendCommand) Run(ctx context.Context, s Streams) error {
	return c.withHost(ctx, func(h *host.Host) error {
		item := share.Sample(c.Lang)
		item.Text, item.Instance = c.Text, c.Instance
		r, err := h.Share(ctx, c.ID, host.Request{Target: c.Target, Item: item})
		if err != nil {
			return errors.Join(pluginWords(err), fmt.Errorf("osier plugin doctor %s tells more", c.ID))
		}
		_, err = fmt.Fprintln(s.Out, r.URL)
		return err
	})
}
