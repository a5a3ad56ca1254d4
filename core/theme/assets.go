package theme

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
)

// Asset is one file of a theme as it is served.
type Asset struct {
	Data   []byte
	Mime   string
	Hash   string // 16 hexadecimal digits of its SHA-256
	Hashed bool   // asked for by its hashed name: it never changes
}

type assets struct {
	byName map[string]Asset
	icons  map[string]symbol
	styles []PageStyle

	palette Palette
}

// symbol is one drawing of the icon sheet.
type symbol struct {
	ID      string `xml:"id,attr"`
	ViewBox string `xml:"viewBox,attr"`
	Inner   string `xml:",innerxml"`
}

const (
	assetFolder = "assets/"
	iconSheet   = "assets/icons.svg"
)

var mimes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".jpg":         "image/jpeg",
	".webp":        "image/webp",
	".avif":        "image/avif",
	".ico":         "image/x-icon",
	".woff2":       "font/woff2",
	".webmanifest": "application/manifest+json",
	".txt":         "text/plain; charset=utf-8",
	".json":        "application/json",
}

func (t *Theme) assetTable() (*assets, error) {
	t.mu.RLock()
	a := t.assets
	t.mu.RUnlock()
	if a != nil {
		return a, nil
	}
	a, err := t.readAssets()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.assets = a
	return a, nil
}

func (t *Theme) readAssets() (*assets, error) {
	a := &assets{byName: make(map[string]Asset), icons: make(map[string]symbol)}
	files, err := t.layers.files("assets", "")
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	for _, f := range files {
		mime, ok := mimes[path.Ext(f)]
		if !ok {
			continue
		}
		data, err := fs.ReadFile(t.layers, f)
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		sum := sha256.Sum256(data)
		a.byName[strings.TrimPrefix(f, assetFolder)] = Asset{Data: data, Mime: mime, Hash: hex.EncodeToString(sum[:8])}
		if f == iconSheet {
			if err := a.readIcons(data); err != nil {
				return nil, err
			}
		}
	}
	a.readPalette(t.layers)
	return a, a.readStyles(t.layers)
}

func (a *assets) readIcons(data []byte) error {
	var sheet struct {
		Symbols []symbol `xml:"symbol"`
		Defs    []symbol `xml:"defs>symbol"`
	}
	if err := xml.Unmarshal(data, &sheet); err != nil {
		return fmt.Errorf("read %s: %w", iconSheet, err)
	}
	for _, s := range append(sheet.Symbols, sheet.Defs...) {
		a.icons[s.ID] = s
	}
	return nil
}

// Asset is the URL path of the asset name, which changes with its content.
func (t *Theme) Asset(name string) (string, error) {
	a, err := t.assetTable()
	if err != nil {
		return "", err
	}
	file, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("asset %q: %w", name, fs.ErrNotExist)
	}
	ext := path.Ext(name)
	return "/assets/" + strings.TrimSuffix(name, ext) + "." + file.Hash + ext, nil
}

// Serve finds the asset of a URL path below /assets/, by its hashed or its own
// name. Names are looked up in a table, never in a file system.
func (t *Theme) Serve(name string) (Asset, bool) {
	if t.dev {
		t.forget()
	}
	a, err := t.assetTable()
	if err != nil {
		return Asset{}, false
	}
	if file, ok := a.byName[name]; ok {
		return file, true
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	hash := strings.TrimPrefix(path.Ext(stem), ".")
	file, ok := a.byName[strings.TrimSuffix(stem, "."+hash)+ext]
	if !ok || hash != file.Hash {
		return Asset{}, false
	}
	file.Hashed = true
	return file, true
}

// icon draws the symbol name of the icon sheet in place. It is decoration: the
// words beside it say what it means.
func (t *Theme) icon(name string, class ...string) (template.HTML, error) {
	a, err := t.assetTable()
	if err != nil {
		return "", err
	}
	s, ok := a.icons[name]
	if !ok {
		return "", fmt.Errorf("icon %q: %w", name, fs.ErrNotExist)
	}
	classes := template.HTMLEscapeString(strings.Join(append([]string{"icon"}, class...), " "))
	return template.HTML(`<svg class="` + classes + `" viewBox="` + template.HTMLEscapeString(s.ViewBox) + //nolint:gosec // G203: the drawing is a file of the theme
		`" aria-hidden="true" focusable="false">` + strings.TrimSpace(s.Inner) + `</svg>`), nil
}
