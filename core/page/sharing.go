package page

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// Sharing is who sees a page.
type Sharing struct {
	Visibility badge.Visibility
	Password   string // a new one; "" leaves the one that is there
	NoPassword bool   // takes it away
	Until      time.Time
}

// passwordLeast is how many characters a password of a page has at least: fewer
// than one of an account, since it is told to several people and tries are few.
const passwordLeast = 6

// Share says who sees a page of the person's own. It returns a fault Conflict for
// what somebody under age cannot, and Invalid for a password that is too short.
func (s *Pages) Share(ctx context.Context, person int64, publicID string, in Sharing) (Page, error) {
	if !in.Visibility.Valid() {
		return Page{}, fault.New(fault.Malformed, "web.form")
	}
	hash := ""
	if in.Password != "" {
		if n := len([]rune(in.Password)); n < passwordLeast || n > 128 {
			return Page{}, fault.New(fault.Invalid, "page.error.password")
		}
		var err error
		if hash, err = s.Accounts.HashPassword(ctx, in.Password); err != nil {
			return Page{}, err
		}
	}
	var p Page
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := lock(ctx, tx, person, publicID); err != nil {
			return err
		}
		var err error
		if p, err = s.whole(ctx, tx, person, publicID); err != nil {
			return err
		}
		if err := checkWidth(ctx, tx, person, in.Visibility); err != nil {
			return err
		}
		switch {
		case in.NoPassword:
			p.password = ""
		case hash != "":
			p.password = hash
		}
		p.Until, p.HasPassword = in.Until, p.password != ""
		return s.setCircle(ctx, tx, &p, in.Visibility, tx.Now())
	})
	return p, err
}

func checkWidth(ctx context.Context, d db.DB, person int64, v badge.Visibility) error {
	if v != badge.Public && v != badge.Link {
		return nil
	}
	young, err := isUnderAge(ctx, d, person)
	if err == nil && young {
		err = fault.New(fault.Conflict, "badge.error.under_age")
	}
	return err
}

// setCircle writes who sees p, and tells when others can find it for the first time,
// which was at since.
func (s *Pages) setCircle(ctx context.Context, tx *db.Tx, p *Page, v badge.Visibility, since time.Time) error {
	switch {
	case v != badge.Link:
		p.Secret = ""
	case p.Secret == "":
		p.Secret = secret.Token()
	}
	p.Visibility = v
	first := (v == badge.Public || v == badge.Members) && p.password == "" && p.PublishedAt.IsZero()
	if first {
		p.PublishedAt = since
	}
	if err := updateSharing(ctx, tx, *p); err != nil || !first {
		return err
	}
	return event.Publish(ctx, tx, s.Bus, Published{Page: p.ID, Person: p.Person, At: p.PublishedAt})
}

// anyMember is a viewer who is signed in and nobody in particular.
const anyMember = int64(1) << 62

// audience is a viewer who stands for those who a page of that visibility is for:
// its owner for a private one.
func audience(v badge.Visibility, owner int64) int64 {
	switch v {
	case badge.Members:
		return anyMember
	case badge.Private:
		return owner
	}
	return 0
}

// Concealed gives the badges on a page that its owner sees and those whom a
// visibility would show it to do not, each once.
func (s *Pages) Concealed(ctx context.Context, p Page, v badge.Visibility) ([]badge.Badge, error) {
	mine, err := s.sets(ctx, p.Person, p)
	if err != nil {
		return nil, err
	}
	theirs, err := s.sets(ctx, audience(v, p.Person), p)
	if err != nil {
		return nil, err
	}
	seen := map[int64]bool{}
	for _, list := range theirs {
		for _, b := range list {
			seen[b.ID] = true
		}
	}
	var out []badge.Badge
	for _, block := range p.Blocks {
		for _, b := range mine[block.ID] {
			if !seen[b.ID] {
				seen[b.ID] = true
				out = append(out, b)
			}
		}
	}
	return out, nil
}

// sets gives the badges of each block of a page as the viewer may see them.
func (s *Pages) sets(ctx context.Context, viewer int64, p Page) (map[string][]badge.Badge, error) {
	out := map[string][]badge.Badge{}
	for _, b := range p.Blocks {
		pick, ok := b.pick()
		if !ok {
			continue
		}
		list, err := s.Badges.Picked(ctx, viewer, p.Person, pick)
		if err != nil {
			return nil, err
		}
		out[b.ID] = b.sorted(list)
	}
	return out, nil
}

// sorted brings badges into the order of the block.
func (b Block) sorted(list []badge.Badge) []badge.Badge {
	switch b.Order {
	case "name":
		slices.SortStableFunc(list, func(x, y badge.Badge) int { return cmp.Compare(db.Fold(x.Class.Name), db.Fold(y.Class.Name)) })
	case "issued":
		slices.SortStableFunc(list, func(x, y badge.Badge) int { return y.IssuedAt.Compare(x.IssuedAt) })
	}
	return list
}

// Widen shows badges of the person's own to those whom a page of a visibility is
// for: members for one for members, else everybody. It gives the names of those
// that could not be shown, such as unclaimed ones.
func (s *Pages) Widen(ctx context.Context, person int64, v badge.Visibility, badges []string) (left []string, err error) {
	to := badge.Public
	if v == badge.Members {
		to = badge.Members
	}
	for _, id := range badges {
		b, err := s.Badges.Mine(ctx, person, id)
		if err != nil {
			return left, err
		}
		if err := s.Badges.SetVisibility(ctx, person, id, to); fault.Is(err, fault.Conflict) {
			left = append(left, b.Class.Name)
			continue
		} else if err != nil {
			return left, err
		}
		if b.ShowName {
			continue
		}
		if err := s.Badges.SetNaming(ctx, person, id, badge.NameLinked); err != nil {
			return left, err
		}
	}
	return left, nil
}

const passPurpose = "page/pass"

// Opens reports whether a password is the page's.
func (s *Pages) Opens(ctx context.Context, p Page, password string) (bool, error) {
	return s.Accounts.MatchPassword(ctx, p.password, password)
}

// pass is what a browser keeps that opened a page with its password. It is worth
// nothing for another page, nor once the password is another.
func (s *Pages) pass(p Page) string {
	return s.Keys.MAC(passPurpose, []byte(p.PublicID+"\x00"+p.password))
}

func (s *Pages) passes(p Page, code string) bool {
	return s.Keys.CheckMAC(passPurpose, []byte(p.PublicID+"\x00"+p.password), code)
}
