// Package social lets people follow each other and badge classes, and comment
// on badge classes.
//
// It owns the tables congratulation, source (what can be followed, with its counters), follow,
// follow_request, comment, comment_seen (up to where the holder of a badge has read) and
// comment_gap (where somebody who left had said
// something), and publishes Asked, Followed, Unfollowed, Commented and
// CommentRemoved. It reads badge and person by JOIN. core/feed subscribes to its
// events and keeps source.events and source.last_event.
//
// Callers: core/feed, core/mydata, core/demo and its own pages.
package social

import (
	"time"

	"github.com/osier-passport/osier/core/fault"
)

// Kind is what sort of thing is followed.
type Kind string

// The kinds of sources.
const (
	Person Kind = "person"
	Class  Kind = "class"
)

// MaxComment is how long a comment may be, in characters.
const MaxComment = 2000

// Author is a person as the others see them.
type Author struct {
	ID                    int64
	Handle, Name, Picture string
}

// Comment is what a person said about a badge class.
type Comment struct {
	ID        int64
	PublicID  string
	Class     int64
	Badge     int64 // the held badge it is about, 0 for the class
	Author    Author
	Body      string // plain text or Markdown, as typed
	CreatedAt time.Time
}

// Gap reports whether only the place of the comment is left: its author has gone.
func (c Comment) Gap() bool { return c.PublicID == "" }

// Standing is how a viewer stands to a source.
type Standing struct {
	Following bool
	Asked     bool // waits for the person to say yes
	Followers int
}

// Asked is published when a person wants to follow another who decides about it.
type Asked struct{ Person, Follower int64 }

// Followed is published when a person begins to follow a source.
type Followed struct {
	Follower int64
	Kind     Kind
	Object   int64 // person or class
	Source   int64
	At       time.Time // zero: now
}

// Unfollowed is published when a person stops following a source.
type Unfollowed Followed

// Commented is published when a comment is made.
type Commented struct {
	Comment, Class, Person int64
	At                     time.Time // zero: now
}

// CommentRemoved is published when a comment is deleted.
type CommentRemoved struct{ Comment int64 }

func errNoFollow() error { return fault.New(fault.Forbidden, "social.error.follow_nobody") }
func errSelf() error     { return fault.New(fault.Invalid, "social.error.self") }
func errNotFound() error {
	return fault.New(fault.NotFound, "social.error.comment_not_found")
}
