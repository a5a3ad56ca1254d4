// Package linkedin shares to LinkedIn: by its share link (in plugin.yaml), by its "Add
// to profile" form, and as a post in the person's account (Posts API).
//
// It owns nothing; `osier plugin serve linkedin` runs it through plugins.Serve.
package linkedin

import (
	"context"
	_ "embed"
	"net/url"
	"regexp"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

const api = "https://api.linkedin.com"

const (
	digits   = `^[0-9]{1,20}$`
	short    = `^[ -~]{1,500}$`       // half an id is none
	reserved = `[\\|{}@\[\]()<>#*_~]` // means something in a post ("little text") unless escaped
)

// Plugin is what this package offers.
func Plugin() sdk.Plugin {
	auto := sdk.Target{ID: "auto", Post: post, Identify: identify, Retract: retract}
	return sdk.Plugin{Manifest: manifest, Targets: []sdk.Target{{ID: "profile", URL: profile}, auto}}
}

func profile(i sdk.Item) (string, error) {
	number, name := regexp.MustCompile(digits).FindString(i.IssuerIDs["linkedin"]), sdk.Clip(i.IssuerName, 1500, sdk.Escaped)
	if number != "" {
		name = "" // never both
	}
	year, month := sdk.YearMonth(i.Issued)
	untilYear, untilMonth := sdk.YearMonth(i.Expires)
	return sdk.Link("https://www.linkedin.com/profile/add", "startTask", "CERTIFICATION_NAME", "name", sdk.Clip(i.Title, 1500, sdk.Escaped),
		"organizationId", number, "organizationName", name, "issueYear", year, "issueMonth", month,
		"expirationYear", untilYear, "expirationMonth", untilMonth, "certUrl", i.URL, "certId", regexp.MustCompile(short).FindString(i.CredentialID)), nil
}

func identify(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	var who struct{ Sub, Name string }
	err := c.HTTP.JSON(ctx, "GET", api+"/v2/userinfo", nil, &who)
	return sdk.Account{ID: who.Sub, Name: who.Name}, err
}

func post(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	author, http := "urn:li:person:"+c.Grant.AccountID, c.HTTP.With("LinkedIn-Version", c.Settings["api_version"], "X-Restli-Protocol-Version", "2.0.0")
	article := map[string]string{"source": i.URL, "title": sdk.Clip(i.Title, 400, nil), "description": sdk.Clip(i.Description, 4000, nil)}
	if len(i.ImagePNG) > 0 {
		var up struct {
			Value struct{ UploadURL, Image string }
		}
		ask := map[string]any{"initializeUploadRequest": map[string]string{"owner": author}}
		if err := http.JSON(ctx, "POST", api+"/rest/images?action=initializeUpload", ask, &up); err != nil {
			return sdk.Posted{}, sdk.NotPosted(err)
		} else if err := http.Bytes(ctx, "PUT", up.Value.UploadURL, "image/png", i.ImagePNG, nil); err != nil {
			return sdk.Posted{}, sdk.NotPosted(err)
		}
		article["thumbnail"] = up.Value.Image
	}
	var answer sdk.Answer
	err := http.JSON(ctx, "POST", api+"/rest/posts", map[string]any{
		"author": author, "commentary": regexp.MustCompile(reserved).ReplaceAllString(i.Posting, `\$0`), "visibility": "PUBLIC", "lifecycleState": "PUBLISHED",
		"distribution": map[string]any{"feedDistribution": "MAIN_FEED"}, "content": map[string]any{"article": article},
	}, &answer)
	id := answer.Header.Get("X-Restli-Id")
	return sdk.Posted{RemoteID: id, URL: "https://www.linkedin.com/feed/update/" + id}, err
}

func retract(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
	http := c.HTTP.With("LinkedIn-Version", c.Settings["api_version"], "X-Restli-Protocol-Version", "2.0.0")
	return sdk.Gone(http.JSON(ctx, "DELETE", api+"/rest/posts/"+url.PathEscape(p.RemoteID), nil, nil))
}
