// Package twitter shares to X (Twitter): by its intent link, where the person posts
// themselves, and as a post in the person's account (API v2), which X charges for.
//
// It owns nothing; `osier plugin serve twitter` runs it through plugins.Serve.
package twitter

import (
	"context"
	_ "embed"
	"net/url"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

//go:embed icon.svg
var icon []byte

const api = "https://api.x.com/2"

// words is what a post has beside its address, which takes 23, and the space before it.
var words = sdk.Limits{MaxChars: 280 - 23 - 1, Count: sdk.CountXWeighted}

// Plugin is what this package offers.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Icon: icon, Targets: []sdk.Target{
		{ID: "post", URL: link}, {ID: "auto", Post: post, Identify: identify, Retract: retract},
	}}
}

func link(i sdk.Item) (string, error) {
	text := sdk.Clip(words.Fit(sdk.Words(i)), 5000, sdk.Escaped) // of an address of 8000
	return sdk.Link("https://twitter.com/intent/tweet", "text", text, "url", i.URL), nil
}

func identify(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	var who struct{ Data struct{ ID, Username string } }
	err := c.HTTP.JSON(ctx, "GET", api+"/users/me", nil, &who)
	return sdk.Account{ID: who.Data.ID, Name: "@" + who.Data.Username, URL: "https://x.com/" + url.PathEscape(who.Data.Username)}, err
}

// post sends the text alone: X draws the card from the page's own tags, and a
// picture would take its place.
func post(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	var out struct{ Data struct{ ID string } }
	err := c.HTTP.JSON(ctx, "POST", api+"/tweets", map[string]string{"text": i.Posting}, &out)
	return sdk.Posted{RemoteID: out.Data.ID, URL: "https://x.com/i/status/" + out.Data.ID}, err
}

func retract(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
	return sdk.Gone(c.HTTP.JSON(ctx, "DELETE", api+"/tweets/"+url.PathEscape(p.RemoteID), nil, nil))
}
