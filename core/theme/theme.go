// Package theme finds, parses and renders what a passport looks like.
//
// A theme is a folder with templates/ and assets/. Three are laid over each
// other, file by file: the folder <name> on disk, the bundled theme <name>, the
// bundled theme "default"; so a theme changes one file or all. It owns no table
// and no event; core/web renders pages with it, core/mail renders mails.
//
//	templates/layout.html         the document; calls "main", may call "head", "aside"
//	templates/partials/NAME.html  the body of the partial "NAME"
//	templates/FEATURE/PAGE.html   the page "FEATURE/PAGE"; defines "main", may define "head", "aside"
//	templates/error.html          the page "error"
//	templates/mail/NAME.{subject,txt,html}, templates/mail/layout.html
//	assets/**                     served as /assets/NAME.HASH.EXT
//
// A page gets web.View as ".": the page's own struct is ".Page". Templates hold no
// script and no style: the pages' content security policy refuses both.
package theme

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"github.com/osier-passport/osier/core/i18n"
)

// Default is the name of the theme under all others.
const Default = "default"

// Options say where a theme is and how it speaks.
type Options struct {
	Bundled   fs.FS  // folders of themes
	Dir       string // folder of themes on disk, may be empty or absent
	Name      string // "" is Default
	Catalogue *i18n.Catalogue
	Clock     func() time.Time // nil: time.Now
	Dev       bool             // read the files again for every page
	Strict    bool             // an unknown message key fails the page
	Log       *slog.Logger     // nil: discard
	Has       []string         // parts of the site that not every site has, for the function has
}

// Theme is an opened theme. It is safe for use by several goroutines.
type Theme struct {
	layers layers
	cat    *i18n.Catalogue
	clock  func() time.Time
	dev    bool
	strict bool
	has    []string
	root   *os.Root
	log    *slog.Logger
	told   sync.Map // files of which it was said that they are drawn twice

	mu     sync.RWMutex
	shared *template.Template // layout and partials, never executed
	pages  map[view]sheet
	texts  map[view]*texttemplate.Template
	assets *assets

	fragments fragments
}

// sheet is a page or partial that is ready to be drawn.
type sheet struct {
	template *template.Template
	program  *program // nil: by the template alone
}

// view is one page or partial in one language.
type view struct {
	lang, name string
	partial    bool
}

// Open finds the layers of a theme and reads its assets. A name that is neither
// on disk nor bundled is an error.
func Open(o Options) (*Theme, error) {
	t := &Theme{has: o.Has, cat: o.Catalogue, clock: o.Clock, dev: o.Dev, strict: o.Dev || o.Strict, log: o.Log}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	if t.clock == nil {
		t.clock = time.Now
	}
	name := o.Name
	if name == "" {
		name = Default
	}
	if !fs.ValidPath(name) || strings.Contains(name, "/") {
		return nil, fmt.Errorf("theme %q: not the name of a folder", name)
	}
	if err := t.openDisk(o.Dir, name); err != nil {
		return nil, err
	}
	for _, n := range slices.Compact([]string{name, Default}) {
		if sub, err := fs.Sub(o.Bundled, n); err == nil && isDir(sub) {
			t.layers = append(t.layers, sub)
		} else if n == name && t.root == nil {
			return nil, fmt.Errorf("theme %q: %w", name, fs.ErrNotExist)
		}
	}
	t.forget()
	if t.root == nil { // all of it is part of the program, which its tests have read
		return t, nil
	}
	if _, err := t.assetTable(); err != nil {
		return nil, errors.Join(fmt.Errorf("theme %q: %w", name, err), t.Close())
	}
	return t, nil
}

// openDisk adds <dir>/<name> as the first layer. os.Root keeps links from
// leading out of it.
func (t *Theme) openDisk(dir, name string) error {
	if dir == "" {
		return nil
	}
	root, err := os.OpenRoot(path.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("theme %q: %w", name, err)
	}
	t.root = root
	t.layers = append(t.layers, root.FS())
	return nil
}

// Close releases the folder on disk.
func (t *Theme) Close() error {
	if t.root == nil {
		return nil
	}
	return t.root.Close()
}

func isDir(f fs.FS) bool {
	info, err := fs.Stat(f, ".")
	return err == nil && info.IsDir()
}

func (t *Theme) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shared = nil
	t.pages = make(map[view]sheet)
	t.texts = make(map[view]*texttemplate.Template)
	t.assets = nil
	t.fragments.forget()
}

// Render writes the page name in the language lang. Nothing is written when the
// template fails.
func (t *Theme) Render(w io.Writer, lang, name string, data any) error {
	page, err := t.page(view{lang: lang, name: name})
	if err != nil {
		return err
	}
	if err := t.write(w, page, layout, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	return nil
}

// buffers are where pages are drawn, before anything of them is written.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// bufferKept is the size, in bytes, of the largest buffer that is used again.
const bufferKept = 1 << 20

// write draws a page, and writes all of it or nothing.
func (t *Theme) write(w io.Writer, page sheet, entry string, data any) error {
	out := buffers.Get().(*bytes.Buffer) //nolint:errcheck,forcetypeassert // New makes nothing else
	defer func() {
		if out.Cap() <= bufferKept {
			out.Reset()
			buffers.Put(out)
		}
	}()
	if err := t.draw(out, page, entry, data); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// draw draws a page by its program, and where that gives up by its template. A theme that
// is strict draws it by both, which must agree.
func (t *Theme) draw(out *bytes.Buffer, page sheet, entry string, data any) error {
	var at place
	drawn := false
	if page.program != nil {
		at, drawn = page.program.draw(out, data)
	}
	if !drawn {
		out.Reset()
		err := page.template.ExecuteTemplate(out, entry, data)
		if err == nil {
			t.twice(at)
		}
		return err
	}
	if !t.strict {
		return nil
	}
	return agree(out, page, entry, data)
}

// agree holds what a program drew against what the template draws. A page that tells the
// time may be drawn once before and once after a minute ends.
func agree(out *bytes.Buffer, page sheet, entry string, data any) error {
	var want bytes.Buffer
	for range 3 {
		want.Reset()
		if err := page.template.ExecuteTemplate(&want, entry, data); err != nil {
			return err
		}
		if bytes.Equal(out.Bytes(), want.Bytes()) {
			return nil
		}
		out.Reset()
		page.program.draw(out, data)
	}
	at := 0
	for at < min(out.Len(), want.Len()) && out.Bytes()[at] == want.Bytes()[at] {
		at++
	}
	piece := func(b []byte) []byte { return b[max(0, at-80):min(len(b), at+80)] }
	return fmt.Errorf("drawn in two ways, which differ: %q and %q", piece(out.Bytes()), piece(want.Bytes()))
}

// Partial writes one partial alone, for answers that replace a piece of a page.
func (t *Theme) Partial(w io.Writer, lang, name string, data any) error {
	page, err := t.page(view{lang: lang, name: name, partial: true})
	if err != nil {
		return err
	}
	if err := t.write(w, page, name, data); err != nil {
		return fmt.Errorf("render partial %s: %w", name, err)
	}
	return nil
}

// Parse reads the page name without rendering it, and says what is wrong with it.
func (t *Theme) Parse(lang, name string) error {
	_, err := t.page(view{lang: lang, name: name})
	return err
}

// Pages lists the names of all pages, for the test that renders each.
func (t *Theme) Pages() ([]string, error) {
	files, err := t.layers.files("templates", ".html")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(f, "templates/"), ".html")
		if name != "layout" && !strings.HasPrefix(name, "partials/") && !strings.HasPrefix(name, "mail/") {
			names = append(names, name)
		}
	}
	return names, nil
}

func (t *Theme) page(v view) (sheet, error) {
	if t.dev {
		t.forget()
	}
	t.mu.RLock()
	page := t.pages[v]
	t.mu.RUnlock()
	if page.template != nil {
		return page, nil
	}
	page, err := t.parse(v)
	if err != nil {
		return sheet{}, fmt.Errorf("template %s: %w", v.name, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pages[v] = page
	return page, nil
}

// layers is several file systems, the first that has a file gives it.
type layers []fs.FS

// Open implements fs.FS.
func (l layers) Open(name string) (fs.File, error) {
	for _, f := range l {
		file, err := f.Open(name)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// files lists the files of all layers below dir whose name ends in suffix, sorted.
func (l layers) files(dir, suffix string) ([]string, error) {
	var names []string
	for _, f := range l {
		err := fs.WalkDir(f, dir, func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil && !d.IsDir() && strings.HasSuffix(name, suffix) {
				names = append(names, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
