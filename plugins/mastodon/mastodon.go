// Package mastodon shares to the person's own Mastodon server by its share page.
//
// It owns nothing and makes no network call; `osier plugin serve mastodon` runs it
// through plugins.Serve.
package mastodon

import (
	_ "embed"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

// Plugin is what this package offers: all of it is in plugin.yaml.
func Plugin() sdk.Plugin { return sdk.Plugin{Manifest: manifest} }
