package host

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/fault"
)

// ownFolders checks the plugins folder and every folder above it: whoever can
// write to one of them can put another plugin in place.
func ownFolders(id, dir string) *fault.Error {
	info, err := os.Lstat(dir)
	if err != nil {
		return problem(id, "missing").With("path", dir).Wrap(err)
	}
	if why := ownFile(id, dir, info); why != nil {
		return why
	}
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Lstat(parent)
		if err != nil {
			return problem(id, "missing").With("path", parent).Wrap(err)
		}
		if why := parentFolder(id, parent, info); why != nil {
			return why
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}

// ownFile checks that a file or folder belongs to root or us and that nobody
// else may write to it, and names the command that mends it.
func ownFile(id, path string, info fs.FileInfo) *fault.Error {
	if o, known := ownerOf(info); known && !o.trusted() {
		return problem(id, "owner").With("path", path).With("fix", "chown "+strconv.Itoa(os.Geteuid())+" "+quoted(path))
	}
	if info.Mode().Perm()&0o022 != 0 {
		return problem(id, "writable").With("path", path).With("fix", "chmod go-w "+quoted(path))
	}
	if !info.IsDir() && info.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
		return problem(id, "setid").With("path", path).With("fix", "chmod ug-s "+quoted(path))
	}
	return nil
}

// parentFolder is looser than ownFile where that is safe: in a sticky folder
// such as /tmp only the owner of an entry can replace it, and our own group is
// commonly ours alone.
func parentFolder(id, path string, info fs.FileInfo) *fault.Error {
	o, known := ownerOf(info)
	if known && !o.trusted() {
		return problem(id, "owner").With("path", path).With("fix", "chown "+strconv.Itoa(os.Geteuid())+" "+quoted(path))
	}
	open := info.Mode().Perm() & 0o022
	if known && o.group == os.Getegid() {
		open &^= 0o020
	}
	if open != 0 && info.Mode()&fs.ModeSticky == 0 {
		return problem(id, "writable").With("path", path).With("fix", "chmod go-w "+quoted(path))
	}
	return nil
}

type owner struct{ user, group int }

func (o owner) trusted() bool { return o.user == 0 || o.user == os.Geteuid() }

// quoted makes path safe to paste into a shell.
func quoted(path string) string {
	plain := func(r rune) bool {
		return !strings.ContainsRune("/._-+@:", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if !strings.ContainsFunc(path, plain) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
