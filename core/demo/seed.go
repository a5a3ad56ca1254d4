package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/social"
)

const (
	together = 8                // badges that are taken in at the same time
	patience = 60 * time.Second // with one of them
)

// sittings are the moments, in days before now, at which people added badges.
// They did it together, so that all processors have work.
var sittings = []float64{43.2, 39, 35, 31, 27, 23, 19.5, 11.5, 4.7}

// act is one thing that happens in the story.
type act struct {
	days float64 // before now
	do   func(ctx context.Context) error
}

// held is a badge that was taken in.
type held struct {
	person int64
	badge  string // public id
	class  int64
}

// story tells what happened.
type story struct {
	*Community
	Deps

	mu      sync.Mutex
	held    map[string]held  // by holder, class and age
	classes map[string]int64 // by name
}

// Seed fills an empty passport with the community. It moves the clock of the
// demo from the beginning of the story to now, and lets go of it.
func (c *Community) Seed(ctx context.Context, d Deps) error {
	s := &story{Community: c, Deps: d, held: map[string]held{}, classes: map[string]int64{}}
	c.deps = d
	defer c.clock.Store(0)
	if err := s.nameSite(ctx); err != nil {
		return fmt.Errorf("name the demo: %w", err)
	}
	stop := s.work(ctx)
	err := s.tell(ctx)
	return errors.Join(err, stop())
}

// work runs the queue until the function it gives is called.
func (s *story) work(ctx context.Context) func() error {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Queue.Run(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

func (s *story) nameSite(ctx context.Context) error {
	return s.Accounts.Change(ctx, account.Settings{
		Name: "Alder Bay", Tagline: "What we learned, made and cared for, in one place.",
		About:    siteAbout,
		Language: "en", Explore: true, Joining: account.JoinOpen,
	})
}

const siteAbout = `Alder Bay is a small town with a college, a library that has a workshop in its basement, and a national park at its back door.

All three give **badges**. This is where we keep them, show them, and say well done to each other.`

// tell does all acts in their order, with the clock at each.
func (s *story) tell(ctx context.Context) error {
	acts := slices.Concat(s.arrivals(), s.additions(), s.showings(), s.followings(), s.remarks(), s.looks(), s.vouch(), s.arrange())
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Compare(b.days, a.days) })
	for _, a := range acts {
		s.setClock(s.before(a.days))
		if err := a.do(ctx); err != nil {
			return fmt.Errorf("%.2f days ago: %w", a.days, err)
		}
	}
	return nil
}

// looks has everybody look at their badges before the last sitting.
func (s *story) looks() []act {
	return []act{{5, func(ctx context.Context) error {
		for _, id := range s.ids {
			_, err := s.Badges.Do(ctx, id, badge.Choice{All: true}, badge.Action{Do: "seen"})
			if err != nil && !fault.Is(err, fault.Invalid) { // who has none yet
				return err
			}
		}
		return nil
	}}}
}

func (s *story) arrivals() []act {
	var acts []act
	for _, r := range residents() {
		acts = append(acts, act{r.joined, func(ctx context.Context) error { return s.arrive(ctx, r) }})
	}
	return acts
}

func (s *story) arrive(ctx context.Context, r resident) error {
	p, err := s.Accounts.CreatePerson(ctx, account.NewPerson{Name: r.name, Handle: r.handle, Address: r.address(), Language: r.language}, true)
	if err != nil {
		return fmt.Errorf("create %s: %w", r.handle, err)
	}
	s.ids[r.handle] = p.ID
	_, err = s.Accounts.ChangeProfile(ctx, p.ID, account.Profile{
		Name: r.name, About: r.about, Place: r.place, Organisation: r.organisation,
	})
	if err != nil {
		return fmt.Errorf("describe %s: %w", r.handle, err)
	}
	if at, ok := homes[r.handle]; ok && s.Gallery != nil {
		if err := s.Gallery.SetPlace(ctx, p.ID, at); err != nil {
			return fmt.Errorf("place %s: %w", r.handle, err)
		}
	}
	if r.role == account.RoleAdmin {
		if err := s.Accounts.MakeAdmin(ctx, r.handle); err != nil {
			return fmt.Errorf("make %s administrator: %w", r.handle, err)
		}
	}
	if r.portrait == (portrait{}) {
		return nil
	}
	if err := s.Accounts.SetPicture(ctx, p.ID, r.portrait.svg()); err != nil {
		return fmt.Errorf("draw %s: %w", r.handle, err)
	}
	return nil
}

// additions are the sittings, each with the badges that are shown next.
func (s *story) additions() []act {
	batches := map[float64][]award{}
	for _, a := range s.awards {
		at := sittingBefore(a.shown)
		batches[at] = append(batches[at], a)
	}
	var acts []act
	for at, batch := range batches {
		acts = append(acts, act{at, func(ctx context.Context) error { return s.add(ctx, batch) }})
	}
	return acts
}

// sittingBefore is the last sitting before a moment.
func sittingBefore(days float64) float64 {
	at := sittings[0]
	for _, d := range sittings {
		if d > days {
			at = d
		}
	}
	return at
}

func (s *story) add(ctx context.Context, batch []award) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(together)
	for _, a := range batch {
		g.Go(func() error {
			if err := s.addOne(ctx, a); err != nil {
				return fmt.Errorf("add %s of %s: %w", a.class, a.who, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// addOne issues a badge and uploads it, as its holder would.
func (s *story) addOne(ctx context.Context, a award) error {
	person, k := s.ids[a.who], s.Community.classes[a.class]
	data, err := s.file(ctx, s.credential(a), a.form, a.in, k)
	if err != nil {
		return err
	}
	im, err := s.Badges.Begin(ctx, person, badge.Upload{File: data, Filename: k.slug + extension(a.form, a.in)})
	if err != nil {
		return err
	}
	if im, err = s.Badges.Await(ctx, im, patience); err != nil {
		return err
	}
	if im.State != badge.StateDone {
		return fmt.Errorf("import %s: %s %s", im.State, im.Reason, im.Detail)
	}
	b, err := s.Badges.Mine(ctx, person, im.Badge)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[a.key()] = held{person, b.PublicID, b.Class.ID}
	s.classes[a.class] = b.Class.ID
	return nil
}

func (a award) key() string { return fmt.Sprintf("%s/%s/%d", a.who, a.class, a.months) }

func (s *story) showings() []act {
	var acts []act
	for _, a := range s.awards {
		if a.level() == badge.Private {
			continue
		}
		acts = append(acts, act{a.shown, func(ctx context.Context) error {
			h := s.held[a.key()]
			return s.Badges.SetVisibility(ctx, h.person, h.badge, a.level())
		}})
	}
	return acts
}

func (s *story) followings() []act {
	const aWhile = 2.0 / (24 * 60) // two minutes
	var acts []act
	for _, f := range follows() {
		for i, what := range f.what {
			acts = append(acts, act{f.days - float64(i)*aWhile, func(ctx context.Context) error { return s.follow(ctx, f.who, what) }})
		}
	}
	return acts
}

func (s *story) follow(ctx context.Context, who, what string) error {
	kind, object := social.Class, s.classes[what]
	if handle, ok := strings.CutPrefix(what, "@"); ok {
		kind, object = social.Person, s.ids[handle]
	}
	if s.ids[who] == 0 || object == 0 {
		return fmt.Errorf("%s follows %s, which is not there yet", who, what)
	}
	return s.Social.Follow(ctx, s.ids[who], kind, object)
}

func (s *story) remarks() []act {
	var acts []act
	for _, m := range comments() {
		acts = append(acts, act{m.days, func(ctx context.Context) error {
			if s.ids[m.who] == 0 || s.classes[m.class] == 0 {
				return fmt.Errorf("%s comments on %s, which is not there yet", m.who, m.class)
			}
			_, err := s.Social.Comment(ctx, s.ids[m.who], s.classes[m.class], m.text)
			return err
		}})
	}
	return acts
}
