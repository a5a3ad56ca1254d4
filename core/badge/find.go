package badge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/locate"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	acceptPayload = "application/vc+ld+json, application/ld+json, application/json, image/png, image/svg+xml, text/plain;q=0.8, */*;q=0.1"

	maxAsked = 8 // addresses that one search asks
	maxDeep  = 2 // links followed from one page to the next
)

// search is the way from an address that a person gives to the badge behind it.
type search struct {
	badges *Badges
	list   []step
	seen   map[string]bool
	first  answer // of the address itself
}

// step is one address to ask.
type step struct {
	address string
	depth   int // links away from the address that was given
}

// answer is what an address gave.
type answer struct {
	body []byte
	err  error // a fault
}

// find gives the badge that an address leads to: what it answers itself, what the
// platform of a badge page is known to hold, or what a page links to or holds. It
// asks at most maxAsked addresses, each through core/fetch. The fault names the
// address's own reason, or that its page links to no badge.
func (s *Badges) find(ctx context.Context, address string) ([]byte, error) {
	f := search{badges: s, seen: map[string]bool{}}
	f.add(0, locate.Candidates(address)...)
	f.add(0, address)
	for asked := 0; len(f.list) > 0 && asked < maxAsked && ctx.Err() == nil; asked++ {
		next := f.list[0]
		f.list = f.list[1:]
		body, final, err := s.get(ctx, next.address)
		if next.address == address {
			f.first = answer{body, err}
		}
		if err != nil {
			continue
		}
		if holdsBadge(ctx, body) {
			return body, nil
		}
		next.address = final
		if inline := f.follow(ctx, next, body); inline != nil {
			return inline, nil
		}
	}
	return f.nothing(ctx, address)
}

func (f *search) add(depth int, addresses ...string) {
	for _, a := range addresses {
		if !f.seen[a] && isAddress(a) {
			f.seen[a] = true
			f.list = append(f.list, step{a, depth})
		}
	}
}

// follow notes the links of a page, and gives the badge that stands in it.
func (f *search) follow(ctx context.Context, from step, body []byte) []byte {
	urls, inline := locate.InPage(from.address, body)
	for _, one := range inline {
		if holdsBadge(ctx, one) {
			return one
		}
	}
	if from.depth < maxDeep {
		f.add(from.depth+1, locate.Candidates(from.address)...)
		f.add(from.depth+1, urls...)
	}
	return nil
}

// nothing is the answer when no badge was found. What was no page is given back:
// its reader says what is wrong with it.
func (f *search) nothing(ctx context.Context, address string) ([]byte, error) {
	switch {
	case f.first.err != nil:
		return nil, f.first.err
	case f.first.body == nil: // the others took all the time
		if err := ctx.Err(); err != nil {
			return nil, unavailable(address, err)
		}
		return nil, fault.New(fault.Invalid, "badge.error.no_link")
	case isPage(f.first.body):
		return nil, fault.New(fault.Invalid, "badge.error.no_link")
	}
	return f.first.body, nil
}

// holdsBadge reports whether bytes carry what can be a badge.
func holdsBadge(ctx context.Context, body []byte) bool {
	list, err := bake.ExtractAll(body)
	if err != nil {
		return false
	}
	for _, found := range list {
		if found.Err == nil && found.Carrier != bake.CarrierURL && canBeBadge(ctx, found.Payload) {
			return true
		}
	}
	return false
}

func canBeBadge(ctx context.Context, payload []byte) bool {
	_, err := verify.Precheck(ctx, payload)
	return err == nil
}

// isPage tells HTML by its look: servers name types wrongly.
func isPage(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 1024)])
	return bytes.Contains(head, []byte("<!doctype html")) || bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<head"))
}

// get asks one address, and tells which one answered in the end. The fault names
// its host.
func (s *Badges) get(ctx context.Context, address string) (body []byte, final string, err error) {
	r, err := s.Fetch.Get(ctx, address, acceptPayload)
	switch {
	case errors.Is(err, fetch.ErrForbidden):
		return nil, "", fault.New(fault.Invalid, "badge.error.address_forbidden").With("host", hostOf(address)).Wrap(err)
	case err != nil:
		return nil, "", unavailable(address, err)
	case r.Status >= 400:
		return nil, "", fault.New(fault.Invalid, "badge.error.address_status").With("host", hostOf(address)).With("status", fmt.Sprint(r.Status))
	}
	if final = r.FinalURL; final == "" {
		final = address
	}
	return r.Body, final, nil
}

func unavailable(address string, err error) error {
	return fault.New(fault.Invalid, "badge.error.address_unavailable").With("host", hostOf(address)).Wrap(err)
}

func hostOf(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	return u.Host
}
