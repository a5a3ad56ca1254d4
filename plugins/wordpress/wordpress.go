// Package wordpress is the share plugin that publishes a post on a person's own
// WordPress, with an application password of theirs (WordPress REST API v2).
//
// It owns no table and no event; plugins and the host start it.
package wordpress

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

var (
	//go:embed plugin.yaml
	manifest []byte
	//go:embed icon.svg
	icon []byte
)

// Plugin makes the plugin.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Icon: icon, Targets: []sdk.Target{{
		ID: "post", Post: post, Resume: resume, Identify: identify, Retract: retract,
	}}}
}

// entry is a post as the API answers it.
type entry struct {
	ID     int64  `json:"id"`
	Link   string `json:"link"`
	Status string `json:"status"`
}

func (e entry) posted() sdk.Posted {
	p := sdk.Posted{RemoteID: strconv.FormatInt(e.ID, 10)}
	if e.Status == "publish" && strings.HasPrefix(e.Link, "https://") {
		p.URL = e.Link
	}
	return p
}

func post(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	s, err := siteOf(c)
	if err != nil {
		return sdk.Posted{}, err
	}
	made := entry{}
	err = s.ask(ctx, question{method: http.MethodPost, path: "posts", in: map[string]any{
		"title": i.Title, "content": content(i), "status": status(c), "slug": slug(c.Key),
	}}, &made)
	return made.posted(), err
}

// status is what becomes of the post.
func status(c *sdk.Call) string {
	switch s := c.Options["status"]; s {
	case "draft", "private":
		return s
	default:
		return "publish"
	}
}

// slug is the post's name in addresses: made of the key, so that a post whose answer
// was lost can be found.
func slug(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "badge-" + hex.EncodeToString(sum[:6])
}

// content is the words and a link, as blocks. Everything is escaped: WordPress lets
// an editor's HTML through.
func content(i sdk.Item) string {
	var b strings.Builder
	words := strings.TrimSpace(strings.TrimSuffix(i.Posting, i.URL))
	for paragraph := range strings.SplitSeq(words, "\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			fmt.Fprintf(&b, "<!-- wp:paragraph -->\n<p>%s</p>\n<!-- /wp:paragraph -->\n", text(paragraph))
		}
	}
	about := text(i.Title)
	if i.IssuerName != "" {
		about += " – " + text(i.IssuerName)
	}
	fmt.Fprintf(&b, "<!-- wp:paragraph -->\n<p><a href=\"%s\">%s</a></p>\n<!-- /wp:paragraph -->\n", html.EscapeString(i.URL), about)
	return b.String()
}

// text escapes what people type. The brackets of shortcodes are escaped too.
func text(s string) string {
	return strings.NewReplacer("[", "&#91;", "]", "&#93;").Replace(html.EscapeString(s))
}

// resume looks for the post of a share whose answer was lost, whatever became of it.
func resume(ctx context.Context, c *sdk.Call, _ sdk.Item, _ string) (sdk.Posted, error) {
	s, err := siteOf(c)
	if err != nil {
		return sdk.Posted{}, err
	}
	var found []entry
	query := url.Values{"slug": {slug(c.Key)}, "status": {"publish,draft,private,pending,future"}, "context": {"edit"}}
	if err := s.ask(ctx, question{method: http.MethodGet, path: "posts", query: query}, &found); err != nil {
		if sdk.CodeOf(err) == sdk.Retry { // here it means that the post is surely not there
			return sdk.Posted{}, sdk.Failure{Code: sdk.Uncertain, Detail: err.Error()}
		}
		return sdk.Posted{}, err
	}
	if len(found) == 0 {
		return sdk.Posted{}, sdk.Failure{Code: sdk.Retry}
	}
	return found[0].posted(), nil
}

func identify(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	s, err := siteOf(c)
	if err != nil {
		return sdk.Account{}, err
	}
	var me struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
		Link string `json:"link"`
	}
	if err := s.ask(ctx, question{method: http.MethodGet, path: "users/me"}, &me); err != nil {
		return sdk.Account{}, err
	}
	a := sdk.Account{ID: s.name() + "#" + strconv.FormatInt(me.ID, 10), Name: me.Name + ", " + s.name()}
	if strings.HasPrefix(me.Link, "https://") {
		a.URL = me.Link
	}
	return a, nil
}

// retract moves the post to the bin, from which its author can take it back. A site
// without a bin (501) deletes it.
func retract(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
	s, err := siteOf(c)
	if err != nil {
		return err
	}
	q := question{method: http.MethodDelete, path: "posts/" + url.PathEscape(p.RemoteID)}
	err = s.ask(ctx, q, &entry{})
	if statusOf(err) == http.StatusNotImplemented {
		q.query = url.Values{"force": {"true"}}
		err = s.ask(ctx, q, &entry{})
	}
	return sdk.Gone(err)
}
