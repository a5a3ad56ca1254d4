// Package page is the pages that people make of their badges: arrangements of
// blocks (words, badges, pictures, files, links), each with an address, a look and
// a circle of readers.
//
// It owns the tables page, page_block, page_badge, page_version and page_tag, and
// publishes Published and Removed. VisibleSQL says who may see a page;
// which badges stand on it is asked of core/badge at each reading, as its viewer
// may see them: a badge that is hidden is gone from all pages at once. Nothing
// becomes public because it was put on a page.
//
// Every change keeps the state before it (page_version), so that it can be undone;
// changes from two tabs are told apart by the rev of what they change.
//
// It reads person, badge and file by JOIN. Callers: core/feed, core/share and
// core/gallery through Find, Shown and VisibleSQL, core/mydata.
package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
)

// Limits of a page.
const (
	maxTitle  = 120 // characters
	maxBlocks = 60
	maxBadges = 60      // of a block
	maxText   = 10_000  // characters of a block
	maxTags   = 10      // of a page
	maxPages  = 500     // of a person
	maxStored = 100_000 // bytes of the words of a page
	versions  = 60      // states that are kept of a page
)

// Kind says what a block is.
type Kind string

// The kinds of blocks.
const (
	Heading    Kind = "heading"
	Text       Kind = "text"
	Badge      Kind = "badge"      // one badge with its words
	Showcase   Kind = "showcase"   // chosen badges
	Tag        Kind = "tag"        // all badges with a tag of the person's
	Issuer     Kind = "issuer"     // all badges of an issuer
	Collection Kind = "collection" // all badges of a collection
	Image      Kind = "image"
	File       Kind = "file"
	Link       Kind = "link"
	Video      Kind = "video" // a link to one, as a card
	Profile    Kind = "profile"
	Contact    Kind = "contact"
)

// Kinds lists the kinds in the order in which they are offered.
func Kinds() []Kind {
	return []Kind{Showcase, Text, Heading, Image, Badge, Collection, Tag, Issuer, Link, Video, File, Profile, Contact}
}

// Valid reports whether k is a kind of blocks.
func (k Kind) Valid() bool {
	return slices.Contains(Kinds(), k)
}

// Ref is a badge or a file, by both its names.
type Ref struct {
	ID       int64
	PublicID string
}

// Words are what a person typed or chose in a block.
type Words struct {
	Text   string   `json:"text,omitempty"`   // heading, title, Markdown, caption or description
	More   string   `json:"more,omitempty"`   // Markdown beside it
	URL    string   `json:"url,omitempty"`    // of a link or a video
	Mail   string   `json:"mail,omitempty"`   // of a contact
	Of     string   `json:"of,omitempty"`     // a tag, or the public id of an issuer or a collection
	Fields []string `json:"fields,omitempty"` // of a profile
	Form   string   `json:"form,omitempty"`   // of a heading: sub; of one badge: short; of several: list
	Order  string   `json:"order,omitempty"`  // of several badges: name, issued; "" is as chosen, or the newest first
}

// Block is one block of a page.
type Block struct {
	Words

	ID     string
	Kind   Kind
	Rev    int64
	File   Ref
	Badges []Ref
}

// Owner is whose page it is.
type Owner struct{ Handle, Name, Picture string }

// Page is one page.
type Page struct {
	ID          int64
	PublicID    string
	Person      int64
	Owner       Owner
	Title       string
	Style       string
	Frame       string // around it, "" for none
	Space       string // in it: "", close, wide
	Visibility  badge.Visibility
	Secret      string // of its link, for the owner alone
	HasPassword bool
	Until       time.Time // when others do not see it any more; zero: never
	CreatedAt   time.Time
	ChangedAt   time.Time
	PublishedAt time.Time // first; zero: never
	RemovedAt   time.Time
	HeadRev     int64
	Tags        []string
	Blocks      []Block // where they are asked for

	password string
	rev      int64
	version  int
}

// URL is the local address of the page, with the secret of its link for who knows it.
func (p Page) URL() string {
	if p.Secret != "" {
		return "/p/" + p.PublicID + "?key=" + p.Secret
	}
	return "/p/" + p.PublicID
}

// VisibleSQL is the condition that the viewer whose id is parameter $viewer (0:
// nobody signed in) may see the page of the given alias at the time that is
// parameter $now, in microseconds. Pages that ask for a password are seen by their
// owners alone where nobody can be asked for it; the secret of a link and a
// password are compared where one page is asked for, in this package.
func VisibleSQL(alias string, viewer, now int) string {
	return visibleSQL(account.ShownSQL, alias, viewer, now)
}

// FoundSQL is VisibleSQL for what is come across in search and explore.
func FoundSQL(alias string, viewer, now int) string {
	return visibleSQL(account.FindableSQL, alias, viewer, now)
}

func visibleSQL(holder func(string, int) string, alias string, viewer, now int) string {
	return strings.NewReplacer("P.", alias+".", "VIEWER", "$"+strconv.Itoa(viewer), "NOW", "$"+strconv.Itoa(now), "HOLDER", holder("holder", viewer)).Replace(
		`(P.removed_at = 0 AND (P.person = VIEWER OR (P.password = '' AND (P.until = 0 OR P.until > NOW)
			AND (P.visibility = 'public' OR (P.visibility = 'members' AND VIEWER > 0))
			AND EXISTS (SELECT 1 FROM person holder WHERE holder.id = P.person AND HOLDER))))`)
}
