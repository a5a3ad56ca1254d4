package account

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const (
	answerMax  = 200 // characters
	switchedOn = "yes"
)

// Question is one thing that the site asks people about themselves, in one language.
// The configuration lists them (sign_up.fields).
type Question struct {
	Key, Kind   string // kinds of config.Field
	Label, Help string
	Choices     []Choice // of a choice or a country
	Required    bool
	Seen        string // config.SeenByNobody, SeenByMembers, SeenByPublic
}

// Choice is an answer that can be chosen.
type Choice struct{ Value, Label string }

// Field is the name of the question in forms.
func (q Question) Field() string { return "ask_" + q.Key }

// Asks reports whether the site asks people anything.
func (a *Accounts) Asks() bool { return len(a.config.SignUp.Fields) > 0 }

// Questions lists what the site asks, in a language, in the order of the form.
func (a *Accounts) Questions(lang string) []Question {
	list := make([]Question, 0, len(a.config.SignUp.Fields))
	for _, f := range a.config.SignUp.Fields {
		list = append(list, a.question(f, lang))
	}
	return list
}

func (a *Accounts) question(f config.Field, lang string) Question {
	q := Question{Key: f.Key, Kind: f.Kind, Label: a.words(f.Labels, lang), Help: a.words(f.Help, lang), Required: f.Required, Seen: f.Seen}
	switch f.Kind {
	case config.FieldChoice:
		for _, c := range f.Choices {
			q.Choices = append(q.Choices, Choice{c["key"], a.words(config.Words(c), lang)})
		}
	case config.FieldCountry:
		for code, name := range a.catalogue.Names(lang, "country") {
			q.Choices = append(q.Choices, Choice{code, name})
		}
		slices.SortFunc(q.Choices, func(x, y Choice) int { return cmp.Compare(db.Fold(x.Label), db.Fold(y.Label)) })
	}
	return q
}

// words are those of a language, else those of the site's, else any.
func (a *Accounts) words(by map[string]string, lang string) string {
	for _, code := range []string{lang, a.config.Language} {
		if s := by[code]; s != "" {
			return s
		}
	}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		return by[code]
	}
	return ""
}

// answerText is an answer in words: the label of a choice, "yes" in the language lang. One
// that the question does not know any more is given as it was kept.
func (a *Accounts) answerText(q Question, value, lang string) string {
	if q.Kind == config.FieldSwitch && value == switchedOn {
		return a.catalogue.T(lang, "question.yes")
	}
	for _, c := range q.Choices {
		if c.Value == value {
			return c.Label
		}
	}
	return value
}

// parse cleans an answer; "" is none. It returns a fault Invalid.
func (q Question) parse(value string) (string, error) {
	value = strings.Join(strings.Fields(cleanText(value, false)), " ")
	switch {
	case value == "" && q.Required && q.Kind == config.FieldSwitch:
		return "", fault.New(fault.Invalid, "question.error.tick")
	case value == "" && q.Required && q.Kind == config.FieldText:
		return "", fault.New(fault.Invalid, "question.error.required")
	case value == "" && q.Required:
		return "", fault.New(fault.Invalid, "question.error.choose")
	case value == "":
		return "", nil
	}
	switch q.Kind {
	case config.FieldText:
		if utf8.RuneCountInString(value) > answerMax {
			return "", fault.New(fault.Invalid, "question.error.long")
		}
		return value, nil
	case config.FieldSwitch:
		return switchedOn, nil
	}
	if !slices.ContainsFunc(q.Choices, func(c Choice) bool { return c.Value == value }) {
		return "", fault.New(fault.Invalid, "question.error.choose")
	}
	return value, nil
}
