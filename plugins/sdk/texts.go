package sdk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxHelp bounds the longer texts, in characters.
const maxHelp = 300

// Text gives a text of the plugin by its key, such as "field.site", in lang or in
// what stands in for it (see [Label]); "" when there is none.
func (d Descriptor) Text(key, lang string) string {
	return Label(map[string]string{lang: d.Texts[lang][key], base(lang): d.Texts[base(lang)][key], "en": d.Texts["en"][key]}, lang, "")
}

// forms lists all fields of d.
func (d Descriptor) forms() []Field {
	all := slices.Clone(d.Settings)
	for _, t := range d.Targets {
		all = append(append(all, t.Options...), t.Connect...)
	}
	return all
}

// textKeys gives the keys of the texts that d can have beside failures, and
// whether each must be there in English.
func (d Descriptor) textKeys() map[string]bool {
	keys := map[string]bool{}
	for _, f := range d.forms() {
		keys["field."+f.Key+".help"] = false
	}
	for _, f := range d.forms() {
		keys["field."+f.Key] = true
		for _, c := range f.Choices {
			keys["choice."+f.Key+"."+c] = true
		}
	}
	for _, t := range d.Targets {
		if t.Kind == KindAccount {
			keys["disconnected."+t.ID] = false
		}
		if t.NeedsInstance {
			keys["field.instance"], keys["field.instance.help"] = needed(keys, "field.instance"), false
		}
		if t.OAuth == nil {
			continue
		}
		for _, s := range t.OAuth.Scopes {
			keys["scope."+s] = true
		}
	}
	return keys
}

// needed tells whether a text must be there: a field of that name wants it.
func needed(keys map[string]bool, key string) bool { return keys[key] }

// checkTexts finds texts that are missing, and those that are not fit to be shown.
func (d Descriptor) checkTexts() error {
	var faults []error
	for key, needed := range d.textKeys() {
		if needed && d.Texts["en"][key] == "" {
			faults = append(faults, fmt.Errorf("text %q is missing in English", key))
		}
	}
	for lang, texts := range d.Texts {
		if !validLang(lang) {
			faults = append(faults, fmt.Errorf("texts: %q is not a language", lang))
		}
		for key, text := range texts {
			if limit := textLimit(key); text == "" || utf8.RuneCountInString(text) > limit || text != Plain(text) {
				faults = append(faults, fmt.Errorf("text %q in %q is empty, longer than %d characters or not plain", key, lang, limit))
			}
		}
	}
	return errors.Join(faults...)
}

func textLimit(key string) int {
	if strings.HasSuffix(key, ".help") || strings.HasPrefix(key, "failure.") || strings.HasPrefix(key, "scope.") || strings.HasPrefix(key, "disconnected.") {
		return maxHelp
	}
	return MaxLabel
}

// checkKeys finds texts that belong to nothing, which is how a typing mistake in
// a key shows.
func (d Descriptor) checkKeys() error {
	known := d.textKeys()
	var faults []error
	for lang, texts := range d.Texts {
		for key := range texts {
			if _, ok := known[key]; !ok && !validFailure(key) {
				faults = append(faults, fmt.Errorf("i18n.%s.%s: no target, field, choice, scope or failure is called so", lang, key))
			}
		}
	}
	return errors.Join(faults...)
}
