package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

// The states of a job, beside StateFailed.
const (
	JobQueued     = "queued"     // waits for its turn, its next try, or the account
	JobSending    = "sending"    // the plugin may have it: written before it is asked
	JobPending    = "pending"    // the remote has taken it and not done
	JobUncertain  = "uncertain"  // there or not there
	JobPosted     = "posted"     // there
	JobRetracting = "retracting" // is being taken back
	JobRetracted  = "retracted"  // taken back
)

// Job is one share to a target that is no link.
type Job struct {
	ID     string // public
	Target string
	State  string
	URL    string // where people see it; may be empty
	Reason string // message key of why it waits or failed; may be empty
	Detail string // the plugin's plain words; may be empty
	Text   string // the person's; erased after a while

	Next, At, Done time.Time

	row, person, badge, account int64
	badgeID, subject            string // of a badge, or what else it is about
	key, lang, options          string
	turn, tries, looks, cost    int
	pending, remoteID           string
	sentAt                      time.Time
}

// what says what a job is about.
func (j Job) what() string {
	switch {
	case j.subject == ofProfile:
		return string(sdk.ItemProfile)
	case j.subject != "":
		return string(sdk.ItemPage)
	}
	return string(sdk.ItemBadge)
}

// Waits tells whether something will still happen by itself.
func (j Job) Waits() bool {
	return j.State == JobQueued || j.State == JobSending || j.State == JobPending || j.State == JobRetracting
}

// parked is the reason of a job that waits for its account.
const parked = "share.reason.reconnect"

const jobKind = "share.work"

// worksAtOnce bounds the calls to plugins in one process, so that slow remotes
// leave workers to others.
const worksAtOnce = 4

type workPayload struct {
	Job  int64 `json:"job"`
	Turn *int  `json:"turn,omitempty"` // of the job when it was planned; older versions wrote none
}

// of tells whether the turn that was planned is j's: the next one, or the one that a
// process died in. A share that is tried again has two planned, of which one is stale.
func (p workPayload) of(j Job) bool {
	return p.Turn == nil || j.turn == *p.Turn || j.turn == *p.Turn+1 && j.State != JobQueued
}

// schedule has a job worked on at a time. The key holds the turn, so that a job
// that runs can plan its next one.
func (s *Share) schedule(ctx context.Context, tx *db.Tx, j Job, at time.Time) error {
	key := fmt.Sprintf("%s/%d/%d", jobKind, j.row, j.turn)
	return s.queue.Add(ctx, tx, jobKind, workPayload{j.row, &j.turn}, jobs.Options{At: at, Key: key, Person: j.person})
}

// PostOrder is what a person asks to be posted for them.
type PostOrder struct {
	Target  string // plugin.target
	Subject string // Subject.Ref
	Account string // public id; "" for a target without accounts
	Lang    string
	Text    string // the person's own words; may be empty
	Options map[string]string
}

// maxText bounds a person's words, in characters.
const maxText = 5000

// Post queues a share with a connected account or to an address. Faults say what to
// mend; wrong options come back by field.
func (s *Share) Post(ctx context.Context, person int64, o PostOrder) (Job, []host.FieldError, error) {
	t, err := s.offered(o.Target)
	if err != nil {
		return Job{}, nil, err
	}
	sub, err := s.shareable(ctx, person, o.Subject)
	if err != nil {
		return Job{}, nil, err
	}
	if !slices.Contains(t.Items, sub.Type) {
		return Job{}, nil, fault.New(fault.NotFound, "share.error.no_target")
	}
	options, wrong := checkFields(optionsOf(t), o.Options)
	if len([]rune(o.Text)) > maxText {
		wrong = append(wrong, host.FieldError{Key: "words", Text: "share.field.long"})
	}
	if t.ByMail {
		wrong = append(wrong, checkRecipients(options)...)
	}
	if len(wrong) > 0 {
		return Job{}, wrong, nil
	}
	text, err := json.Marshal(options)
	if err != nil {
		return Job{}, nil, fmt.Errorf("write options: %w", err)
	}
	j := Job{
		ID: secret.ID(), Target: o.Target, State: JobQueued, Text: o.Text, person: person, badge: sub.badge.ID, subject: sub.row(),
		key: secret.Token(), lang: o.Lang, options: string(text), cost: t.Limits.CostCents,
	}
	err = s.base.Tx(ctx, func(tx *db.Tx) error { return s.enqueue(ctx, tx, &j, t, o.Account) })
	return j, nil, err
}

// enqueue stores a job within the bounds of its target.
func (s *Share) enqueue(ctx context.Context, tx *db.Tx, j *Job, t sdk.TargetInfo, account string) error {
	if needsAccount(t) {
		a, err := s.account(ctx, tx, j.person, account)
		if err != nil {
			return err
		}
		if a.Target != j.Target {
			return fault.New(fault.NotFound, "share.error.no_account")
		}
		if a.State != AccountOK {
			return fault.New(fault.Conflict, "share.error.reconnect").With("account", a.Name).At("/connect/" + j.Target)
		}
		j.account = a.row
	}
	if err := s.checkLimits(ctx, tx, j.person, j.Target, t); err != nil {
		return err
	}
	j.row, j.At = tx.NewID(), tx.Now()
	if err := insertJob(ctx, tx, *j); err != nil {
		return fmt.Errorf("queue a share: %w", err)
	}
	return s.schedule(ctx, tx, *j, time.Time{})
}

// needsAccount tells whether a target is used by something connected.
func needsAccount(t sdk.TargetInfo) bool { return t.OAuth != nil || len(t.Connect) > 0 }

// optionsOf are the fields of a share; a mail has one of our own.
func optionsOf(t sdk.TargetInfo) []sdk.Field {
	if !t.ByMail {
		return t.Options
	}
	list := slices.DeleteFunc(slices.Clone(t.Options), func(f sdk.Field) bool { return f.Key == mailReply })
	for i := range list {
		list[i].Required = list[i].Required || list[i].Key == mailTo
	}
	return append(list, sdk.Field{Key: mailReply, Type: sdk.FieldSwitch})
}

// offered gives a target that can be posted to now.
func (s *Share) offered(id string) (sdk.TargetInfo, error) {
	plugin, target, ok := strings.Cut(id, ".")
	if !ok || !s.offers(plugin, target) {
		return sdk.TargetInfo{}, fault.New(fault.NotFound, "share.error.no_target")
	}
	t, err := s.targetInfo(id)
	if err == nil && t.Kind == sdk.KindLink {
		return t, fault.New(fault.NotFound, "share.error.no_target")
	}
	return t, err
}

// checkLimits holds one more share against the bounds of the remote and of the
// administrator.
func (s *Share) checkLimits(ctx context.Context, tx *db.Tx, person int64, target string, t sdk.TargetInfo) error {
	l, err := getLimits(ctx, tx, target)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if day := smallest(t.Limits.PerPersonDay, l.PersonDay, mailsOf(t)); day > 0 {
		n, err := countPersonUse(ctx, tx, person, target, db.Micros(tx.Now().Add(-24*time.Hour)))
		if err != nil {
			return err
		}
		if n >= day {
			return fault.New(fault.TooMany, "share.error.day").With("n", fmt.Sprint(day)).After(time.Hour)
		}
	}
	if t.Limits.CostCents > 0 && l.MonthCents == 0 {
		return fault.New(fault.Conflict, "share.error.uncapped")
	}
	if l.Month == 0 && t.Limits.CostCents == 0 {
		return nil
	}
	now := tx.Now().UTC()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	n, cents, err := countUse(ctx, tx, target, db.Micros(month))
	if err != nil {
		return err
	}
	if l.Month > 0 && n >= l.Month || l.MonthCents > 0 && cents+t.Limits.CostCents > l.MonthCents {
		return fault.New(fault.TooMany, "share.error.month").After(month.AddDate(0, 1, 0).Sub(now))
	}
	return nil
}

// mailsOf is how many mails a person may send in a day, for a target by mail.
func mailsOf(t sdk.TargetInfo) int {
	if t.ByMail {
		return mailsADay
	}
	return 0
}

// smallest of the numbers that are set.
func smallest(list ...int) int {
	least := 0
	for _, n := range list {
		if n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// Jobs gives what was posted of something, the newest first.
func (s *Share) Jobs(ctx context.Context, sub Subject) ([]Job, error) {
	if sub.Type != sdk.ItemBadge {
		return listJobsAbout(ctx, s.base.Read(), sub.person, sub.row(), historySize)
	}
	return listJobs(ctx, s.base.Read(), sub.person, sub.badge.ID, historySize)
}

// historySize is how much of what was shared is shown.
const historySize = 20

// Job finds one of the person's own.
func (s *Share) Job(ctx context.Context, person int64, id string) (Job, error) {
	j, err := findJob(ctx, s.base.Read(), person, id)
	if errors.Is(err, db.ErrNotFound) {
		err = fault.New(fault.NotFound, "share.error.no_share")
	}
	return j, err
}

func (j Job) optionValues() map[string]string {
	values := map[string]string{}
	if json.Unmarshal([]byte(j.options), &values) != nil {
		return map[string]string{}
	}
	return maps.Clone(values)
}
