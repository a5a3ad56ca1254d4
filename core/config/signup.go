package config

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// SignUp says who may join beside what administrators choose on the site, and what
// people are asked.
type SignUp struct {
	Allow  []string `toml:"allow"`  // addresses and domains of the allow-list
	Fields []Field  `toml:"fields"` // in the order of the form
}

// The kinds of a Field.
const (
	FieldText    = "text"
	FieldChoice  = "choice"
	FieldCountry = "country"
	FieldSwitch  = "switch"
)

// Who sees the answer to a Field, beside the person and administrators.
const (
	SeenByNobody  = "nobody"
	SeenByMembers = "members"
	SeenByPublic  = "public"
)

// choiceKey names a choice in the file; its other keys are languages.
const choiceKey = "key"

// Field is one thing that people are asked about themselves when they join.
type Field struct {
	Key      string              `toml:"key"`
	Kind     string              `toml:"kind"`   // FieldText, FieldChoice, FieldCountry, FieldSwitch; "" is FieldText
	Labels   map[string]string   `toml:"labels"` // by language
	Help     map[string]string   `toml:"help"`   // by language, may be empty
	Choices  []map[string]string `toml:"choices"`
	Required bool                `toml:"required"`
	Seen     string              `toml:"seen"` // SeenByNobody, SeenByMembers, SeenByPublic; "" is SeenByNobody
}

// Limits of the fields: a form that is longer keeps people out.
const (
	fieldsMax  = 20
	choicesMax = 60
	wordsMax   = 300 // characters of a label or a help text
)

func validateFields(list []Field) error {
	var errs []error
	if len(list) > fieldsMax {
		errs = append(errs, keyed("sign_up.fields", fmt.Errorf("there are %d; ask at most %d things", len(list), fieldsMax)))
	}
	seen := map[string]bool{}
	for i, f := range list {
		at := fmt.Sprintf("sign_up.fields[%d]", i+1)
		if nameForm().MatchString(f.Key) {
			at = "sign_up.fields." + f.Key
		}
		errs = append(errs, keyed(at+".key", checkForm(f.Key, nameForm(), "write a short name of lower-case letters, digits, - and _")))
		if seen[f.Key] {
			errs = append(errs, keyed(at+".key", errors.New("two fields have this key; give each its own")))
		}
		seen[f.Key] = true
		errs = append(errs, f.validate(at))
	}
	return errors.Join(errs...)
}

func (f Field) validate(at string) error {
	errs := []error{
		keyed(at+".kind", checkOneOf(f.Kind, FieldText, FieldChoice, FieldCountry, FieldSwitch)),
		keyed(at+".seen", checkOneOf(f.Seen, SeenByNobody, SeenByMembers, SeenByPublic)),
		keyed(at+".labels", checkWords(f.Labels, `it is empty; write what people read, for example { en = "Your school", fr = "Votre école" }`)),
		keyed(at+".help", checkWords(f.Help, "")),
	}
	if f.Kind != FieldChoice {
		if len(f.Choices) > 0 {
			errs = append(errs, keyed(at+".choices", fmt.Errorf(`a field of kind %q has none; write kind = "choice", or leave the choices out`, f.Kind)))
		}
		return errors.Join(errs...)
	}
	return errors.Join(append(errs, keyed(at+".choices", checkChoices(f.Choices)))...)
}

func checkChoices(list []map[string]string) error {
	if len(list) < 2 || len(list) > choicesMax {
		return fmt.Errorf(`there are %d; write from 2 to %d, for example { key = "student", en = "Student", fr = "Aux études" }`, len(list), choicesMax)
	}
	seen := map[string]bool{}
	for _, c := range list {
		key := c[choiceKey]
		if err := checkForm(key, nameForm(), `write the key of each choice, lower-case letters, digits, - and _: { key = "student", en = "Student" }`); err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("two choices have the key %q; give each its own", key)
		}
		seen[key] = true
		if err := checkWords(Words(c), fmt.Sprintf(`the choice %q has no words; write them by language, for example { key = %q, en = "…" }`, key, key)); err != nil {
			return err
		}
	}
	return nil
}

// Words are the words of a choice by language.
func Words(choice map[string]string) map[string]string {
	words := make(map[string]string, len(choice))
	for k, v := range choice {
		if k != choiceKey {
			words[k] = v
		}
	}
	return words
}

// checkWords checks words by language; empty says what to write where there are none.
func checkWords(words map[string]string, empty string) error {
	if len(words) == 0 && empty != "" {
		return errors.New(empty)
	}
	for _, language := range sortedKeys(words) {
		if !languageForm().MatchString(language) {
			return fmt.Errorf(`%q is not a language tag; write for example en = "…", fr = "…"`, language)
		}
		n := utf8.RuneCountInString(words[language])
		if n == 0 || n > wordsMax {
			return fmt.Errorf("the words for %q have %d characters; write from 1 to %d", language, n, wordsMax)
		}
	}
	return nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
