package badge_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge"
)

// namesOf gives the names of a list of badges.
func namesOf(list []badge.Shelved) []string {
	names := []string{}
	for _, b := range list {
		names = append(names, b.Class.Name)
	}
	return names
}

// TestMyBadgesAreFilteredOrderedAndPaged: each filter alone and together, each
// order by a keyset of one badge a page, on both databases.
func TestMyBadgesAreFilteredOrderedAndPaged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		ctx := t.Context()
		ids := map[string]string{}
		for i, name := range []string{"Épée d'argent", "100% Weaver", "Gardener", "élan"} {
			ids[name] = p.take(t, ada, p.credential(t, fmt.Sprint(i), "ada@example.org", func(c *openbadge.Credential) {
				c.Name = name
				if days := []int{10, 0, 400, 60}[i]; days > 0 {
					c.Expires = b.Now().AddDate(0, 0, days).Truncate(time.Second)
				}
			})).Badge
		}
		must(t, p.AddTags(ctx, ada, ids["Gardener"], "Été, work"))
		must(t, p.AddTags(ctx, ada, ids["100% Weaver"], "WORK"))
		must(t, p.SetVisibility(ctx, ada, ids["Gardener"], badge.Members))
		made, err := p.MakeCollection(ctx, ada, "Mine")
		must(t, err)
		must(t, p.SetPlaces(ctx, ada, ids["élan"], []string{made.PublicID}, ""))
		mine, err := p.Mine(ctx, ada, ids["élan"])
		must(t, err)

		for _, c := range []struct {
			filter badge.Filter
			want   []string
		}{
			{badge.Filter{}, []string{"élan", "Gardener", "100% Weaver", "Épée d'argent"}},
			{badge.Filter{Text: "EPEE"}, []string{"Épée d'argent"}},
			{badge.Filter{Text: "ete"}, []string{"Gardener"}}, // a tag
			{badge.Filter{Text: "100%"}, []string{"100% Weaver"}},
			{badge.Filter{Text: "%"}, []string{"100% Weaver"}},
			{badge.Filter{Text: "_"}, []string{}},
			{badge.Filter{Text: "school", Visibility: "members"}, []string{"Gardener"}},
			{badge.Filter{Tag: "Work"}, []string{"Gardener", "100% Weaver"}},
			{badge.Filter{Tag: "Work", Text: "weaver"}, []string{"100% Weaver"}},
			{badge.Filter{Collection: made.PublicID}, []string{"élan"}},
			{badge.Filter{Issuer: mine.Class.Issuer.PublicID, Expiring: 90}, []string{"élan", "Épée d'argent"}},
			{badge.Filter{Issuer: "none"}, []string{}},
			{badge.Filter{State: "valid", Expiring: 30, Unseen: true}, []string{"Épée d'argent"}},
			{badge.Filter{State: "revoked"}, []string{}},
			{badge.Filter{State: "unclaimed"}, []string{}},
		} {
			list, err := p.Shelf(ctx, ada, badge.Shelf{Filter: c.filter, Limit: 10})
			if got := namesOf(list); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%+v: %q, want %q, %v", c.filter, got, c.want, err)
			}
			if n, err := p.CountShelf(ctx, ada, c.filter); err != nil || n != len(c.want) {
				t.Errorf("%+v: %d counted, %v", c.filter, n, err)
			}
		}
		for sort, want := range map[string][]string{
			"":       {"élan", "Gardener", "100% Weaver", "Épée d'argent"},
			"name":   {"100% Weaver", "élan", "Épée d'argent", "Gardener"},
			"issuer": {"100% Weaver", "élan", "Épée d'argent", "Gardener"},
			"expiry": {"Épée d'argent", "élan", "Gardener", "100% Weaver"},
		} {
			if got := p.walk(t, badge.Shelf{Sort: sort, Limit: 1}); !slices.Equal(got, want) {
				t.Errorf("by %q: %q, want %q", sort, got, want)
			}
		}
		if n, err := p.CountShelf(ctx, bob, badge.Filter{Collection: made.PublicID}); err != nil || n != 0 {
			t.Errorf("a stranger's collection selects %d, %v", n, err)
		}
	})
}

// walk goes through all pages of a list.
func (p *passport) walk(t *testing.T, q badge.Shelf) []string {
	t.Helper()
	names := []string{}
	for range 20 {
		list, err := p.Shelf(t.Context(), ada, q)
		must(t, err)
		if len(list) == 0 {
			return names
		}
		names = append(names, namesOf(list)...)
		q.After = list[len(list)-1].ID
	}
	t.Fatal("the list has no end")
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
