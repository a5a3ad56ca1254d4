// Package check is the public page /verify: anybody, without an account, gives a
// file, a text or an address and sees the named checks of every badge in it.
//
// It owns no tables and no events, and stores nothing of what it is given: the
// picture of a badge is drawn anew into the answer itself. Strangers' addresses
// are fetched for a POST alone, through core/fetch; a link can only fill in the
// form. Each network has a share, and few verifications run at once.
package check

import (
	"context"
	"html/template"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	atOnce  = 4  // questions that are answered at the same time
	most    = 10 // badges of one upload that are verified
	limit   = 20 // questions of one network in window
	window  = 10 * time.Minute
	timeout = 20 * time.Second // for all badges of an upload; a request has 30
)

// Check verifies what visitors bring.
type Check struct {
	badges *badge.Badges
	slots  chan struct{}
}

// New makes the feature.
func New(b *badge.Badges) *Check { return &Check{badges: b, slots: make(chan struct{}, atOnce)} }

// question is what a visitor asks.
type question struct {
	upload badge.Upload
	badge  string // public id of a badge shown here, in place of an upload
	viewer int64
}

// result is the outcome for one badge, or for a file that is none.
type result struct {
	entry  badge.Entry
	inside bool  // a badge in the record before it
	shy    bool  // shown here by somebody else, and names their address: that is not asked
	err    error // a fault: no verification was made
	report verify.Report
	art    template.URL
}

// answer verifies everything that a question brings. The fault names the reason
// when nothing of it can be read, or is Unavailable when too many ask at once.
func (s *Check) answer(ctx context.Context, q question) ([]result, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return nil, fault.New(fault.Unavailable, "check.busy").After(5 * time.Second)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if q.badge != "" {
		return s.shown(ctx, q)
	}
	r, err := s.badges.Read(ctx, q.upload)
	if err != nil {
		return nil, err
	}
	var out []result
	for _, e := range r.Entries {
		out = s.add(ctx, out, e)
	}
	return out, nil
}

// shown verifies a badge that is shown here: its credential and its art are at
// hand.
func (s *Check) shown(ctx context.Context, q question) ([]result, error) {
	b, data, err := s.badges.Credential(ctx, q.viewer, q.badge)
	if err != nil {
		return nil, err
	}
	art, err := s.badges.Picture(ctx, b.Thumbnail)
	if err != nil {
		return nil, err
	}
	r := result{art: badge.Inline(art), shy: b.Plain && b.Person != q.viewer, report: s.badges.Look(ctx, data)}
	return []result{r}, nil
}

// add verifies one file, and each badge in it when it is a record (CLR).
func (s *Check) add(ctx context.Context, out []result, e badge.Entry) []result {
	one := s.one(ctx, e, len(out))
	out = append(out, one)
	if one.report.Kind != openbadge.CLR {
		return out
	}
	list, err := badge.Contained(ctx, e.Found.Payload)
	if err != nil {
		return out // the report says why
	}
	for _, inner := range list {
		r := s.one(ctx, inner, len(out))
		r.inside = true
		out = append(out, r)
	}
	return out
}

func (s *Check) one(ctx context.Context, e badge.Entry, before int) result {
	r := result{entry: e, err: e.Err}
	switch {
	case e.Err != nil:
		return r
	case before >= most:
		r.err = fault.New(fault.TooLarge, "check.too_many").With("max", strconv.Itoa(most))
		return r
	}
	r.report = s.badges.Look(ctx, e.Found.Payload)
	r.art = s.badges.Art(ctx, e.Found, r.report.Credential)
	return r
}

// issuedTo is the check whether a badge was issued to an address (OB3 §9.5, OB2
// §IdentityHash). It leaves the verdict: a badge of somebody else is genuine all
// the same.
func issuedTo(c *openbadge.Credential, address string) badge.CheckView {
	v := badge.CheckView{Name: "address", Result: string(verify.Unknown), Spec: "OB3 §9.5"}
	if c.Version != openbadge.V30 && c.Version != openbadge.CLR20 {
		v.Spec = "OB2 §IdentityHash"
	}
	who, asked := c.Recipient, []string{address}
	_, matches := who.Match(asked)
	switch {
	case matches:
		v.Result = string(verify.Pass)
	case len(who.Identities) == 0 && who.SubjectID == "":
		v.Reason = "recipient-none"
	case !who.Comparable(asked):
		v.Reason = "address-unlike"
	default:
		v.Result, v.Reason = string(verify.Fail), "address-other"
	}
	return v
}
