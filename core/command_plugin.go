package core

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"text/tabwriter"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins"
)

type pluginCommand struct {
	List     pluginListCommand     `cmd:"" help:"List share plugins and their state."`
	Describe pluginDescribeCommand `cmd:"" help:"Print what a plugin offers, as JSON."`
	Serve    pluginServeCommand    `cmd:"" help:"Serve a bundled plugin; the passport starts this itself."`
}

type pluginListCommand struct {
	configured

	JSON bool `help:"Print JSON."`
}

// Run lists the plugins.
func (c pluginListCommand) Run(ctx context.Context, s Streams) error {
	return c.withHost(ctx, func(h *host.Host) error {
		list := h.List()
		if c.JSON {
			return json.NewEncoder(s.Out).Encode(list)
		}
		w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tVERSION\tSOURCE\tSTATE\tREASON")
		for _, p := range list {
			reason := ""
			if p.Reason != nil {
				reason = p.Reason.Error()
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.ID, p.Version, p.Source, p.State, oneLine(reason))
		}
		return w.Flush()
	})
}

type pluginDescribeCommand struct {
	configured

	ID string `arg:"" help:"The plugin."`
}

// Run starts a plugin and prints its descriptor.
func (c pluginDescribeCommand) Run(ctx context.Context, s Streams) error {
	return c.withHost(ctx, func(h *host.Host) error {
		d, err := h.Describe(ctx, c.ID)
		if err != nil {
			return err
		}
		e := json.NewEncoder(s.Out)
		e.SetIndent("", "  ")
		return e.Encode(d)
	})
}

type pluginServeCommand struct {
	ID string `arg:"" help:"The plugin."`
}

// Run serves a bundled plugin until the passport ends it.
func (c pluginServeCommand) Run() error { return plugins.Serve(c.ID) }

// withHost runs f on a plugin host of its own folder, beside a passport that may run.
func (c configured) withHost(ctx context.Context, f func(*host.Host) error) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	h, err := host.New(host.Options{
		Dir: conf.PluginsFolder(), PrivateDir: filepath.Join(conf.Data, "plugin-command"), Bundled: plugins.Bundled(),
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	return errorsJoinClose(ctx, h, f(h))
}

func errorsJoinClose(ctx context.Context, h *host.Host, err error) error {
	if closed := h.Close(ctx); err == nil {
		return closed
	}
	return err
}
