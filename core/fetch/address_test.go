package fetch

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"https://Example.ORG/A?b=c#d", "https://example.org/A?b=c"},
		{"HTTP://example.org:080/", "http://example.org:80/"},
		{"https://example.org.", "https://example.org"},
		{"https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"},
		{"https://a_b.example/", "https://a_b.example/"},
		{"https://[2606:4700:0::1]:443/", "https://[2606:4700::1]:443/"},
		{"https://[::ffff:8.8.8.8]/", "https://8.8.8.8/"},
		{"https://８.８.８.８/", "https://8.8.8.8/"},
	}
	for _, tt := range tests {
		u, err := Parse(tt.raw)
		if err != nil {
			t.Errorf("%s: %v", tt.raw, err)
			continue
		}
		if u.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.raw, u, tt.want)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{
		"https://example.org/a?b#c", "http://[::1%25lo]:80/", "http://127.1/", "http://①②⑦.⓪.⓪.①/", "http://a:b@c/", "http://x:99999/",
		"http://xn--/", "http://ß.example/", "http://%31.2.3.4/", "//x", "http:x", "http://a\\b/", "http://[::ffff:1.2.3.4]:443/%00",
	} {
		f.Add(s)
	}
	g := newGuard(nil, nil)
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := Parse(raw)
		if err != nil {
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Host != strings.ToLower(u.Host) || u.Fragment != "" {
			t.Fatalf("%q: %#v", raw, u)
		}
		again, err := Parse(u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("%q: %q becomes %v, %v", raw, u, again, err)
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && (a.IsLoopback() || a.IsPrivate() || a.IsUnspecified() || a.IsLinkLocalUnicast()) && g.checkURL(u) == nil {
			t.Fatalf("%q is allowed", raw)
		}
	})
}
