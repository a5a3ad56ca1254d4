// Package i18n holds every sentence that a person reads, by language.
//
// It owns the message catalogues in messages/<language>/<feature>.toml. A nested
// table becomes a dotted key; a table of plural forms (one, other …) becomes one
// message whose form is chosen by the value "n" (Unicode CLDR plural rules).
// Formats of dates are messages too, so a new language is a folder of files and
// no code. No tables, no events. The templates, the error page and mails call it.
package i18n

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
)

// Default is the language that is always complete and that others fall back to.
const Default = "en"

//go:embed messages
var bundled embed.FS

// Language is one language of the catalogue.
type Language struct {
	Code string // BCP 47, as in the name of its folder
	Name string // in the language itself
	Dir  string // "ltr" or "rtl"
}

// Catalogue is the loaded messages. It does not change and is safe for use by
// several goroutines.
type Catalogue struct {
	languages []Language
	voices    map[string]*voice
	matcher   language.Matcher
}

// voice is one language at work.
type voice struct {
	tag      language.Tag
	printer  *message.Printer
	messages map[string]string
}

// Load reads the bundled messages and lays those of overrides (a tree of
// <language>/*.toml, may be nil) over them. A language that only overrides has
// is added.
func Load(overrides fs.FS) (*Catalogue, error) {
	own, err := fs.Sub(bundled, "messages")
	if err != nil {
		return nil, fmt.Errorf("open messages: %w", err)
	}
	c := &Catalogue{voices: make(map[string]*voice)}
	if err := c.read(own); err != nil {
		return nil, err
	}
	if overrides != nil {
		if err := c.read(overrides); err != nil {
			return nil, err
		}
	}
	c.order()
	return c, nil
}

func (c *Catalogue) read(tree fs.FS) error {
	files, err := fs.Glob(tree, "*/*.toml")
	if err != nil {
		return fmt.Errorf("list messages: %w", err)
	}
	for _, name := range files {
		if err := c.readFile(tree, name); err != nil {
			return fmt.Errorf("messages %s: %w", name, err)
		}
	}
	return nil
}

func (c *Catalogue) readFile(tree fs.FS, name string) error {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return err
	}
	var nested map[string]any
	if err := toml.Unmarshal(text, &nested); err != nil {
		return err
	}
	code := path.Dir(name)
	v := c.voices[code]
	if v == nil {
		tag, err := language.Parse(code)
		if err != nil {
			return fmt.Errorf("language of the folder: %w", err)
		}
		v = &voice{tag: tag, printer: message.NewPrinter(tag), messages: make(map[string]string)}
		c.voices[code] = v
	}
	return flatten(v.messages, "", nested)
}

func flatten(to map[string]string, prefix string, nested map[string]any) error {
	var errs []error
	for k, v := range nested {
		switch v := v.(type) {
		case string:
			to[prefix+k] = v
		case map[string]any:
			errs = append(errs, flatten(to, prefix+k+".", v))
		default:
			errs = append(errs, fmt.Errorf("%s%s is neither text nor a table", prefix, k))
		}
	}
	return errors.Join(errs...)
}

func (c *Catalogue) order() {
	for code, v := range c.voices {
		c.languages = append(c.languages, Language{Code: code, Name: display.Self.Name(v.tag), Dir: direction(v.tag)})
	}
	slices.SortFunc(c.languages, func(a, b Language) int {
		if a.Code == Default || b.Code == Default {
			return cmp.Compare(rank(a.Code), rank(b.Code))
		}
		return cmp.Compare(a.Code, b.Code)
	})
	tags := make([]language.Tag, len(c.languages))
	for i, l := range c.languages {
		tags[i] = c.voices[l.Code].tag
	}
	c.matcher = language.NewMatcher(tags)
}

func rank(code string) int {
	if code == Default {
		return 0
	}
	return 1
}

func direction(tag language.Tag) string {
	script, _ := tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr":
		return "rtl"
	}
	return "ltr"
}

// Languages lists the languages, the default first.
func (c *Catalogue) Languages() []Language { return slices.Clone(c.languages) }

// Language gives the language of a code; an unknown code gives the default.
func (c *Catalogue) Language(code string) Language {
	for _, l := range c.languages {
		if l.Code == code {
			return l
		}
	}
	return c.languages[0]
}

// Has reports whether the catalogue speaks the language of code.
func (c *Catalogue) Has(code string) bool { return c.voices[code] != nil }

// acceptLimit bounds the header given to the parser of language tags, whose work
// grows with its length.
const acceptLimit = 256

// Match chooses the language that suits an Accept-Language header (RFC 9110
// §12.5.4) best; an empty or unreadable one gives the default.
func (c *Catalogue) Match(acceptLanguage string) string {
	if len(acceptLanguage) > acceptLimit {
		acceptLanguage = acceptLanguage[:strings.LastIndexByte(acceptLanguage[:acceptLimit], ',')+1]
	}
	tags, _, err := language.ParseAcceptLanguage(strings.TrimRight(acceptLanguage, ", "))
	if err != nil || len(tags) == 0 {
		return c.languages[0].Code
	}
	_, i, confidence := c.matcher.Match(tags...)
	if confidence == language.No {
		return c.languages[0].Code
	}
	return c.languages[i].Code
}

// voice gives the language of code, or the default.
func (c *Catalogue) voice(code string) *voice {
	if v := c.voices[code]; v != nil {
		return v
	}
	return c.voices[Default]
}

// Has reports whether v has the message, in any plural form.
func (v *voice) has(key string) bool {
	_, ok := v.messages[key]
	if !ok {
		_, ok = v.messages[key+".other"]
	}
	return ok
}

// form is the text of a message for the number n, with its plural form chosen.
func (v *voice) form(key string, n int) string {
	if text, ok := v.messages[key]; ok {
		return text
	}
	if text, ok := v.messages[key+"."+pluralForm(v.tag, n)]; ok {
		return text
	}
	return v.messages[key+".other"]
}

var pluralNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two",
	plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

func pluralForm(tag language.Tag, n int) string {
	return pluralNames[plural.Cardinal.MatchPlural(tag, abs(n), 0, 0, 0, 0)]
}

func abs(n int) int { return max(n, -n) }
