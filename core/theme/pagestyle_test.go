package theme

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pairs are colours that text or a control of the second kind stands on, with the
// contrast that they need (WCAG 2.2 §1.4.3, §1.4.11).
var pairs = []struct {
	on, of string
	least  float64
}{
	{"bg", "text", 7},
	{"surface", "text", 7},
	{"surface-2", "text", 7},
	{"bg", "text-muted", 4.5},
	{"surface", "text-muted", 4.5},
	{"surface-2", "text-muted", 4.5},
	{"bg", "accent", 4.5},
	{"surface", "accent", 4.5},
	{"surface-2", "accent", 4.5},
	{"bg", "accent-strong", 4.5},
	{"surface", "accent-strong", 4.5},
	{"accent", "accent-text", 4.5},
	{"accent-soft", "text", 4.5},
	{"accent-soft", "accent-strong", 4.5},
	{"surface", "border-strong", 3},
	{"bg", "border-strong", 3},
}

var lightDark = regexp.MustCompile(`^light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)$`)

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestEveryPageStyleCanBeRead in both schemes: the looks that come with Osier have
// the contrast that people need, on every ground.
func TestEveryPageStyleCanBeRead(t *testing.T) {
	const folder = "../../themes/default/"
	files, err := os.ReadDir(folder + "page-styles")
	if err != nil || len(files) < 11 {
		t.Fatalf("%d styles, %v", len(files), err)
	}
	base := plainTokens(t, folder+"assets/tokens.css")
	for _, f := range files {
		text, err := os.ReadFile(folder + "page-styles/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		p, err := parseStyle(strings.TrimSuffix(f.Name(), ".css"), string(text))
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name("en") == p.ID || p.Name("fr") == p.Name("en") {
			t.Errorf("%s has no names", p.ID)
		}
		value := func(token string) string {
			if v := p.Token[token]; v != "" {
				return v
			}
			return base[token]
		}
		for _, c := range pairs {
			on, of := lightDark.FindStringSubmatch(value(c.on)), lightDark.FindStringSubmatch(value(c.of))
			if on == nil || of == nil {
				t.Errorf("%s: %s %q, %s %q: want light-dark(#rrggbb, #rrggbb)", p.ID, c.on, value(c.on), c.of, value(c.of))
				continue
			}
			for scheme := 1; scheme <= 2; scheme++ {
				if got := contrast(t, on[scheme], of[scheme]); got < c.least {
					t.Errorf("%s, %s: %s on %s has %.2f, want %.1f", p.ID, []string{"", "light", "dark"}[scheme], c.of, c.on, got, c.least)
				}
			}
		}
	}
}

func plainTokens(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (light-dark\([^)]*\));`).FindAllStringSubmatch(string(text), -1) {
		if out[m[1]] == "" { // the first is the usual contrast
			out[m[1]] = m[2]
		}
	}
	return out
}

func TestAPageStyleIsTokensAndNothingElse(t *testing.T) {
	for _, good := range []string{
		":root { }", "/* en: A */ :root { --bg: light-dark(#fff, #000); --radius: 3px }", `:root { --font-head: "Some Face", serif; }`,
	} {
		if _, err := parseStyle("x", good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "body { color: red }", ":root { --bg: red } body { display: none }", "@import 'x'; :root { --bg: red }", ":root { color: red }",
		":root { --focus: red }", ":root { --space-4: 900px }", ":root { --bg: url(https://x.test/y) }", ":root { --bg: URL (x) }", ":root { --bg: image-set('x') }",
		":root { --bg: var(--x) }", `:root { --bg: \75rl(x) }`, ":root { --bg: /* */ red }", ":root { --bg }", "@media print { :root { --bg: red } }",
	} {
		if p, err := parseStyle("x", bad); err == nil {
			t.Errorf("%s is taken: %v", bad, p.Token)
		}
	}
	for _, name := range []string{"", "A", "x y", "x}", "../x"} {
		if _, err := parseStyle(name, ":root { }"); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	sheet := sheetOf([]PageStyle{{ID: "one", Token: map[string]string{"bg": "red"}}, {ID: "two"}})
	if n := strings.Count(sheet, ".folio-one"); n != 2 || strings.Contains(sheet, "two") || strings.Contains(sheet, "html") {
		t.Error(fmt.Sprint(n), sheet)
	}
}
