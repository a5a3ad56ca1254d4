package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-plugin"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// Bounds of a plugin that is a folder.
const (
	maxTreeFiles = 20_000
	maxTreeBytes = 256 << 20
)

// passedOver are folders that are neither hashed nor copied: what they hold is made
// anew while a plugin is written.
var passedOver = map[string]bool{".git": true, "__pycache__": true}

// enterTree takes a plugin that is its whole folder: every file of it is looked at
// and hashed, and the program that runs it must be there.
func (h *Host) enterTree(seen *look) {
	id, dir, entry := seen.source.id, seen.source.path, seen.source.entry
	if seen.source.sum, seen.fault = h.treeOf(seen); seen.fault != nil {
		return
	}
	seen.sum, seen.source.accepted = seen.source.sum, seen.source.sum
	if _, err := Program(dir, entry[0]); err != nil {
		seen.fault = problem(id, "program").With("program", entry[0]).Wrap(err)
	}
}

// treeOf gives the hash of the folder, computed again only when a file is not the
// one of the last look.
func (h *Host) treeOf(seen *look) (string, *fault.Error) {
	id, dir := seen.source.id, seen.source.path
	var why *fault.Error
	err := walkTree(dir, func(path string, info fs.FileInfo) error {
		if info.Mode().Type() == 0 || info.IsDir() {
			why = ownFile(id, path, info)
		} else if !innerLink(dir, path, info) {
			why = problem(id, "symlink").With("path", path)
		}
		if why != nil {
			return why
		}
		seen.files = append(seen.files, info)
		return nil
	})
	switch last, ok := h.looked[id]; {
	case why != nil:
		return "", why
	case errors.Is(err, errTooLarge):
		return "", problem(id, "manifest").With("detail", err.Error()).Wrap(err)
	case err != nil:
		return "", problem(id, "missing").With("path", dir).Wrap(err)
	case ok && last.fault == nil && sameFiles(last.files, seen.files):
		return last.source.sum, nil
	}
	sum, err := treeSum(dir, "")
	if err != nil {
		return "", problem(id, "missing").With("path", dir).Wrap(err)
	}
	return sum, nil
}

var errTooLarge = fmt.Errorf("its folder has more than %d files or %d MB", maxTreeFiles, maxTreeBytes>>20)

// walkTree visits all below dir, in the order of names.
func walkTree(dir string, visit func(path string, info fs.FileInfo) error) error {
	files, size := 0, int64(0)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		if d.IsDir() && passedOver[d.Name()] {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if files, size = files+1, size+info.Size(); files > maxTreeFiles || size > maxTreeBytes {
			return errTooLarge
		}
		return visit(path, info)
	})
}

// innerLink tells whether a file is a link to something in the same folder.
func innerLink(dir, path string, info fs.FileInfo) bool {
	if info.Mode().Type() != fs.ModeSymlink {
		return false
	}
	to, err := os.Readlink(path)
	if err != nil || filepath.IsAbs(to) {
		return false
	}
	below, err := filepath.Rel(dir, filepath.Join(filepath.Dir(path), to))
	return err == nil && filepath.IsLocal(below)
}

// treeSum gives the SHA-256 over names, permission to run and contents of all below
// dir, hex. What is read is copied to copyTo when that is not empty.
func treeSum(dir, copyTo string) (string, error) {
	all := sha256.New()
	err := walkTree(dir, func(path string, info fs.FileInfo) error {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		to := ""
		if copyTo != "" {
			to = filepath.Join(copyTo, name)
		}
		return addFile(all, treeFile{from: path, to: to, name: filepath.ToSlash(name), info: info})
	})
	return hex.EncodeToString(all.Sum(nil)), err
}

// treeFile is one file of a tree, and where a copy of it is wanted.
type treeFile struct {
	from, to, name string
	info           fs.FileInfo
}

func addFile(all hash.Hash, f treeFile) error {
	switch {
	case f.info.IsDir():
		if f.to == "" {
			return nil
		}
		return os.Mkdir(f.to, 0o700)
	case f.info.Mode().Type() == fs.ModeSymlink:
		target, err := os.Readlink(f.from)
		if err != nil {
			return err
		}
		fmt.Fprintf(all, "link %q %q\n", f.name, target)
		if f.to == "" {
			return nil
		}
		return os.Symlink(target, f.to)
	case !f.info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file, a folder nor a link", f.from)
	}
	sum := sha256.New()
	if err := readFile(f, sum); err != nil {
		return err
	}
	fmt.Fprintf(all, "file %q %t %x\n", f.name, f.info.Mode().Perm()&0o100 != 0, sum.Sum(nil))
	return nil
}

func readFile(f treeFile, sum io.Writer) error {
	in, err := os.Open(f.from)
	if err != nil {
		return err
	}
	defer in.Close()
	if f.to == "" {
		_, err = io.Copy(sum, in)
		return err
	}
	out, err := os.OpenFile(f.to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400|f.info.Mode().Perm()&0o100)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.MultiWriter(sum, out), in)
	return errors.Join(err, out.Close())
}

// privateTree gives the path of a copy of src's folder whose hash is the accepted
// one. A copy that something wrote into is made again.
func privateTree(src source, dir string) (string, error) {
	path := filepath.Join(dir, src.id+"-"+src.sum[:16])
	if sum, err := treeSum(path, ""); err == nil && sum == src.sum {
		return path, nil
	}
	out, err := os.MkdirTemp(dir, src.id)
	if err != nil {
		return "", err
	}
	sum, err := treeSum(src.path, out)
	if err == nil && sum != src.sum {
		err = plugin.ErrChecksumsDoNotMatch
	}
	if err == nil {
		err = errors.Join(os.RemoveAll(path), os.Rename(out, path))
	}
	if err != nil {
		return "", fmt.Errorf("private copy: %w", errors.Join(err, os.RemoveAll(out)))
	}
	return path, nil
}

// treeSpec completes how a plugin that is a folder is started: its entry, in the
// copy at dir.
func treeSpec(s spec, src source, dir string) (spec, *fault.Error) {
	path, err := Program(dir, src.entry[0])
	if err != nil {
		return spec{}, problem(src.id, "program").With("program", src.entry[0]).Wrap(err)
	}
	s.path, s.args, s.work, s.foreign = path, src.entry, dir, true
	return s, nil
}

// Program finds what the first word of an entry names: a file of the plugin's folder
// dir, an absolute path, or a program of wire.SearchPath. The error wraps
// exec.ErrNotFound where there is none.
func Program(dir, name string) (string, error) {
	if filepath.IsAbs(name) {
		return exec.LookPath(name)
	}
	if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
		return path, nil
	}
	if strings.ContainsRune(name, filepath.Separator) {
		return "", fmt.Errorf("%s: %w", sdk.Plain(name), exec.ErrNotFound)
	}
	for _, folder := range filepath.SplitList(wire.SearchPath) {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", sdk.Plain(name), exec.ErrNotFound)
}
