package badge

import (
	"context"
	"time"
)

// Wired is a part of a person's badges as programs hand them on.
type Wired struct {
	Credentials [][]byte // exactly as they came in, the newest first
	Total       int      // of all parts
}

// WirePart says which part. An API of others asks for it by an offset.
type WirePart struct {
	Since         time.Time // issued after; zero: ever
	Offset, Limit int
}

// Wires gives the credentials of Open Badges 3.0 that a person holds: no removed,
// unclaimed or forged one, and none without its text.
func (s *Badges) Wires(ctx context.Context, person int64, p WirePart) (Wired, error) {
	total, err := countWires(ctx, s.Base.Read(), person, p.Since)
	if err != nil || p.Offset >= total {
		return Wired{Total: total}, err
	}
	rows, err := listWires(ctx, s.Base.Read(), person, p)
	w := Wired{Total: total}
	for _, r := range rows {
		w.Credentials = append(w.Credentials, r.credential)
	}
	return w, err
}
