package bake

import (
	"bytes"
	"testing"
)

// FuzzExtract: any file is refused by name or gives a text that is read as itself again, and
// what is recognised by its head is never called a file of another kind for that.
func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		`{"@context":"https://w3id.org/openbadges/v2"}`, "\xef\xbb\xbf {\"a\":1}", `{"jwt":"eyJhbGciOiJFUzI1NiJ9.e30.AA"}`, `"eyJhbGciOiJFUzI1NiJ9.e30.AA"`, `"\u007b\"a\":1}"`,
		`{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.AA"}`, " eyJhbGciOiJFUzI1NiJ9.e30.\n",
		"https://issuer.example/badge?x=1", "%PDF-1.7\n%%EOF", "PK\x03\x04", "<svg/>", "\x89PNG\r\n\x1a\n", `{&quot;a&quot;:1}`, "http://a@b/",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := Extract(file)
		if err != nil {
			if e := reasonOf(err); e == nil || e.Reason == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if len(found.Payload) == 0 || sniff(found.Payload) == formNone {
			t.Fatalf("payload %q", found.Payload)
		}
		again, err := Extract(found.Payload)
		if err != nil {
			t.Fatalf("payload %q: %v", found.Payload, err)
		}
		if !bytes.Equal(bytes.TrimSpace(again.Payload), bytes.TrimSpace(found.Payload)) {
			t.Errorf("%q is read as %q", found.Payload, again.Payload)
		}
	})
}
