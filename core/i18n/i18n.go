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
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

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

// Catalogue is all messages. What it says does not change and is safe for use by
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
	messages func() map[string]string // read when somebody first speaks it
	latin    func() bool              // whole numbers are written with the digits 0 to 9
}

// Load finds the bundled languages and lays the messages of overrides (a tree of
// <language>/*.toml, may be nil) over theirs. A language that only overrides has
// is added. The bundled messages are read when their language is first spoken: they
// are part of the program, and Check tells whether they can be.
func Load(overrides fs.FS) (*Catalogue, error) {
	own, err := fs.Sub(bundled, "messages")
	if err != nil {
		return nil, fmt.Errorf("open messages: %w", err)
	}
	over, err := readTree(overrides)
	if err != nil {
		return nil, err
	}
	folders, err := fs.ReadDir(own, ".")
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	codes := slices.Collect(maps.Keys(over))
	for _, f := range folders {
		codes = append(codes, f.Name())
	}
	c := &Catalogue{voices: make(map[string]*voice)}
	for _, code := range codes {
		tag, err := language.Parse(code)
		if err != nil {
			return nil, fmt.Errorf("messages %s: language of the folder: %w", code, err)
		}
		printer := message.NewPrinter(tag)
		c.voices[code] = &voice{tag: tag, printer: printer, latin: sync.OnceValue(func() bool { return printer.Sprintf("%d", 987) == "987" }), messages: sync.OnceValue(func() map[string]string {
			all, _ := readLanguage(own, code) // Check has the error
			maps.Copy(all, over[code])
			if base, _ := tag.Base(); base.String() == "fr" {
				for key, text := range all {
					all[key] = tieFrench.Replace(text)
				}
			}
			return all
		})}
	}
	c.order()
	return c, nil
}

// tieFrench keeps the signs that French sets off by a space on the line of their word.
var tieFrench = strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " !", "\u00a0!", " ?", "\u00a0?", "« ", "«\u00a0", " »", "\u00a0»")

// Check reads the bundled messages of all languages and gives what is wrong with them.
func Check() error {
	own, err := fs.Sub(bundled, "messages")
	if err == nil {
		_, err = readTree(own)
	}
	return err
}

// readTree reads the messages of each folder of a tree; nil has none.
func readTree(tree fs.FS) (map[string]map[string]string, error) {
	all := make(map[string]map[string]string)
	if tree == nil {
		return all, nil
	}
	files, err := fs.Glob(tree, "*/*.toml")
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	for _, name := range files {
		code := path.Dir(name)
		if all[code] != nil {
			continue
		}
		if all[code], err = readLanguage(tree, code); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// readLanguage reads the messages of one folder. What could be read is given with
// the error too.
func readLanguage(tree fs.FS, code string) (map[string]string, error) {
	messages := make(map[string]string)
	files, err := fs.Glob(tree, code+"/*.toml")
	errs := []error{err}
	for _, name := range files {
		text, err := fs.ReadFile(tree, name)
		var nested map[string]any
		if err == nil {
			err = toml.Unmarshal(text, &nested)
		}
		if err == nil {
			err = flatten(messages, "", nested)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("messages %s: %w", name, err))
		}
	}
	return messages, errors.Join(errs...)
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
	all := v.messages()
	_, ok := all[key]
	if !ok {
		_, ok = all[key+".other"]
	}
	return ok
}

// form is the text of a message for the number n, with its plural form chosen.
func (v *voice) form(key string, n int) string {
	all := v.messages()
	if text, ok := all[key]; ok {
		return text
	}
	if text, ok := all[key+"."+pluralForm(v.tag, n)]; ok {
		return text
	}
	return all[key+".other"]
}

var pluralNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two",
	plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

func pluralForm(tag language.Tag, n int) string {
	return pluralNames[plural.Cardinal.MatchPlural(tag, abs(n), 0, 0, 0, 0)]
}

func abs(n int) int { return max(n, -n) }
