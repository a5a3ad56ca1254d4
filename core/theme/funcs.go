package theme

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/osier-passport/osier/core/text"
)

// csrfMark stands in rendered pages where the request's own token belongs.
// core/web puts it in, so that one parsed template serves every request. It is
// random, so that no stored text can hold it, and begins with a sign that pages rarely
// have, which makes it quick to find.
var csrfMark = "~csrf" + strings.TrimRight(base64.RawURLEncoding.EncodeToString(random(18)), "=")

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}

// CSRFMark is the text that Render leaves in place of the token of a form.
func CSRFMark() string { return csrfMark }

// funcs is what templates may call, in one language.
func (t *Theme) funcs(lang string) map[string]any {
	return map[string]any{
		"t":         func(key string, args ...any) (string, error) { return t.message(lang, key, args) },
		"date":      func(at time.Time) string { return t.cat.Date(lang, at) },
		"datetime":  func(at time.Time) string { return t.cat.DateTime(lang, at) },
		"monthyear": func(at time.Time) string { return t.cat.MonthYear(lang, at) },
		"ago":       func(at time.Time) string { return t.cat.Ago(lang, t.clock(), at) },
		"iso":       func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"num":       func(n any) string { return t.num(lang, n) },
		"lang":      func() string { return lang },
		"langname":  func(code string) string { return t.cat.Language(code).Name },
		"asset":     t.Asset,
		"icon":      t.icon,
		"kept":      func(name string, data any) (template.HTML, error) { return t.kept(lang, name, data) },
		"csrf":      csrfField,
		"list":      func(v ...any) []any { return v },
		"dict":      dict,
		"has":       func(part string) bool { return slices.Contains(t.has, part) },
		"default":   orDefault,
		"add":       func(a, b int) int { return a + b },
		"markdown":  text.Markdown,
		"plain":     text.Plain,
		"initials":  initials,
		"stars":     stars,
		"tint":      tint,
	}
}

// message is T for templates: an unknown key fails the page in development and
// in tests of templates; otherwise the key is shown.
func (t *Theme) message(lang, key string, args []any) (string, error) {
	if t.strict && !t.cat.Exists(key) {
		return "", fmt.Errorf("no message %q", key)
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("message %q: values come as pairs", key)
	}
	return t.cat.T(lang, key, args...), nil
}

func (t *Theme) num(lang string, n any) string {
	switch n := n.(type) {
	case int:
		return t.cat.Num(lang, n)
	case int64:
		return t.cat.Num(lang, int(n))
	}
	return fmt.Sprint(n)
}

func csrfField() template.HTML {
	return template.HTML(`<input type="hidden" name="csrf" value="` + csrfMark + `">`) //nolint:gosec // G203: a constant
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: values come as pairs")
	}
	d := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		d[name] = pairs[i+1]
	}
	return d, nil
}

func orDefault(v, fallback any) any {
	if truth, ok := template.IsTrue(v); ok && truth {
		return v
	}
	return fallback
}

// tint is the colour, 0 to 5, that stands for a name without a picture.
func tint(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails (hash.Hash)
	return int(h.Sum32() % 6)
}

// initials is up to two letters that stand for a name without a picture.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	if len(words) == 0 {
		return "?"
	}
	out := first(words[0])
	if len(words) > 1 {
		out += first(words[len(words)-1])
	}
	return strings.ToUpper(out)
}

func first(word string) string {
	for _, r := range word {
		return string(r)
	}
	return ""
}

// stars draws a number of half stars, of five.
func stars(half int) string {
	half = min(max(half, 0), 10)
	s := strings.Repeat("★", half/2)
	if half%2 == 1 {
		s += "½"
	}
	return s + strings.Repeat("☆", 5-(half+1)/2)
}
