package page

import "time"

// Published is published when a page can be found by others for the first time,
// in the same transaction. At is when that was: of one that is brought back, when it
// was first shown.
type Published struct {
	Page, Person int64
	At           time.Time
}

// Removed is published before a page is deleted for good, in the same transaction:
// whoever keeps rows about it deletes them now.
type Removed struct{ Page, Person int64 }
