package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
)

const (
	jobLink    = "profile.link"
	lookAgain  = 7 * 24 * time.Hour  // a page that led back, or did not, is asked again
	silentFor  = 30 * 24 * time.Hour // then a page that could not be had proves nothing
	dueAtOnce  = 200                 // links that one run of the period queues
	backLinks  = 500                 // links of a page that are looked at
	linkAccept = "text/html,application/xhtml+xml;q=0.9"
)

type linkPayload struct {
	Person int64  `json:"person"`
	URL    string `json:"url"`
}

// settleLinks makes a row, and the work to look at it, for each address that a person
// names, and drops those of others.
func (s *Profiles) settleLinks(ctx context.Context, tx *db.Tx, person int64) error {
	named, err := s.namedBy(ctx, tx, person)
	if err != nil {
		return err
	}
	known, err := linksOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, l := range known {
		if !slices.Contains(named, l) {
			if err := deleteLink(ctx, tx, person, l); err != nil {
				return err
			}
		}
	}
	for _, l := range named {
		if slices.Contains(known, l) {
			continue
		}
		if err := insertLink(ctx, tx, person, l, tx.Now().Add(lookAgain)); err != nil {
			return err
		}
		if err := s.queueLook(ctx, tx, person, l); err != nil {
			return err
		}
	}
	return nil
}

// namedBy lists the addresses that could lead back.
func (s *Profiles) namedBy(ctx context.Context, d db.DB, person int64) ([]string, error) {
	p, _, err := s.Accounts.ProfileOf(ctx, d, person)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list := slices.Clone(p.Links)
	fields, err := fieldsOf(ctx, d, person)
	for _, f := range fields {
		if f.leadsBack() {
			list = append(list, f.URL())
		}
	}
	slices.Sort(list)
	return slices.Compact(list), err
}

func (s *Profiles) queueLook(ctx context.Context, tx *db.Tx, person int64, address string) error {
	return s.Queue.Add(ctx, tx, jobLink, linkPayload{person, address}, jobs.Options{Person: person, Key: fmt.Sprintf("%s.%d.%s", jobLink, person, address)})
}

// queueDue has the links looked at again whose time has come.
func (s *Profiles) queueDue(ctx context.Context) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := dueLinks(ctx, tx, tx.Now(), dueAtOnce)
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := updateNextCheck(ctx, tx, l.Person, l.URL, tx.Now().Add(lookAgain)); err != nil {
				return err
			}
			if err := s.queueLook(ctx, tx, l.Person, l.URL); err != nil {
				return err
			}
		}
		return nil
	})
}

// Recheck has all links of a person looked at now.
func (s *Profiles) Recheck(ctx context.Context, person int64) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := linksOf(ctx, tx, person)
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := s.queueLook(ctx, tx, person, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// linkJob looks whether a page leads back to the profile. A page that cannot be had
// proves nothing either way: what it said before counts for a while.
func (s *Profiles) linkJob(ctx context.Context, payload []byte) error {
	var p linkPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read link job: %w", err))
	}
	back, had, err := s.leadsBack(ctx, p.Person, p.URL)
	if err != nil {
		return err
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		if had {
			return updateLink(ctx, tx, p, back)
		}
		return expireLink(ctx, tx, p, tx.Now().Add(-silentFor))
	})
}

// leadsBack fetches the page and looks for a link to the person's profile, by their
// present handle or one that they had. had is false when there is no page to look at.
func (s *Profiles) leadsBack(ctx context.Context, person int64, address string) (back, had bool, err error) {
	r, err := s.Fetch.Get(ctx, address, linkAccept)
	if ctx.Err() != nil {
		return false, false, ctx.Err()
	}
	if err != nil || !r.OK() {
		return false, false, nil //nolint:nilerr // a page elsewhere that fails is no failure of ours
	}
	for _, href := range meLinks(r.Body, r.FinalURL) {
		mine, err := s.isProfileOf(ctx, person, href)
		if err != nil || mine {
			return mine, true, err
		}
	}
	return false, true, nil
}

// isProfileOf reports whether an address is that of the person's profile here.
func (s *Profiles) isProfileOf(ctx context.Context, person int64, href string) (bool, error) {
	u, err := url.Parse(href)
	if err != nil {
		return false, nil //nolint:nilerr // no address
	}
	here, err := url.Parse(s.URL("/"))
	if err != nil {
		return false, err
	}
	handle, ok := strings.CutPrefix(strings.TrimSuffix(u.Path, "/"), "/@")
	if !ok || !strings.EqualFold(u.Host, here.Host) || u.Scheme != here.Scheme || strings.Contains(handle, "/") {
		return false, nil
	}
	p, err := s.Accounts.Opened(ctx, person, handle) // knows the names that the person had before
	if _, refused := fault.As(err); refused {
		return false, nil
	}
	return p.ID == person, err
}

// meLinks gives the addresses of the links of a page that carry rel="me"
// (https://microformats.org/wiki/rel-me), absolute, the first ones.
func meLinks(page []byte, base string) []string {
	at, err := url.Parse(base)
	if err != nil {
		return nil
	}
	var out []string
	z := html.NewTokenizer(bytes.NewReader(page))
	for seen := 0; seen < backLinks; {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if tag := string(name); tag != "a" && tag != "link" {
				continue
			}
			seen++
			if href, ok := meLink(z, more); ok {
				if u, err := at.Parse(href); err == nil {
					out = append(out, u.String())
				}
			}
		}
	}
	return out
}

func meLink(z *html.Tokenizer, more bool) (href string, ok bool) {
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "rel":
			ok = slices.Contains(strings.Fields(strings.ToLower(string(value))), "me")
		case "href":
			href = strings.TrimSpace(string(value))
		}
	}
	return href, ok && href != ""
}

// LinkState is an address that a person names, for their own eyes.
type LinkState struct {
	URL               string
	Checked, Verified time.Time
}

// LinkStates gives what is known of each address that a person names.
func (s *Profiles) LinkStates(ctx context.Context, person int64) ([]LinkState, error) {
	return linkStates(ctx, s.Base.Read(), person)
}
