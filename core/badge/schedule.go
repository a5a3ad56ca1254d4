package badge

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	recheckPeriod = 7 * 24 * time.Hour // on average, from one check of a badge to the next
	retryPeriod   = 24 * time.Hour     // for what could not be checked for another reason than a silent host
	backOffFirst  = time.Hour
	backOffMost   = 4 * 24 * time.Hour
)

// spread gives a part of d that looks random and is the same for the same badge
// and time: what came in at once is not asked for at once.
func spread(badge int64, at time.Time, d time.Duration) time.Duration {
	var seed [16]byte
	binary.BigEndian.PutUint64(seed[:8], uint64(badge))          //nolint:gosec // G115: bits, not a number
	binary.BigEndian.PutUint64(seed[8:], uint64(at.UnixMicro())) //nolint:gosec // G115: bits, not a number
	sum := sha256.Sum256(seed[:])
	return time.Duration(binary.BigEndian.Uint64(sum[:8]) % uint64(d)) //nolint:gosec // G115: d is positive
}

// nextCheck is when a badge is checked again: between half a period and one and
// a half after a check that came to an answer, so that a thousand badges of one
// day are spread over a whole period. What hung on a silent host waits as long as
// the host is left alone.
func nextCheck(badge int64, r verify.Report, silent time.Time) time.Time {
	switch {
	case r.Verdict != verify.Unverifiable:
		return r.At.Add(recheckPeriod/2 + spread(badge, r.At, recheckPeriod))
	case silent.After(r.At):
		return silent.Add(spread(badge, r.At, backOffFirst))
	}
	return r.At.Add(retryPeriod/2 + spread(badge, r.At, retryPeriod))
}

// backOff is how long a host is left alone that has not answered so many times:
// an hour, two, four and so on, four days at most.
func backOff(fails int) time.Duration {
	d := backOffFirst
	for range fails - 1 {
		if d *= 2; d >= backOffMost {
			return backOffMost
		}
	}
	return d
}
