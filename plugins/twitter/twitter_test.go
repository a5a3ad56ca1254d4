package twitter

import (
	"net/url"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
)

func TestPlugin(t *testing.T) {
	d, err := Plugin().Descriptor()
	if err != nil {
		t.Fatal(err)
	}
	if target := d.Targets[0]; target.Labels["fr"] == "" || target.Icon == "" {
		t.Errorf("%+v lacks a French label or an icon", target)
	}
}

func TestPost(t *testing.T) {
	const page = "https://passport.example/b/7Kx?a=1&b=2"
	long := strings.Repeat("Data Steward ", 40)
	tests := []struct {
		name string
		item sdk.Item
		want string // the text; empty means: only the rules below
	}{
		{"title and issuer", sdk.Item{Title: "C++ & é", IssuerName: "Open School"}, "C++ & é – Open School"},
		{"title alone", sdk.Item{Title: "My page"}, "My page"},
		{"own words", sdk.Item{Title: "x", Text: " I did it! "}, "I did it!"},
		{"long", sdk.Item{Title: long}, ""},
		{"weighty", sdk.Item{Title: strings.Repeat("数据", 300)}, ""},
		{"joined emoji", sdk.Item{Title: strings.Repeat("👩\u200d👩\u200d👧\u200d👦", 400)}, ""},
		{"short links", sdk.Item{Text: strings.Repeat("a.io ", 40)}, ""},
		{"script", sdk.Item{Title: `"><script>`}, `"><script>`},
		{"header", sdk.Item{Title: "a\r\nb"}, "a\r\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.item.URL = page
			address, err := link(tt.item)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(address)
			if err != nil || u.Scheme+"://"+u.Host+u.Path != "https://twitter.com/intent/tweet" || u.Query().Get("url") != page {
				t.Errorf("got %q, %v", address, err)
			}
			text := u.Query().Get("text")
			if tt.want != "" && text != tt.want {
				t.Errorf("got text %q, want %q", text, tt.want)
			}
			if n := sdk.CountXWeighted.Of(text + " " + page); n > 280 || text == "" && tt.name != "short links" {
				t.Errorf("weight %d of %q", n, text)
			}
			if len(address) > 8000 || strings.ContainsAny(address, "\"<>\r\n ") {
				t.Errorf("%d bytes: %q", len(address), address)
			}
		})
	}
}
