package mastodon

import (
	"context"
	"html"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

// The public posts that are looked through after a lost answer.
const (
	pageOfPosts = 40
	lookBack    = 24 * time.Hour
)

// resume looks among the account's public posts of the last day for one that leads
// to the item. The scopes let nobody read more, so that a post for followers stays
// uncertain, as does a page of posts that does not reach back far enough.
func resume(ctx context.Context, c *sdk.Call, i sdk.Item, _ string) (sdk.Posted, error) {
	unsure := sdk.Failure{Code: sdk.Uncertain, Key: "cannot-look"}
	if c.Options["visibility"] == "private" {
		return sdk.Posted{}, unsure
	}
	var found []status
	address := api(c) + "/v1/accounts/" + url.PathEscape(c.Grant.AccountID) + "/statuses?exclude_replies=true&exclude_reblogs=true&limit=40"
	if err := sdk.NewClient().JSON(ctx, "GET", address, nil, &found); err != nil {
		return sdk.Posted{}, unsure
	}
	recent := 0
	for _, s := range found {
		at, err := time.Parse(time.RFC3339, s.Created)
		if err != nil || time.Since(at) > lookBack {
			continue
		}
		recent++
		if strings.Contains(s.Content, `href="`+html.EscapeString(i.URL)+`"`) {
			return sdk.Posted{RemoteID: s.ID, URL: s.URL}, nil
		}
	}
	if recent >= pageOfPosts {
		return sdk.Posted{}, unsure
	}
	return sdk.Posted{}, sdk.Failure{Code: sdk.Retry, Key: "not-there"}
}
