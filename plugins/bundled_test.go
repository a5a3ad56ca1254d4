package plugins

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
)

func TestBundled(t *testing.T) {
	seen := map[string]bool{}
	for i, p := range Bundled() {
		d, err := p.Descriptor()
		if err != nil {
			t.Fatal(err)
		}
		if seen[d.ID] {
			t.Errorf("%s is there twice", d.ID)
		}
		seen[d.ID] = true
		if id := bundled()[i].id; d.ID != id {
			t.Errorf("%s is called %s in its manifest", id, d.ID)
		}
		for _, target := range d.Targets {
			if target.Labels["fr"] == "" || target.Icon == "" {
				t.Errorf("%s.%s lacks a French label or an icon", d.ID, target.ID)
			}
			if target.Kind == sdk.KindLink {
				holds(t, p, d, target)
			}
		}
	}
	if err := Serve("nowhere"); err == nil {
		t.Error("a plugin that does not exist was served")
	}
}

// holds tells whether the addresses of a target stay on its hosts, in the
// characters of addresses and short, and lead back to the badge.
func holds(t *testing.T, p sdk.Plugin, d sdk.Descriptor, target sdk.TargetInfo) {
	t.Helper()
	hosts := append(slices.Clone(d.Hosts), "instance.example", "")
	for _, title := range []string{`"><script>alert(1)</script>`, "a\r\nb", "\u202egnp", strings.Repeat("👩\u200d👧", 3000), "C++ & é", "\xff", ""} {
		item := sdk.Item{URL: "https://passport.example/b/7Kx", Title: title, IssuerName: title, Instance: "instance.example", ImageURL: "https://passport.example/c.png"}
		address, err := p.Address(target.ID, item)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil || !slices.Contains(hosts, u.Host) || (u.Host == "") != (u.Scheme == "mailto") {
			t.Errorf("%s.%s: %v: %s", d.ID, target.ID, err, address)
		}
		if len(address) > 8000 || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) || !strings.Contains(address, url.QueryEscape(item.URL)) {
			t.Errorf("%s.%s: %d bytes: %s", d.ID, target.ID, len(address), address)
		}
	}
}
