package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// siteAge is how long settings are believed without asking: what is changed on one
// replica holds on every other one within a second.
const siteAge = 500 * time.Millisecond

// Names of settings.
const (
	settingName     = "site.name"
	settingTagline  = "site.tagline"
	settingAbout    = "site.about"
	settingLanguage = "site.language"
	settingExplore  = "site.explore"
	settingAge      = "site.age"
	settingAgeSince = "site.age_since"
	settingJoining  = "site.signup"
	settingAllow    = "site.signup.allow"
	settingInvite   = "site.signup.members_invite"
)

const (
	taglineMax = 160  // characters
	siteMax    = 8000 // characters of the about page
)

// Settings are what administrators choose for the site.
type Settings struct {
	Name     string
	Tagline  string
	About    string // Markdown
	Language string // of mails to people who chose none
	Explore  bool   // visitors see the community
	Joining  string // who may join: JoinOpen, JoinListed, JoinInvited, JoinClosed

	AllowList     []string // addresses and domains, in lower case
	MembersInvite bool     // not administrators alone

	Age      int       // below which people who join need a guardian; 0: nobody is asked
	AgeSince time.Time // when that was switched on

	texts textStates
}

// SignUp reports whether visitors can do something to join.
func (s Settings) SignUp() bool { return s.Joining == JoinOpen || s.Joining == JoinListed }

type siteCache struct {
	mu     sync.Mutex
	value  Settings
	at     time.Time
	change int64 // db.Base.Changes when they were read
}

// Settings gives the settings of the site, at most siteAge old and never older than
// the change that db.Base.Changes tells of: a page that is kept until the next one
// (web.Kept) is drawn by them.
func (a *Accounts) Settings(ctx context.Context) (Settings, error) {
	now := time.Now()
	change, known := a.base.Changes(ctx)
	a.site.mu.Lock()
	s, at, before := a.site.value, a.site.at, a.site.change
	a.site.mu.Unlock()
	if known && change == before && !at.IsZero() && now.Sub(at) < siteAge {
		return s, nil
	}
	s, err := a.settingsIn(ctx, a.base.Read())
	if err != nil {
		return Settings{}, err
	}
	a.site.mu.Lock()
	a.site.value, a.site.at, a.site.change = s, now, change
	a.site.mu.Unlock()
	return s, nil
}

// settingsIn reads the settings past the cache.
func (a *Accounts) settingsIn(ctx context.Context, d db.DB) (Settings, error) {
	m, err := settings(ctx, d)
	if err != nil {
		return Settings{}, err
	}
	s := Settings{
		Name: m[settingName], Tagline: m[settingTagline], About: m[settingAbout], Language: m[settingLanguage],
		Explore: m[settingExplore] != "members", Joining: m[settingJoining],
		AllowList: strings.Fields(m[settingAllow]), MembersInvite: m[settingInvite] == "yes",
	}
	if s.Joining == "" {
		s.Joining = JoinOpen
	}
	if s.Age, s.AgeSince, err = ageOf(m); err != nil {
		return Settings{}, err
	}
	if s.texts, err = a.readTexts(ctx, d); err != nil {
		return Settings{}, err
	}
	if s.Name == "" {
		s.Name = "Osier"
	}
	if s.Language == "" {
		s.Language = a.catalogue.Language(a.config.Language).Code
	}
	return s, nil
}

// Change keeps new settings. It returns FieldErrors (name, tagline, about, language).
func (a *Accounts) Change(ctx context.Context, s Settings) error {
	s, err := a.checkSettings(s)
	if err != nil {
		return err
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error { return a.keep(ctx, tx, s) })
}

func (a *Accounts) checkSettings(s Settings) (Settings, error) {
	wrong := FieldErrors{}
	var err error
	s.Name, err = parseName(s.Name)
	wrong.add("name", err)
	s.Tagline, s.About = cleanText(s.Tagline, false), cleanText(s.About, true)
	if len([]rune(s.Tagline)) > taglineMax {
		wrong["tagline"] = "account.error.tagline.long"
	}
	if len([]rune(s.About)) > siteMax {
		wrong["about"] = "account.error.about.long"
	}
	if s.Joining == "" {
		s.Joining = JoinClosed
	}
	if !slices.Contains([]string{JoinOpen, JoinListed, JoinInvited, JoinClosed}, s.Joining) {
		wrong["joining"] = "account.error.choice"
	}
	if s.Language != "" && !a.catalogue.Has(s.Language) {
		wrong["language"] = "account.error.language"
	}
	return s, wrong.orNil()
}

// keep writes settings that are checked, and forgets the cached ones.
func (a *Accounts) keep(ctx context.Context, tx *db.Tx, s Settings) error {
	choice := func(yes bool, a, b string) string {
		if yes {
			return a
		}
		return b
	}
	for name, value := range map[string]string{
		settingName: s.Name, settingTagline: s.Tagline, settingAbout: s.About, settingLanguage: s.Language,
		settingExplore: choice(s.Explore, "open", "members"), settingJoining: s.Joining,
		settingAllow: strings.Join(s.AllowList, "\n"), settingInvite: choice(s.MembersInvite, "yes", "no"),
	} {
		if err := setSetting(ctx, tx, name, value); err != nil {
			return err
		}
	}
	tx.After(a.forgetSite)
	return nil
}

// forgetSite makes the next question read the settings anew.
func (a *Accounts) forgetSite() {
	a.site.mu.Lock()
	defer a.site.mu.Unlock()
	a.site.at = time.Time{}
}

const ageMax = 25 // years

// SetAge says below which age people who join need a guardian; 0 asks nobody. It
// returns FieldErrors (age). Only administrators may call it.
func (a *Accounts) SetAge(ctx context.Context, years int) error {
	if years < 0 || years > ageMax {
		return FieldErrors{"age": "age.error.years"}
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		now, err := a.settingsIn(ctx, tx)
		if err != nil {
			return err
		}
		if now.Age == 0 {
			if err := setSetting(ctx, tx, settingAgeSince, strconv.FormatInt(db.Micros(tx.Now()), 10)); err != nil {
				return err
			}
		}
		tx.After(a.forgetSite)
		return setSetting(ctx, tx, settingAge, strconv.Itoa(years))
	})
}

// ageOf reads the settings of the question for the age.
func ageOf(m map[string]string) (years int, since time.Time, err error) {
	if m[settingAge] == "" {
		return 0, time.Time{}, nil
	}
	if years, err = strconv.Atoi(m[settingAge]); err != nil {
		return 0, time.Time{}, fmt.Errorf("read the setting %s: %w", settingAge, err)
	}
	at, err := strconv.ParseInt(m[settingAgeSince], 10, 64)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("read the setting %s: %w", settingAgeSince, err)
	}
	return years, db.Time(at), nil
}

// Site gives the settings in the form of the frame (web.Options.Site).
func (a *Accounts) Site(ctx context.Context) (web.Site, error) {
	s, err := a.Settings(ctx)
	return web.Site{
		Name: s.Name, Tagline: s.Tagline, Explore: s.Explore, SignUp: s.SignUp(), Invite: s.MembersInvite && s.Joining != JoinClosed,
		Terms: s.texts.terms.version > 0, Privacy: s.texts.privacy.version > 0,
	}, err
}
