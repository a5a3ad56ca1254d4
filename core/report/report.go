// Package report takes what people find wrong with badges to the administrators.
//
// It owns the table report and no event; it reads badge, badge_class and person by
// JOIN. Whoever sees a badge can report it, signed in or not. Administrators read
// the open reports and close them; they take what they must into their own hands
// (core/account disables people). A report goes with its badge and with who made it.
// Its own pages call it.
package report

import (
	"context"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

const maxWords = 2000 // characters

// reasons are why something can be reported; the message "report.reason." + each
// says it in words.
var reasons = []string{"false", "offensive", "personal", "spam", "other"}

// The states of a report.
const (
	open   = "open"
	closed = "closed"
)

// Report is one report.
type Report struct {
	PublicID                     string
	Badge, BadgeID, Issuer       string
	HolderName, HolderHandle     string
	ReporterName, ReporterHandle string // "" for who was not signed in
	Reason, Words                string
	State                        string
	At, DecidedAt                time.Time
}

// Reports is the service of this package.
type Reports struct {
	base   *db.Base
	badges *badge.Badges
}

// New makes the service and subscribes it to the end of badges.
func New(base *db.Base, bus *event.Bus, badges *badge.Badges) *Reports {
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error { return deleteOfBadge(ctx, tx, e.Badge) })
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.Joined) error {
		return moveToBadge(ctx, tx, e.From, e.Into)
	})
	return &Reports{base, badges}
}

// Add keeps a report about a badge that the caller has made sure the person (0: not
// signed in) may see. Of several by one person the last counts. It returns
// account.FieldErrors.
func (s *Reports) Add(ctx context.Context, person int64, b badge.Badge, reason, words string) error {
	wrong := account.FieldErrors{}
	if !slices.Contains(reasons, reason) {
		wrong["reason"] = "report.error.reason"
	}
	words, ok := text.CleanText(words, maxWords)
	if !ok {
		wrong["words"] = "report.error.words"
	}
	if len(wrong) > 0 {
		return wrong
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		return upsert(ctx, tx, added{tx.NewID(), secret.ID(), b.ID, person, reason, words})
	})
}

// List gives reports in a state to an administrator, the newest first.
func (s *Reports) List(ctx context.Context, viewer int64, state string, limit int) ([]Report, error) {
	return list(ctx, s.base.Read(), viewer, state, limit)
}

// Close ends a report, or opens it again.
func (s *Reports) Close(ctx context.Context, publicID string, done bool) error {
	state := open
	if done {
		state = closed
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		n, err := updateState(ctx, tx, publicID, state)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "report.error.not_found")
		}
		return err
	})
}
