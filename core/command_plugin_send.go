package core

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/osier-passport/osier/core/control"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

type pluginSendCommand struct {
	configured

	ID     string `arg:"" help:"The plugin."`
	Target string `arg:"" help:"Its target."`

	Badge    string            `placeholder:"ID" help:"A public badge of the passport, by the id in its address; without one, a badge that nobody has."`
	Text     string            `help:"Words of one's own."`
	Lang     string            `default:"en" help:"Language of the person who shares."`
	Instance string            `placeholder:"HOST" help:"The server, for a target that needs one."`
	Option   map[string]string `placeholder:"KEY=VALUE" help:"What the person chooses; may be given several times."`
	DryRun   bool              `help:"Print what would be shared, and share nothing. For a target that posts in an account or sends to an address there is nothing else."`
}

// Run prints the address that a link makes, or the text that a target would post, and
// on standard error what the plugin wrote meanwhile. Nothing is ever posted by it: that
// needs a person, and their account or the address that they saved.
func (c pluginSendCommand) Run(ctx context.Context, s Streams) error {
	item, err := c.item(ctx)
	if err != nil {
		return err
	}
	item.Text, item.Instance, item.ViewerLang = c.Text, c.Instance, c.Lang
	return c.withHostAndAfter(ctx, func(h *host.Host) error { return c.send(ctx, s, h, item) }, func(h *host.Host) {
		for _, line := range statusOf(h, c.ID).LastLogs {
			fmt.Fprintln(s.Err, "log    ", line)
		}
	})
}

func (c pluginSendCommand) send(ctx context.Context, s Streams, h *host.Host, item sdk.Item) error {
	d, err := h.Try(ctx, c.ID)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return noPlugin(c.ID)
		}
		return errors.Join(pluginWords(err), fmt.Errorf("osier plugin doctor %s tells more", c.ID))
	}
	at := slices.IndexFunc(d.Targets, func(t sdk.TargetInfo) bool { return t.ID == c.Target })
	if at < 0 {
		return fmt.Errorf("%s has no target %s: osier plugin describe %s names them", c.ID, c.Target, c.ID)
	}
	r := host.Request{Target: c.Target, Item: item, Options: c.Option}
	if d.Targets[at].Kind == sdk.KindLink {
		return c.link(ctx, s, h, r)
	}
	if !c.DryRun {
		return notSent(d.Targets[at])
	}
	return c.preview(ctx, s, h, r)
}

// notSent is why a share to t is not sent by a command.
func notSent(t sdk.TargetInfo) error {
	switch {
	case t.ByMail:
		return fmt.Errorf("%s sends a mail to people that somebody names: --dry-run prints what it would say", t.ID)
	case t.Kind == sdk.KindDirect:
		return fmt.Errorf("%s sends to an address that somebody saved: --dry-run prints what it would send", t.ID)
	}
	return fmt.Errorf("%s posts in somebody's name: --dry-run prints what it would post", t.ID)
}

func (c pluginSendCommand) link(ctx context.Context, s Streams, h *host.Host, r host.Request) error {
	result, err := h.Share(ctx, c.ID, r)
	if err != nil {
		return errors.Join(pluginWords(err), fmt.Errorf("osier plugin doctor %s tells more", c.ID))
	}
	_, err = fmt.Fprintln(s.Out, result.URL)
	return err
}

func (c pluginSendCommand) preview(ctx context.Context, s Streams, h *host.Host, r host.Request) error {
	p, err := h.Preview(ctx, c.ID, r)
	if err != nil {
		return pluginWords(err)
	}
	if p.Subject != "" {
		fmt.Fprintln(s.Out, "Subject:", p.Subject)
	}
	fmt.Fprintln(s.Out, p.Text)
	if p.Max > 0 {
		fmt.Fprintf(s.Err, "%d of %d characters\n", p.Used, p.Max)
	}
	if len(p.Errors) == 0 {
		return nil
	}
	var wrong []error
	for _, e := range p.Errors {
		wrong = append(wrong, fmt.Errorf("%s: %s", cmp.Or(e.Key, "all"), e.Text))
	}
	return errors.Join(wrong...)
}

// item is the sample, or a public badge as the passport would share it.
func (c pluginSendCommand) item(ctx context.Context) (sdk.Item, error) {
	if c.Badge == "" {
		return share.Sample(c.Lang), nil
	}
	conf, err := c.load()
	if err != nil {
		return sdk.Item{}, err
	}
	var item sdk.Item
	if err := control.Call(ctx, conf.Data, "share.send", [2]string{c.Badge, c.Lang}, &item); !errors.Is(err, control.ErrNotRunning) {
		return item, err
	}
	if _, err := os.Stat(conf.Data); err != nil {
		return item, fmt.Errorf("--badge needs the badges of a passport, and there is none here: %w", err)
	}
	err = c.with(ctx, func(a *app) error {
		item, err = a.share.PublicItem(ctx, c.Badge, c.Lang)
		return a.inWords(err)
	})
	return item, err
}

func (a *app) onShareSend(ctx context.Context, in json.RawMessage) (any, error) {
	var which [2]string
	if err := json.Unmarshal(in, &which); err != nil {
		return nil, err
	}
	item, err := a.share.PublicItem(ctx, which[0], which[1])
	return item, a.inWords(err)
}
