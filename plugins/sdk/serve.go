package sdk

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// parentCheck is how often a plugin looks whether its passport still lives.
const parentCheck = time.Second

// handshake is the standard output that the process was started with. When the
// passport started it, everything else that prints to os.Stdout is led to
// standard error from the first moment on, because the first line of the real
// output is the handshake.
var handshake = claimStdout()

// parent is who started the process, looked at before anything else: a passport
// that is killed a moment later is still noticed.
var parent = os.Getppid()

func claimStdout() *os.File {
	out := os.Stdout
	if startedByHost() {
		os.Stdout = os.Stderr
	}
	return out
}

func startedByHost() bool {
	h := wire.Handshake()
	return os.Getenv(h.MagicCookieKey) == h.MagicCookieValue
}

// Serve is the whole main of a plugin. Started by the passport it serves p until
// the passport stops it or is gone. Started by hand it prints what p offers as
// JSON and returns. A p that does not hold together ends the process with exit
// status 2 and every fault on standard error.
func Serve(p Plugin) {
	d, err := p.Descriptor()
	if err != nil {
		fmt.Fprintln(os.Stderr, "this plugin cannot be served:")
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !startedByHost() {
		printDescriptor(os.Stdout, os.Stderr, d)
		return
	}
	go exitWithParent(parent)
	set := plugin.PluginSet{wire.Name: &service{plugin: p, descriptor: d}}
	os.Stdout = handshake // plugin.Serve prints the handshake here, then takes over both outputs
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: set},
		GRPCServer:       newServer,
		Logger: hclog.New(&hclog.LoggerOptions{
			Level: hclog.Warn, Output: os.Stderr, JSONFormat: true,
		}),
	})
}

func printDescriptor(out, notes io.Writer, d Descriptor) {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		fmt.Fprintln(notes, err)
		return
	}
	fmt.Fprintf(notes, "\n%s %s is a share plugin, and this is what it offers. The passport starts it when somebody shares;\n"+
		"a plugin that is not part of the passport goes into its plugins folder as %q.\n",
		Label(d.Name, "en", d.ID), d.Version, d.ID)
}

// exitWithParent ends the process when its parent is another one than at first,
// which is how a plugin learns that the passport was killed where the system
// has no signal for that.
func exitWithParent(start int) {
	for range time.Tick(parentCheck) {
		if os.Getppid() != start {
			os.Exit(0)
		}
	}
}
