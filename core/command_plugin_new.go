package core

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/osier-passport/osier/plugins/scaffold"
)

type pluginNewCommand struct {
	Name string `arg:"" help:"Name of the plugin, and of the folder: small letters, digits and hyphens."`

	Kind  string `enum:"link,account,direct" default:"link" help:"link, an address that people are sent to; account, which posts in their account; direct, which sends to an address of theirs."`
	Lang  string `enum:",yaml,go,node,python" default:"" help:"yaml, a file with the addresses, for a link alone; go, node or python, when code is needed. yaml for a link and go else, when nothing is said."`
	Osier string `type:"existingdir" help:"A checkout of Osier to build a Go plugin with, in place of a release; an osier that lies in its checkout takes that one by itself."`
}

// Run writes the plugin and says how to go on.
func (c pluginNewCommand) Run(s Streams) error {
	osier, err := c.checkout()
	if err != nil {
		return err
	}
	lang := c.Lang
	switch {
	case lang == "" && c.Kind == "link":
		lang = "yaml"
	case lang == "":
		lang = "go"
	}
	if err := scaffold.Write(c.Name, scaffold.Options{ID: c.Name, Kind: c.Kind, Lang: lang, Version: release, Osier: osier}); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s is written. Next: %s\n", c.Name, nextStep(lang, c.Name))
	if lang == "go" {
		_, err = fmt.Fprintln(s.Out, buildsWith(osier))
	}
	return err
}

// checkout is the folder of Osier's source to build with, relative to the plugin's, so
// that the two can move together; empty for a release.
func (c pluginNewCommand) checkout() (string, error) {
	osier := c.Osier
	if osier == "" {
		if osier = ownCheckout(); osier == "" {
			return "", nil
		}
	}
	osier, err := filepath.Abs(osier)
	if err != nil {
		return "", err
	}
	plugin, err := filepath.Abs(c.Name)
	if err != nil {
		return "", err
	}
	return filepath.Rel(plugin, osier)
}

const modulePath = "github.com/osier-passport/osier"

// ownCheckout is the folder of the running binary where that is a checkout of Osier,
// as after make build, and the binary is no release; else empty.
func ownCheckout() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version == "v"+release {
		return ""
	}
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return ""
	}
	mod, err := os.ReadFile(filepath.Join(filepath.Dir(self), "go.mod"))
	if first, _, _ := strings.Cut(string(mod), "\n"); err != nil || first != "module "+modulePath {
		return ""
	}
	return filepath.Dir(self)
}

// buildsWith says which Osier a plugin in Go builds with, and what to do where that one
// is not to be had.
func buildsWith(osier string) string {
	if osier != "" {
		return "It builds with the checkout of Osier at " + osier + ", as the last line of its go.mod says. Without that line it builds with the release v" + release + "."
	}
	return "It builds with Osier v" + release + ". Where go mod tidy does not find that release, build with a checkout: go mod edit -replace " + modulePath + "=PATH, and go mod tidy again."
}

// nextStep is what an author of a new plugin does first.
func nextStep(lang, name string) string {
	in := "cd " + name + " && "
	switch lang {
	case "go":
		return in + "go mod tidy && go test ./... && osier plugin test ."
	case "node":
		return in + "npm install && npm test && osier plugin test ."
	case "python":
		return in + "python3 -m unittest && osier plugin test ."
	default:
		return "osier plugin test " + name
	}
}
