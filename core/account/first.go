package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// Where a person goes before anything else.
const (
	firstAge   = "/guardian" // the question for the age, or waiting for the guardian
	firstAgree = "/agree"    // texts in a version that asks
)

// standing is what decides whether something has to be done first.
type standing struct {
	underAge  bool
	guarded   time.Time // when the guardian confirmed
	createdAt time.Time
}

// first is the local path of what a person has to do before anything else, "" for
// nothing: their age, the texts, and then what the site asks of everybody.
func (a *Accounts) first(ctx context.Context, d db.DB, person int64) (string, error) {
	to, err := a.firstOfTexts(ctx, d, person)
	if err != nil || to != "" {
		return to, err
	}
	owes, err := a.unanswered(ctx, d, person)
	if err != nil || !owes {
		return "", err
	}
	return firstAnswer, nil
}

func (a *Accounts) firstOfTexts(ctx context.Context, d db.DB, person int64) (string, error) {
	site, err := a.Settings(ctx)
	if err != nil {
		return "", err
	}
	st, err := standingOf(ctx, d, person)
	if err != nil {
		return "", err
	}
	if st.underAge && st.guarded.IsZero() {
		return firstAge, nil
	}
	if site.Age == 0 && len(site.asksFor(nil)) == 0 {
		return "", nil
	}
	agreed, err := agreedTo(ctx, d, person)
	switch {
	case err != nil:
		return "", err
	case site.Age > 0 && agreed[consentAge] == 0 && !st.createdAt.Before(site.AgeSince):
		return firstAge, nil
	case len(site.asksFor(agreed)) > 0:
		return firstAgree, nil
	}
	return "", nil
}
