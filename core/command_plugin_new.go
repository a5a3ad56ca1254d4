package core

import (
	"fmt"
	"path/filepath"

	"github.com/osier-passport/osier/plugins/scaffold"
)

type pluginNewCommand struct {
	Name string `arg:"" help:"Name of the plugin, and of the folder: small letters, digits and hyphens."`

	Lang  string `enum:"yaml,go" default:"yaml" help:"yaml, a file with the addresses, or go, when they need code."`
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
	if err := scaffold.Write(c.Name, scaffold.Options{ID: c.Name, Lang: c.Lang, Version: release, Osier: osier}); err != nil {
		return err
	}
	next := "osier plugin test " + c.Name
	if c.Lang == "go" {
		next = "cd " + c.Name + " && go mod tidy && go test ./..."
	}
	_, err := fmt.Fprintf(s.Out, "%s is written. Next: %s\n", c.Name, next)
	return err
}
