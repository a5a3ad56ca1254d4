package core

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestVerifyTakesAFileForWhatItsAddressAnswers where documents stand in place of the network,
// and never elsewhere: there a hosted badge is what its address answers now.
func TestVerifyTakesAFileForWhatItsAddressAnswers(t *testing.T) {
	const badge = `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://issuer.test/a.json","badge":"https://issuer.test/class.json","recipient":{"type":"email","hashed":false,"identity":"a@x.test"},"issuedOn":"2026-01-01T00:00:00Z","verification":{"type":"HostedBadge"}}`
	dir := t.TempDir()
	documents := func(list map[string]string) string {
		dir := t.TempDir()
		files := map[string]string{}
		for address, text := range list {
			name := filepath.Base(address)
			write(t, filepath.Join(dir, name), []byte(text))
			files[address] = name
		}
		b, err := json.Marshal(files)
		if err != nil {
			t.Fatal(err)
		}
		return write(t, filepath.Join(dir, "documents.json"), b)
	}
	served := map[string]string{
		"https://issuer.test/class.json":  `{"@context":"https://w3id.org/openbadges/v2","type":"BadgeClass","id":"https://issuer.test/class.json","name":"Badge","description":"D","image":"https://issuer.test/i.png","criteria":"https://issuer.test/c","issuer":"https://issuer.test/issuer.json"}`,
		"https://issuer.test/issuer.json": `{"@context":"https://w3id.org/openbadges/v2","type":"Issuer","id":"https://issuer.test/issuer.json","name":"Issuer","url":"https://issuer.test","email":"a@issuer.test"}`,
	}
	file := write(t, filepath.Join(dir, "own", "a.json"), []byte(badge))
	foreign := write(t, filepath.Join(dir, "own", "b.json"), []byte(strings.Replace(badge, "issuer.test/a.json", "other.test/a.json", 1)))
	old := write(t, filepath.Join(dir, "own", "c.json"), []byte(`{"recipient":"a@x.test","issued_on":"2011-06-01","badge":{"version":"0.5.0","name":"Old","image":"https://old.test/i","description":"D","criteria":"https://old.test/c","issuer":{"origin":"https://old.test","name":"Issuer"}}}`))
	for _, c := range []struct {
		args    []string
		verdict verify.Verdict
		warning string
	}{
		{[]string{"--documents", documents(served), file}, verify.Valid, "own-copy"},
		{[]string{"--documents", documents(served), old}, verify.Valid, "own-copy"},
		{[]string{"--documents", documents(served), foreign}, verify.Invalid, "own-copy"},
		{[]string{"--documents", documents(map[string]string{}), file}, verify.Unverifiable, "own-copy"},
		{[]string{"--offline", file}, verify.Unverifiable, ""},
		{[]string{"--offline", old}, verify.Unverifiable, ""},
	} {
		_, out, errs := osier(t, nil, append([]string{"verify", "--json", "--at", "2026-11-23T00:00:00Z"}, c.args...)...)
		l := jsonLines(t, out)
		if len(l) != 1 || l[0].Verdict != c.verdict || warningOf(l[0], verify.CheckProof) != c.warning {
			t.Errorf("%v: %s%s", c.args, out, errs)
		}
	}
	// What the documents say of the address outweighs the file.
	served["https://issuer.test/a.json"] = strings.Replace(badge, `"verification"`, `"revoked":true,"verification"`, 1)
	_, out, _ := osier(t, nil, "verify", "--json", "--at", "2026-11-23T00:00:00Z", "--documents", documents(served), file)
	if l := jsonLines(t, out); l[0].Verdict != verify.Revoked {
		t.Errorf("%s", out)
	}
}

func warningOf(l verify.Line, check string) string {
	for _, s := range l.Checks {
		if s.Name == check {
			return s.Warning
		}
	}
	return ""
}
