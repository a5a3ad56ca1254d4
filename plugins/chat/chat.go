// Package chat is the share plugin for rooms where people talk: incoming webhooks
// of Slack and Discord, Workflows of Microsoft Teams, rooms of Matrix.
//
// It owns no table and no event; plugins and the host start it.
package chat

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

// Plugin makes the plugin.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Targets: []sdk.Target{
		{ID: "slack", Post: slack, Identify: identifySlack},
		{ID: "discord", Post: discord, Identify: identifyDiscord, Retract: retractDiscord},
		{ID: "teams", Post: teams, Identify: identifyTeams},
		{ID: "matrix", Post: matrix, Identify: identifyMatrix, Retract: retractMatrix},
	}}
}

// webhook gives the address that the person saved, when it is on one of the hosts
// (any host, when there are none) and begins with a path as the service makes them.
func webhook(c *sdk.Call, path string, hosts ...string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(c.Grant.Fields["webhook"]))
	if err != nil || u.Host == "" || u.User != nil || !strings.HasPrefix(u.Path, path) ||
		len(hosts) > 0 && (u.Scheme != "https" || !slices.Contains(hosts, strings.ToLower(u.Host))) {
		return nil, sdk.Failure{Code: sdk.Rejected, Key: "address"}
	}
	return u, nil
}

// named is the account of a webhook that nobody can be asked about.
func named(u *url.URL, name string) sdk.Account {
	sum := sha256.Sum256([]byte(u.Host + u.Path))
	return sdk.Account{ID: hex.EncodeToString(sum[:16]), Name: name}
}

// withKey gives err a text of the plugin, and another code when that is not empty,
// where it is a Failure with one of the statuses.
func withKey(err error, key string, code sdk.Code, statuses ...int) error {
	var f sdk.Failure
	if !errors.As(err, &f) || !slices.Contains(statuses, f.Status) {
		return err
	}
	f.Key = key
	if code != "" {
		f.Code = code
	}
	return f
}

// webhookGone: what a deleted webhook answers ends the connection.
func webhookGone(err error) error {
	return withKey(err, "gone", sdk.Disconnect, http.StatusNotFound, http.StatusGone)
}

func slackWebhook(c *sdk.Call) (*url.URL, error) {
	return webhook(c, "/services/", "hooks.slack.com")
}

// slackText escapes the three characters with which Slack begins links and
// mentions (formatting of text for app surfaces).
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slack answers a plain "ok" and no number: what was sent cannot be found again.
func slack(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	u, err := slackWebhook(c)
	if err != nil {
		return sdk.Posted{}, err
	}
	message := map[string]any{"text": slackText.Replace(i.Posting), "unfurl_links": true}
	err = c.HTTP.JSON(ctx, http.MethodPost, u.String(), message, nil)
	err = withKey(err, "archived", "", http.StatusForbidden)
	return sdk.Posted{}, webhookGone(err)
}

func identifySlack(_ context.Context, c *sdk.Call) (sdk.Account, error) {
	u, err := slackWebhook(c)
	if err != nil {
		return sdk.Account{}, err
	}
	team, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/services/"), "/")
	return named(u, "Slack "+sdk.Clip(sdk.Plain(team), 20, nil)), nil
}
