package share

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/share/host"
)

// partWithin bounds how long remotes are asked when an account is removed.
const partWithin = 90 * time.Second

// Part has remotes forget a person who leaves: their grants, and with posts also
// what was posted for them. It takes a bounded time and never stands in the way:
// what a remote did not do is in the log, and Erase deletes our side. It gives how many
// posts were taken back, and how many were not though they could be.
func (s *Share) Part(ctx context.Context, person int64, posts bool) (taken, left int, err error) {
	ctx, cancel := context.WithTimeout(ctx, partWithin)
	defer cancel()
	if posts {
		if taken, left, err = s.retractAll(ctx, person); err != nil {
			s.log.Warn("not all posts of a person who leaves could be taken back", "error", err)
		}
	}
	list, err := s.Accounts(ctx, person)
	if err != nil {
		return taken, left, err
	}
	for _, a := range list {
		if err := s.leave(ctx, a); err != nil {
			s.log.Warn("a remote did not forget a grant", "target", a.Target, "error", err)
		}
		err := s.base.Tx(context.WithoutCancel(ctx), func(tx *db.Tx) error { return s.forget(ctx, tx, a.row) })
		if err != nil {
			return taken, left, err
		}
	}
	return taken, left, nil
}

// Retractable counts what was posted for a person and can be taken back.
func (s *Share) Retractable(ctx context.Context, person int64) (int, error) {
	list, err := s.retractable(ctx, person)
	return len(list), err
}

func (s *Share) retractable(ctx context.Context, person int64) ([]Job, error) {
	list, err := listPosted(ctx, s.base.Read(), person)
	return slices.DeleteFunc(list, func(j Job) bool {
		t, err := s.targetInfo(j.Target)
		return err != nil || !t.Retract
	}), err
}

// retractAll takes posts back, the newest first, some at a time.
func (s *Share) retractAll(ctx context.Context, person int64) (taken, left int, err error) {
	list, err := s.retractable(ctx, person)
	if err != nil {
		return 0, 0, err
	}
	errs := make([]error, len(list))
	places := make(chan struct{}, worksAtOnce)
	var all sync.WaitGroup
	for i, j := range list {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = s.retractNow(ctx, j)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			left++
		}
	}
	return len(list) - left, left, errors.Join(errs...)
}

func (s *Share) retractNow(ctx context.Context, j Job) error {
	t := task{Job: j, was: JobRetracting}
	t.plugin, _, _ = strings.Cut(j.Target, ".")
	var err error
	if t.target, err = s.targetInfo(j.Target); err != nil || !t.target.Retract {
		return err
	}
	if err := s.prepare(ctx, &t); err != nil {
		return err
	}
	_, err = s.call(ctx, &t, func(ctx context.Context) (host.Posted, error) {
		return host.Posted{}, s.host.Retract(ctx, t.plugin, t.made())
	})
	if err != nil {
		return err
	}
	return s.end(ctx, t, JobRetracted, "")
}

// exportedAccount is what is handed out of an account: no token.
type exportedAccount struct {
	Target    string   `json:"target"`
	Account   string   `json:"account"`
	Name      string   `json:"name"`
	URL       string   `json:"url,omitempty"`
	State     string   `json:"state"`
	Scopes    []string `json:"scopes"`
	Connected string   `json:"connected"`
	Used      string   `json:"used,omitempty"`
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (s *Share) exportAccounts(ctx context.Context, person int64) ([]exportedAccount, error) {
	list, err := s.Accounts(ctx, person)
	out := make([]exportedAccount, 0, len(list))
	for _, a := range list {
		out = append(out, exportedAccount{a.Target, a.remoteID, a.Name, a.URL, a.State, a.Scopes, stamp(a.ConnectedAt), stamp(a.UsedAt)})
	}
	return out, err
}

// exportedJob is the audit of one share.
type exportedJob struct {
	Badge   string          `json:"badge,omitempty"`
	What    string          `json:"what"` // badge or profile
	Target  string          `json:"target"`
	State   string          `json:"state"`
	Reason  string          `json:"reason,omitempty"`
	Text    string          `json:"text,omitempty"`
	Options json.RawMessage `json:"options,omitempty"`
	URL     string          `json:"url,omitempty"`
	Remote  string          `json:"remote_id,omitempty"`
	At      string          `json:"at"`
	Done    string          `json:"done,omitempty"`
}

func (s *Share) exportJobs(ctx context.Context, person int64) ([]exportedJob, error) {
	list, err := listJobsOf(ctx, s.base.Read(), person)
	out := make([]exportedJob, 0, len(list))
	for _, j := range list {
		e := exportedJob{j.badgeID, j.what(), j.Target, j.State, j.Reason, j.Text, nil, j.URL, j.remoteID, stamp(j.At), stamp(j.Done)}
		if j.options != "{}" {
			e.Options = json.RawMessage(j.options)
		}
		out = append(out, e)
	}
	return out, err
}

// exportedChoice is what a person prefers of one target.
type exportedChoice struct {
	Target string `json:"target"`
	Place  int    `json:"place,omitempty"`
	Hidden bool   `json:"hidden,omitempty"`
	Agreed bool   `json:"agreed,omitempty"`
}

func (s *Share) exportChoices(ctx context.Context, person int64) ([]exportedChoice, error) {
	list, err := listChoices(ctx, s.base.Read(), person)
	out := make([]exportedChoice, 0, len(list))
	for _, p := range list {
		out = append(out, exportedChoice{p.target, p.place, p.hidden, p.agreed})
	}
	return out, err
}
