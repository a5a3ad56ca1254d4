package install

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const orchard = `id: orchard
version: 1.2.0
hosts: [orchard.example]
targets:
  - {id: post, url: "https://orchard.example/share?text={text_url}"}
i18n:
  en: {name: Orchard, post: Share}
`

type entry struct {
	name, text string
	mode       int64
	kind       byte
}

func tarOf(t *testing.T, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.text)), Typeflag: e.kind}
		if e.kind == tar.TypeSymlink {
			h.Size, h.Linkname = 0, e.text
			e.text = ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return written(t, "it.tar.gz", b.Bytes())
}

func zipOf(t *testing.T, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(fs.FileMode(e.mode))
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(e.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, "it.zip", b.Bytes())
}

func written(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStageTakesEachForm(t *testing.T) {
	manifest := entry{"plugin.yaml", orchard, 0o666, tar.TypeReg}
	inside := entry{"orchard-1.2.0/plugin.yaml", orchard, 0o600, tar.TypeReg}
	dir := filepath.Dir(written(t, "plugin.yaml", []byte(orchard)))
	for _, made := range []string{"__pycache__", ".git"} { // which nobody hashes
		if err := os.Mkdir(filepath.Join(dir, made), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, path := range map[string]string{
		"yaml": written(t, "orchard.yaml", []byte(orchard)), "folder": dir,
		"tar": tarOf(t, manifest), "tar with a folder": tarOf(t, entry{"orchard-1.2.0/", "", 0o700, tar.TypeDir}, inside),
		"zip": zipOf(t, manifest), "zip with a folder": zipOf(t, inside),
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "plugins")
			p, err := Stage(folder, path, "")
			if err != nil {
				t.Fatal(err)
			}
			if !p.Written || p.Manifest.ID != "orchard" || p.Executable() != "" {
				t.Errorf("%+v", p)
			}
			if err := p.Place("orchard", false); err != nil {
				t.Fatal(err)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(filepath.Join(folder, "orchard", "plugin.yaml"))
			if err != nil || info.Mode().Perm()&0o022 != 0 || info.Mode().Perm()&0o444 != 0o444 {
				t.Errorf("%v, %v", info, err)
			}
			for _, only := range []string{folder, filepath.Join(folder, "orchard")} {
				if all, _ := os.ReadDir(only); len(all) != 1 {
					t.Errorf("left behind: %v", all)
				}
			}
		})
	}
}

func TestStageRefuses(t *testing.T) {
	manifest := entry{"plugin.yaml", orchard, 0o644, tar.TypeReg}
	many := make([]entry, MaxFiles+1)
	for i := range many {
		many[i] = entry{"d/", "", 0o755, tar.TypeDir}
	}
	elf := map[string]byte{"amd64": 183, "arm64": 62}[runtime.GOARCH] // the other one's number
	foreign := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 57)...)
	foreign[16], foreign[18], foreign[20], foreign[52] = 2, elf, 1, 64
	for name, c := range map[string]struct{ path, says string }{
		"out of the folder":       {tarOf(t, manifest, entry{"../evil", "x", 0o644, tar.TypeReg}), "not inside"},
		"absolute":                {tarOf(t, manifest, entry{"/tmp/evil", "x", 0o644, tar.TypeReg}), "not inside"},
		"zip out of the folder":   {zipOf(t, manifest, entry{"a/../../evil", "x", 0o644, 0}), "not inside"},
		"backslashes":             {zipOf(t, manifest, entry{`..\evil`, "x", 0o644, 0}), "not inside"},
		"link":                    {tarOf(t, manifest, entry{"orchard", "/bin/sh", 0o755, tar.TypeSymlink}), "neither a file"},
		"device":                  {tarOf(t, manifest, entry{"null", "", 0o666, tar.TypeChar}), "neither a file"},
		"twice":                   {tarOf(t, manifest, manifest), "exists"},
		"too many":                {tarOf(t, many...), "more than 10000 files"},
		"no plugin.yaml":          {zipOf(t, entry{"README", "x", 0o644, 0}), "no plugin.yaml"},
		"no executable":           {zipOf(t, entry{"plugin.yaml", strings.Replace(orchard, "url:", "service: X, purpose: post, colour:", 1), 0o644, 0}), "no executable"},
		"binary elsewhere":        {zipOf(t, entry{"plugin.yaml", orchard + "binary: ../sh\n", 0o644, 0}), "beside it"},
		"text":                    {written(t, "orchard", []byte("hello")), "no program at all"},
		"another machine":         {written(t, "orchard", foreign), "it is built for"},
		"windows":                 {written(t, "orchard.exe", []byte("MZ\x90")), "windows"},
		"damaged archive":         {written(t, "x.tar.gz", []byte("\x1f\x8b\x08\x00damaged")), "cannot be unpacked"},
		"a key that is not known": {written(t, "x.yaml", []byte(orchard+"colour: red\n")), "colour"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "plugins")
			p, err := Stage(folder, c.path, "")
			if err == nil {
				t.Fatalf("taken: %+v", p)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %q, want %q in it", err, c.says)
			}
			if all, _ := os.ReadDir(folder); len(all) != 0 {
				t.Errorf("left behind: %v", all)
			}
		})
	}
}

// A bomb ends when it has filled what a plugin may have, however small its archive.
func TestStageEndsABomb(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 256 MB")
	}
	path := filepath.Join(t.TempDir(), "bomb.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	zeros := make([]byte, 1<<20)
	for _, name := range []string{"a", "b"} {
		e, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 129 {
			if _, err := e.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Stage(t.TempDir(), path, ""); err == nil || !strings.Contains(err.Error(), "more than 256 MB") {
		t.Errorf("got %v", err)
	}
}

func TestStageHoldsTheSum(t *testing.T) {
	path := written(t, "orchard.yaml", []byte(orchard))
	if _, err := Stage(t.TempDir(), path, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "not the file that was meant") {
		t.Errorf("got %v", err)
	}
	p, err := Stage(t.TempDir(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := Stage(t.TempDir(), path, strings.ToUpper(p.Sum))
	if err != nil || len(p.Sum) != 64 {
		t.Fatalf("%q, %v", p.Sum, err)
	}
	if err := errors.Join(p.Close(), again.Close()); err != nil {
		t.Error(err)
	}
}

func TestPlaceReplacesOnlyWhenAsked(t *testing.T) {
	folder := t.TempDir()
	place := func(version string, replace bool) error {
		p, err := Stage(folder, written(t, "o.yaml", []byte(strings.Replace(orchard, "1.2.0", version, 1))), "")
		if err != nil {
			t.Fatal(err)
		}
		return errors.Join(p.Place("orchard", replace), p.Close())
	}
	if err := place("1.0.0", false); err != nil {
		t.Fatal(err)
	}
	if err := place("2.0.0", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("replaced without being asked: %v", err)
	}
	if err := place("3.0.0", true); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "orchard", "plugin.yaml")); err != nil || !strings.Contains(string(text), "3.0.0") {
		t.Errorf("%s, %v", text, err)
	}
	if err := Remove(folder, "orchard"); err != nil {
		t.Error(err)
	}
	if err := Remove(folder, "orchard"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
	if err := Remove(folder, ".."); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed what is no plugin: %v", err)
	}
	if all, _ := os.ReadDir(folder); len(all) != 0 {
		t.Errorf("left behind: %v", all)
	}
}
