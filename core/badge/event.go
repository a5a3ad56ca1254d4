package badge

import (
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// Received is published when a badge has been taken in.
type Received struct{ Badge, Class, Person int64 }

// Verified is published when a badge has been checked again.
type Verified struct {
	Badge, Person int64
	Verdict       verify.Verdict
}

// Published is published when others may find a badge for the first time. At is when
// that was: of one that is brought back, when it was first shown.
type Published struct {
	Badge, Class, Person int64
	At                   time.Time
}

// Removed is published before a badge is deleted, in the same transaction:
// whoever keeps rows about it deletes them now.
type Removed struct{ Badge, Person int64 }

// ClassRemoved is published before a class that nobody holds is deleted, in the
// same transaction.
type ClassRemoved struct{ Class int64 }
