// Package linkedin shares to LinkedIn by link: as a post, and by LinkedIn's own
// "Add to profile" form filled in from the badge.
//
// It owns nothing and makes no network call; `osier plugin serve linkedin` runs
// it through plugins.Serve.
package linkedin

import (
	_ "embed"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

//go:embed icon.svg
var icon []byte

// maxText bounds a text in an address, in bytes when encoded.
const maxText = 1500

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

// Plugin is what this package offers.
func Plugin() sdk.Plugin {
	return sdk.Plugin{
		Manifest: manifest,
		Icon:     icon,
		Targets:  []sdk.Target{{ID: "post", URL: post}, {ID: "profile", URL: profile}},
	}
}

// post takes the address alone: LinkedIn reads title, text and picture from the
// page's own tags.
func post(i sdk.Item) (string, error) {
	return "https://www.linkedin.com/sharing/share-offsite/?" + url.Values{"url": {i.URL}}.Encode(), nil
}

// profile fills the certification form. The issuer goes by its LinkedIn number
// where it is known, else by its name, never both.
func profile(i sdk.Item) (string, error) {
	q := url.Values{
		"startTask": {"CERTIFICATION_NAME"},
		"name":      {sdk.Clip(i.Title, maxText, sdk.Escaped)},
		"certUrl":   {i.URL},
	}
	if number := i.IssuerIDs["linkedin"]; digits.MatchString(number) {
		q.Set("organizationId", number)
	} else if i.IssuerName != "" {
		q.Set("organizationName", sdk.Clip(i.IssuerName, maxText, sdk.Escaped))
	}
	setMonth(q, "issue", i.Issued)
	setMonth(q, "expiration", i.Expires)
	if i.CredentialID != "" && len(i.CredentialID) <= maxText/3 { // half an id is none
		q.Set("certId", i.CredentialID)
	}
	return "https://www.linkedin.com/profile/add?" + q.Encode(), nil
}

// setMonth sets year and month (1 to 12, no leading zero), or nothing.
func setMonth(q url.Values, prefix string, t time.Time) {
	if t.IsZero() {
		return
	}
	t = t.UTC()
	q.Set(prefix+"Year", strconv.Itoa(t.Year()))
	q.Set(prefix+"Month", strconv.Itoa(int(t.Month())))
}
