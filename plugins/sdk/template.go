package sdk

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a variable in an address, in bytes when percent-encoded: together
// they leave room in the 8000 bytes that the host takes.
const (
	maxWord = 1200
	maxText = 3600
)

var variable = lazily(`\{[^{}]*\}`)

// variables gives the value of each name in an address of t for i.
func (t ManifestTarget) variables(i Item) map[string]string {
	word := func(s string) string { return Clip(Plain(s), maxWord, Escaped) }
	return map[string]string{
		"url": i.URL, "image_url": i.ImageURL, "instance": i.Instance, "lang": i.Lang,
		"title": word(i.Title), "description": word(i.Description), "issuer": word(i.IssuerName),
		"tags": word(strings.Join(i.Tags, ",")), "text": t.fit(Words(i), 0), "text_url": t.withURL(i),
	}
}

// withURL is the words and the address; the words give way.
func (t ManifestTarget) withURL(i Item) string {
	return strings.TrimSpace(t.fit(Words(i), utf8.RuneCountInString(i.URL)+1) + " " + i.URL)
}

func (t ManifestTarget) fit(text string, taken int) string {
	if t.Max > 0 {
		text = Clip(text, max(t.Max-taken, 0), nil)
	}
	return Clip(text, maxText, Escaped)
}

// address fills t's URL for i.
func (t ManifestTarget) address(i Item) string {
	values := t.variables(i)
	return variable().ReplaceAllStringFunc(t.URL, func(v string) string { return escape(values[v[1:len(v)-1]]) })
}

// escape encodes a text for any place of an address. A space is %20: not every
// service takes + for one.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// check tells what is wrong with the address of t. It is filled for a sample, so
// that what people type can never be its scheme or its host.
func (t ManifestTarget) check(hosts []string) error {
	var faults []error
	bad := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("target %q: "+format, append([]any{t.ID}, args...)...))
	}
	known := t.variables(Item{})
	for _, v := range variable().FindAllString(t.URL, -1) {
		if _, ok := known[v[1:len(v)-1]]; !ok {
			bad("url has the variable %s, which is not known", v)
		}
	}
	if strings.Contains(t.URL, "{instance}") != t.Instance {
		bad("instance: true and {instance} in the url belong together")
	}
	sample := Item{URL: "https://passport.example/b/1", Title: "x/y", Instance: "instance.example"}
	u, err := url.Parse(t.address(sample))
	switch {
	case err != nil || strings.ContainsAny(variable().ReplaceAllString(t.URL, ""), "{} \\"):
		bad("url is not an address")
	case u.Scheme == "mailto":
	case u.Scheme != "https" || !slices.Contains(append(hosts, sample.Instance), u.Host):
		bad("url does not begin with https:// and one of the hosts")
	}
	if t.Max < 0 || t.Colour != "" && !validColour(t.Colour) {
		bad("max is negative, or colour is not like #1a2b3c")
	}
	return errors.Join(faults...)
}

// Words are the person's own words for i, else its title and who issued it.
func Words(i Item) string {
	if text := strings.TrimSpace(i.Text); text != "" {
		return text
	}
	if i.IssuerName != "" {
		return i.Title + " – " + i.IssuerName
	}
	return i.Title
}

// icon is the first letter of the service in its colour; empty without a colour.
func (t ManifestTarget) icon() string {
	letter, _ := utf8.DecodeRuneInString(t.Service)
	if !validColour(t.Colour) || !unicode.IsLetter(letter) {
		return ""
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="%s"/>`+
		`<text x="12" y="17" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="14" fill="#fff">%c</text></svg>`,
		t.Colour, unicode.ToUpper(letter))
}
