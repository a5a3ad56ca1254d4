// Package plugins lists the share plugins that are part of the binary. Each runs
// as a process of its own: the host starts the same binary as
// `osier plugin serve ID`.
//
// It owns no table and no event. core is the caller: the command and the wiring
// of the host.
package plugins

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/osier-passport/osier/plugins/bluesky"
	"github.com/osier-passport/osier/plugins/chat"
	"github.com/osier-passport/osier/plugins/email"
	"github.com/osier-passport/osier/plugins/facebook"
	"github.com/osier-passport/osier/plugins/linkedin"
	"github.com/osier-passport/osier/plugins/links"
	"github.com/osier-passport/osier/plugins/mastodon"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/twitter"
	"github.com/osier-passport/osier/plugins/webhook"
	"github.com/osier-passport/osier/plugins/wordpress"
)

// bundled are the plugins of the binary, in the order in which they are offered.
func bundled() []entry {
	return []entry{
		{"linkedin", linkedin.Plugin},
		{"mastodon", mastodon.Plugin},
		{"bluesky", bluesky.Plugin},
		{"facebook", facebook.Plugin},
		{"twitter", twitter.Plugin},
		{"links", links.Plugin},
		{"email", email.Plugin},
		{"wordpress", wordpress.Plugin},
		{"chat", chat.Plugin},
		{"webhook", webhook.Plugin},
	}
}

// entry is a plugin under the id that is in its manifest too, so that one is found
// without reading the manifests of the others.
type entry struct {
	id     string
	plugin func() sdk.Plugin
}

// Bundled lists the plugins of the binary.
func Bundled() []sdk.Plugin {
	var all []sdk.Plugin
	for _, e := range bundled() {
		all = append(all, e.plugin())
	}
	return all
}

// Serve runs the bundled plugin id as sdk.Serve does: for the host until it is
// stopped, or by hand printing what it offers. The error says that there is no
// such plugin.
func Serve(id string) error {
	for _, e := range bundled() {
		if e.id == id {
			settleSoon()
			sdk.Serve(e.plugin())
			return nil
		}
	}
	return fmt.Errorf("no bundled plugin %q", id)
}

// settleAfter is how long a process is young.
const settleAfter = time.Second

// settleSoon gives back what the start left over once it is done. The host starts our
// own binary with a GOGC that collects nothing so early: the packages of a whole
// passport come to life first, and looking twice through what they made would take a
// quarter of the start.
func settleSoon() {
	time.AfterFunc(settleAfter, func() {
		debug.SetGCPercent(100)
		debug.FreeOSMemory()
	})
}

// ServeFile runs the plugin that a plugin.yaml is when it has every address. The
// error is about reading the file.
func ServeFile(path string) error {
	manifest, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("written plugin: %w", err)
	}
	settleSoon()
	sdk.Serve(sdk.Plugin{Manifest: manifest})
	return nil
}
