package detail

import (
	"context"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// seen is a badge that was looked at on a day, by somebody of a kind.
type seen struct {
	badge, day int64
	kind       string
}

const (
	viewDay    = 24 * time.Hour
	flushAfter = 20 * time.Second
	member     = "member"
	visitor    = "visitor"
)

// robots are parts of what programs call themselves that fetch pages for nobody
// who looks.
var robots = []string{
	"bot", "crawl", "spider", "slurp", "preview", "fetch", "scan", "monitor", "curl", "wget", "python", "go-http", "java/", "libwww", "facebookexternalhit",
	"feed", "validator", "embed", "http-client", "okhttp", "axios",
}

// isRobot reports whether a program says by its name that nobody looks.
func isRobot(agent string) bool {
	agent = strings.ToLower(agent)
	for _, r := range robots {
		if strings.Contains(agent, r) {
			return true
		}
	}
	return agent == ""
}

// note counts a look at a badge. It is kept in memory for some seconds, so that
// nobody waits for it; a crash loses those.
func (s *Details) note(badgeID int64, kind string) {
	day := s.Base.Now().Unix() / int64(viewDay/time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views[seen{badgeID, day, kind}]++
	if s.timer == nil {
		s.flush.Add(1)
		s.timer = time.AfterFunc(flushAfter, func() {
			defer s.flush.Done()
			s.keep(context.Background())
		})
	}
}

// keep writes the looks that were counted.
func (s *Details) keep(ctx context.Context) {
	s.mu.Lock()
	views := s.views
	s.views, s.timer = map[seen]int64{}, nil
	s.mu.Unlock()
	if len(views) == 0 {
		return
	}
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		for v, n := range views {
			if err := addViews(ctx, tx, v, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.Log.WarnContext(ctx, "views of badges were not counted", "error", err)
	}
}

// Settle writes the looks that were counted and waits until that is done.
func (s *Details) Settle(ctx context.Context) {
	s.mu.Lock()
	waiting := s.timer != nil && s.timer.Stop()
	s.mu.Unlock()
	if waiting {
		s.keep(ctx)
		s.flush.Done()
	}
	s.flush.Wait()
}

// Close is Settle before the database closes.
func (s *Details) Close(ctx context.Context) { s.Settle(ctx) }

// weeks is how many weeks of views are shown.
const weeks = 8

// Views is how often others looked at a badge.
type Views struct {
	Members, Visitors int
	Weeks             []Week // the last ones, the oldest first
}

// Week is the views of seven days.
type Week struct {
	From              time.Time
	Members, Visitors int
}

// ViewsOf gives the views of a badge.
func (s *Details) ViewsOf(ctx context.Context, badgeID int64) (Views, error) {
	list, err := listViews(ctx, s.Base.Read(), badgeID)
	return s.byWeek(list), err
}

// byWeek sums the views of days.
func (s *Details) byWeek(list []dayViews) Views {
	var v Views
	today := s.Base.Now().Unix() / int64(viewDay/time.Second)
	first := today - 7*weeks + 1
	for i := range weeks {
		v.Weeks = append(v.Weeks, Week{From: time.Unix((first+7*int64(i))*int64(viewDay/time.Second), 0).UTC()})
	}
	for _, d := range list {
		var week Week
		at := &week
		if d.day >= first && d.day <= today {
			at = &v.Weeks[(d.day-first)/7]
		}
		if d.kind == member {
			v.Members += d.hits
			at.Members += d.hits
		} else {
			v.Visitors += d.hits
			at.Visitors += d.hits
		}
	}
	return v
}
