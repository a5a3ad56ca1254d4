// Package wire is the contract between the passport and a share plugin: the
// messages and calls of share.proto and the handshake.
//
// It owns no table and no event. Plugin authors use plugins/sdk instead; the
// host (core/share/host) and plugins/sdk are the callers. An author who writes
// in another language starts from share.proto.
package wire

import (
	_ "embed"

	"github.com/hashicorp/go-plugin"
)

//go:generate sh generate.sh

// The versions of the contract. A change of Major breaks: the host then serves
// the old one beside it for a year. Minor counts additions within a major.
const (
	Major = 1
	Minor = 2
)

// SearchPath is the PATH of every plugin, and where the host looks for the program
// that runs one that is a folder.
const SearchPath = "/usr/local/bin:/usr/bin:/bin"

// Name is the name under which the service is dispensed.
const Name = "share"

// Handshake is what host and plugin show each other at start. The cookie tells
// a plugin that it was started by the passport rather than by hand; it is no
// secret and protects nothing.
func Handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{
		ProtocolVersion:  Major,
		MagicCookieKey:   "OSIER_PLUGIN",
		MagicCookieValue: "osier.share.v1",
	}
}

// Source is share.proto itself, for authors who write in another language.
//
//go:embed share.proto
var Source string
