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
	"slices"
	"strings"
	"text/template"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

//go:embed any go kinds node python yaml
var starters embed.FS

// Kinds and Langs are what there is a beginning for. In YAML there are links alone.
var (
	Kinds = []string{"link", "account", "direct"}
	Langs = []string{"yaml", "go", "node", "python"}
)

// Options of a new plugin.
type Options struct {
	ID      string // also the name of its folder
	Kind    string // one of Kinds
	Lang    string // one of Langs
	Version string // of Osier that it is built with
	Osier   string // folder of a checkout of Osier to build with; empty means a release
}

// Name is the id as a word.
func (o Options) Name() string { return strings.ToUpper(o.ID[:1]) + o.ID[1:] }

// Runtime is what plugin.yaml has to say of the language; empty where it says nothing.
func (o Options) Runtime() string {
	if o.Lang == string(sdk.RuntimeNode) || o.Lang == string(sdk.RuntimePython) {
		return o.Lang
	}
	return ""
}

func (o Options) check() error {
	switch {
	case !sdk.ValidID(o.ID):
		return fmt.Errorf("%q is not a name for a plugin: use small letters, digits and hyphens, beginning with a letter", o.ID)
	case !slices.Contains(Langs, o.Lang):
		return fmt.Errorf("%q is not a language that there is a beginning for", o.Lang)
	case !slices.Contains(Kinds, o.Kind):
		return fmt.Errorf("%q is not a kind of target", o.Kind)
	case o.Lang == "yaml" && o.Kind != "link":
		return errors.New("what posts or sends needs code: choose --lang go, node or python")
	}
	return nil
}

// Write makes the folder dir with a plugin that works. It returns an error when o
// does not hold together or dir is there already; what it began is removed then.
func Write(dir string, o Options) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o750); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: choose another name, or remove it first", dir)
	} else if err != nil {
		return err
	}
	if err := o.write(dir); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return nil
}

func (o Options) write(dir string) error {
	for _, from := range []string{"any", path.Join("any", o.Kind), o.Lang, path.Join(o.Lang, o.Kind)} {
		if err := o.copyFolder(from, dir); err != nil {
			return err
		}
	}
	switch o.Lang {
	case "yaml":
		return nil
	case "node":
		return errors.Join(o.manifest(dir), create(filepath.Join(dir, "share.proto"), []byte(wire.Source)))
	case "python":
		set, err := protoset()
		return errors.Join(err, o.manifest(dir), create(filepath.Join(dir, "share.protoset"), set))
	default:
		return o.manifest(dir)
	}
}

// copyFolder writes the files of one folder of beginnings, not of those below but
// testdata. A folder that is not there has none.
func (o Options) copyFolder(from, dir string) error {
	files, err := fs.ReadDir(starters, from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range files {
		name := path.Join(from, f.Name())
		switch {
		case f.Name() == "testdata" && o.Lang != "yaml":
			err = errors.Join(err, o.copyFolder(name, filepath.Join(dir, f.Name())))
		case !f.IsDir():
			err = errors.Join(err, o.copyFile(name, filepath.Join(dir, place(f.Name()))))
		}
	}
	return err
}

// place is where a file of the beginnings goes: those whose names begin with a dot
// are kept without it.
func place(name string) string {
	name = strings.TrimSuffix(name, ".tmpl")
	switch name {
	case "gitignore":
		return ".gitignore"
	case "release.yml":
		return filepath.Join(".github", "workflows", name)
	default:
		return name
	}
}

func (o Options) manifest(dir string) error {
	return o.copyFile(path.Join("kinds", o.Kind+".yaml.tmpl"), filepath.Join(dir, "plugin.yaml"))
}

func (o Options) copyFile(name, to string) error {
	t, err := template.New(path.Base(name)).Delims("<%", "%>").ParseFS(starters, name)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, o); err != nil {
		return err
	}
	return create(to, text.Bytes())
}

func create(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644) //nolint:gosec // G306: a source file, for everyone to read
}
