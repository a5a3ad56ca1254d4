package badge

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
)

const acceptPayload = "application/vc+ld+json, application/ld+json, application/json, image/png, image/svg+xml, text/plain;q=0.8, */*;q=0.1"

// find gives the badge that an address leads to.
func (s *Badges) find(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fault.New(fault.Invalid, "badge.error.bad_address")
	}
	r, err := s.Fetch.Get(ctx, address, acceptPayload)
	switch {
	case errors.Is(err, fetch.ErrForbidden):
		return nil, fault.New(fault.Invalid, "badge.error.address_forbidden").With("host", u.Host).Wrap(err)
	case err != nil:
		return nil, fault.New(fault.Invalid, "badge.error.address_unavailable").With("host", u.Host).Wrap(err)
	case r.Status >= 400:
		return nil, fault.New(fault.Invalid, "badge.error.address_status").With("host", u.Host).With("status", fmt.Sprint(r.Status))
	}
	return r.Body, nil
}
