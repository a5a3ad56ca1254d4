// Package badge keeps the badges that people hold: it takes them in, has them
// verified, shows them and decides who may see them.
//
// It owns the tables issuer, issuer_key, badge_class, criteria_copy, badge,
// verification and verification_document (the ledger), host_health, badge_host,
// badge_tag, collection and collection_badge (the holder's own order), badge_change
// and badge_change_row (what can be taken back), badge_reminder and calendar_feed,
// badge_alias (copies joined by a merge), badge_import, link_hit and badge_record (the CLR that badges came in), and publishes
// Received, Verified, Published, Renewed, Removed and ClassRemoved. The received bytes are
// kept exactly; every verification is kept with its report and the documents that
// it read. VisibleSQL is the one predicate that says who may see a badge: every
// query of every feature that can leave the server uses it.
//
// Search in a person's own badges reads badge_detail by JOIN.
//
// Callers: core/feed, core/social, core/check, core/gallery, core/share, core/mydata, core/demo.
package badge

import (
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// Visibility says who may see a badge besides its owner.
type Visibility string

// The four levels.
const (
	Private Visibility = "private" // the owner
	Link    Visibility = "link"    // who has the secret link
	Members Visibility = "members" // who is signed in
	Public  Visibility = "public"  // everybody
)

// Valid reports whether v is one of the four levels.
func (v Visibility) Valid() bool {
	return v == Private || v == Link || v == Members || v == Public
}

// shown reports whether v lets others find the badge without a link.
func (v Visibility) shown() bool { return v == Members || v == Public }

// VisibleSQL is the condition that the viewer whose id is parameter $viewer (0:
// nobody signed in) may see the badge row of the given alias. Its holder always
// may, but for one that they have just removed; what keeps a badge from everybody else is one condition more in it, and so
// holds in every list, count, feed and picture. Links with a secret are compared
// where one badge is asked for, in this package alone.
func VisibleSQL(alias string, viewer int) string {
	return written.Of("visible", alias, viewer, func() string { return visibleSQL(account.ShownSQL, alias, viewer) })
}

// FoundSQL is VisibleSQL for what is come across in search and explore: badges
// of people who do not want to be found are left out.
func FoundSQL(alias string, viewer int) string {
	return written.Of("found", alias, viewer, func() string { return visibleSQL(account.FindableSQL, alias, viewer) })
}

// written are the conditions of this package.
var written db.Conditions

// visibleSQL asks for the holder of a row with an offset of nothing, which keeps PostgreSQL
// from reading all people first, to look the holders of a few rows up among them.
func visibleSQL(holder func(alias string, viewer int) string, alias string, viewer int) string {
	return strings.NewReplacer("B.", alias+".", "VIEWER", "$"+strconv.Itoa(viewer), "HOLDER", holder("holder", viewer)).Replace(
		`(B.removed_at = 0 AND (B.person = VIEWER OR (B.verdict <> 'invalid' AND NOT B.unclaimed
			AND (B.visibility = 'public' OR (B.visibility = 'members' AND VIEWER > 0))
			AND EXISTS (SELECT 1 FROM person holder WHERE holder.id = B.person AND HOLDER LIMIT 1 OFFSET 0))))`)
}

// NamedSQL is VisibleSQL for places that name the holder: a badge shown without
// its holder's name is left out, but for the holder.
func NamedSQL(alias string, viewer int) string {
	return written.Of("named", alias, viewer, func() string { return withName(VisibleSQL, alias, viewer) })
}

// FoundNamedSQL is FoundSQL for places that name the holder.
func FoundNamedSQL(alias string, viewer int) string {
	return written.Of("found named", alias, viewer, func() string { return withName(FoundSQL, alias, viewer) })
}

func withName(seen func(alias string, viewer int) string, alias string, viewer int) string {
	v := "$" + strconv.Itoa(viewer)
	return "((" + alias + ".show_name OR " + alias + ".person = " + v + ") AND " + seen(alias, viewer) + ")"
}

// NameShown says what others see of who holds a badge.
type NameShown string

// The three ways, the most told last.
const (
	NameHidden NameShown = "0"
	NameText   NameShown = "text" // the name alone
	NameLinked NameShown = "1"    // the name, leading to the profile
)

// Valid reports whether n is one of the three.
func (n NameShown) Valid() bool { return n == NameHidden || n == NameText || n == NameLinked }

// Naming is what others see of who holds the badge.
func (b Badge) Naming() NameShown {
	switch {
	case !b.ShowName:
		return NameHidden
	case !b.LinkName:
		return NameText
	}
	return NameLinked
}

// Issuer is who signed or hosted badges, in the words of its badges.
type Issuer struct {
	ID          int64
	PublicID    string
	WireID      string // the address or DID of the issuer
	Name        string
	URL         string
	Description string
	LinkedIn    string // organisation number at LinkedIn, set by an administrator
	FirstSeen   time.Time
}

// Class is what was achieved, shared by all holders.
type Class struct {
	ID          int64
	PublicID    string
	Issuer      Issuer
	Name        string
	Description string
	CriteriaURL string
	Criteria    string // Markdown or plain text of the issuer
	Language    string
	Tags        []string
	Alignments  []openbadge.Alignment
	Thumbnail   string // blob hash, may be empty
	Holders     int    // people who show it publicly
}

// Badge is one held badge.
type Badge struct {
	ID          int64
	PublicID    string
	Person      int64
	Earner      Earner
	Class       Class
	WireID      string
	Version     openbadge.Version
	Form        openbadge.Form
	Carrier     string
	Received    string // SHA-256 of the bytes as received; blob hash, unless Inline
	Inline      bool   // they are no blob but the credential, in Frame if there is one
	Frame       int64  // the picture around the credential, 0: none
	Filename    string
	Thumbnail   string // blob hash of our PNG of the art, may be empty
	IssuedTo    string // masked address, empty when it is hashed or absent
	Plain       bool   // the credential names the address in plain text
	IssuedAt    time.Time
	ExpiresAt   time.Time // zero: never
	Evidence    []openbadge.Evidence
	Visibility  Visibility
	Secret      string    // of the link, only for the owner
	LinkAt      time.Time // since when there is a link
	LinkUntil   time.Time // when it ends; zero: never
	ShowName    bool
	LinkName    bool // the shown name leads to the profile
	Verdict     verify.Verdict
	VerifiedAt  time.Time
	PublishedAt time.Time
	CreatedAt   time.Time

	ValidAt time.Time // of the last check that found it valid; zero: none did
	// Unclaimed is a badge issued to an address that is not the holder's: nobody's
	// but theirs to see, never shown, shared or counted.
	Unclaimed bool
	// AnonymisedAt is when whom it was issued to had their identity taken out of it;
	// zero: never. Only its facts are left then, without a credential.
	AnonymisedAt     time.Time
	UnreachableSince time.Time // it could not be checked since; zero: it could
}

// Earner is the person who holds a badge, as others see them.
type Earner struct {
	PublicID, Handle, Name, Picture string
}

// VerdictAt is the verdict as of now: a badge that was valid when it was last
// checked may have expired since.
func (b Badge) VerdictAt(now time.Time) verify.Verdict {
	if b.Verdict == verify.Valid && !b.ExpiresAt.IsZero() && !now.Before(b.ExpiresAt) {
		return verify.Expired
	}
	return b.Verdict
}

// Ledger is one verification of a badge.
type Ledger struct {
	At      time.Time
	Verdict verify.Verdict
	Report  StoredReport
}

// StoredReport is what the ledger keeps of a verify.Report.
type StoredReport struct {
	Checks    []verify.Step         `json:"checks"`
	Documents []verify.UsedDocument `json:"documents"`
	Keys      []verify.UsedKey      `json:"keys,omitempty"`
}
