package account

import (
	"context"
	"encoding/json"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

const kindAnswer = "answer"

type exportedAnswer struct {
	Question string    `json:"question"` // its key
	Label    string    `json:"label"`    // what was asked
	Value    string    `json:"value"`
	Answer   string    `json:"answer"` // in words
	Answered time.Time `json:"answered"`
}

func (a *Accounts) exportAnswers(ctx context.Context, d db.DB, person int64) (any, error) {
	p, err := personByID(ctx, d, person)
	if err != nil {
		return nil, err
	}
	list, err := a.Answers(ctx, d, person, p.Language)
	out := make([]exportedAnswer, 0, len(list))
	for _, k := range list {
		out = append(out, exportedAnswer{k.Key, k.Label, k.Value, k.Text, k.At})
	}
	return out, err
}

// planAnswers gives the answers of an archive to what this site asks too.
func (a *Accounts) planAnswers(ctx context.Context, p Person, in *archive.Archive, add func(archive.Item) error) error {
	var list []exportedAnswer
	if err := in.JSON("account/answers.json", &list); err != nil {
		return err
	}
	have, err := answersOf(ctx, a.base.Read(), p.ID)
	if err != nil {
		return err
	}
	for _, e := range list {
		item := archive.Item{Kind: kindAnswer, Title: archive.Clip(e.Label + ": " + e.Answer), State: archive.Add}
		value, ok := a.fits(e)
		switch {
		case !ok:
			item.State, item.Reason = archive.Refused, "mydata.zip.not_asked"
		case have[e.Question].value == value:
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, e); err != nil {
			return err
		}
	}
	return nil
}

// fits gives the value of an answer of an archive where this site asks the question
// and takes the answer.
func (a *Accounts) fits(e exportedAnswer) (string, bool) {
	for _, q := range a.Questions("") {
		if q.Key == e.Question {
			value, err := q.parse(e.Value)
			return value, err == nil && value != ""
		}
	}
	return "", false
}

func (a *Accounts) restoreAnswer(ctx context.Context, tx *db.Tx, p Person, item archive.Item) (archive.Item, error) {
	var e exportedAnswer
	if err := json.Unmarshal(item.Data, &e); err != nil {
		return item, err
	}
	value, ok := a.fits(e)
	if !ok {
		item.State, item.Reason = archive.Refused, "mydata.zip.not_asked"
		return item, nil
	}
	item.State = archive.Done
	at := tx.Now()
	if e.Answered.Unix() > 0 && e.Answered.Before(at) {
		at = e.Answered
	}
	return item, setAnswer(ctx, tx, p.ID, e.Question, keptAnswer{value, at})
}
