package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hashicorp/go-plugin"

	"github.com/osier-passport/osier/core/fault"
)

// maxSocketFolder leaves room for go-plugin's names in the 104 bytes that the
// shortest system allows for the path of a socket.
const maxSocketFolder = 104 - len("/plugin-dir1234567890/plugin1234567890") - 1

// runDir is the private folder of one host, made when the first plugin starts:
// copies of executables, temporary folders, sockets. Each host has its own below
// the parent, held by a lock, so that one that was killed can be told and its
// remains be removed.
type runDir struct {
	parent string

	mu      sync.Mutex
	path    string
	sockets string
	held    *os.File
}

// clean makes the parent and removes what killed hosts left in it.
func (d *runDir) clean() error {
	if err := os.MkdirAll(d.parent, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(d.parent, 0o700); err != nil { //nolint:gosec // G302: a folder
		return err
	}
	left, err := filepath.Glob(filepath.Join(d.parent, "run-*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if held, err := take(filepath.Join(path, "lock")); err == nil {
			sockets := socketFolder(path)
			killMarked("PLUGIN_UNIX_SOCKET_DIR=" + sockets)
			err = errors.Join(held.Close(), removeSockets(path, sockets), os.RemoveAll(path))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// open makes the folder once.
func (d *runDir) open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.path != "" {
		return nil
	}
	path, err := os.MkdirTemp(d.parent, "run-")
	if err != nil {
		return err
	}
	held, err := create(filepath.Join(path, "lock"))
	if err != nil {
		return err
	}
	sockets := path
	if len(path) > maxSocketFolder {
		if sockets, err = os.MkdirTemp("", "osier-"); err == nil {
			err = os.Symlink(sockets, filepath.Join(path, "sockets"))
		}
	}
	if err = errors.Join(err, os.Mkdir(filepath.Join(path, "bin"), 0o700)); err != nil {
		return errors.Join(err, held.Close())
	}
	d.path, d.sockets, d.held = path, sockets, held
	return nil
}

func (d *runDir) remove() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.path == "" {
		return nil
	}
	err := errors.Join(removeSockets(d.path, d.sockets), os.RemoveAll(d.path), d.held.Close())
	d.path = ""
	return err
}

// socketFolder is where the sockets of a run folder are: in it, or where its
// link points because its own path is too long.
func socketFolder(path string) string {
	if far, err := os.Readlink(filepath.Join(path, "sockets")); err == nil {
		return far
	}
	return path
}

func removeSockets(path, sockets string) error {
	if sockets == path || !strings.HasPrefix(filepath.Base(sockets), "osier-") {
		return nil
	}
	return os.RemoveAll(sockets)
}

// prepare makes all that a start of src needs. A community executable is copied
// into the private folder and only the copy, whose hash is checked, ever runs.
func (h *Host) prepare(src source) (spec, *fault.Error) {
	fail := func(err error) (spec, *fault.Error) {
		return spec{}, problem(src.id, "start").With("detail", err.Error()).Wrap(err)
	}
	if err := h.run.open(); err != nil {
		return fail(err)
	}
	dir := filepath.Join(h.run.path, "tmp-"+src.id)
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return fail(err)
	}
	s := spec{dir: dir, sockets: h.run.sockets, memory: h.opt.Memory, start: h.opt.StartTimeout, hidden: h.hidden(), anywhere: src.anywhere}
	if src.from == Bundled {
		s.self, s.path, s.args = true, h.opt.Self, []string{"osier", "plugin", "serve", src.id}
		return s, nil
	}
	copied, err := privateCopyOf(src, filepath.Join(h.run.path, "bin"))
	if errors.Is(err, plugin.ErrChecksumsDoNotMatch) {
		return spec{}, problem(src.id, "changed").With("path", src.path)
	}
	if err != nil {
		return fail(err)
	}
	s.copied = copied
	if src.entry != nil {
		return treeSpec(s, src, copied)
	}
	if src.written {
		s.self, s.path, s.args = true, h.opt.Self, []string{"osier", "plugin", "serve", src.id, "--manifest", copied}
		return s, nil
	}
	s.path, s.args, s.sum = copied, []string{src.id}, src.sum
	if src.unnamed {
		s.args = []string{filepath.Base(src.path)}
	}
	return s, nil
}

// hidden are the passport's files and folders, real paths.
func (h *Host) hidden() []string {
	all := append([]string{h.opt.PrivateDir}, h.opt.Hidden...)
	if h.opt.Dir != "" {
		all = append(all, h.opt.Dir)
	}
	return resolved(all)
}

// privateCopyOf gives the path of a copy of what src is: its folder or its file.
func privateCopyOf(src source, dir string) (string, error) {
	if src.entry != nil {
		return privateTree(src, dir)
	}
	return privateCopy(src, dir)
}

// privateCopy gives the path of a copy of src whose hash is the accepted one.
func privateCopy(src source, dir string) (string, error) {
	path := filepath.Join(dir, src.id+"-"+src.sum[:16])
	if _, err := os.Lstat(path); err == nil {
		return path, nil
	}
	in, err := os.Open(src.path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(dir, src.id)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), in)
	err = errors.Join(err, out.Chmod(fs.FileMode(0o500)), out.Close())
	if err == nil && hex.EncodeToString(hash.Sum(nil)) != src.sum {
		err = plugin.ErrChecksumsDoNotMatch
	}
	if err == nil {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		return "", fmt.Errorf("private copy: %w", errors.Join(err, os.Remove(out.Name())))
	}
	return path, nil
}
