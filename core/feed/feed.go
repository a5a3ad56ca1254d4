// Package feed is the stream of what happened: badges published, people and
// badge classes followed, comments made, pages published.
//
// It owns the tables event, event_src and feed_total, and writes person.follows'
// companion person.density and the counters source.events and source.last_event.
// It writes from the events of core/badge, core/page and core/social, inside their
// transactions, and reads badge, badge_class, issuer, page, person, follow, source
// and comment by JOIN.
//
// Events are read, not delivered (fan-out on read): a reader's page is found
// either by scanning the newest events for ones of followed sources, or by
// merging the newest events of each followed source, whichever is cheaper for
// how much of all events the reader follows. An event keeps ids alone, and
// badge.VisibleSQL decides at each reading who sees it.
package feed

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/social"
)

// Verb says what happened.
type Verb string

// The verbs.
const (
	Published Verb = "published" // a badge
	Followed  Verb = "followed"  // a person or a badge class
	Commented Verb = "commented" // on a badge class
	Arranged  Verb = "arranged"  // published a page
	Cheered   Verb = "cheered"   // congratulated on a badge
)

// Actor is a person in an event.
type Actor struct {
	ID                              int64
	PublicID, Handle, Name, Picture string
}

// Event is one thing that happened, as one viewer may see it.
type Event struct {
	ID    int64
	Verb  Verb
	Actor Actor
	At    time.Time

	// Published: the badge. Commented, or followed a class: its class.
	BadgeID   string
	Verdict   verify.Verdict // as it was last checked
	IssuedAt  time.Time
	ExpiresAt time.Time
	ClassID   string
	ClassName string
	Issuer    string
	Thumbnail string // blob hash of the badge's or the class's art

	Person  Actor  // followed a person
	PageID  string // arranged: the page, and its title
	Title   string
	Comment string // commented: as typed
}

// Filter narrows a feed to a kind of event.
type Filter string

// The filters.
const (
	All      Filter = ""
	Badges   Filter = "badges"
	People   Filter = "people"
	Comments Filter = "comments"
	Arranges Filter = "pages"
)

func (f Filter) verb() Verb {
	switch f {
	case Badges:
		return Published
	case People:
		return Followed
	case Comments:
		return Commented
	case Arranges:
		return Arranged
	}
	return ""
}

// Feed reads and writes events.
type Feed struct {
	base *db.Base
}

// New makes the service, subscribes it to what it writes about and refreshes
// the readers' densities daily.
func New(base *db.Base, bus *event.Bus, queue *jobs.Queue) *Feed {
	f := &Feed{base: base}
	event.On(bus, f.onPublished)
	event.On(bus, f.onJoined)
	event.On(bus, func(ctx context.Context, tx *db.Tx, e page.Published) error {
		return f.write(ctx, tx, row{verb: Arranged, actor: e.Person, object: e.Page, at: e.At})
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e page.Removed) error {
		return deleteEvents(ctx, tx, ofObject, string(Arranged), e.Page)
	})
	event.On(bus, f.onFollowed)
	event.On(bus, f.onUnfollowed)
	event.On(bus, f.onCommented)
	event.On(bus, func(ctx context.Context, tx *db.Tx, e social.Congratulated) error {
		return f.write(ctx, tx, row{verb: Cheered, actor: e.Person, class: e.Class, badge: e.Badge, at: e.At})
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e social.CheerTakenBack) error {
		return deleteEvents(ctx, tx, ofCheer, string(Cheered), e.Badge, e.Person)
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e social.CommentRemoved) error {
		return deleteEvents(ctx, tx, ofObject, string(Commented), e.Comment)
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error {
		return deleteEvents(ctx, tx, ofBadge, e.Badge)
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.ClassRemoved) error {
		return deleteEvents(ctx, tx, ofClass, e.Class)
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e social.SourceRemoved) error {
		return deleteSource(ctx, tx, e.Source)
	})
	queue.Every("feed.density", 24*time.Hour, func(ctx context.Context) error {
		return base.Tx(ctx, func(tx *db.Tx) error { return refreshAllDensities(ctx, tx) })
	})
	return f
}

func (f *Feed) onPublished(ctx context.Context, tx *db.Tx, e badge.Published) error {
	return f.write(ctx, tx, row{verb: Published, actor: e.Person, class: e.Class, badge: e.Badge, at: e.At})
}

func (f *Feed) onFollowed(ctx context.Context, tx *db.Tx, e social.Followed) error {
	r := row{verb: Followed, actor: e.Follower, object: e.Source, at: e.At}
	if e.Kind == social.Class {
		r.class = e.Object
	}
	if err := f.write(ctx, tx, r); err != nil {
		return err
	}
	return refreshDensity(ctx, tx, e.Follower)
}

func (f *Feed) onUnfollowed(ctx context.Context, tx *db.Tx, e social.Unfollowed) error {
	if err := deleteEvents(ctx, tx, ofFollow, string(Followed), e.Source, e.Follower); err != nil {
		return err
	}
	return refreshDensity(ctx, tx, e.Follower)
}

func (f *Feed) onCommented(ctx context.Context, tx *db.Tx, e social.Commented) error {
	return f.write(ctx, tx, row{verb: Commented, actor: e.Person, class: e.Class, object: e.Comment, at: e.At})
}

// recent is how long ago something may have happened and still be the newest.
const recent = time.Minute

// write stores one event under the sources that it belongs to: the person who
// acted and, where there is one, the badge class. One that happened some time ago
// goes where it would be had it been written then.
func (f *Feed) write(ctx context.Context, tx *db.Tx, r row) error {
	now := tx.Now()
	r.id = tx.NewID()
	if r.at.IsZero() {
		r.at = now
	} else if now.Sub(r.at) > recent {
		var err error
		if r.id, err = earlierID(ctx, tx, r.at); err != nil {
			return err
		}
	}
	if err := insertEvent(ctx, tx, r); err != nil {
		return err
	}
	person, err := social.SourceOf(ctx, tx, social.Person, r.actor)
	if err != nil {
		return err
	}
	sources := []int64{person}
	if r.class != 0 {
		class, err := social.SourceOf(ctx, tx, social.Class, r.class)
		if err != nil {
			return err
		}
		sources = append(sources, class)
	}
	for _, src := range sources {
		if err := insertEventSource(ctx, tx, src, r.id); err != nil {
			return err
		}
	}
	return nil
}
