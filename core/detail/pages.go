package detail

import (
	"context"
	"net/url"
	"strings"
)

// OwnPage is a page of this site that its owner may put beside a badge.
type OwnPage struct {
	PublicID, Title string
	Private         bool // nobody else opens it
}

// Pages are the pages of people of this site, as evidence. core wires core/page to
// it.
type Pages interface {
	// OwnPages gives the pages of a person, the newest first.
	OwnPages(ctx context.Context, person int64) ([]OwnPage, error)
	// OpensPage reports whether the viewer (0: nobody signed in) may open a page, with
	// the secret of its link or without.
	OpensPage(ctx context.Context, viewer int64, publicID, key string) (bool, error)
}

// pageOf takes the local address of a page apart.
func pageOf(address string) (publicID, key string) {
	path, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return strings.TrimPrefix(path, "/p/"), ""
	}
	return strings.TrimPrefix(path, "/p/"), values.Get("key")
}

// opens reports whether the viewer may open what a piece of evidence leads to on
// this site: a page says itself who sees it.
func (s *Details) opens(ctx context.Context, viewer int64, e Evidence) (bool, error) {
	if e.Kind != Page || s.Pages == nil {
		return true, nil
	}
	id, key := pageOf(e.URL)
	return s.Pages.OpensPage(ctx, viewer, id, key)
}

// pageEvidence is a page of the person's own as evidence, called what it is called
// unless they say otherwise. ok is false for a page that is not theirs.
func (s *Details) pageEvidence(ctx context.Context, person int64, publicID, title string) (e Evidence, ok bool, err error) {
	if s.Pages == nil {
		return e, false, nil
	}
	list, err := s.Pages.OwnPages(ctx, person)
	for _, p := range list {
		if p.PublicID != publicID {
			continue
		}
		if title == "" {
			title = p.Title
		}
		return Evidence{Kind: Page, Title: title, URL: "/p/" + p.PublicID}, true, err
	}
	return e, false, err
}

// closed gives the pages of a person that nobody else opens, by their public ids.
func (s *Details) closed(ctx context.Context, person int64) (map[string]bool, error) {
	if s.Pages == nil {
		return nil, nil
	}
	list, err := s.Pages.OwnPages(ctx, person)
	out := map[string]bool{}
	for _, p := range list {
		out[p.PublicID] = p.Private
	}
	return out, err
}
