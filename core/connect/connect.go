// Package connect lets apps act for people: it is the authorization server of the
// passport (OAuth 2.0, RFC 6749, with the advice of RFC 9700) and the Open Badges
// 3.0 API that its tokens open (OB3 API §4, §7).
//
// It owns the tables oauth_client (apps), oauth_grant (what a person allowed an app,
// once for each time that they did) and oauth_token, and no event; it reads person by
// JOIN. An app gets a code for a redirect address that was agreed with it, and a token
// for the code and the secret behind its challenge (PKCE S256, RFC 7636; nothing
// less). Codes, tokens and secrets of apps are kept hashed. A token reads as its
// person and never opens a page; a session never opens the API. Its own pages, the API
// and the commands of core call it.
package connect

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/jobs"
)

// The scopes that apps may ask for (OB3 API §7.1.1), and the one that lets them stay.
const (
	scopePrefix = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
	ReadBadges  = scopePrefix + "credential.readonly"
	ReadProfile = scopePrefix + "profile.readonly"
	Stay        = "offline_access"
)

// resources are the scopes that open something, in the order in which people read
// them.
var resources = []string{ReadBadges, ReadProfile}

// How long things last.
const (
	codeFor  = 10 * time.Minute
	tokenFor = time.Hour
	stayFor  = 90 * 24 * time.Hour // unused; each use begins it again
	touch    = 10 * time.Minute    // the last use is noted at most every
	unusedIn = 30 * 24 * time.Hour // an app that registered itself is forgotten when nobody let it in for

	grantsMost = 20 // of one person for one app: its devices
)

// Deps is what a Connect needs.
type Deps struct {
	Base     *db.Base
	Bus      *event.Bus
	Queue    *jobs.Queue
	Accounts *account.Accounts
	Badges   *badge.Badges
	URL      func(path string) string // absolute form of a local path
	Open     bool                     // apps may register themselves
	Log      *slog.Logger
}

// Connect is the service of this package.
type Connect struct{ Deps }

// New makes the service. What apps may do for a person ends when the account is
// closed, and when the person signs out everywhere and says so.
func New(d Deps) *Connect {
	s := &Connect{d}
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e account.SeenByOthers) error {
		return deleteGrantsOfDisabled(ctx, tx, e.Person)
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e account.AppsEnded) error {
		return deleteGrantsOf(ctx, tx, e.Person)
	})
	d.Queue.Every("connect.sweep", time.Hour, s.Sweep)
	return s
}

// Issuer names this authorization server (RFC 8414 §2).
func (s *Connect) Issuer() string { return s.URL("") }

// Sweep forgets what time has ended, and apps that registered themselves and that
// nobody let in.
func (s *Connect) Sweep(ctx context.Context) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return sweep(ctx, tx, tx.Now()) })
}

// granted gives the scopes of a request that there are here, each once and in our
// order: an app learns from the answer what it got (RFC 6749 §3.3).
func granted(asked string) []string {
	words := strings.Fields(asked)
	var got []string
	for _, s := range append(slices.Clone(resources), Stay) {
		if slices.Contains(words, s) {
			got = append(got, s)
		}
	}
	return got
}

// opens reports whether scopes open anything.
func opens(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return s != Stay })
}

// word is the last part of a scope, which message keys hold.
func word(scope string) string {
	return strings.ReplaceAll(strings.TrimPrefix(scope, scopePrefix), ".", "_")
}
