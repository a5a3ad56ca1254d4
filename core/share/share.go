// Package share takes public badges to other places through share plugins.
//
// It owns the tables share (what was shared, where to) and plugin (what an
// administrator switched off), and publishes nothing. The processes are run by
// core/share/host. Pages are drawn from descriptors kept in memory, so that no
// page waits for a plugin: the plugin is asked when somebody shares.
//
// core/admin, core/mydata and its own pages call it.
package share

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/oauth"
	"github.com/osier-passport/osier/plugins/sdk"
)

// The states of a share.
const (
	StateOpened = "opened" // the person was sent to the target
	StateFailed = "failed"
)

// Share knows what can be shared where, and what was.
type Share struct {
	base   *db.Base
	badges *badge.Badges
	pages  *page.Pages
	host   *host.Host
	url    func(path string) string
	log    *slog.Logger

	accounts *account.Accounts
	keys     *secret.Keys
	queue    *jobs.Queue
	oauth    *oauth.Client
	card     func(ctx context.Context, b badge.Badge, lang string) ([]byte, error)

	profileCard func(ctx context.Context, p account.Person, lang string) ([]byte, error)

	mu          sync.Mutex
	descriptors map[string]sdk.Descriptor
	asked       map[string]time.Time    // when a plugin was last asked what it offers
	silent      map[string]*fault.Error // why it did not say
	places      map[string]int          // of targets, from 1; see Order
	switched    map[string]bool         // by id of a plugin or plugin.target: whether an administrator switched it off, or on
	background  event.Background
	lanes       lanes
}

// Deps is what a Share needs.
type Deps struct {
	Base   *db.Base
	Bus    *event.Bus
	Badges *badge.Badges
	Pages  *page.Pages
	Host   *host.Host
	URL    func(path string) string // absolute form of a local path
	Log    *slog.Logger

	Accounts *account.Accounts
	Keys     *secret.Keys
	Queue    *jobs.Queue
	HTTP     *http.Client                                                          // core/fetch's
	Card     func(ctx context.Context, b badge.Badge, lang string) ([]byte, error) // the drawn preview, PNG

	ProfileCard func(ctx context.Context, p account.Person, lang string) ([]byte, error) // that of a profile
}

// New makes the service.
func New(d Deps) *Share {
	s := &Share{
		base: d.Base, badges: d.Badges, pages: d.Pages, host: d.Host, url: d.URL, log: d.Log,
		descriptors: map[string]sdk.Descriptor{}, asked: map[string]time.Time{},
		silent: map[string]*fault.Error{}, switched: map[string]bool{}, places: map[string]int{},
		accounts: d.Accounts, keys: d.Keys, queue: d.Queue, card: d.Card, profileCard: d.ProfileCard,
		oauth: &oauth.Client{HTTP: d.HTTP, Clock: d.Base.Now},
	}
	d.Queue.HandleMany(jobKind, jobs.Lots{Size: 1, AtOnce: worksAtOnce}, func(ctx context.Context, tasks []*jobs.Task) error {
		return s.work(ctx, tasks[0].Payload)
	})
	d.Queue.Every("share.sweep", time.Hour, s.sweep)
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error {
		return errors.Join(deleteOfBadge(ctx, tx, e.Badge), deleteJobsOfBadge(ctx, tx, e.Badge))
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e page.Removed) error {
		return errors.Join(deleteOfPage(ctx, tx, e.Person, e.Page), deleteJobsOfPage(ctx, tx, e.Person, e.Page))
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Joined) error {
		return errors.Join(rebindShares(ctx, tx, e.From, e.Into), rebindJobs(ctx, tx, e.From, e.Into))
	})
	return s
}

// wordsKept is how long what a person wrote for a share, and to whom, is kept.
const wordsKept = 90 * 24 * time.Hour

// sweep forgets words of old shares and connections that nobody ended.
func (s *Share) sweep(ctx context.Context) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		return errors.Join(forgetWords(ctx, tx, tx.Now().Add(-wordsKept)), deleteConnectingsBefore(ctx, tx, tx.Now()))
	})
}

// Load reads which plugins an administrator switched off and asks the plugins
// that are there what they offer, in the background.
func (s *Share) Load(ctx context.Context) error {
	list, err := listSwitched(ctx, s.base.Read())
	if err != nil {
		return fmt.Errorf("read plugins: %w", err)
	}
	s.mu.Lock()
	for _, sw := range list {
		s.switched[sw.id] = sw.off
	}
	s.mu.Unlock()
	if err := s.loadOrder(ctx); err != nil {
		return fmt.Errorf("read the order of targets: %w", err)
	}
	s.look(ctx)
	return nil
}

// Close waits for what runs in the background.
func (s *Share) Close() { s.background.Wait() }

// Plugin is a plugin with what it offers. Descriptor is what it said itself, at
// its last start that succeeded, else what its plugin.yaml says; its ID is empty
// while neither is known. Status.Reason is set too when it did not say.
type Plugin struct {
	host.Status

	Off        bool // switched off by an administrator
	Descriptor sdk.Descriptor
}

// Plugins gives all plugins, bundled ones first.
func (s *Share) Plugins() []Plugin {
	list := s.host.List()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Plugin, 0, len(list))
	for _, st := range list {
		out = append(out, s.plugin(st))
	}
	return out
}

// plugin puts together what is known of one. The caller holds s.mu.
func (s *Share) plugin(st host.Status) Plugin {
	p := Plugin{Status: st, Off: s.switched[st.ID], Descriptor: s.descriptors[st.ID]}
	if p.Descriptor.ID == "" {
		p.Descriptor = st.Announced
	}
	if why := s.silent[st.ID]; p.Reason == nil && why != nil {
		p.State, p.Reason = host.Backoff, why
	}
	return p
}

// askAgain is how long a plugin that did not describe itself is left alone.
const askAgain = time.Minute

// look asks each plugin that has not described itself yet, in the background.
func (s *Share) look(ctx context.Context) {
	for _, st := range s.host.List() {
		if s.shouldAsk(st.ID) {
			s.ask(ctx, st.ID)
		}
	}
}

// ask has a plugin say what it offers. Until it does, its last word stands.
func (s *Share) ask(ctx context.Context, id string) {
	ctx = context.WithoutCancel(ctx)
	s.background.Go(s.log, "describe a plugin", func() {
		d, err := s.host.Describe(ctx, id)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			s.log.Warn("plugin does not describe itself", "plugin", id, "error", err)
			s.silent[id] = whySilent(err)
			return
		}
		s.descriptors[id] = d
		delete(s.silent, id)
	})
}

func whySilent(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.New(fault.Unavailable, "plugin.error.crashed").Wrap(err)
}

func (s *Share) shouldAsk(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.descriptors[id]
	if (known && s.silent[id] == nil) || s.switched[id] || time.Since(s.asked[id]) < askAgain {
		return false
	}
	s.asked[id] = time.Now()
	return true
}

// Settle waits until the plugins that were asked have answered.
func (s *Share) Settle() { s.background.Wait() }

// Enable switches a plugin on again, or one target of it. A plugin begins anew, whatever
// crashed before. A changed executable stays off: only the
// command `osier plugin accept` takes it, never a page. It returns a fault Conflict for a
// target that charges and whose months have no cap.
func (s *Share) Enable(ctx context.Context, id string) error {
	plugin, _, isTarget := strings.Cut(id, ".")
	if isTarget && s.knows(id) {
		if err := s.capped(ctx, id); err != nil {
			return err
		}
	}
	if err := s.setSwitch(ctx, id, false); err != nil || isTarget {
		return err
	}
	if err := s.host.Restart(plugin); err != nil {
		return err
	}
	s.mu.Lock()
	s.asked[plugin] = time.Now()
	s.mu.Unlock()
	s.ask(ctx, plugin)
	return nil
}

// Disable switches a plugin off, or one target of it ("links.xing"): it is
// offered no more.
func (s *Share) Disable(ctx context.Context, id string) error { return s.setSwitch(ctx, id, true) }

func (s *Share) setSwitch(ctx context.Context, id string, off bool) error {
	if !s.knows(id) {
		return s.unknown(id)
	}
	err := s.base.Tx(ctx, func(tx *db.Tx) error { return upsertDisabled(ctx, tx, id, off) })
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.switched[id] = off
	s.mu.Unlock()
	return nil
}

// unknown says what of id, a plugin or a target of one, is not there.
func (s *Share) unknown(id string) error {
	plugin, target, _ := strings.Cut(id, ".")
	if !s.knows(plugin) {
		return fault.New(fault.NotFound, "plugin.error.unknown").With("plugin", plugin)
	}
	return fault.New(fault.NotFound, "plugin.error.target").With("plugin", plugin).With("target", target)
}

// knows tells whether id is a plugin that is there, or a target of one.
func (s *Share) knows(id string) bool {
	plugin, target, isTarget := strings.Cut(id, ".")
	return slices.ContainsFunc(s.Plugins(), func(p Plugin) bool {
		return p.ID == plugin && (!isTarget || slices.ContainsFunc(p.Descriptor.Targets, func(t sdk.TargetInfo) bool { return t.ID == target }))
	})
}

// TargetOff tells whether target t of a plugin is not offered: an administrator
// switched it off, or it is off by itself and nobody switched it on.
func (s *Share) TargetOff(plugin string, t sdk.TargetInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.targetOff(plugin, t)
}

func (s *Share) targetOff(plugin string, t sdk.TargetInfo) bool {
	if off, said := s.switched[plugin+"."+t.ID]; said {
		return off
	}
	return t.Off
}

// TargetWaits tells whether target t of a plugin is not offered because nobody entered the
// registration (client ID) by which people connect their accounts.
func (s *Share) TargetWaits(ctx context.Context, plugin string, t sdk.TargetInfo) bool {
	if t.OAuth == nil || t.OAuth.Provision || t.OAuth.ClientMetadata {
		return false
	}
	settings, err := s.settingsOf(ctx, plugin)
	if err != nil { // it is offered then, and says what is wrong
		s.log.Warn("settings of a plugin cannot be read", "plugin", plugin, "error", err)
		return false
	}
	return settings["client_id"] == ""
}

// Target is one place a badge can be shared to.
type Target struct {
	ID       string // plugin.target
	Service  string // whose target it is, in the language asked for
	Label    string
	Instance bool // whether the person names a server
	Purpose  sdk.Purpose
	Icon     bool
	Host     string
	Kind     sdk.Kind
	Reason   *fault.Error // why it cannot be used now; nil when it can
}

// Targets gives what can be done with an item of a type, in the administrator's
// order, else that of the plugins. It asks no plugin anything.
func (s *Share) Targets(ctx context.Context, item sdk.ItemType, lang string) []Target {
	s.look(ctx)
	var out []Target
	for _, p := range s.Plugins() {
		if p.Off {
			continue
		}
		known := s.described(p.ID)
		for _, t := range p.Descriptor.Targets {
			if !slices.Contains(t.Items, item) || s.TargetOff(p.ID, t) || !known && p.Reason == nil || s.TargetWaits(ctx, p.ID, t) {
				continue // the last but one: being asked right now
			}
			target := Target{
				ID: p.ID + "." + t.ID, Service: p.Descriptor.ServiceOf(t, lang), Label: sdk.Label(t.Labels, lang, t.ID),
				Purpose: t.Purpose, Icon: t.Icon != "", Instance: t.NeedsInstance, Reason: p.Reason, Kind: t.Kind,
			}
			if len(p.Descriptor.Hosts) > 0 {
				target.Host = p.Descriptor.Hosts[0]
			}
			out = append(out, target)
		}
	}
	slices.SortStableFunc(out, func(a, b Target) int { return cmp.Compare(s.placeOf(a.ID), s.placeOf(b.ID)) })
	return out
}

func (s *Share) described(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.descriptors[id]
	return known
}

// Icon gives the SVG that a plugin gave for a target, not cleaned.
func (s *Share) Icon(plugin, target string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.descriptors[plugin].Targets {
		if t.ID == target && t.Icon != "" {
			return t.Icon, true
		}
	}
	return "", false
}

// Order is what a person asks to share.
type Order struct {
	Target   string // plugin.target
	Subject  string // Subject.Ref
	Lang     string // the person's
	Text     string // the person's own words; may be empty
	Instance string // the server, as the person typed it, for a target that needs one
}

// Do shares something public of the person's own and gives the address to send the
// person to. Both outcomes are logged.
func (s *Share) Do(ctx context.Context, person int64, o Order) (string, error) {
	sub, err := s.shareable(ctx, person, o.Subject)
	if err != nil {
		return "", err
	}
	plugin, target, ok := strings.Cut(o.Target, ".")
	if !ok || !s.offers(plugin, target, sub.Type) {
		return "", fault.New(fault.NotFound, "share.error.no_target").At(sub.Path + "/share")
	}
	item := s.item(sub, o.Lang)
	item.Text, item.Instance = o.Text, instanceOf(o.Instance)
	r, failed := s.host.Share(ctx, plugin, host.Request{Target: target, Item: item})
	row := Shared{Target: o.Target, State: StateOpened, URL: r.URL}
	if failed != nil {
		row.State, row.Detail = StateFailed, reasonOf(failed)
	}
	err = s.base.Tx(ctx, func(tx *db.Tx) error { return insertShare(ctx, tx, sub, row) })
	if failed != nil {
		return "", failed
	}
	return r.URL, err
}

func reasonOf(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	return "plugin.error.crashed"
}

// offers tells whether a target can be used now, for items of these types.
func (s *Share) offers(plugin, target string, items ...sdk.ItemType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.switched[plugin] && slices.ContainsFunc(s.descriptors[plugin].Targets, func(t sdk.TargetInfo) bool {
		takes := func(item sdk.ItemType) bool { return slices.Contains(t.Items, item) }
		return t.ID == target && !s.targetOff(plugin, t) && (len(items) == 0 || slices.ContainsFunc(items, takes))
	})
}

// instanceOf gives the host name of a server as people write it: an address, a
// name, or their own address there ("@ada@mastodon.social").
func instanceOf(typed string) string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	_, after, isURL := strings.Cut(typed, "://")
	if isURL {
		typed = after
	}
	typed, _, _ = strings.Cut(typed, "/")
	return typed[strings.LastIndexByte(typed, '@')+1:]
}

// Instance gives the server that the person shared to last with a target, "" at first.
func (s *Share) Instance(ctx context.Context, person int64, target string) (string, error) {
	address, err := lastAddress(ctx, s.base.Read(), person, target)
	if err != nil || address == "" {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("read the address of a share: %w", err)
	}
	return u.Hostname(), nil
}

// credentialID is the number that a target shows: the issuer's own where a person
// can read it, else ours.
func credentialID(b badge.Badge) string {
	if id := strings.TrimPrefix(b.WireID, "urn:uuid:"); id != "" && len(id) <= 60 && !strings.Contains(id, "://") {
		return id
	}
	return b.PublicID
}

// Shared is one share that was tried.
type Shared struct {
	Target, State, Detail, URL string

	At time.Time
}

// History gives what was shared of something, the newest first.
func (s *Share) History(ctx context.Context, sub Subject) ([]Shared, error) {
	if sub.Type != sdk.ItemBadge {
		return listSharesAbout(ctx, s.base.Read(), sub.person, sub.row(), historySize)
	}
	return listShares(ctx, s.base.Read(), sub.person, sub.badge.ID, historySize)
}
