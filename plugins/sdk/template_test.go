package sdk_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/osier-passport/osier/plugins/sdk"
)

// written is a plugin that is plugin.yaml alone.
func written(target string) sdk.Plugin {
	return sdk.Plugin{Manifest: fmt.Appendf(nil, `id: yard
version: 1.0.0
hosts: [yard.example]
targets: [{id: post, %s}]
i18n: {en: {name: Yard, post: Post}}
`, target)}
}

func TestAddressWithVariables(t *testing.T) {
	item := sdk.Item{
		URL: "https://passport.example/b/7Kx?a=1&b=2", Title: "C++ & é", IssuerName: "Open School", Description: "50 % more",
		Tags: []string{"go", "sql"}, ImageURL: "https://passport.example/c.png", Lang: "fr", Instance: "yard.example",
	}
	tests := []struct{ name, target, want string }{
		{"words", `url: "https://yard.example/?t={text}"`, "https://yard.example/?t=C%2B%2B%20%26%20%C3%A9%20%E2%80%93%20Open%20School"},
		{
			"all", `url: "https://yard.example/{lang}?a={title}&b={issuer}&c={tags}&d={description}&e={image_url}"`,
			"https://yard.example/fr?a=C%2B%2B%20%26%20%C3%A9&b=Open%20School&c=go%2Csql&d=50%20%25%20more&e=https%3A%2F%2Fpassport.example%2Fc.png",
		},
		{
			"both", `url: "https://yard.example/?t={text_url}"`,
			"https://yard.example/?t=C%2B%2B%20%26%20%C3%A9%20%E2%80%93%20Open%20School%20https%3A%2F%2Fpassport.example%2Fb%2F7Kx%3Fa%3D1%26b%3D2",
		},
		{
			"the words give way", `max: 43, url: "https://yard.example/?t={text_url}"`,
			"https://yard.example/?t=C%2B%2B%E2%80%A6%20https%3A%2F%2Fpassport.example%2Fb%2F7Kx%3Fa%3D1%26b%3D2",
		},
		{
			"no room for words", `max: 10, url: "https://yard.example/?t={text_url}"`,
			"https://yard.example/?t=https%3A%2F%2Fpassport.example%2Fb%2F7Kx%3Fa%3D1%26b%3D2",
		},
		{"server", `instance: true, url: "https://{instance}/share?u={url}"`, "https://yard.example/share?u=https%3A%2F%2Fpassport.example%2Fb%2F7Kx%3Fa%3D1%26b%3D2"},
		{"letter", `url: "mailto:?subject={title}"`, "mailto:?subject=C%2B%2B%20%26%20%C3%A9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := written(tt.target)
			if _, err := p.Descriptor(); err != nil {
				t.Fatal(err)
			}
			got, err := p.Address("post", item)
			if err != nil || got != tt.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, tt.want)
			}
		})
	}
}

func TestAddressFaults(t *testing.T) {
	tests := []struct{ name, target, want string }{
		{"unknown", `url: "https://yard.example/?t={titel}"`, "{titel}"},
		{"another host", `url: "https://elsewhere.example/?t={title}"`, "one of the hosts"},
		{"host of words", `url: "https://{title}.yard.example/"`, "not an address"},
		{"scheme of words", `url: "{title}://yard.example/"`, "not an address"},
		{"user", `url: "https://yard.example@elsewhere.example/"`, "one of the hosts"},
		{"script", `url: "javascript:alert({title})"`, "https"},
		{"not protected", `url: "http://yard.example/"`, "https"},
		{"open brace", `url: "https://yard.example/{url"`, "not an address"},
		{"instance without a word", `url: "https://{instance}/"`, "belong together"},
		{"a word without instance", `instance: true, url: "https://yard.example/"`, "belong together"},
		{"colour", `colour: red, url: "https://yard.example/"`, "colour"},
		{"max", `max: -1, url: "https://yard.example/"`, "max"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := written(tt.target).Descriptor()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAddressOfNothing(t *testing.T) {
	if _, err := written(`url: "https://yard.example/"`).Address("pots", sdk.Item{}); err == nil {
		t.Error("a target that does not exist has an address")
	}
}

// FuzzAddress: whatever people typed, the address stays on its host, in the
// characters of addresses, and short; and it holds the badge's address whole.
func FuzzAddress(f *testing.F) {
	f.Add("C++ & é", "School", "go", 300)
	f.Add("\"><script>\r\n\u202e", "{url}", "\xff", 0)
	f.Add(strings.Repeat("👩\u200d👩\u200d👧", 400), "", "", 1)
	f.Fuzz(func(t *testing.T, title, issuer, tag string, limit int) {
		p := written(fmt.Sprintf(`max: %d, url: "https://yard.example/{lang}?a={text_url}&b={title}&c={issuer}&d={tags}"`, max(limit, 0)%100000))
		item := sdk.Item{URL: "https://passport.example/b/7Kx", Title: title, IssuerName: issuer, Tags: []string{tag}, Lang: "en", Description: title}
		got, err := p.Address("post", item)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(got)
		if err != nil || u.Scheme != "https" || u.Host != "yard.example" || u.Path != "/en" || u.Fragment != "" {
			t.Fatalf("%v: %s", err, got)
		}
		if len(got) > 8000 || strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%d bytes: %s", len(got), got)
		}
		if text := u.Query().Get("a"); !strings.HasSuffix(text, item.URL) || limit > len(item.URL) && limit < 100000 && utf8.RuneCountInString(text) > limit {
			t.Fatalf("of at most %d: %q", limit, text)
		}
	})
}
