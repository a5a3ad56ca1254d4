package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os/signal"
	"path/filepath"
	"syscall"
	"text/tabwriter"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins"
)

// pluginHostFolder is where the plugin host keeps its copies and its lock, in
// the data folder. Several hosts may use it at once.
const pluginHostFolder = "plugin-host"

type pluginCommand struct {
	List     pluginListCommand     `cmd:"" help:"List share plugins and their state."`
	Describe pluginDescribeCommand `cmd:"" help:"Print what a plugin offers, as JSON."`
	Accept   pluginAcceptCommand   `cmd:"" help:"Accept the present executable of a community plugin after it was changed."`
	Test     pluginTestCommand     `cmd:"" help:"Try a plugin on all that the passport may ask of it, whatever language it is written in."`
	New      pluginNewCommand      `cmd:"" help:"Write a plugin to begin with into a new folder."`
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
				reason = pluginWords(p.Reason).Error()
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
			return pluginWords(err)
		}
		e := json.NewEncoder(s.Out)
		e.SetIndent("", "  ")
		return e.Encode(d)
	})
}

type pluginAcceptCommand struct {
	configured

	ID string `arg:"" help:"The plugin."`
}

// Run accepts a changed plugin; a passport that runs sees it.
func (c pluginAcceptCommand) Run(ctx context.Context, s Streams) error {
	return c.withHost(ctx, func(h *host.Host) error {
		if err := h.Accept(c.ID); err != nil {
			return pluginWords(err)
		}
		_, err := fmt.Fprintf(s.Out, "accepted %s as it is now\n", c.ID)
		return err
	})
}

type pluginServeCommand struct {
	ID string `arg:"" help:"The plugin."`

	Manifest string `type:"existingfile" help:"Serve this plugin.yaml, which has all of its addresses, in place of a bundled plugin."`
}

// Run serves a bundled plugin, or one that is written down, until the passport ends
// it. SIGTERM ends it at once: nobody here waits for the command's context.
func (c pluginServeCommand) Run() error {
	signal.Reset(syscall.SIGTERM)
	if c.Manifest == "" {
		return plugins.Serve(c.ID)
	}
	return plugins.ServeFile(c.Manifest)
}

// withHost runs f on a plugin host of its own folder, beside a passport that may run.
func (c configured) withHost(ctx context.Context, f func(*host.Host) error) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	h, err := host.New(host.Options{
		Dir: conf.PluginsFolder(), PrivateDir: filepath.Join(conf.Data, pluginHostFolder), Bundled: plugins.Bundled(),
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	return errors.Join(f(h), h.Close(ctx))
}

// pluginWords gives the sentence of a plugin's fault, and of the one behind it.
func pluginWords(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	words, loadErr := i18n.Load(nil)
	if loadErr != nil {
		return err
	}
	pairs := []any{}
	for name, value := range f.Args {
		pairs = append(pairs, name, value)
	}
	text := words.T("en", f.Key, pairs...)
	if behind, ok := fault.As(f.Err); ok {
		text += " " + pluginWords(behind).Error()
	}
	return errors.New(text)
}
