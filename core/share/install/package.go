// Package install puts share plugins into the plugins folder: it takes a file, a
// folder or an archive, checks that it is a plugin for this machine, and sets it
// in the place of what was there in one step.
//
// It knows neither database nor web and starts nothing: who runs a plugin first,
// and asks, is core's command, its only caller. It owns no table; on disk it owns
// hidden folders (.install-*) in the plugins folder, for as long as one is staged.
package install

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

// Bounds of a plugin.
const (
	MaxBytes   = 256 << 20 // unpacked
	MaxFiles   = 10_000
	MaxArchive = 100 << 20
)

const manifestName = "plugin.yaml"

// Package is a plugin that is staged: complete, checked and in a folder of its
// own beside the place where it is to be. End it with Close.
type Package struct {
	Sum      string       // SHA-256 of the file that was given, hex; empty for a folder
	Manifest sdk.Manifest // zero for an executable alone
	Written  bool         // plugin.yaml is the whole plugin
	Entry    []string     // what starts it in its folder, when its runtime is not Go; nil else

	folder string // the plugins folder
	stage  string // our hidden folder in it
	root   string // what is to be moved into place: a folder, or the executable
}

// Stage takes the plugin at path into the plugins folder: an executable, a
// plugin.yaml, a folder with one, or an archive (.tar.gz, .tgz, .zip) of such a
// folder. want is the SHA-256 that the file must have, or "". The error says what
// is wrong with it in a sentence.
func Stage(folder, path, want string) (*Package, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() && want != "" {
		return nil, errors.New("a folder has no SHA-256: give the archive, or leave --sha256 out")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // G301: the host demands no more
		return nil, err
	}
	stage, err := os.MkdirTemp(folder, ".install-")
	if err != nil {
		return nil, err
	}
	p := &Package{folder: folder, stage: stage}
	if err := p.fill(path, info, strings.ToLower(want)); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Package) fill(path string, info fs.FileInfo, want string) error {
	p.root = filepath.Join(p.stage, "plugin")
	if info.IsDir() {
		if err := copyTree(path, p.root); err != nil {
			return err
		}
		return p.readFolder()
	}
	if info.Size() > MaxArchive {
		return fmt.Errorf("%s has %d bytes, at most %d are taken", path, info.Size(), MaxArchive)
	}
	taken := filepath.Join(p.stage, "file")
	var err error
	if p.Sum, err = copyFile(path, taken); err != nil {
		return err
	}
	if want != "" && p.Sum != want {
		return fmt.Errorf("%s is not the file that was meant: its SHA-256 is %s, not %s", path, p.Sum, want)
	}
	return p.take(taken, path)
}

// take looks at what kind of file it is, by its first bytes.
func (p *Package) take(taken, name string) error {
	head, err := headOf(taken)
	if err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(head, "\x1f\x8b"):
		if err := p.unpack(func() error { return untar(taken, p.root) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return p.readFolder()
	case strings.HasPrefix(head, "PK\x03\x04"):
		if err := p.unpack(func() error { return unzip(taken, p.root) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return p.readFolder()
	case filepath.Ext(name) == ".yaml" || filepath.Ext(name) == ".yml":
		if err := os.Mkdir(p.root, 0o755); err != nil { //nolint:gosec // G301: as the host demands
			return err
		}
		if err := errors.Join(os.Rename(taken, filepath.Join(p.root, manifestName)), os.Chmod(filepath.Join(p.root, manifestName), 0o644)); err != nil { //nolint:gosec // G302: public
			return err
		}
		return p.readFolder()
	}
	if err := CheckExecutable(taken); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.root = taken
	return os.Chmod(taken, 0o755) //nolint:gosec // G302: an executable
}

// unpack has f fill the folder and goes down into a folder that is alone in it, as
// releases have one.
func (p *Package) unpack(f func() error) error {
	if err := os.Mkdir(p.root, 0o755); err != nil { //nolint:gosec // G301: as the host demands
		return err
	}
	if err := f(); err != nil {
		return err
	}
	entries, err := os.ReadDir(p.root)
	if err != nil {
		return err
	}
	if len(entries) == 1 && entries[0].IsDir() {
		p.root = filepath.Join(p.root, entries[0].Name())
	}
	return nil
}

// readFolder reads plugin.yaml and checks the executable beside it.
func (p *Package) readFolder() error {
	data, err := os.ReadFile(filepath.Join(p.root, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no plugin.yaml in it: a plugin is a folder with a plugin.yaml, or one executable")
	}
	if err != nil {
		return err
	}
	if p.Manifest, err = sdk.ParseManifest(data); err != nil {
		return err
	}
	if !sdk.ValidID(p.Manifest.ID) {
		return fmt.Errorf("plugin.yaml: id %q is not a name for a plugin", sdk.Plain(p.Manifest.ID))
	}
	if p.Entry, err = p.Manifest.Command(); err != nil || p.Entry != nil {
		return err
	}
	name := cmp.Or(p.Manifest.Binary, p.Manifest.ID)
	if name != filepath.Base(name) || name == "." || name == ".." {
		return errors.New("plugin.yaml: binary is the name of a file beside it")
	}
	binary := filepath.Join(p.root, name)
	if _, err := os.Lstat(binary); errors.Is(err, fs.ErrNotExist) {
		return p.withoutBinary(data, name)
	}
	if err := CheckExecutable(binary); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.Chmod(binary, 0o755) //nolint:gosec // G302: an executable
}

func (p *Package) withoutBinary(manifest []byte, name string) error {
	if p.Manifest.Binary != "" || !p.Manifest.Complete() {
		return fmt.Errorf("there is no executable %s in it, and not every target of plugin.yaml has a url", name)
	}
	p.Written = true
	_, err := sdk.Plugin{Manifest: manifest}.Descriptor()
	return err
}

// Folder is the staged folder of a plugin with an Entry.
func (p *Package) Folder() string { return p.root }

// Executable is the staged executable; empty when plugin.yaml, or the folder, is the
// whole plugin.
func (p *Package) Executable() string {
	switch {
	case p.Written, p.Entry != nil:
		return ""
	case p.Manifest.ID == "":
		return p.root
	}
	return filepath.Join(p.root, cmp.Or(p.Manifest.Binary, p.Manifest.ID))
}

// Place moves the plugin to its name in the plugins folder. What was there is put
// aside and removed once the new one is in place; when that does not work, it is
// back. The error fs.ErrExist means that something is there and replace is false.
func (p *Package) Place(id string, replace bool) error {
	if !sdk.ValidID(id) {
		return fmt.Errorf("%q is not a name for a plugin", sdk.Plain(id))
	}
	to, aside := filepath.Join(p.folder, id), filepath.Join(p.stage, "old")
	_, err := os.Lstat(to)
	switch there := err == nil; {
	case there && !replace:
		return fmt.Errorf("%s: %w", to, fs.ErrExist)
	case there:
		if err := os.Rename(to, aside); err != nil {
			return err
		}
	}
	if err := os.Rename(p.root, to); err != nil {
		if back := os.Rename(aside, to); back != nil && !errors.Is(back, fs.ErrNotExist) {
			err = errors.Join(err, back)
		}
		return err
	}
	return nil
}

// Close removes what is staged.
func (p *Package) Close() error { return os.RemoveAll(p.stage) }

// Remove takes plugin id out of the plugins folder: in one step out of sight, then
// from the disk. The error fs.ErrNotExist means that it is not there.
func Remove(folder, id string) error {
	if !sdk.ValidID(id) {
		return fmt.Errorf("%q: %w", sdk.Plain(id), fs.ErrNotExist)
	}
	if _, err := os.Lstat(filepath.Join(folder, id)); err != nil {
		return err
	}
	away, err := os.MkdirTemp(folder, ".install-")
	if err != nil {
		return err
	}
	err = os.Rename(filepath.Join(folder, id), filepath.Join(away, id))
	return errors.Join(err, os.RemoveAll(away))
}

func headOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return string(head[:n]), err
}

// copyFile copies and gives the SHA-256 of what it copied.
func copyFile(from, to string) (string, error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), in)
	return hex.EncodeToString(hash.Sum(nil)), errors.Join(err, out.Close())
}

// Anywhere tells whether the plugin may connect to anything: its plugin.yaml says so, or
// there is none, so that nothing is known before it runs.
func (p *Package) Anywhere() bool {
	return !p.Written && (p.Manifest.ID == "" || p.Manifest.Anywhere)
}
