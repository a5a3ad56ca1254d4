package mail

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/fault"
)

func TestParseAddress(t *testing.T) {
	tests := []struct{ in, addr, key string }{
		{"anna@example.org", "anna@example.org", "anna@example.org"},
		{"Anna.B@Example.ORG", "Anna.B@example.org", "anna.b@example.org"},
		{"anna+badges@example.org", "anna+badges@example.org", "anna+badges@example.org"},
		{"o'brien_1-2~x&y@mail.example.co", "o'brien_1-2~x&y@mail.example.co", "o'brien_1-2~x&y@mail.example.co"},
		{"a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"a@BÜCHER.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"a@xn--bcher-kva.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{strings.Repeat("a", 64) + "@example.org", strings.Repeat("a", 64) + "@example.org", strings.Repeat("a", 64) + "@example.org"},
	}
	for _, tt := range tests {
		addr, key, err := ParseAddress(tt.in)
		if err != nil || addr != tt.addr || key != tt.key {
			t.Errorf("%q: %q, %q, %v", tt.in, addr, key, err)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for _, in := range []string{
		"", "@", "a", "a@", "@example.org", "a@b@example.org", "a b@example.org", "a@exam ple.org", " a@example.org", "a@example.org ", "a@example.org\n",
		"a@example.org\r\nBcc: b@example.org", "a\r\n@example.org", "a@example.org\x00", "a,b@example.org", "a@example.org,b@example.org", "a@example.org;b@example.org",
		"Anna <a@example.org>", "<a@example.org>", `"a b"@example.org`, `"a"@example.org`, "a(c)@example.org", "a@example.org(c)", "mailto:a@example.org",
		".a@example.org", "a.@example.org", "a..b@example.org", "-a@example.org", "a=b@example.org", "a%b@example.org", "a!b@example.org", "a/b@example.org", "a|b@example.org", "`a`@example.org", "a\\b@example.org",
		"a@localhost", "a@example", "a@example.1", "a@example.c", "a@127.0.0.1", "a@[127.0.0.1]", "a@[IPv6:::1]", "a@-example.org", "a@example-.org", "a@.example.org", "a@example..org", "a@example.org.", "a@ex_ample.org",
		"ä@example.org", "\u202ea@example.org", "a@example.org\u202e", "a@ｅxample.org", "a@example。org", "a@exam\u00adple.org", "a@xn--.org", "a@xn--a.example",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("a", 64) + ".org", "a@" + strings.Repeat("aaaaaaa.", 40) + "org",
	} {
		addr, key, err := ParseAddress(in)
		if !fault.Is(err, fault.Invalid) || addr != "" || key != "" {
			t.Errorf("%q is taken as %q, %q (%v)", in, addr, key, err)
		}
	}
}

// hostileAddresses reads the e-mail cases that lie beside the checkout.
func hostileAddresses(t *testing.T) map[string]string {
	t.Helper()
	return hostileCases(t, "email")
}

// hostileCases gives the values of a surface with what is demanded of them.
func hostileCases(t *testing.T, surface string) map[string]string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	f, err := os.Open(filepath.Join(dir, "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		t.Skip("no hostile cases beside this checkout")
	}
	defer f.Close()
	out := make(map[string]string)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct {
			Surface, Name, Demand string
			Value                 json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		var s string
		if c.Surface == surface && json.Unmarshal(c.Value, &s) == nil {
			out[s] = c.Demand
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestHostileAddresses(t *testing.T) {
	refused, cases := 0, hostileAddresses(t)
	for in, demand := range cases {
		addr, key, err := ParseAddress(in)
		if err != nil {
			refused++
		}
		if strings.HasPrefix(demand, "reject") && err == nil {
			t.Errorf("%q is taken as %q", in, addr)
		}
		if err == nil && (strings.Count(addr, "@") != 1 || !strings.EqualFold(addr, in) || key != strings.ToLower(in) || strings.ContainsAny(addr, " \r\n<>\"(),;:\\|`%")) {
			t.Errorf("%q is taken as %q, %q", in, addr, key)
		}
	}
	t.Logf("%d e-mail cases: %d refused, %d taken as one plain address", len(cases), refused, len(cases)-refused)
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"a@example.org", "A@BÜCHER.example", "a@x.test\r\nBcc: b@x.test", `"a"@x.test`, "a@xn--bcher-kva.example", "a@ß.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		addr, key, err := ParseAddress(s)
		if err != nil {
			return
		}
		for _, r := range addr {
			if r <= ' ' || r > '~' {
				t.Fatalf("%q gives %q", s, addr)
			}
		}
		if addr2, key2, err := ParseAddress(addr); err != nil || addr2 != addr || key2 != key {
			t.Fatalf("%q gives %q, which gives %q, %q, %v", s, addr, addr2, key2, err)
		}
		if addr2, key2, err := ParseAddress(key); err != nil || addr2 != key || key2 != key {
			t.Fatalf("%q gives the key %q, which gives %q, %q, %v", s, key, addr2, key2, err)
		}
	})
}

func TestMask(t *testing.T) {
	if got := mask("anna@example.org"); got != "a…@example.org" {
		t.Error(got)
	}
}
