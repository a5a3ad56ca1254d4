// Package facebook shares to Facebook by its sharer address; Facebook reads title, text
// and picture from the page's own tags.
//
// It owns nothing and makes no network call; `osier plugin serve facebook` runs it
// through plugins.Serve.
package facebook

import (
	_ "embed"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

// Plugin is what this package offers: all of it is in plugin.yaml.
func Plugin() sdk.Plugin { return sdk.Plugin{Manifest: manifest} }
