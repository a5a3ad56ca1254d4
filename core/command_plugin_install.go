package core

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/install"
	"github.com/osier-passport/osier/plugins"
	"github.com/osier-passport/osier/plugins/sdk"
)

// downloadTime is how long a plugin may take to arrive.
const downloadTime = 5 * time.Minute

var sumShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-fA-F]{64}$`) })

// pluginSource is what install and update take.
type pluginSource struct {
	configured

	SHA256 string `name:"sha256" placeholder:"HEX" help:"The SHA-256 that the file must have; an address needs it."`
	Yes    bool   `short:"y" help:"Do not ask."`
}

type pluginInstallCommand struct {
	pluginSource

	Source string `arg:"" help:"An executable, a plugin.yaml, a folder, a .tar.gz or .zip of one, or the https address of a file. A folder with a go.mod is built."`
}

// Run installs a plugin that is not there yet.
func (c pluginInstallCommand) Run(ctx context.Context, s Streams) error {
	return c.install(ctx, s, c.Source, "")
}

type pluginUpdateCommand struct {
	pluginSource

	ID     string `arg:"" help:"The plugin that is installed."`
	Source string `arg:"" help:"As for osier plugin install."`
}

// Run puts another version in the place of a plugin.
func (c pluginUpdateCommand) Run(ctx context.Context, s Streams) error {
	return c.install(ctx, s, c.Source, c.ID)
}

// install stages, checks, asks and sets in place. replaces is the id of the plugin
// to update, or "".
func (c pluginSource) install(ctx context.Context, s Streams, source, replaces string) (err error) {
	conf, err := c.load()
	if err != nil {
		return err
	}
	if c.SHA256 != "" && !sumShape().MatchString(c.SHA256) {
		return errors.New("--sha256 is 64 hexadecimal digits, as sha256sum prints them")
	}
	file, done, err := c.obtain(ctx, source, conf.Fetch.Allow)
	defer done()
	if err != nil {
		return err
	}
	p, err := install.Stage(conf.PluginsFolder(), file, c.SHA256)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	d, err := probe(ctx, p)
	if err != nil {
		return pluginWords(err)
	}
	if err := checkInstalled(conf.PluginsFolder(), d.ID, replaces); err != nil {
		return err
	}
	printOffer(s.Out, d, p, source)
	if !c.Yes && !agreed(s) {
		return errors.New("nothing was installed")
	}
	if err := p.Place(d.ID, replaces != ""); err != nil {
		return err
	}
	if err := c.acceptPlugin(ctx, d.ID); err != nil {
		return fmt.Errorf("it is in place but not accepted: %w\nTry: osier plugin doctor %s", err, d.ID)
	}
	fmt.Fprintf(s.Out, "%s %s is installed\n", d.ID, d.Version)
	return nil
}

// checkInstalled tells whether the name is free, or the one to be updated.
func checkInstalled(folder, id, replaces string) error {
	for _, p := range plugins.Bundled() {
		if d, err := p.Descriptor(); err == nil && d.ID == id {
			return fmt.Errorf("%s is the name of a plugin that is part of Osier; its author has to choose another", id)
		}
	}
	_, err := os.Lstat(filepath.Join(folder, id))
	switch there := err == nil; {
	case replaces != "" && id != replaces:
		return fmt.Errorf("this is the plugin %s, not %s", id, replaces)
	case replaces != "" && !there:
		return fmt.Errorf("%s is not installed: osier plugin install puts it there", id)
	case replaces == "" && there:
		return fmt.Errorf("%s is installed already: osier plugin update %s SOURCE puts this one in its place", id, id)
	}
	return nil
}

// obtain gives the path of a local file or folder for source.
func (c pluginSource) obtain(ctx context.Context, source string, allow []string) (file string, done func(), err error) {
	if !strings.Contains(source, "://") {
		return buildIfSource(ctx, source)
	}
	done = func() {}
	if c.SHA256 == "" {
		return "", done, errors.New("an address needs --sha256: the author of the plugin publishes it beside the file, and it says which file is meant")
	}
	if !strings.HasPrefix(source, "https://") && len(allow) == 0 {
		return "", done, errors.New("only https:// addresses are taken")
	}
	return download(ctx, source, allow)
}

// download fetches a file by the guarded client.
func download(ctx context.Context, source string, allow []string) (file string, done func(), err error) {
	dir, err := os.MkdirTemp("", "osier-plugin-")
	if err != nil {
		return "", func() {}, err
	}
	done = func() { _ = os.RemoveAll(dir) }
	client := fetch.New(fetch.Options{
		Allow: allow, MaxBody: install.MaxArchive, MaxTime: downloadTime, Log: slog.New(slog.DiscardHandler), Agent: "Osier/" + Version(),
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, source, http.NoBody)
	if err != nil {
		return "", done, err
	}
	answer, err := client.HTTP().Do(r)
	if err != nil {
		return "", done, fmt.Errorf("fetch the plugin: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", done, fmt.Errorf("fetch the plugin: %s answers %s", r.URL.Host, answer.Status)
	}
	file = filepath.Join(dir, cmp.Or(filepath.Base(path.Base(r.URL.Path)), "plugin"))
	out, err := os.Create(file)
	if err != nil {
		return "", done, err
	}
	_, err = io.Copy(out, answer.Body)
	if err = errors.Join(err, out.Close()); err != nil {
		err = fmt.Errorf("fetch the plugin: %w", err)
	}
	return file, done, err
}

// buildIfSource gives path itself, or for a folder with a go.mod another one with
// plugin.yaml and what was built.
func buildIfSource(ctx context.Context, source string) (file string, done func(), err error) {
	done = func() {}
	if _, err := os.Stat(filepath.Join(source, "go.mod")); err != nil {
		return source, done, nil //nolint:nilerr // not a module: taken as it is
	}
	manifest, err := os.ReadFile(filepath.Join(source, manifestFile))
	if err != nil {
		return "", done, fmt.Errorf("a plugin's folder has a %s: %w", manifestFile, err)
	}
	m, err := sdk.ParseManifest(manifest)
	if err != nil {
		return "", done, err
	}
	command, done, err := buildPlugin(ctx, source)
	if err != nil {
		return "", done, err
	}
	dir := filepath.Join(filepath.Dir(command[0]), "release")
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // G301: as the host demands
		return "", done, err
	}
	binary := filepath.Join(dir, filepath.Base(cmp.Or(m.Binary, m.ID)))
	err = errors.Join(os.Rename(command[0], binary), os.WriteFile(filepath.Join(dir, manifestFile), manifest, 0o644)) //nolint:gosec // G306: public
	return dir, done, err
}

// probe has a staged plugin say what it offers, in a process that ends at once.
func probe(ctx context.Context, p *install.Package) (d sdk.Descriptor, err error) {
	if p.Written {
		return p.Manifest.Descriptor(), nil
	}
	dir, err := os.MkdirTemp("", "osier-plugin-")
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	h, err := host.New(host.Options{PrivateDir: dir, Log: slog.New(slog.DiscardHandler), Dial: nowhere})
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, h.Close(ctx)) }()
	if d, err = probeStaged(ctx, h, p); err != nil {
		if why, ok := fault.As(err); ok {
			err = why.With("plugin", cmp.Or(p.Manifest.ID, "the plugin"))
		}
		return d, err
	}
	if p.Manifest.ID != "" && p.Manifest.ID != d.ID {
		return d, fmt.Errorf("its plugin.yaml is of %q, but it calls itself %q", p.Manifest.ID, d.ID)
	}
	return d, nil
}

func probeStaged(ctx context.Context, h *host.Host, p *install.Package) (sdk.Descriptor, error) {
	if p.Entry != nil {
		return h.ProbeFolder(ctx, p.Folder(), p.Entry)
	}
	sum, err := host.Sum(p.Executable())
	if err != nil {
		return sdk.Descriptor{}, err
	}
	return h.Probe(ctx, p.Executable(), sum)
}

// printOffer shows what somebody agrees to by installing the plugin.
func printOffer(out io.Writer, d sdk.Descriptor, p *install.Package, source string) {
	fmt.Fprintf(out, "%s %s (%s)\n", sdk.Label(d.Name, "en", d.ID), d.Version, d.ID)
	if p.Sum != "" {
		fmt.Fprintf(out, "  sha256   %s\n", p.Sum)
	}
	fmt.Fprintf(out, "  from     %s\n", source)
	for _, t := range d.Targets {
		items := make([]string, 0, len(t.Items))
		for _, i := range t.Items {
			items = append(items, string(i))
		}
		fmt.Fprintf(out, "  target   %s: %s, %s; takes %s\n", t.ID, t.Kind, sdk.Label(t.Labels, "en", t.ID), strings.Join(items, ", "))
	}
	for _, t := range d.Targets {
		if t.OAuth != nil {
			fmt.Fprintf(out, "  scopes   %s asks people for: %s\n", t.ID, cmp.Or(strings.Join(t.OAuth.Scopes, ", "), "nothing in particular"))
		}
	}
	fmt.Fprintf(out, "  egress   connects to %s\n", egressOf(d, p))
	if hosts := leadsTo(d); len(hosts) > 0 {
		fmt.Fprintf(out, "  hosts    sends people to %s\n", strings.Join(hosts, ", "))
	}
	switch {
	case p.Written:
		fmt.Fprintln(out, "  code     none: Osier itself makes the addresses")
	case host.ConfinementHere().Whole():
		fmt.Fprintln(out, "  code     a program that runs as the user of this passport, confined: it reads nothing of the passport's, and connects to nothing but what is said above"+orSockets())
	default:
		fmt.Fprintln(out, "  code     a program that runs as the user of this passport; install only what you trust")
	}
}

// orSockets names what the confinement leaves a plugin where the system has no rule for it.
func orSockets() string {
	if host.ConfinementHere().Sockets {
		return ""
	}
	return ", or to a unix socket whose path it knows"
}

// egressOf says what the plugin will be able to reach.
func egressOf(d sdk.Descriptor, p *install.Package) string {
	list := reaches(d)
	if p.Anywhere() {
		list = append(list, "anything else by itself")
	}
	return cmp.Or(strings.Join(list, ", "), "nothing")
}

// personsServer is the host of a target that needs one of many.
const personsServer = "the server that a person names"

// reaches tells what the plugin may connect to: what it declares, and for a call what
// the person named for it.
func reaches(d sdk.Descriptor) []string {
	posting := func(needs func(sdk.TargetInfo) bool) bool {
		return slices.ContainsFunc(d.Targets, func(t sdk.TargetInfo) bool { return t.Kind != sdk.KindLink && needs(t) })
	}
	list := slices.Clone(d.Egress)
	if posting(func(t sdk.TargetInfo) bool { return t.NeedsInstance }) {
		list = append(list, personsServer)
	}
	if posting(func(t sdk.TargetInfo) bool {
		return slices.ContainsFunc(t.Connect, func(f sdk.Field) bool { return f.Type == sdk.FieldURL })
	}) {
		list = append(list, "the address that a person saves")
	}
	return list
}

// leadsTo tells where the links of the plugin lead; a plugin that posts or sends alone
// leads nowhere.
func leadsTo(d sdk.Descriptor) []string {
	list := slices.Clone(d.Hosts)
	if slices.ContainsFunc(d.Targets, func(t sdk.TargetInfo) bool { return t.Kind == sdk.KindLink && t.NeedsInstance }) {
		list = append(list, personsServer)
	}
	return list
}

// agreed asks on the terminal.
func agreed(s Streams) bool {
	fmt.Fprint(s.Err, "Install it? [y/N] ")
	answer, err := bufio.NewReader(s.In).ReadString('\n')
	if err != nil && answer == "" {
		fmt.Fprintln(s.Err, "\nThere is nobody to ask: --yes answers for a script.")
		return false
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

type pluginRemoveCommand struct {
	configured

	ID string `arg:"" help:"The plugin."`
}

// Run takes a community plugin away.
func (c pluginRemoveCommand) Run(ctx context.Context, s Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	err = install.Remove(conf.PluginsFolder(), c.ID)
	switch bundled := checkInstalled(conf.PluginsFolder(), c.ID, ""); {
	case errors.Is(err, fs.ErrNotExist) && bundled != nil:
		return fmt.Errorf("%s is part of Osier and cannot be removed: osier plugin disable %s", c.ID, c.ID)
	case errors.Is(err, fs.ErrNotExist):
		return noPlugin(c.ID)
	case err != nil:
		return err
	}
	if err := c.forgetPlugin(ctx, c.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%s is removed\n", c.ID)
	return err
}
