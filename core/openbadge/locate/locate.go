// Package locate finds where the credential behind a badge page is.
//
// People paste the address of the page that a badge platform shows them, not
// the address of the credential. Candidates knows the addresses of some large
// platforms; InPage reads the links that a page itself gives. Both only name
// places: whoever calls fetches them, and what comes back proves itself or not.
// The package is pure, owns no tables and sends no events. Callers: core/badge
// and the command "osier verify".
//
// Specifications: Open Badges 2.0 hosted verification, OB3 §5.3 (web resource),
// HTML Living Standard (link, meta, base, script), RFC 3986 §5.
package locate

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

const (
	maxURL        = 2048    // bytes of an address, given or found
	maxCandidates = 8       // addresses named for one page
	maxPage       = 4 << 20 // bytes of a page that are read
	maxInline     = 4       // credentials taken from inside a page
	maxCredential = 1 << 20 // bytes of one of these
)

// Candidates gives the addresses at which the platform of a public badge page
// is known to hold the credential, the likeliest first. It is empty for other
// pages. Addresses are https; the page's own address is not among them.
func Candidates(pageURL string) []string {
	u := webURL(pageURL)
	if u == nil {
		return nil
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	path := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	var out []string
	for _, address := range platform(host, path) {
		out = add(out, address, pageURL)
	}
	return out
}

// webURL reads an absolute http(s) address without a password; nil for others.
func webURL(s string) *url.URL {
	s = strings.TrimSpace(s)
	if len(s) > maxURL {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return nil
	}
	return u
}

// add appends an address that is new and not the page itself.
func add(list []string, address, page string) []string {
	if len(list) >= maxCandidates || address == strings.TrimSpace(page) || slices.Contains(list, address) {
		return list
	}
	return append(list, address)
}

// isCredential tells a JSON object whose vocabulary is that of badges or of
// verifiable credentials from the other data that pages hold.
func isCredential(text []byte) bool {
	var object struct {
		Context any `json:"@context"`
	}
	if json.Unmarshal(text, &object) != nil {
		return false
	}
	list, ok := object.Context.([]any)
	if !ok {
		list = []any{object.Context}
	}
	return slices.ContainsFunc(list, func(v any) bool {
		s, _ := v.(string)
		return slices.ContainsFunc(vocabularies, func(known string) bool { return strings.HasPrefix(s, known) })
	})
}

// vocabularies begin the contexts of badges: Open Badges 1.1 to 3.0, CLR 2.0, VC 1.1 and 2.0.
var vocabularies = []string{
	"https://w3id.org/openbadges/", "https://purl.imsglobal.org/spec/ob/", "https://purl.imsglobal.org/spec/clr/",
	"https://www.w3.org/2018/credentials/", "https://www.w3.org/ns/credentials/",
}
