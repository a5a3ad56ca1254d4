package theme

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// PlainStyle is the look of a page whose owner chose none: the theme's own.
const PlainStyle = "willow"

// PageStyle is a look that people choose for their own pages: values of tokens,
// and nothing else. It is a file page-styles/<id>.css of the theme.
type PageStyle struct {
	ID    string
	Names map[string]string // by language
	Token map[string]string // name without the two dashes
}

// Name is what the look is called in a language.
func (p PageStyle) Name(lang string) string {
	if n := p.Names[lang]; n != "" {
		return n
	}
	if n := p.Names["en"]; n != "" {
		return n
	}
	return p.ID
}

// styleSheet is the asset in which all looks stand, each for its own pages alone.
const styleSheet = "page-styles.css"

var (
	styleName  = lazily(`^[a-z][a-z0-9-]{0,30}$`)
	styleHead  = lazily(`\A\s*/\*([^*]*)\*/`)
	styleRule  = lazily(`\A\s*:root\s*\{([^{}]*)\}\s*\z`)
	styleValue = lazily(`\A[A-Za-z0-9#%.,()"' -]+\z`)
	outside    = lazily(`(?i)(url|image|image-set|src|attr|env|var|element|paint)\s*\(`)
)

// styleTokens are those that a look may give another value: colours, faces and
// corners. Sizes, spaces, focus and motion stay those of the site.
var styleTokens = []string{
	"bg", "surface", "surface-2", "text", "text-muted", "border", "border-strong", "accent", "accent-strong", "accent-text", "accent-soft", "accent-line",
	"badge-plate", "badge-plate-edge", "font-body", "font-head", "radius", "radius-small",
}

// PageStyles gives the looks for people's own pages, the plain one first.
func (t *Theme) PageStyles() ([]PageStyle, error) {
	a, err := t.assetTable()
	if err != nil {
		return nil, err
	}
	return a.styles, nil
}

func (a *assets) readStyles(l layers) error {
	files, err := l.files("page-styles", ".css")
	if err != nil {
		return fmt.Errorf("list page styles: %w", err)
	}
	for _, f := range files {
		data, err := fs.ReadFile(l, f)
		if err != nil {
			return fmt.Errorf("read page style: %w", err)
		}
		p, err := parseStyle(strings.TrimSuffix(path.Base(f), ".css"), string(data))
		if err != nil {
			return err
		}
		a.styles = append(a.styles, p)
	}
	slices.SortStableFunc(a.styles, func(x, y PageStyle) int {
		switch {
		case x.ID == PlainStyle && y.ID != PlainStyle:
			return -1
		case y.ID == PlainStyle && x.ID != PlainStyle:
			return 1
		}
		return strings.Compare(x.ID, y.ID)
	})
	sheet := []byte(sheetOf(a.styles))
	sum := sha256.Sum256(sheet)
	a.byName[styleSheet] = Asset{Data: sheet, Mime: mimes[".css"], Hash: hex.EncodeToString(sum[:8])}
	return nil
}

// parseStyle reads one look: a comment with its names, and one rule for :root with
// values of tokens. Anything else is an error that names the file.
func parseStyle(id, text string) (PageStyle, error) {
	p := PageStyle{ID: id, Names: map[string]string{}, Token: map[string]string{}}
	if !styleName().MatchString(id) {
		return p, fmt.Errorf("page style %q: name the file in small letters, digits and -", id)
	}
	if m := styleHead().FindStringSubmatch(text); m != nil {
		for part := range strings.SplitSeq(m[1], "|") {
			if lang, name, ok := strings.Cut(part, ":"); ok {
				p.Names[strings.TrimSpace(lang)] = strings.TrimSpace(name)
			}
		}
		text = text[len(m[0]):]
	}
	m := styleRule().FindStringSubmatch(text)
	if m == nil {
		return p, fmt.Errorf("page style %s: want one rule :root { … } and nothing else", id)
	}
	for line := range strings.SplitSeq(m[1], ";") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !strings.HasPrefix(name, "--") || !slices.Contains(styleTokens, name[2:]) {
			return p, fmt.Errorf("page style %s: %s is no token that a look may change; it may change --%s", id, name, strings.Join(styleTokens, ", --"))
		}
		if !styleValue().MatchString(value) || outside().MatchString(value) {
			return p, fmt.Errorf("page style %s: the value of %s has more than colours, sizes and names", id, name)
		}
		p.Token[name[2:]] = value
	}
	return p, nil
}

// sheetOf writes the looks, each for its own pages. Who asked for high contrast
// keeps it.
func sheetOf(styles []PageStyle) string {
	var b strings.Builder
	b.WriteString("@layer theme {\n")
	for _, p := range styles {
		if len(p.Token) == 0 {
			continue
		}
		var rules strings.Builder
		for _, name := range slices.Sorted(maps.Keys(p.Token)) {
			fmt.Fprintf(&rules, " --%s: %s;", name, p.Token[name])
		}
		fmt.Fprintf(&b, "@media not (prefers-contrast: more) { :root:not([data-contrast=\"high\"]) .folio-%s {%s } }\n", p.ID, rules.String())
		fmt.Fprintf(&b, "@media (prefers-contrast: more) { :root:not([data-contrast=\"high\"]):not([data-contrast=\"auto\"]) .folio-%s {%s } }\n", p.ID, rules.String())
	}
	b.WriteString("}\n")
	return b.String()
}
