package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/oauth"
	"github.com/osier-passport/osier/plugins/sdk"
)

const metadataPath = "/oauth/client-metadata.json"

func appAAD(target, instance string) []byte {
	return fmt.Appendf(nil, "share/app|%s|%s", target, instance)
}

// app gives our registration for a target, with one server where there are many.
// It returns a fault Unavailable when an administrator has not set one up.
func (s *Share) app(ctx context.Context, target string, t sdk.TargetInfo, instance string) (oauth.App, error) {
	if t.OAuth.Provision {
		return s.provisioned(ctx, target, t, instance)
	}
	plugin, _, _ := strings.Cut(target, ".")
	settings, err := s.settingsOf(ctx, plugin)
	if err != nil {
		return oauth.App{}, err
	}
	a := s.fill(t, instance, host.App{ClientID: settings["client_id"], ClientSecret: settings["client_secret"]})
	if a.ClientID == "" {
		return a, fault.New(fault.Unavailable, "share.error.no_client")
	}
	return a, nil
}

// fill completes a registration with what the descriptor says.
func (s *Share) fill(t sdk.TargetInfo, instance string, given host.App) oauth.App {
	or := func(a, b string) string {
		if a == "" {
			a = strings.ReplaceAll(b, "{instance}", instance)
		}
		return a
	}
	a := oauth.App{
		ClientID: given.ClientID, ClientSecret: given.ClientSecret, Auth: t.OAuth.ClientAuth, Issuer: given.Issuer,
		AuthorizeURL: or(given.AuthorizeURL, t.OAuth.AuthorizeURL), TokenURL: or(given.TokenURL, t.OAuth.TokenURL),
		RevokeURL: or(given.RevokeURL, t.OAuth.RevokeURL), PARURL: or(given.PARURL, t.OAuth.PARURL),
		Scopes: t.OAuth.Scopes, DPoP: t.OAuth.DPoP, RedirectURI: s.url(callbackPath),
	}
	if t.OAuth.ClientMetadata {
		a.ClientID, a.Auth = s.url(metadataPath), oauth.AuthNone
	}
	return a
}

// appFor is how long a registration with a server serves new connections. Servers
// forget registrations, and tell it to who was sent there, not to us; accounts that
// are connected keep the one they came by.
const appFor = 24 * time.Hour

// provisioned gives the registration with one server, made at the first time of a day.
func (s *Share) provisioned(ctx context.Context, target string, t sdk.TargetInfo, instance string) (oauth.App, error) {
	sealed, err := getApp(ctx, s.base.Read(), target, instance, s.base.Now().Add(-appFor))
	if errors.Is(err, db.ErrNotFound) {
		return s.provision(ctx, target, t, instance)
	}
	if err != nil {
		return oauth.App{}, err
	}
	var a oauth.App
	text, err := s.keys.Open(sealed, appAAD(target, instance))
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil || a.RedirectURI != s.url(callbackPath) { // sealed by another key, or we moved
		return s.provision(ctx, target, t, instance)
	}
	return a, nil
}

// provision registers us with one server.
func (s *Share) provision(ctx context.Context, target string, t sdk.TargetInfo, instance string) (oauth.App, error) {
	plugin, name, _ := strings.Cut(target, ".")
	settings, err := s.settingsOf(ctx, plugin)
	if err != nil {
		return oauth.App{}, err
	}
	site, err := s.accounts.Site(ctx)
	if err != nil {
		return oauth.App{}, err
	}
	given, err := s.host.Provision(ctx, plugin, host.Registration{
		Target: name, Instance: instance, RedirectURI: s.url(callbackPath), ClientName: site.Name, Website: s.url("/"), Settings: settings,
	})
	if err != nil {
		f := host.AsFailure(err)
		if f.Cause != nil {
			return oauth.App{}, fault.New(fault.Unavailable, "share.error.provision").With("instance", instance).Wrap(f.Cause)
		}
		return oauth.App{}, fault.New(fault.Unavailable, "share.error.provision").With("instance", instance).Wrap(err)
	}
	a := s.fill(t, instance, given)
	if a.ClientID == "" || a.AuthorizeURL == "" || a.TokenURL == "" {
		return a, fault.New(fault.Unavailable, "share.error.provision").With("instance", instance)
	}
	text, err := json.Marshal(a) //nolint:gosec // it is sealed two lines below
	if err != nil {
		return a, fmt.Errorf("seal a registration: %w", err)
	}
	return a, s.base.Tx(ctx, func(tx *db.Tx) error {
		return upsertApp(ctx, tx, target, instance, s.keys.Seal(text, appAAD(target, instance)))
	})
}

// forgetApp has the next connection register anew.
func (s *Share) forgetApp(ctx context.Context, target, instance string) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error { return deleteApp(ctx, tx, target, instance) })
}
