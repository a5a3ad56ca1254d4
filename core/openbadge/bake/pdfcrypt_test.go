package bake

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func encryptedPDFs(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "encrypted", "*.pdf"))
	if err != nil || len(files) != 17 {
		t.Fatal(len(files), err)
	}
	return files
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestEncryptedPDFs reads files that open without a password, in every way of the standard
// security handler. They are ours, encrypted by qpdf 11.3: an attachment (attach-…) or an
// address in the metadata (xmp-…), and some that ask for a password (locked-…).
func TestEncryptedPDFs(t *testing.T) {
	for _, name := range encryptedPDFs(t) {
		data := read(t, name)
		name = filepath.Base(name)
		// Where the cross-reference is wrong the file is looked through from end to end.
		for what, data := range map[string][]byte{"as it is": data, "damaged": bytes.ReplaceAll(data, []byte("startxref"), []byte("startnone"))} {
			got, err := Extract(data)
			want := map[bool]string{true: assertion, false: "https://issuer.example/a/1"}[strings.HasPrefix(name, "attach-")]
			if strings.HasPrefix(name, "locked-") {
				wantReason(t, err, "pdf-encrypted")
			} else if err != nil || string(got.Payload) != want {
				t.Errorf("%s, %s: %q, %v", name, what, got.Payload, err)
			}
		}
	}
}
