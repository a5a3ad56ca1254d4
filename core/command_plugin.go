package core

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/install"
	"github.com/osier-passport/osier/plugins"
	"github.com/osier-passport/osier/plugins/sdk"
)

// pluginHostFolder is where the plugin host keeps its copies and its lock, in
// the data folder. Several hosts may use it at once.
const pluginHostFolder = "plugin-host"

type pluginCommand struct {
	List     pluginListCommand     `cmd:"" help:"List share plugins and their state."`
	Describe pluginDescribeCommand `cmd:"" help:"Print what a plugin offers, as JSON."`
	Install  pluginInstallCommand  `cmd:"" help:"Install a plugin: a file, a folder, an archive, or the address of one."`
	Update   pluginUpdateCommand   `cmd:"" help:"Put another version in the place of an installed plugin."`
	Remove   pluginRemoveCommand   `cmd:"" help:"Take an installed plugin away."`
	Enable   pluginEnableCommand   `cmd:"" help:"Offer a plugin, or one target of it, again."`
	Disable  pluginDisableCommand  `cmd:"" help:"Offer a plugin, or one target of it, no more."`
	Accept   pluginAcceptCommand   `cmd:"" help:"Accept the present executable of a community plugin after it was changed."`
	Doctor   pluginDoctorCommand   `cmd:"" help:"Find out why a plugin does not work, and what mends it."`
	Logs     pluginLogsCommand     `cmd:"" help:"Print the last lines that a plugin wrote."`
	Send     pluginSendCommand     `cmd:"" help:"Have a plugin share a badge, to see what comes out."`
	Retry    pluginRetryCommand    `cmd:"" help:"Have a share tried again that waits or failed; without one, list them."`
	Dev      pluginDevCommand      `cmd:"" help:"Build a plugin each time that a file of it is saved, and try it on a page at localhost."`
	Test     pluginTestCommand     `cmd:"" help:"Try a plugin on all that the passport may ask of it, whatever language it is written in."`
	New      pluginNewCommand      `cmd:"" help:"Write a plugin to begin with into a new folder."`
	Serve    pluginServeCommand    `cmd:"" help:"Serve a bundled plugin; the passport starts this itself."`
}

type pluginDescribeCommand struct {
	configured

	Plugin string `arg:"" help:"The id of a plugin of the passport, an executable, or a plugin's folder."`
}

// Run starts a plugin and prints its descriptor.
func (c pluginDescribeCommand) Run(ctx context.Context, s Streams) error {
	d, err := c.describe(ctx)
	if err != nil {
		return pluginWords(err)
	}
	e := json.NewEncoder(s.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(d)
}

func (c pluginDescribeCommand) describe(ctx context.Context) (d sdk.Descriptor, err error) {
	if _, there := os.Stat(c.Plugin); there == nil {
		return describeAt(ctx, c.Plugin)
	}
	err = c.withHost(ctx, func(h *host.Host) error {
		d, err = h.Describe(ctx, c.Plugin)
		return err
	})
	return d, err
}

// describeAt starts the plugin at path, which is not installed, and has it say
// what it offers.
func describeAt(ctx context.Context, path string) (d sdk.Descriptor, err error) {
	dir, err := os.MkdirTemp("", "osier-plugin-")
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	built, done, err := buildIfSource(ctx, path)
	defer done()
	if err != nil {
		return d, err
	}
	p, err := install.Stage(filepath.Join(dir, "plugins"), built, "")
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	return probe(ctx, p)
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
	return c.withHostAndAfter(ctx, f, func(*host.Host) {})
}

// withHostAndAfter is withHost, and has after look at the host once its processes have
// ended and all that they wrote is read.
func (c configured) withHostAndAfter(ctx context.Context, f func(*host.Host) error, after func(*host.Host)) (err error) {
	conf, err := c.load()
	if err != nil {
		return err
	}
	private, done, err := hostFolder(conf.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	h, err := host.New(host.Options{
		Dir: conf.PluginsFolder(), PrivateDir: private, Bundled: plugins.Bundled(), Log: slog.New(slog.DiscardHandler),
		Dial: nowhere, Hidden: privateFiles(conf, c.Config),
	})
	if err != nil {
		return err
	}
	err = errors.Join(f(h), h.Close(ctx))
	after(h)
	return err
}

// nowhere is the way out of plugins that a command starts: it posts nothing.
func nowhere(context.Context, string) (net.Conn, error) {
	return nil, errors.New("plugins that a command starts reach nothing")
}

// privateFiles are the files and folders of a passport that no plugin may read.
// configFile is the one named on the command line.
func privateFiles(c config.Config, configFile string) []string {
	all := []string{c.Data, c.PluginsFolder(), c.TombstoneFile(), config.DefaultFile, configFile, os.Getenv("OSIER_CONFIG")}
	if path := c.DatabaseURL(); !strings.Contains(path, "://") {
		all = append(all, path)
	}
	return slices.DeleteFunc(all, func(path string) bool { return path == "" })
}

// hostFolder is where a command's plugin host keeps its own: in the data folder, or
// where there is none, since looking must not begin a passport, in one that done
// removes.
func hostFolder(data string) (folder string, done func() error, err error) {
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		return filepath.Join(data, pluginHostFolder), func() error { return nil }, nil
	}
	if folder, err = os.MkdirTemp("", "osier-plugin-"); err != nil {
		return "", nil, err
	}
	return folder, func() error { return os.RemoveAll(folder) }, nil
}

// whoCanSeeWhy are the sentences that send people to the administrator, as they are said
// to the administrator.
var whoCanSeeWhy = map[string]string{
	"plugin.error.disabled": "plugin.error.disabled_here", "plugin.error.start": "plugin.error.start_here", "plugin.error.handshake": "plugin.error.handshake_here",
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
	text := words.T("en", cmp.Or(whoCanSeeWhy[f.Key], f.Key), pairs...)
	if detail := f.Args["detail"]; detail != "" && !strings.Contains(text, detail) {
		text += " (" + detail + ")"
	}
	if behind, ok := fault.As(f.Err); ok {
		text += " " + pluginWords(behind).Error()
	}
	return errors.New(text)
}
