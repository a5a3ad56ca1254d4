package sdk

import (
	"regexp"
	"strings"
	"testing"
)

// TestNamesAreAsWritten holds what is read by hand against the patterns that the
// documentation gives, on words of all lengths around their bounds.
func TestNamesAreAsWritten(t *testing.T) {
	words := []string{
		"", "a", "A", "1", "-", "_", "é", "a-b", "a_b", "-a", "a-", "aB", "a1", "a\n", "en", "eng", "engl", "en-GB", "zh-Hant-TW", "en-1", "en-a-b", "en-ab-cd-ef-gh",
		"en--GB", "EN", "a.b", "a.bc", "a.b1", "a.1b", "a..bc", ".bc", "bc.", "a.bc.", "a.b-", "-a.bc", "a-.bc", "a-b.c-d", "A.bc", "a_b.cd", "127.0.0.1", "[::1]", "a.bc:80", "*.bc.de",
		"USD", "usd", "US", "US1", "read:me", `a"b`, `a\b`, "a b", "~", "!", "#1a2b3c", "#1A2B3C", "1a2b3c", "#1a2b3", "#1a2b3cd", "failure.", "failure.a", "failure.A", "failure.a-b_c", "failures.a", "xfailure.a",
	}
	for _, n := range []int{2, 3, 31, 32, 33, 61, 62, 63, 64, 99, 100, 101, 248, 249, 250, 251} {
		long := strings.Repeat("a", n)
		words = append(words, long, "failure."+long, long+".bc", "bc."+long, "en-"+long, strings.Repeat("a.", n/2)+"bc")
	}
	for _, tt := range []struct {
		form string
		by   func(string) bool
	}{
		{idForm, ValidID},
		{keyForm, validKey},
		{`^failure\.[a-z][a-z0-9_-]{0,31}$`, validFailure},
		{`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`, validLang},
		{`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`, func(s string) bool { return ValidHost(s) || len(s) > 253 }},
		{`^[A-Z]{3}$`, validCurrency},
		{`^[!#-\[\]-~]{1,100}$`, validScope},
		{`^#[0-9a-f]{6}$`, validColour},
	} {
		form := regexp.MustCompile(tt.form)
		for _, w := range words {
			if got, want := tt.by(w), form.MatchString(w) || strings.Contains(tt.form, `\.)+`) && len(w) > 253; got != want {
				t.Errorf("%s on %q: %v", tt.form, w, got)
			}
		}
	}
	if ValidHost(strings.Repeat("a.", 126) + "bc") {
		t.Error("a name of 254 bytes is a host")
	}
}
