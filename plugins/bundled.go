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

// Bundled lists the plugins of the binary.
func Bundled() []sdk.Plugin {
	return []sdk.Plugin{
		linkedin.Plugin(), mastodon.Plugin(), bluesky.Plugin(), facebook.Plugin(), twitter.Plugin(), links.Plugin(),
		email.Plugin(), wordpress.Plugin(), chat.Plugin(), webhook.Plugin(),
	}
}

// Serve runs the bundled plugin id as sdk.Serve does: for the host until it is
// stopped, or by hand printing what it offers. The error says that there is no
// such plugin.
func Serve(id string) error {
	for _, p := range Bundled() {
		d, err := p.Descriptor()
		if err != nil {
			return fmt.Errorf("bundled plugin: %w", err)
		}
		if d.ID == id {
			sdk.Serve(p)
			return nil
		}
	}
	return fmt.Errorf("no bundled plugin %q", id)
}

// ServeFile runs the plugin that a plugin.yaml is when it has every address. The
// error is about reading the file.
func ServeFile(path string) error {
	manifest, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("written plugin: %w", err)
	}
	sdk.Serve(sdk.Plugin{Manifest: manifest})
	return nil
}
