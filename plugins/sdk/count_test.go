package sdk_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
)

const family = "👩\u200d👩\u200d👧\u200d👦"

// counts is how texts are counted. The page on which people write them counts the
// same (test/e2e).
type counts struct {
	Text     string
	Rune     int
	UTF16    int
	Grapheme int
	URL23    int
	Weighted int `json:"x-weighted"`
}

func TestCount(t *testing.T) {
	table, err := os.ReadFile("testdata/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var tests []counts
	if err := json.Unmarshal(table, &tests); err != nil {
		t.Fatal(err)
	}
	for _, tt := range append(tests, counts{"\xff", 1, 1, 1, 1, 2}) {
		for count, want := range map[sdk.Count]int{
			sdk.CountRune: tt.Rune, sdk.CountUTF16: tt.UTF16, sdk.CountGrapheme: tt.Grapheme, sdk.CountXWeighted: tt.Weighted, sdk.CountURL23: tt.URL23, "": tt.Rune,
		} {
			if got := count.Of(tt.Text); got != want {
				t.Errorf("%q by %s: got %d, want %d", tt.Text, count, got, want)
			}
		}
	}
}

func TestText(t *testing.T) {
	const page = "https://passport.example/b/7Kx"
	tests := []struct {
		name   string
		item   sdk.Item
		limits sdk.Limits
		want   string
	}{
		{"whole", sdk.Item{Title: "Weaving", IssuerName: "Guild"}, sdk.Limits{}, "Weaving – Guild " + page},
		{"own words", sdk.Item{Text: " I did it ", Title: "x"}, sdk.Limits{MaxChars: 100}, "I did it " + page},
		{"just fits", sdk.Item{Text: "12345"}, sdk.Limits{MaxChars: 36}, "12345 " + page},
		{"words give way", sdk.Item{Text: "123456"}, sdk.Limits{MaxChars: 36}, "1234… " + page},
		{"the address counts 23", sdk.Item{Text: "123456"}, sdk.Limits{MaxChars: 30, Count: sdk.CountURL23}, "123456 " + page},
		{"at a word", sdk.Item{Text: "one two three fourteen"}, sdk.Limits{MaxChars: 40, Count: sdk.CountURL23}, "one two three… " + page},
		{"no room for words", sdk.Item{Text: "123456"}, sdk.Limits{MaxChars: 5}, page},
		{"never inside an emoji", sdk.Item{Text: family + family + family}, sdk.Limits{MaxChars: 26, Count: sdk.CountURL23}, family + "… " + page},
		{"X counts an emoji two", sdk.Item{Text: family + family + family}, sdk.Limits{MaxChars: 28, Count: sdk.CountXWeighted}, family + "… " + page},
		{"nothing to say", sdk.Item{}, sdk.Limits{MaxChars: 500}, page},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.item.URL = page
			got := sdk.Text(tt.item, tt.limits)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if n := tt.limits.Count.Of(got); tt.limits.MaxChars > 25 && n > tt.limits.MaxChars {
				t.Errorf("%d characters of %d", n, tt.limits.MaxChars)
			}
		})
	}
}

func TestFit(t *testing.T) {
	for text, want := range map[string]string{"12345": "12345", "123456": "1234…", "": ""} {
		if got := (sdk.Limits{MaxChars: 5}).Fit(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
	if got := (sdk.Limits{}).Fit("x"); got != "x" {
		t.Errorf("no limit: got %q", got)
	}
}

// FuzzText: whatever the words, the text is within the limit and ends with the
// whole address.
func FuzzText(f *testing.F) {
	f.Add("see a.io and https://b.example/long/long/long", 60)
	f.Add(strings.Repeat(family, 50), 40)
	f.Add("\xff\u0301\u202e", 31)
	f.Fuzz(func(t *testing.T, words string, limit int) {
		const page = "https://passport.example/b/7Kx"
		limit = 34 + max(limit, 0)%1000
		for _, c := range []sdk.Count{sdk.CountRune, sdk.CountUTF16, sdk.CountGrapheme, sdk.CountXWeighted, sdk.CountURL23} {
			got := sdk.Text(sdk.Item{Text: words, URL: page}, sdk.Limits{MaxChars: limit, Count: c})
			if n := c.Of(got); n > limit || !strings.HasSuffix(got, page) {
				t.Errorf("%s: %d of %d in %q", c, n, limit, got)
			}
		}
	})
}
