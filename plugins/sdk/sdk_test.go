package sdk_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/plugins/sdk"
)

func ExamplePlugin() {
	manifest := []byte(`
id: commons
version: 0.1.0
hosts: [commons.example]
targets:
  - {id: post, kind: link, items: [badge, profile]}
i18n:
  en: {name: Commons, post: Share on Commons}
  fr: {name: Commons, post: Partager sur Commons}
`)
	plugin := sdk.Plugin{
		Manifest: manifest,
		Targets: []sdk.Target{{ID: "post", URL: func(i sdk.Item) (string, error) {
			return "https://commons.example/share?" + url.Values{"u": {i.URL}, "t": {i.Title}}.Encode(), nil
		}}},
	}
	// A plugin's main calls sdk.Serve(plugin); started by hand it prints this.
	d, err := plugin.Descriptor()
	if err != nil {
		fmt.Println(err)
		return
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		fmt.Println(err)
	}
	address, _ := plugin.Targets[0].URL(sdk.Item{URL: "https://passport.example/b/7Kx", Title: "C++ & é"})
	fmt.Println(address)
	// Output:
	// {
	//   "id": "commons",
	//   "version": "0.1.0",
	//   "name": {
	//     "en": "Commons",
	//     "fr": "Commons"
	//   },
	//   "hosts": [
	//     "commons.example"
	//   ],
	//   "targets": [
	//     {
	//       "id": "post",
	//       "kind": "link",
	//       "items": [
	//         "badge",
	//         "profile"
	//       ],
	//       "labels": {
	//         "en": "Share on Commons",
	//         "fr": "Partager sur Commons"
	//       },
	//       "purpose": "post"
	//     }
	//   ]
	// }
	// https://commons.example/share?t=C%2B%2B+%26+%C3%A9&u=https%3A%2F%2Fpassport.example%2Fb%2F7Kx
}

func TestDescriptorFaults(t *testing.T) {
	tests := []struct {
		name string
		bend func(p *sdk.Plugin)
		want string // in the error; empty for none
	}{
		{"as it is", func(*sdk.Plugin) {}, ""},
		{"id", func(p *sdk.Plugin) { p.ID = "../x" }, `id "../x"`},
		{"no version", func(p *sdk.Plugin) { p.Version = "" }, "version"},
		{"no host", func(p *sdk.Plugin) { p.Hosts = nil }, "hosts: 1 to"},
		{"wildcard", func(p *sdk.Plugin) { p.Hosts = []string{"*.example.org"} }, "host"},
		{"address", func(p *sdk.Plugin) { p.Hosts = []string{"127.0.0.1"} }, "host"},
		{"local name", func(p *sdk.Plugin) { p.Hosts = []string{"localhost"} }, "host"},
		{"port", func(p *sdk.Plugin) { p.Hosts = []string{"a.example:8080"} }, "host"},
		{"capitals", func(p *sdk.Plugin) { p.Hosts = []string{"A.example"} }, "host"},
		{"no target", func(p *sdk.Plugin) { p.Targets = nil }, "targets: 1 to"},
		{"twice", func(p *sdk.Plugin) { p.Targets[1].ID = "post" }, `"post" is taken`},
		{"called name", func(p *sdk.Plugin) { p.Targets[1].ID = "name" }, `"name" is taken`},
		{"no function", func(p *sdk.Plugin) { p.Targets[0].URL = nil }, "no URL function"},
		{"kind", func(p *sdk.Plugin) { p.Targets[0].Kind = "hologram" }, "kind"},
		{"item", func(p *sdk.Plugin) { p.Targets[0].Items = []sdk.ItemType{"cake"} }, "item type"},
		{"no English", func(p *sdk.Plugin) { p.Targets[0].Labels = map[string]string{"fr": "x"} }, "missing in English"},
		{"no language", func(p *sdk.Plugin) { p.Name["<b>"] = "x" }, "not a language"},
		{"control character", func(p *sdk.Plugin) { p.Name["en"] = "a\x07b" }, "not plain"},
		{"direction", func(p *sdk.Plugin) { p.Name["en"] = "a\u202eb" }, "not plain"},
		{"long", func(p *sdk.Plugin) { p.Name["en"] = strings.Repeat("x", 81) }, "longer than"},
		{"icon", func(p *sdk.Plugin) { p.Icon = make([]byte, sdk.MaxIcon+1) }, "icon"},
		{"manifest", func(p *sdk.Plugin) { p.Manifest = []byte("idd: x") }, "field idd not found"},
		{"two documents", func(p *sdk.Plugin) { p.Manifest = []byte("id: x\n---\nid: y\n") }, "more than one document"},
		{"target without code", func(p *sdk.Plugin) { p.Manifest = []byte("targets: [{id: ghost}]") }, `"ghost" of the manifest`},
		{"two makers", func(p *sdk.Plugin) {
			p.Manifest = []byte(`targets: [{id: post, url: "https://good.example/?u={url}"}]`)
		}, "in Go and in the manifest"},
		{"purpose", func(p *sdk.Plugin) { p.Targets[0].Purpose = "fun" }, "purpose"},
		{"service", func(p *sdk.Plugin) { p.Targets[0].Service = "a\nb" }, "service"},
		{"text of nothing", func(p *sdk.Plugin) { p.Manifest = []byte("i18n: {en: {pots: Post}}") }, "i18n.en.pots"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := good()
			tt.bend(&p)
			_, err := p.Descriptor()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// What is set in Go wins over plugin.yaml.
func TestGoOverManifest(t *testing.T) {
	p := good()
	p.Manifest = []byte("id: other\nversion: 9\nhosts: [other.example]\ntargets: [{id: post, items: [page]}]\n" +
		"i18n: {en: {name: Other, post: Other}, de: {post: Teilen}}")
	d, err := p.Descriptor()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"en": "Post", "de": "Teilen"}
	if diff := cmp.Diff(want, d.Targets[0].Labels); diff != "" || d.ID != "good" || d.Hosts[0] != "good.example" || d.Targets[0].Items[0] != sdk.ItemPage {
		t.Errorf("got %+v\n%s", d, diff)
	}
}

func TestClip(t *testing.T) {
	double := func(r rune) int {
		if r > 127 {
			return 2
		}
		return 1
	}
	tests := []struct {
		text  string
		limit int
		weigh func(rune) int
		want  string
	}{
		{"short", 5, nil, "short"},
		{"much too long", 9, nil, "much too…"},
		{"muchtoolong", 5, nil, "much…"},
		{"ééééé", 10, double, "ééééé"},
		{"ééééé", 9, double, "ééé…"},
		{"ab👩\u200d👩\u200d👧", 5, nil, "ab👩…"},
		{"e\u0301e\u0301e\u0301", 4, nil, "e\u0301e…"},
		{"word,  word", 7, nil, "word…"},
		{"x", 0, nil, ""},
		{"", 0, nil, ""},
	}
	for _, tt := range tests {
		if got := sdk.Clip(tt.text, tt.limit, tt.weigh); got != tt.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		" a \t\r\n b ":      "a b",
		"a\x1b[31mb\x00":    "a[31mb",
		"\u202egnp.exe":     "gnp.exe",
		"broken \xff bytes": "broken \ufffd bytes",
		"👩\u200d👩":          "👩\u200d👩",
	} {
		if got := sdk.Plain(text); got != want {
			t.Errorf("Plain(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLabel(t *testing.T) {
	texts := map[string]string{"en": "Post", "fr": "Publier"}
	for lang, want := range map[string]string{"fr": "Publier", "fr-CA": "Publier", "fi": "Post", "": "Post"} {
		if got := sdk.Label(texts, lang, "x"); got != want {
			t.Errorf("%q: got %q, want %q", lang, got, want)
		}
	}
	if got := sdk.Label(nil, "en", "x"); got != "x" {
		t.Errorf("got %q", got)
	}
}

func FuzzClip(f *testing.F) {
	f.Add("much too long for it", 9)
	f.Add("👩\u200d👩\u200d👧 \xff", 3)
	f.Add("0\xa700", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		got := sdk.Clip(text, limit, nil)
		if n := len([]rune(got)); n > max(limit, 0) {
			t.Errorf("Clip(%q, %d) has %d characters", text, limit, n)
		}
		if plain := sdk.Plain(text); sdk.Plain(plain) != plain {
			t.Errorf("Plain twice is not Plain once for %q", text)
		}
	})
}
