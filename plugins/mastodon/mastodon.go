// Package mastodon shares to the person's own Mastodon server: by its share page,
// and as a post in the person's account (API of Mastodon 4.3 and later).
//
// It owns nothing; `osier plugin serve mastodon` runs it through plugins.Serve.
package mastodon

import (
	"context"
	_ "embed"
	"net/url"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

// scopes are those of plugin.yaml, as the registration wants them.
const scopes = "profile write:statuses write:media"

// Plugin is what this package offers.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Targets: []sdk.Target{{
		ID: "auto", Post: post, Resume: resume, Identify: identify, Retract: retract, Disconnect: disconnect, Provision: provision,
	}}}
}

// provision registers the passport with a server (POST /api/v1/apps).
func provision(ctx context.Context, c *sdk.Call, r sdk.Registration) (sdk.OAuthApp, error) {
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	err := c.HTTP.Form(ctx, "https://"+r.Instance+"/api/v1/apps", url.Values{
		"client_name": {r.ClientName}, "redirect_uris": {r.RedirectURI}, "scopes": {scopes}, "website": {r.Website},
	}, &app)
	if err == nil && app.ID == "" {
		err = sdk.Failure{Code: sdk.Rejected, Key: "no-mastodon"}
	}
	return sdk.OAuthApp{ClientID: app.ID, ClientSecret: app.Secret}, err
}

// identify asks whose token it is. A server that forbids that shut the person out.
func identify(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	c.HTTP.Forbidden = sdk.Disconnect
	var who struct{ ID, Username, URL string }
	err := c.HTTP.JSON(ctx, "GET", api(c)+"/v1/accounts/verify_credentials", nil, &who)
	return sdk.Account{ID: who.ID, Name: "@" + who.Username + "@" + c.Grant.Instance, URL: who.URL}, err
}

type status struct {
	ID      string `json:"id"`
	URL     string `json:"url"`
	Created string `json:"created_at"`
	Content string `json:"content"` // HTML
}

// post uploads the card where it is wanted, then posts. The server takes the same
// key once within an hour.
func post(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	c.HTTP.Forbidden = sdk.Disconnect
	in := map[string]any{"status": i.Posting, "visibility": c.Options["visibility"], "language": i.Lang}
	if len(i.ImagePNG) > 0 && c.Options["preview"] == "picture" {
		id, err := upload(ctx, c, i)
		if err != nil {
			return sdk.Posted{}, sdk.NotPosted(err)
		}
		in["media_ids"] = []string{id}
	}
	var s status
	err := c.HTTP.With("Idempotency-Key", c.Key).JSON(ctx, "POST", api(c)+"/v1/statuses", in, &s)
	return sdk.Posted{RemoteID: s.ID, URL: s.URL}, err
}

func retract(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
	return sdk.Gone(c.HTTP.JSON(ctx, "DELETE", api(c)+"/v1/statuses/"+url.PathEscape(p.RemoteID), nil, nil))
}

func disconnect(ctx context.Context, c *sdk.Call) error {
	return c.HTTP.Form(ctx, "https://"+c.Grant.Instance+"/oauth/revoke", url.Values{
		"client_id": {c.Grant.ClientID}, "client_secret": {c.Grant.ClientSecret}, "token": {c.Grant.AccessToken},
	}, nil)
}

func api(c *sdk.Call) string { return "https://" + c.Grant.Instance + "/api" }
