package account

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/config"
)

const (
	iconMax  = 64 << 10 // bytes
	iconPlan = "key"    // of a provider without one
)

// icon is what a provider's button shows: a name of the theme's icons, or a file.
type icon struct {
	name string
	mime string
	data []byte
}

// loadIcons reads the icons of all providers. One that cannot be had is logged and
// replaced: nobody is kept from signing in by a picture.
func loadIcons(c config.Config, log *slog.Logger) map[string]icon {
	icons := make(map[string]icon)
	for _, p := range c.OIDC {
		switch {
		case p.Icon == "":
			icons[p.ID] = icon{name: iconPlan}
		case slices.Contains(config.Icons(), p.Icon):
			icons[p.ID] = icon{name: p.Icon}
		default:
			i, err := readIcon(filepath.Join(c.IconsFolder(), p.Icon))
			if err != nil {
				log.Warn("icon of a provider not read", slog.String("provider", p.ID), slog.Any("error", err))
				i = icon{name: iconPlan}
			}
			icons[p.ID] = i
		}
	}
	return icons
}

func readIcon(path string) (icon, error) {
	mimes := map[string]string{".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
	info, err := os.Stat(path)
	if err != nil {
		return icon{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > iconMax {
		return icon{}, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a file of at most 64 kB")}
	}
	data, err := os.ReadFile(path)
	return icon{mime: mimes[strings.ToLower(filepath.Ext(path))], data: data}, err
}
