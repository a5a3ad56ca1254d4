package feed

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

const (
	window      = 2000 // events that one scan looks at
	enough      = 60   // a scan is chosen when the window holds about that many of the reader's
	perEvent    = 2    // sources an event belongs to at most
	rounds      = 8    // batches read for one page at most, when much is hidden from the viewer
	maxPageSize = 50
)

// Page is a part of a feed. Older is the cursor of the next one, 0 at the end.
type Page struct {
	Events []Event
	Older  int64
}

// Of gives what the people and badge classes that reader follows did, the
// newest first.
func (f *Feed) Of(ctx context.Context, reader int64, filter Filter, r badge.Range) (Page, error) {
	how, err := readingOf(ctx, f.base.Read(), reader)
	if err != nil {
		return Page{}, err
	}
	return f.page(ctx, readerOf(reader), filter, r, func(ctx context.Context, before int64, n int) ([]int64, error) {
		return f.followed(ctx, how, before, n)
	})
}

// Community gives what happened on the whole site, as far as the viewer may see it.
func (f *Feed) Community(ctx context.Context, viewer int64, filter Filter, r badge.Range) (Page, error) {
	return f.page(ctx, explorer(viewer), filter, r, func(ctx context.Context, before int64, n int) ([]int64, error) {
		return newest(ctx, f.base.Read(), viewer, before, n)
	})
}

// By gives what one person did, as far as the viewer may see it.
func (f *Feed) By(ctx context.Context, viewer, person int64, filter Filter, r badge.Range) (Page, error) {
	return f.page(ctx, readerOf(viewer), filter, r, func(ctx context.Context, before int64, n int) ([]int64, error) {
		return byActor(ctx, f.base.Read(), viewer, person, part{before, n})
	})
}

// reader is who reads, and whether they explore: what people do who do not want
// to be found is then left out.
type reader struct {
	viewer   int64
	explores bool
	now      int64 // microseconds
}

// at gives the reader at a time.
func (r reader) at(now time.Time) reader {
	r.now = db.Micros(now)
	return r
}

func readerOf(viewer int64) reader { return reader{viewer: viewer} }
func explorer(viewer int64) reader { return reader{viewer: viewer, explores: true} }

// candidates gives at most n event ids before the cursor, the newest first.
type candidates func(ctx context.Context, before int64, n int) ([]int64, error)

// page reads batches of candidates until the page is full of events that the
// viewer may see.
func (f *Feed) page(ctx context.Context, as reader, filter Filter, r badge.Range, next candidates) (Page, error) {
	size := min(max(r.Limit, 1), maxPageSize)
	var p Page
	cursor, n := r.Before, size+1
	for range rounds {
		ids, err := next(ctx, cursor, n)
		if err != nil {
			return Page{}, err
		}
		if len(ids) == 0 {
			return p, nil
		}
		events, err := hydrate(ctx, f.base.ReadPlanned(), as.at(f.base.Now()), filter, ids)
		if err != nil {
			return Page{}, err
		}
		p.Events = append(p.Events, events...)
		cursor = ids[len(ids)-1]
		if len(p.Events) > size {
			p.Events = p.Events[:size]
			p.Older = p.Events[size-1].ID
			return p, nil
		}
		if len(ids) < n {
			return p, nil
		}
		n = maxPageSize + 1
	}
	p.Older = cursor
	return p, nil
}

// followed finds events of followed sources by the cheaper of three ways. Each
// gives the same answer: the n newest before the cursor.
func (f *Feed) followed(ctx context.Context, how reading, before int64, n int) ([]int64, error) {
	d := f.base.Read()
	if how.follows == 0 {
		return nil, nil
	}
	if how.density*window >= enough {
		low, err := windowEnd(ctx, d, before)
		if err != nil {
			return nil, err
		}
		ids, err := scan(ctx, d, how.reader, span{before, low}, n)
		if err != nil || len(ids) == n || low == 0 {
			return ids, err
		}
	}
	if before == 0 && how.follows > perEvent*n {
		return mergeNewest(ctx, d, how.reader, n)
	}
	return merge(ctx, d, how.reader, before, n)
}
