package verify

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// TestEveryReasonHasWords holds the reasons in the source against the message catalogue.
func TestEveryReasonHasWords(t *testing.T) {
	reasons := sourceReasons(t)
	for _, name := range []string{CheckFormat, CheckProof, CheckKey, CheckRefresh, CheckSchema, CheckValidFrom, CheckExpired, CheckRevoked, CheckEndorsement, CheckCredentials, CheckRecipient} {
		reasons["check."+name] = true
	}
	for _, v := range []Verdict{Valid, Expired, Revoked, Suspended, NotYetValid, Invalid, Unverifiable} {
		reasons["verdict."+string(v)] = true
	}
	for _, lang := range []string{"en", "fr"} {
		words := messages(t, lang)
		for r := range reasons {
			if words[r] == "" {
				t.Errorf("%s lacks verify.%s", lang, r)
			}
		}
	}
	en, fr := messages(t, "en"), messages(t, "fr")
	for k := range en {
		if fr[k] == "" {
			t.Errorf("fr lacks verify.%s", k)
		}
	}
}

func messages(t *testing.T, lang string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "i18n", "messages", lang, "*.toml"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := toml.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		tables, _ := m["verify"].(map[string]any)
		for table, words := range tables {
			list, _ := words.(map[string]any)
			for k, v := range list {
				out[table+"."+k], _ = v.(string)
			}
		}
	}
	return out
}

// sourceReasons finds the reasons that the packages below core/openbadge can give.
func sourceReasons(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	pattern := regexp.MustCompile(`(?:\b(?:fail|unknown|refuse|warn)\(|Reason: |&Error\{|reason[A-Z]\w* += )"([a-z0-9-]+)"`)
	for _, dir := range []string{".", "..", "../strictjson", "../ld", "../bake"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return regexp.MustCompile(`_test\.go$`).MatchString(f) })
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range pattern.FindAllStringSubmatch(string(b), -1) {
				out["reason."+m[1]] = true
			}
		}
	}
	if len(out) < 100 {
		t.Fatalf("found only %d reasons", len(out))
	}
	return out
}
