package sdk

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Bounds of a form. The host applies the same.
const (
	MaxFields  = 32   // of one form
	MaxChoices = 64   // of one field
	MaxValue   = 1000 // characters of a value whose field says nothing else
	maxMax     = 100000
)

// FieldType says what a [Field] holds and how the host draws it.
type FieldType string

// The types. Values travel as text.
const (
	FieldText     FieldType = "text"
	FieldSecret   FieldType = "secret" // never shown again
	FieldURL      FieldType = "url"    // absolute, https (http on a developer's machine)
	FieldEmail    FieldType = "email"  // one or several addresses, separated by commas
	FieldNumber   FieldType = "number" // a whole number of 0 or more, decimal
	FieldChoice   FieldType = "choice"
	FieldSwitch   FieldType = "switch" // "true" or empty
	FieldLongText FieldType = "long_text"
)

var fieldTypes = []FieldType{FieldText, FieldSecret, FieldURL, FieldEmail, FieldNumber, FieldChoice, FieldSwitch, FieldLongText}

// Field is one line of a form that the host draws. Its words are the plugin's
// texts "field.KEY", "field.KEY.help" and, for each choice, "choice.KEY.VALUE".
type Field struct {
	Key      string    `json:"key" yaml:"key"`   // ^[a-z][a-z0-9_]{0,31}$
	Type     FieldType `json:"type" yaml:"type"` // empty means FieldText
	Required bool      `json:"required,omitempty" yaml:"required"`
	Fallback string    `json:"fallback,omitempty" yaml:"fallback"` // what an empty field stands for; a Call has it filled in
	Max      int       `json:"max,omitempty" yaml:"max"`           // characters, or the largest number; 0 means MaxValue characters
	Choices  []string  `json:"choices,omitempty" yaml:"choices"`   // of a FieldChoice
}

// FieldError says what is wrong with one field, in plain words for the person
// who filled it in. An empty Key means all of them, "text" the person's words.
type FieldError struct {
	Key  string
	Text string
}

// Error gives the words.
func (e FieldError) Error() string { return e.Text }

// checkFields tells what is wrong with a form, all faults at once.
func checkFields(form string, fields []Field) error {
	var faults []error
	if len(fields) > MaxFields {
		faults = append(faults, fmt.Errorf("%s: %d fields, at most %d", form, len(fields), MaxFields))
	}
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.Key] {
			faults = append(faults, fmt.Errorf("%s: field %q is there twice", form, f.Key))
		}
		seen[f.Key] = true
		if err := f.check(); err != nil {
			faults = append(faults, fmt.Errorf("%s: field %q: %w", form, f.Key, err))
		}
	}
	return errors.Join(faults...)
}

func (f Field) check() error {
	switch {
	case !validKey(f.Key):
		return fmt.Errorf("the key does not match %s", keyForm)
	case !slices.Contains(fieldTypes, f.Type):
		return fmt.Errorf("type %q is not known", f.Type)
	case f.Max < 0 || f.Type != FieldNumber && f.Max > maxMax:
		return fmt.Errorf("max is not between 0 and %d", maxMax)
	case f.Fallback != "" && (f.Type == FieldSecret || f.Required):
		return errors.New("a secret or a field that is required has no fallback")
	case f.Fallback != "" && f.Type == FieldNumber && !wholeNumber(f.Fallback):
		return errors.New("the fallback is not a whole number")
	case utf8.RuneCountInString(f.Fallback) > MaxValue:
		return fmt.Errorf("the fallback is longer than %d characters", MaxValue)
	}
	return f.checkChoices()
}

func (f Field) checkChoices() error {
	if (f.Type == FieldChoice) != (len(f.Choices) > 0) || len(f.Choices) > MaxChoices {
		return fmt.Errorf("choices: 1 to %d belong to the type choice and to no other", MaxChoices)
	}
	for n, c := range f.Choices {
		if c == "" || c != Plain(c) || utf8.RuneCountInString(c) > MaxLabel || slices.Contains(f.Choices[:n], c) {
			return fmt.Errorf("choice %q is empty, long, not plain or there twice", c)
		}
	}
	if f.Type == FieldChoice && f.Fallback != "" && !slices.Contains(f.Choices, f.Fallback) {
		return errors.New("the fallback is none of the choices")
	}
	return nil
}

func wholeNumber(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0
}

// withTypes gives fields with the type that stands for none filled in.
func withTypes(fields []Field) []Field {
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].Type = first(fields[i].Type, FieldText)
		fields[i].Choices = slices.Clone(fields[i].Choices)
	}
	return fields
}
