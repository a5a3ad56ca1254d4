package core

import (
	"fmt"
	"path/filepath"

	"github.com/osier-passport/osier/plugins/scaffold"
)

type pluginNewCommand struct {
	Name string `arg:"" help:"Name of the plugin, and of the folder: small letters, digits and hyphens."`

	Kind  string `enum:"link,account,direct" default:"link" help:"link, an address that people are sent to; account, which posts in their account; direct, which sends to an address of theirs."`
	Lang  string `enum:",yaml,go,node,python" default:"" help:"yaml, a file with the addresses, for a link alone; go, node or python, when code is needed. yaml for a link and go else, when nothing is said."`
	Osier string `type:"existingdir" help:"A checkout of Osier to build with, in place of a release."`
}

// Run writes the plugin and says how to go on.
func (c pluginNewCommand) Run(s Streams) error {
	osier := c.Osier
	if osier != "" {
		var err error
		if osier, err = filepath.Abs(osier); err != nil {
			return err
		}
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
	_, err := fmt.Fprintf(s.Out, "%s is written. Next: %s\n", c.Name, nextStep(lang, c.Name))
	return err
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
