// Package twitter shares to X (Twitter) by its intent link: the person sees the
// text and the address and posts it there.
//
// It owns nothing and makes no network call; `osier plugin serve twitter` runs
// it through plugins.Serve.
package twitter

import (
	_ "embed"
	"net/url"
	"regexp"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

//go:embed icon.svg
var icon []byte

// The limit of a post and what an address takes of it, however long it is, in
// weighted characters.
const (
	maxPost = 280
	perLink = 23
)

// link is a word that becomes a link in a post; it is generous on purpose, since
// a word counted too high only shortens the text.
var link = regexp.MustCompile(`(?i)(https?://\S+|[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.\p{L}{2,})`)

// Plugin is what this package offers.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Icon: icon, Targets: []sdk.Target{{ID: "post", URL: post}}}
}

func post(i sdk.Item) (string, error) {
	text := fit(sdk.Words(i), maxPost-perLink-1) // 1 for the space before the address
	return "https://twitter.com/intent/tweet?" + url.Values{"text": {text}, "url": {i.URL}}.Encode(), nil
}

// fit cuts text to limit weighted characters. A link shorter than perLink counts
// as perLink.
func fit(text string, limit int) string {
	for _, l := range link.FindAllString(text, -1) {
		if n := weight(l); n < perLink {
			limit -= perLink - n
		}
	}
	return sdk.Clip(text, max(limit, 0), weigh)
}

func weight(text string) int {
	n := 0
	for _, r := range text {
		n += weigh(r)
	}
	return n
}

// weigh counts one for the letters of most alphabets and common punctuation and
// two for everything else (twitter-text configuration 3). A joined emoji counts
// more here than there.
func weigh(r rune) int {
	switch {
	case r <= 4351, r >= 8192 && r <= 8205, r >= 8208 && r <= 8223, r >= 8242 && r <= 8247:
		return 1
	}
	return 2
}
