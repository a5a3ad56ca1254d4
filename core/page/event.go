package page

// Published is published when a page can be found by others for the first time,
// in the same transaction.
type Published struct{ Page, Person int64 }

// Removed is published before a page is deleted for good, in the same transaction:
// whoever keeps rows about it deletes them now.
type Removed struct{ Page, Person int64 }
