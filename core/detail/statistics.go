package detail

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// Statistics is what a person may want to know of all their badges.
type Statistics struct {
	Badges, Shown             int // shown: to members or everybody
	States                    []Counted
	Cheers, Comments, Vouched int
	Views                     Views
	Last                      time.Time // the day of the last view by somebody else; zero: none
	MostSeen                  []Counted
}

// Counted is a number of something: a verdict, or a badge with its public id.
type Counted struct {
	Key, Name string
	N         int
}

const mostSeen = 10

// StatisticsOf counts the badges of a person, and how often others looked at them.
func (s *Details) StatisticsOf(ctx context.Context, person int64) (Statistics, error) {
	var out Statistics
	return out, s.Base.View(ctx, func(d db.DB) error {
		states, err := countStates(ctx, d, person, s.Base.Now())
		if err != nil {
			return err
		}
		out.States = states
		for _, c := range states {
			out.Badges += c.N
		}
		if out.Shown, err = countPublished(ctx, d, person); err != nil {
			return err
		}
		if out.Cheers, out.Comments, out.Vouched, err = countAnswers(ctx, d, person); err != nil {
			return err
		}
		days, err := listAllViews(ctx, d, person)
		if err != nil {
			return err
		}
		out.Views = s.byWeek(days)
		if len(days) > 0 {
			out.Last = time.Unix(days[len(days)-1].day*int64(viewDay/time.Second), 0).UTC()
		}
		out.MostSeen, err = listMostSeen(ctx, d, person, mostSeen)
		return err
	})
}
