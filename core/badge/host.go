package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
)

const (
	jobHost   = "badge.host"
	hostsPage = 50
)

// SilentHost is a host that badges hang on and that does not answer. It may be an
// issuer's own, or one that serves keys, status lists or schemas.
type SilentHost struct {
	Host   string    // with its port where that is not the usual one
	Since  time.Time // of the first failure after the last answer
	Fails  int       // in a row, each after a longer pause
	Next   time.Time // it is left alone until then
	Badges int       // that hang on it
}

// HostCursor is a place in the list of silent hosts; the zero value is its start.
type HostCursor struct {
	since int64
	host  string
}

// ParseHostCursor reads what String wrote; what is none is the start.
func ParseHostCursor(s string) HostCursor {
	number, host, _ := strings.Cut(s, "-")
	since, err := strconv.ParseInt(number, 36, 64)
	if err != nil {
		return HostCursor{}
	}
	return HostCursor{since, host}
}

// String gives a cursor for an address.
func (c HostCursor) String() string {
	if c.host == "" {
		return ""
	}
	return strconv.FormatInt(c.since, 36) + "-" + c.host
}

// SilentHosts gives a page of the hosts that do not answer, those that were silent
// longest before the others, and the cursor of the next page. It names no badge and
// no holder.
func (s *Badges) SilentHosts(ctx context.Context, after HostCursor) ([]SilentHost, HostCursor, error) {
	list, err := listSilent(ctx, s.Base.Read(), after, hostsPage+1)
	if err != nil || len(list) <= hostsPage {
		return list, HostCursor{}, err
	}
	last := list[hostsPage-1]
	return list[:hostsPage], HostCursor{db.Micros(last.Since), last.Host}, nil
}

// CountSilent gives how many hosts do not answer, and how many badges hang on them.
func (s *Badges) CountSilent(ctx context.Context) (hosts, badges int, err error) {
	return countSilent(ctx, s.Base.Read())
}

type hostPayload struct {
	Host string `json:"host"`
}

// TryHost has a silent host asked again now, whatever pause it has: one of its
// badges is checked at once, and the others within the hour. A failure that was
// asked for makes the next pause no longer. It returns a fault NotFound for a host
// that is not silent.
func (s *Badges) TryHost(ctx context.Context, host string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		n, err := updateHealthDue(ctx, tx, host)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "badge.error.no_host")
		}
		if err := updateHostDue(ctx, tx, host); err != nil {
			return err
		}
		return s.Queue.Add(ctx, tx, jobHost, hostPayload{host}, jobs.Options{Key: jobHost + "/" + host})
	})
}

// runHost is the job: check one badge that hangs on a host. It is done when the
// host has answered, or has not.
func (s *Badges) runHost(ctx context.Context, payload []byte) error {
	var p hostPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read host job: %w", err))
	}
	b, err := getBadgeOfHost(ctx, s.Base.Read(), p.Host)
	if errors.Is(err, db.ErrNotFound) {
		return nil // its badges were removed meanwhile
	}
	if err != nil {
		return err
	}
	s.recheckOne(ctx, b)
	return ctx.Err()
}
