package host

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
	"slices"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
)

// manifestName is the file beside the binary of a plugin that has a folder.
const manifestName = "plugin.yaml"

// source is what a plugin is started from.
type source struct {
	id         string
	from       Source
	path       string          // executable of a community plugin, or its plugin.yaml when it is written
	written    bool            // a plugin.yaml that is the whole plugin: our own binary serves it
	entry      []string        // of a plugin whose runtime is not Go: what starts it in its folder, path; nil else
	sum        string          // its SHA-256, hex
	accepted   string          // what plugins.lock holds for it: sum, and that of plugin.yaml
	version    string          // where it is known before a start
	hosts      []string        // declared before a start; nil means as it describes itself
	anywhere   bool            // it may connect to anything: it says so, or says nothing before it runs
	announced  sdk.Descriptor  // what plugin.yaml says it offers; zero without one
	descriptor *sdk.Descriptor // of a bundled plugin
	place      int             // of a bundled plugin in its list, from 1
	unnamed    bool            // not in the folder: its id is what it says
}

// look is what a scan saw under one name of the plugins folder.
type look struct {
	source source
	files  []fs.FileInfo // executable, and plugin.yaml where there is one
	sum    string        // for plugins.lock: hash of the executable, and "+" that of plugin.yaml
	fault  *fault.Error  // why it is not to be started, whatever the lock says
}

// Scan looks into the plugins folder: new plugins are accepted and written to
// plugins.lock, changed ones are disabled until Accept, and so are those whose
// file or folder others could change. Nothing is started or stopped by it.
func (h *Host) Scan() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.opt.Dir == "" {
		return
	}
	dir, err := filepath.EvalSymlinks(h.opt.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.opt.Log.Warn("plugins folder cannot be read", "error", err)
	}
	seen := map[string]bool{}
	for _, name := range names(dir) {
		seen[name] = true
		if u := h.units[name]; u != nil && !u.community() {
			h.reject(dir, name)
			continue
		}
		h.notice(h.look(dir, name))
	}
	for id, u := range h.units {
		if u.community() && !seen[id] && !seen[u.name()] {
			delete(h.looked, id)
			u.setSource(source{id: id, from: Community}, problem(id, "missing"))
		}
	}
}

// names lists what may be a plugin: not hidden, and with a name that is an id or
// that somebody seems to have meant as one.
func names(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var all []string
	for _, e := range entries {
		if sdk.ValidID(e.Name()) || looksMeant(dir, e) {
			all = append(all, e.Name())
		}
	}
	return all
}

func looksMeant(dir string, e fs.DirEntry) bool {
	if e.Name()[0] == '.' {
		return false
	}
	if e.IsDir() {
		_, err := os.Lstat(filepath.Join(dir, e.Name(), manifestName))
		return err == nil
	}
	info, err := e.Info()
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// reject shows a plugin that wears the name of a bundled one; the bundled one
// keeps it. The caller holds h.mu.
func (h *Host) reject(dir, name string) {
	path := filepath.Join(dir, name)
	id := name + " (" + path + ")"
	h.notice(look{source: source{id: id, from: Community, path: path}, fault: problem(name, "duplicate").With("path", path)})
}

// notice takes over what was seen. The caller holds h.mu.
func (h *Host) notice(seen look) {
	id := seen.source.id
	h.looked[id] = seen
	why := seen.fault
	if why == nil {
		why = h.admit(id, seen)
	}
	u := h.units[id]
	if u == nil {
		u = newUnit(h, seen.source)
		h.units[id] = u
	}
	u.setSource(seen.source, why)
}

// admit holds the hash against plugins.lock; a name seen for the first time is
// written there.
func (h *Host) admit(id string, seen look) *fault.Error {
	known, err := h.lock.get(id)
	switch {
	case err != nil:
		return problem(id, "lock").With("path", h.lock.path).Wrap(err)
	case known == "":
		if err := h.lock.put(id, seen.sum, h.opt.Clock()); err != nil {
			return problem(id, "lock").With("path", h.lock.path).Wrap(err)
		}
		h.opt.Log.Info("new plugin accepted", "plugin", id, "path", seen.source.path, "sha256", seen.sum)
	case known != seen.sum:
		return problem(id, "changed").With("path", seen.source.path)
	}
	return nil
}

// look examines one name of the folder. Hashes are computed again only when a
// file is not the one of the last look.
func (h *Host) look(dir, name string) look {
	path := filepath.Join(dir, name)
	seen := look{source: source{id: name, from: Community, path: path}}
	if !sdk.ValidID(name) {
		seen.source.id = sdk.Clip(sdk.Plain(name), sdk.MaxLabel, nil)
		seen.fault = problem(seen.source.id, "name")
		return seen
	}
	if seen.fault = ownFolders(name, dir); seen.fault != nil {
		return seen
	}
	info, err := os.Lstat(path)
	if err != nil {
		seen.fault = problem(name, "missing").Wrap(err)
		return seen
	}
	var manifest []byte
	seen.source.anywhere = !info.IsDir()
	if info.IsDir() {
		manifest, seen.fault = seen.enter(info)
		if seen.fault != nil {
			return seen
		}
		if seen.source.entry != nil {
			h.enterTree(&seen)
			return seen
		}
	}
	h.hash(&seen, manifest)
	return seen
}

// enter goes into a plugin's own folder: plugin.yaml gives binary and hosts, or is
// the whole plugin when it has every address and there is no binary. It answers
// what is to be hashed beside the executable.
func (l *look) enter(info fs.FileInfo) ([]byte, *fault.Error) {
	id, dir := l.source.id, l.source.path
	if why := ownFile(id, dir, info); why != nil {
		return nil, why
	}
	file := filepath.Join(dir, manifestName)
	info, why := plainFile(id, file)
	if why != nil {
		return nil, why
	}
	if info.Size() > sdk.MaxManifest {
		return nil, problem(id, "manifest").With("detail", fmt.Sprintf("%d bytes, at most %d", info.Size(), sdk.MaxManifest))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, problem(id, "missing").With("path", file).Wrap(err)
	}
	m, err := sdk.ParseManifest(data)
	if err == nil && m.ID != id {
		err = fmt.Errorf("id %q is not the folder's name", sdk.Plain(m.ID))
	}
	if err == nil && m.Binary != "" && (m.Binary != filepath.Base(m.Binary) || m.Binary == "." || m.Binary == "..") {
		err = fmt.Errorf("binary %q is not the name of a file beside it", sdk.Plain(m.Binary))
	}
	if err == nil {
		err = checkHosts(m.Hosts)
	}
	if err == nil {
		l.source.entry, err = m.Command()
	}
	if err != nil {
		return nil, problem(id, "manifest").With("detail", sdk.Plain(err.Error())).Wrap(err)
	}
	l.files = append(l.files, info)
	l.source.anywhere = m.Anywhere
	l.source.version, l.source.hosts, l.source.announced = plainVersion(m.Version), m.Hosts, announced(m)
	if l.source.entry != nil {
		return data, nil
	}
	l.source.path = filepath.Join(dir, cmp.Or(m.Binary, id))
	if _, err := os.Lstat(l.source.path); m.Binary == "" && m.Complete() && errors.Is(err, fs.ErrNotExist) {
		l.source.path, l.source.written = file, true
		_, err = sdk.Plugin{Manifest: data}.Descriptor()
		if err != nil {
			return nil, problem(id, "manifest").With("detail", sdk.Plain(err.Error())).Wrap(err)
		}
		return nil, nil
	}
	return data, nil
}

// announced is what a plugin.yaml says of the plugin's targets, so that they have
// a place before the plugin has said so itself. It is zero where that is too
// little to be shown.
func announced(m sdk.Manifest) sdk.Descriptor {
	d := m.Descriptor()
	if d.Check() != nil {
		return sdk.Descriptor{}
	}
	return d
}

// hash completes seen with the executable and its hash.
func (h *Host) hash(seen *look, manifest []byte) {
	id, path := seen.source.id, seen.source.path
	info, why := plainFile(id, path)
	if why == nil && !seen.source.written && info.Mode().Perm()&0o100 == 0 {
		why = problem(id, "not_executable").With("fix", "chmod 755 "+quoted(path))
	}
	if seen.fault = why; why != nil {
		return
	}
	defer func() { seen.source.accepted = seen.sum }()
	seen.files = append(seen.files, info)
	if last, ok := h.looked[id]; ok && last.fault == nil && sameFiles(last.files, seen.files) {
		seen.sum, seen.source.sum = last.sum, last.source.sum
		return
	}
	sum, err := fileSum(path)
	if err != nil {
		seen.fault = problem(id, "missing").With("path", path).Wrap(err)
		return
	}
	seen.sum, seen.source.sum = sum, sum
	if manifest != nil {
		m := sha256.Sum256(manifest)
		seen.sum += "+" + hex.EncodeToString(m[:])
	}
}

// plainFile is a regular file, no link, that only we or root can change.
func plainFile(id, path string) (fs.FileInfo, *fault.Error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, problem(id, "missing").With("path", path).Wrap(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, problem(id, "symlink").With("path", path)
	case !info.Mode().IsRegular():
		return nil, problem(id, "not_file").With("path", path)
	}
	return info, ownFile(id, path, info)
}

func sameFiles(a, b []fs.FileInfo) bool {
	return slices.EqualFunc(a, b, func(x, y fs.FileInfo) bool {
		return os.SameFile(x, y) && x.Size() == y.Size() && x.Mode() == y.Mode() && x.ModTime().Equal(y.ModTime())
	})
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
