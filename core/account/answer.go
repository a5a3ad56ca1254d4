package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
)

// firstAnswer is where a person answers what the site wants to know of everybody; it
// is the page of settings as well.
const firstAnswer = "/settings/details"

// GivenAnswer is what a person answered to a question of the site.
type GivenAnswer struct {
	Key   string // of the question
	Label string // of the question; the key when the site does not ask it any more
	Kind  string // of the question, "" when the site does not ask it any more
	Value string // as it is kept: of a choice its key, of a country its code, of a switch "yes"
	Text  string // in words
	At    time.Time
}

// Answers gives what a person answered, in the order of the form and then what is
// not asked any more. Only the person and administrators may see all of it.
func (a *Accounts) Answers(ctx context.Context, d db.DB, person int64, lang string) ([]GivenAnswer, error) {
	have, err := answersOf(ctx, d, person)
	if err != nil {
		return nil, err
	}
	var list []GivenAnswer
	for _, q := range a.Questions(lang) {
		if k, ok := have[q.Key]; ok {
			list = append(list, GivenAnswer{q.Key, q.Label, q.Kind, k.value, a.answerText(q, k.value, lang), k.at})
			delete(have, q.Key)
		}
	}
	for _, key := range sortedKeys(have) {
		list = append(list, GivenAnswer{Key: key, Label: key, Value: have[key].value, Text: have[key].value, At: have[key].at})
	}
	return list, nil
}

// ShownAnswers gives the answers of a person that the viewer (0: nobody signed in) may
// see on the profile. That the viewer may open the profile is asked before (Opened).
func (a *Accounts) ShownAnswers(ctx context.Context, viewer, person int64, lang string) ([]GivenAnswer, error) {
	shown := map[string]bool{}
	for _, f := range a.config.SignUp.Fields {
		if f.Seen == config.SeenByPublic || f.Seen == config.SeenByMembers && viewer > 0 {
			shown[f.Key] = true
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	all, err := a.Answers(ctx, a.base.Read(), person, lang)
	list := all[:0]
	for _, answer := range all {
		if shown[answer.Key] {
			list = append(list, answer)
		}
	}
	return list, err
}

// SetAnswers keeps what a person answers to all questions, by their keys; one without
// a value is taken back. It returns FieldErrors, by the names of the fields.
func (a *Accounts) SetAnswers(ctx context.Context, person int64, given map[string]string) error {
	answers, wrong := a.parseAnswers(given)
	if len(wrong) > 0 {
		return wrong
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error { return keepAnswers(ctx, tx, person, answers) })
}

// ForgetAnswer takes back an answer to what the site does not ask any more.
func (a *Accounts) ForgetAnswer(ctx context.Context, person int64, key string) error {
	for _, f := range a.config.SignUp.Fields {
		if f.Key == key {
			return nil
		}
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error { return deleteAnswer(ctx, tx, person, key) })
}

// parseAnswers gives an answer, maybe "", for each question, and what is wrong.
func (a *Accounts) parseAnswers(given map[string]string) (map[string]string, FieldErrors) {
	answers, wrong := map[string]string{}, FieldErrors{}
	for _, q := range a.Questions("") {
		value, err := q.parse(given[q.Key])
		answers[q.Key] = value
		wrong.add(q.Field(), err)
	}
	return answers, wrong
}

func keepAnswers(ctx context.Context, tx *db.Tx, person int64, answers map[string]string) error {
	for _, key := range sortedKeys(answers) {
		keep := func() error { return setAnswer(ctx, tx, person, key, keptAnswer{answers[key], tx.Now()}) }
		if answers[key] == "" {
			keep = func() error { return deleteAnswer(ctx, tx, person, key) }
		}
		if err := keep(); err != nil {
			return err
		}
	}
	return nil
}

// unanswered reports whether a person still owes an answer to what the site wants to
// know of everybody. An answer that cannot be given any more is none.
func (a *Accounts) unanswered(ctx context.Context, d db.DB, person int64) (bool, error) {
	var required []config.Field
	for _, f := range a.config.SignUp.Fields {
		if f.Required {
			required = append(required, f)
		}
	}
	if len(required) == 0 {
		return false, nil
	}
	have, err := answersOf(ctx, d, person)
	if err != nil {
		return false, err
	}
	for _, f := range required {
		if !answered(f, have[f.Key].value) {
			return true, nil
		}
	}
	return false, nil
}

// answered reports whether a value answers a field.
func answered(f config.Field, value string) bool {
	if f.Kind != config.FieldChoice {
		return value != ""
	}
	for _, c := range f.Choices {
		if c["key"] == value {
			return value != ""
		}
	}
	return false
}
