// Package scaffold holds the share plugins that `osier plugin new` begins with.
//
// It owns no table and no event. core is the caller.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed go yaml
var starters embed.FS

// Options of a new plugin.
type Options struct {
	ID      string // also the name of its folder
	Lang    string // "yaml" or "go"
	Version string // of Osier that it is built with
	Osier   string // folder of a checkout of Osier to build with; empty means a release
}

// Name is the id as a word.
func (o Options) Name() string { return strings.ToUpper(o.ID[:1]) + o.ID[1:] }

// Write makes the folder dir with a plugin that works. It returns an error when o
// does not hold together or dir is there already; what it began is removed then.
func Write(dir string, o Options) error {
	if !sdk.ValidID(o.ID) {
		return fmt.Errorf("%q is not a name for a plugin: use small letters, digits and hyphens, beginning with a letter", o.ID)
	}
	files, err := fs.ReadDir(starters, o.Lang)
	if err != nil {
		return fmt.Errorf("%q is not a language that there is a beginning for", o.Lang)
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		return err
	}
	for _, f := range files {
		if err := write(dir, path.Join(o.Lang, f.Name()), o); err != nil {
			return errors.Join(err, os.RemoveAll(dir))
		}
	}
	return nil
}

func write(dir, name string, o Options) error {
	t, err := template.ParseFS(starters, name)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, o); err != nil {
		return err
	}
	to := strings.TrimSuffix(path.Base(name), ".tmpl")
	if to == "gitignore" {
		to = "." + to
	}
	return os.WriteFile(filepath.Join(dir, to), text.Bytes(), 0o644) //nolint:gosec // G306: a source file, for everyone to read
}
