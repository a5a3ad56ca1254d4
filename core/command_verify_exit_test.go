package core

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/issue"
)

// TestVerifyExitStatus holds the exit status that docs/open-badges.md and --help state.
func TestVerifyExitStatus(t *testing.T) {
	s := newSigner(t, "Issuer")
	dir := t.TempDir()
	expired := s.badge("Expired", "a@b.test")
	expired.Expires = expired.IssuedOn.Add(time.Hour)
	future := s.badge("Future", "a@b.test")
	future.IssuedOn = time.Now().Add(48 * time.Hour)
	early, err := s.key.Embed(t.Context(), issue.Credential3(future), issue.Proof{Method: s.key.DIDKey() + "#" + s.key.Multibase(), Created: expired.IssuedOn})
	if err != nil {
		t.Fatal(err)
	}
	good := s.sign(t, s.badge("Good", "a@b.test"))
	files := map[string]string{
		"valid":         write(t, filepath.Join(dir, "good.json"), good),
		"expired":       write(t, filepath.Join(dir, "expired.json"), s.sign(t, expired)),
		"not-yet-valid": write(t, filepath.Join(dir, "future.json"), early),
		"invalid":       write(t, filepath.Join(dir, "forged.json"), []byte(strings.Replace(string(good), "Good", "Better", 1))),
		"unverifiable":  write(t, filepath.Join(dir, "hosted.json"), hostedAtAddress("https://issuer.test/1")),
	}
	for verdict, file := range files {
		want := exitFail
		if verdict == "valid" {
			want = exitOK
		}
		code, out, errs := osier(t, nil, "verify", "--json", "--offline", file)
		if l := jsonLines(t, out); code != want || errs != "" || len(l) != 1 || string(l[0].Verdict) != verdict {
			t.Errorf("%s: exit %d, %s%s", verdict, code, out, errs)
		}
	}
	for _, c := range []struct {
		want int
		args []string
	}{
		{exitOK, []string{files["valid"], files["valid"]}},
		{exitFail, []string{files["valid"], files["expired"], files["valid"]}},
		{exitFail, []string{files["valid"], filepath.Join(dir, "none.json")}},
	} {
		if code, out, _ := osier(t, nil, append([]string{"verify", "--json", "--offline"}, c.args...)...); code != c.want || len(jsonLines(t, out)) != len(c.args) {
			t.Errorf("%v: exit %d, %s", c.args, code, out)
		}
	}
	for _, args := range [][]string{{"verify"}, {"verify", "--at", "noon", files["valid"]}, {"verify", "--sideways", files["valid"]}} {
		if code, out, errs := osier(t, nil, args...); code != exitUsage || out != "" || errs == "" {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, errs)
		}
	}
	if code, out, _ := osier(t, nil, "verify", "--help"); code != exitOK || !strings.Contains(out, "Exit status: 0 when every badge is valid, 1 ") {
		t.Errorf("--help: exit %d, %s", code, out)
	}
}

// hostedAtAddress is a badge that says where it lives.
func hostedAtAddress(address string) []byte {
	text, _ := json.Marshal(map[string]any{
		"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": address, "badge": address, "issuedOn": "2026-01-02T00:00:00Z",
		"recipient": map[string]any{"type": "email", "hashed": false, "identity": "a@b.test"}, "verification": map[string]any{"type": "hosted"},
	})
	return text
}
