package core

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
)

// TestVerifyUnpacksARecord: the record and each badge in it have a line, and the
// text ends with a summary.
func TestVerifyUnpacksARecord(t *testing.T) {
	s := newSigner(t, "School")
	var inner []any
	for i, address := range []string{"One", "Two", "Three"} {
		var doc map[string]any
		text := string(s.sign(t, s.badge(address, "ada@people.test")))
		if i == 1 {
			text = strings.Replace(text, "About ", "Above ", 1)
		}
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			delete(doc, "proof")
		}
		inner = append(inner, doc)
	}
	c := s.badge("Transcript", "ada@people.test")
	doc := issue.Credential3(c)
	doc["@context"] = []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}
	doc["type"] = []any{"VerifiableCredential", "ClrCredential"}
	doc["credentialSubject"] = map[string]any{"type": []any{"ClrSubject"}, "id": "did:example:ada", "verifiableCredential": inner}
	file, err := s.key.Embed(t.Context(), doc, issue.Proof{Method: s.key.DIDKey() + "#" + s.key.Multibase(), Created: c.IssuedOn})
	if err != nil {
		t.Fatal(err)
	}
	name := write(t, filepath.Join(t.TempDir(), "record.json"), file)
	code, out, _ := osier(t, nil, "verify", "--offline", "--json", "--unpack", name)
	lines := jsonLines(t, out)
	if len(lines) != 4 || code != exitFail || lines[1].File != name+"!1" || lines[1].Verdict != "valid" || lines[2].Verdict != "invalid" {
		t.Errorf("exit %d: %s", code, out)
	}
	if c := lines[3].Checks[0]; lines[3].Verdict != "invalid" || c.Reason != "record-only" {
		t.Errorf("without a signature of its own: %+v", c)
	}
	if _, out, _ = osier(t, nil, "verify", "--offline", "--json", name); len(jsonLines(t, out)) != 1 {
		t.Errorf("without --unpack: %s", out)
	}
	if _, out, _ = osier(t, nil, "verify", "--offline", "--lang", "en", name); !strings.HasSuffix(out, "4: 3 invalid, 1 valid\n") || !strings.Contains(out, name+"!2") {
		t.Errorf("text: %s", out)
	}
}
