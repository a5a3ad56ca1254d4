package core

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/detail"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/page"
)

const pagesOffered = 100

// evidencePages are the pages of people as evidence beside badges.
type evidencePages struct{ pages *page.Pages }

// OwnPages implements detail.Pages.
func (e evidencePages) OwnPages(ctx context.Context, person int64) ([]detail.OwnPage, error) {
	list, err := e.pages.List(ctx, person, page.Query{Limit: pagesOffered})
	out := make([]detail.OwnPage, 0, len(list))
	for _, p := range list {
		out = append(out, detail.OwnPage{PublicID: p.PublicID, Title: p.Title, Private: p.Visibility == badge.Private})
	}
	return out, err
}

// OpensPage implements detail.Pages.
func (e evidencePages) OpensPage(ctx context.Context, viewer int64, publicID, key string) (bool, error) {
	_, err := e.pages.Get(ctx, viewer, publicID, key)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}
