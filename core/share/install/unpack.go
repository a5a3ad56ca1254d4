package install

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

// target is the folder that an archive is unpacked into. Nothing gets out of it
// (os.Root), and there is an end to how much it takes.
type target struct {
	root  *os.Root
	bytes int64
	files int
}

func openTarget(dir string) (*target, error) {
	root, err := os.OpenRoot(dir)
	return &target{root: root}, err
}

// checkName refuses names that lead out of the folder, or that only one system
// understands so.
func checkName(name string) error {
	if !filepath.IsLocal(name) || strings.ContainsAny(name, "\\\x00") || path.IsAbs(name) || len(name) > 500 {
		return fmt.Errorf("it has a file %q, which is not inside of it", sdk.Clip(sdk.Plain(name), 100, nil))
	}
	return nil
}

func (t *target) folder(name string) error {
	if err := t.count(name); err != nil {
		return err
	}
	return t.root.MkdirAll(path.Clean(name), 0o755)
}

// file writes one file: readable by all, writable by us, and executable when it
// was so for anybody.
func (t *target) file(name string, mode fs.FileMode, in io.Reader) error {
	if err := t.count(name); err != nil {
		return err
	}
	if err := t.root.MkdirAll(path.Dir(path.Clean(name)), 0o755); err != nil {
		return err
	}
	perm := fs.FileMode(0o644)
	if mode&0o111 != 0 {
		perm = 0o755
	}
	out, err := t.root.OpenFile(path.Clean(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(in, MaxBytes-t.bytes+1))
	if t.bytes += n; t.bytes > MaxBytes {
		err = errors.Join(err, fmt.Errorf("it has more than %d MB unpacked", MaxBytes>>20))
	}
	return errors.Join(err, out.Chmod(perm), out.Close())
}

func (t *target) count(name string) error {
	if t.files++; t.files > MaxFiles {
		return fmt.Errorf("it has more than %d files", MaxFiles)
	}
	return checkName(name)
}

func untar(file, dir string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	t, err := openTarget(dir)
	if err != nil {
		return err
	}
	defer t.root.Close()
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("it cannot be unpacked: %w", err)
	}
	r := tar.NewReader(io.LimitReader(unzipped, MaxBytes+MaxFiles*1024))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it cannot be unpacked: %w", err)
		}
		switch h.Typeflag {
		case tar.TypeDir:
			err = t.folder(h.Name)
		case tar.TypeReg:
			err = t.file(h.Name, h.FileInfo().Mode(), r)
		case tar.TypeXGlobalHeader:
		default:
			err = fmt.Errorf("it has %q, which is neither a file nor a folder: pack it without links (tar --exclude=node_modules/.bin)", sdk.Clip(sdk.Plain(h.Name), 100, nil))
		}
		if err != nil {
			return err
		}
	}
}

func unzip(file, dir string) error {
	r, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("it cannot be unpacked: %w", err)
	}
	defer r.Close()
	t, err := openTarget(dir)
	if err != nil {
		return err
	}
	defer t.root.Close()
	for _, f := range r.File {
		if err := t.zipped(f); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) zipped(f *zip.File) error {
	switch mode := f.Mode(); {
	case strings.HasSuffix(f.Name, "/"):
		return t.folder(f.Name)
	case !mode.IsRegular():
		return fmt.Errorf("it has %q, which is neither a file nor a folder: pack it without links (tar --exclude=node_modules/.bin)", sdk.Clip(sdk.Plain(f.Name), 100, nil))
	}
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("it cannot be unpacked: %w", err)
	}
	defer in.Close()
	return t.file(f.Name, f.Mode(), in)
}

// copyTree copies a folder: files and folders, without hidden ones (.git).
func copyTree(from, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil { //nolint:gosec // G301: as the host demands
		return err
	}
	t, err := openTarget(to)
	if err != nil {
		return err
	}
	defer t.root.Close()
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == from {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") || d.Name() == "__pycache__" { // the host passes over that, too
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		name, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		return t.copied(p, filepath.ToSlash(name), d)
	})
}

func (t *target) copied(p, name string, d fs.DirEntry) error {
	if d.IsDir() {
		return t.folder(name)
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is neither a file nor a folder", p)
	}
	in, err := os.Open(p)
	if err != nil {
		return err
	}
	defer in.Close()
	return t.file(name, info.Mode(), in)
}
