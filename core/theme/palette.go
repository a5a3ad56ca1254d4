package theme

import (
	"image/color"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Palette is what pictures take of a theme: the values of its colour tokens in the
// light scheme, by name without the two dashes.
type Palette map[string]color.NRGBA

// paletteSheet is where a theme sets its tokens.
const paletteSheet = "assets/tokens.css"

var (
	cssComment  = lazily(`(?s)/\*.*?\*/`)
	conditional = lazily(`@(?:media|supports|container)[^{}]*\{`)
	rootRule    = lazily(`(?:^|[{};\s]):root\s*\{([^{}]*)\}`)
	tokenLine   = lazily(`--([a-z][a-z0-9-]*)\s*:\s*([^;]+)`)
	hexColor    = lazily(`\A#([0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\z`)
	rgbColor    = lazily(`\Argba?\(\s*(\d{1,3})\s*[ ,]\s*(\d{1,3})\s*[ ,]\s*(\d{1,3})\s*(?:[,/][^()]*)?\)\z`)
	tokenOf     = lazily(`\Avar\(\s*--([a-z][a-z0-9-]*)\s*(?:,[^()]*)?\)\z`)
)

// lazily is a pattern that is compiled when it is first used.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Palette gives the colours of the theme, with those of one of its page styles over
// them ("" or an unknown name: none). What the theme does not set, or sets in a way
// that pictures cannot read, is the default theme's.
func (t *Theme) Palette(style string) (Palette, error) {
	if t.dev {
		t.forget()
	}
	a, err := t.assetTable()
	if err != nil {
		return nil, err
	}
	for _, p := range a.styles {
		if p.ID == style {
			return a.palette.over(p.Token), nil
		}
	}
	return a.palette, nil
}

// readPalette reads the tokens of all layers, the lowest first.
func (a *assets) readPalette(l layers) {
	a.palette = Palette{}
	for _, layer := range slices.Backward(l) {
		text, err := fs.ReadFile(layer, paletteSheet)
		if err != nil {
			continue // a layer without tokens
		}
		a.palette = a.palette.over(rootTokens(string(text)))
	}
}

// rootTokens are the values of the rules for :root alone: those of other schemes and
// contrasts, and of browsers that lack something, are not among them.
func rootTokens(sheet string) map[string]string {
	sheet = unconditional(cssComment().ReplaceAllString(sheet, ""))
	values := map[string]string{}
	for _, rule := range rootRule().FindAllStringSubmatch(sheet, -1) {
		for _, line := range tokenLine().FindAllStringSubmatch(rule[1], -1) {
			values[line[1]] = strings.TrimSpace(line[2])
		}
	}
	return values
}

// unconditional leaves out the rules that count only sometimes.
func unconditional(sheet string) string {
	var out strings.Builder
	for {
		at := conditional().FindStringIndex(sheet)
		if at == nil {
			out.WriteString(sheet)
			return out.String()
		}
		out.WriteString(sheet[:at[0]])
		sheet = sheet[at[1]:]
		for deep := 1; deep > 0 && sheet != ""; sheet = sheet[1:] {
			switch sheet[0] {
			case '{':
				deep++
			case '}':
				deep--
			}
		}
	}
}

// over gives p with the values that can be read as colours over its own.
func (p Palette) over(values map[string]string) Palette {
	out := make(Palette, len(p)+len(values))
	maps.Copy(out, p)
	for name := range values {
		if c, ok := colorOf(values, name, 0); ok {
			out[name] = c
		}
	}
	return out
}

// colorOf reads the light colour of a token (CSS Color 4 §5, CSS Color 5 §6): #rgb,
// #rrggbb, rgb(r g b), a pair of them, or another token. What shines through is
// read as if it did not.
func colorOf(values map[string]string, name string, deep int) (color.NRGBA, bool) {
	const deepest = 8
	value, ok := values[name]
	if !ok || deep > deepest {
		return color.NRGBA{}, false
	}
	if inner, ok := strings.CutPrefix(value, "light-dark("); ok {
		value = firstOf(strings.TrimSuffix(inner, ")"))
	}
	if m := tokenOf().FindStringSubmatch(value); m != nil {
		return colorOf(values, m[1], deep+1)
	}
	if m := hexColor().FindStringSubmatch(value); m != nil {
		return ofHex(m[1]), true
	}
	if m := rgbColor().FindStringSubmatch(value); m != nil {
		return color.NRGBA{channel(m[1]), channel(m[2]), channel(m[3]), 255}, true
	}
	return color.NRGBA{}, false
}

// firstOf is what stands before the first comma that is in no brackets.
func firstOf(list string) string {
	deep := 0
	for i, r := range list {
		switch {
		case r == '(':
			deep++
		case r == ')':
			deep--
		case r == ',' && deep == 0:
			return strings.TrimSpace(list[:i])
		}
	}
	return strings.TrimSpace(list)
}

func ofHex(digits string) color.NRGBA {
	if len(digits) < 6 {
		var long strings.Builder
		for _, d := range digits[:3] {
			long.WriteRune(d)
			long.WriteRune(d)
		}
		digits = long.String()
	}
	n, _ := strconv.ParseUint(digits[:6], 16, 32)
	return color.NRGBA{byte(n >> 16), byte(n >> 8), byte(n), 255} //nolint:gosec // G115: the bytes are meant
}

func channel(digits string) byte {
	n, _ := strconv.Atoi(digits)
	return byte(min(n, 255)) //nolint:gosec // G115: at most 255
}
