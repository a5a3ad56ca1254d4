package core

import (
	"context"
	"errors"
	"fmt"

	"github.com/osier-passport/osier/core/control"
	"github.com/osier-passport/osier/core/share/host"
)

type pluginEnableCommand struct {
	configured

	ID string `arg:"" help:"The plugin, or one target of it: links.xing."`
}

// Run switches a plugin or a target on.
func (c pluginEnableCommand) Run(ctx context.Context, s Streams) error {
	return c.switchPlugin(ctx, s, pluginSwitch{ID: c.ID, On: true}, "enabled")
}

type pluginDisableCommand struct {
	configured

	ID string `arg:"" help:"The plugin, or one target of it: links.xing."`
}

// Run switches a plugin or a target off.
func (c pluginDisableCommand) Run(ctx context.Context, s Streams) error {
	return c.switchPlugin(ctx, s, pluginSwitch{ID: c.ID}, "disabled")
}

func (c configured) switchPlugin(ctx context.Context, s Streams, what pluginSwitch, done string) error {
	err := c.ask(ctx, "plugin.switch", what, nil, func(a *app) error {
		a.share.Settle() // a target is known once its plugin has said so
		return a.switchPlugin(ctx, what)
	})
	if err == nil {
		_, err = fmt.Fprintf(s.Out, "%s %s\n", done, what.ID)
	}
	return err
}

// ask has the passport that runs do something and answer into out, or does it itself on
// an opened one.
func (c configured) ask(ctx context.Context, op string, in, out any, otherwise func(*app) error) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	if err := control.Call(ctx, conf.Data, op, in, out); !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	return c.with(ctx, otherwise)
}

type pluginAcceptCommand struct {
	configured

	ID string `arg:"" help:"The plugin."`
}

// Run accepts a changed plugin, in the passport that runs where one does.
func (c pluginAcceptCommand) Run(ctx context.Context, s Streams) error {
	if err := c.acceptPlugin(ctx, c.ID); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.Out, "accepted %s as it is now\n", c.ID)
	return err
}

func (c configured) acceptPlugin(ctx context.Context, id string) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	if err := control.Call(ctx, conf.Data, "plugin.accept", id, nil); !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	return c.withHost(ctx, func(h *host.Host) error {
		if err := h.Accept(id); err != nil {
			return pluginWords(err)
		}
		return nil
	})
}

func (c configured) forgetPlugin(ctx context.Context, id string) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	if err := control.Call(ctx, conf.Data, "plugin.forget", id, nil); !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	return c.withHost(ctx, func(h *host.Host) error { return h.Forget(ctx, id) })
}
