package secret

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestIDsAndTokens(t *testing.T) {
	seen := make(map[string]bool)
	letters := make(map[rune]int)
	for range 5000 {
		id, token := ID(), Token()
		if !IsID(id) || len(id) != 22 {
			t.Fatalf("id %q", id)
		}
		if len(token) != 43 || strings.ContainsAny(token, "+/=") {
			t.Fatalf("token %q", token)
		}
		if seen[id] || seen[token] {
			t.Fatal("made twice")
		}
		seen[id], seen[token] = true, true
		for _, r := range id {
			letters[r]++
		}
	}
	// 110,000 letters over 62: 1,774 each, standard deviation 42.
	for r, n := range letters {
		if n < 1500 || n > 2050 {
			t.Errorf("letter %c came %d times", r, n)
		}
	}
	if len(letters) != 62 {
		t.Errorf("%d different letters", len(letters))
	}
}

func TestIsID(t *testing.T) {
	good := ID()
	for _, s := range []string{"", good[:21], good + "a", good[:21] + "/", good[:21] + ".", good[:20] + "é"} {
		if IsID(s) {
			t.Errorf("%q is taken for an id", s)
		}
	}
}

func TestHash(t *testing.T) {
	if len(Hash("a")) != 32 || bytes.Equal(Hash("a"), Hash("b")) || !bytes.Equal(Hash("a"), Hash("a")) {
		t.Error("hash")
	}
}

func load(t *testing.T, path string) *Keys {
	t.Helper()
	k, err := LoadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "osier.key")
	k := load(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("files left behind: %v, %v", names, err)
	}
	again := load(t, path)
	if k.MAC("x", []byte("y")) != again.MAC("x", []byte("y")) {
		t.Error("another key after loading again")
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKeys(path)
		if err == nil || !strings.Contains(err.Error(), "chmod 600 '"+path+"'") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

func TestKeyFileOfNoKey(t *testing.T) {
	for _, text := range []string{"", "x", "osier-key-1:", "osier-key-1:AAAA", "osier-key-2:" + strings.Repeat("A", 43)} {
		path := filepath.Join(t.TempDir(), "osier.key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKeys(path); err == nil || !strings.Contains(err.Error(), "no osier key") {
			t.Errorf("%q: %v", text, err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("%q was overwritten", text)
		}
	}
	if _, err := LoadKeys(t.TempDir()); err == nil {
		t.Error("a folder is taken for a key file")
	}
}

func TestKeyFileMadeByTwoAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "osier.key")
	codes := make([]string, 8)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			k, err := LoadKeys(path)
			if err != nil {
				t.Error(err)
				return
			}
			codes[i] = k.MAC("x", nil)
		})
	}
	wg.Wait()
	for _, c := range codes {
		if c != codes[0] {
			t.Fatal("two keys")
		}
	}
}

func TestSeal(t *testing.T) {
	k := load(t, filepath.Join(t.TempDir(), "osier.key"))
	plain, aad := []byte("a token of a person"), []byte("grant/1")
	sealed := k.Seal(plain, aad)
	if bytes.Contains(sealed, plain) || bytes.Equal(sealed, k.Seal(plain, aad)) {
		t.Error("sealing hides nothing or repeats itself")
	}
	if got, err := k.Open(sealed, aad); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%q, %v", got, err)
	}
	other, err := RandomKeys()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(sealed, aad); !errors.Is(err, ErrSealed) {
		t.Errorf("another key: %v", err)
	}
	if _, err := k.Open(sealed, []byte("grant/2")); !errors.Is(err, ErrSealed) {
		t.Errorf("another place: %v", err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := k.Open(bad, aad); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := k.Open(sealed[:i], aad); !errors.Is(err, ErrSealed) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

func TestMAC(t *testing.T) {
	k, err := RandomKeys()
	if err != nil {
		t.Fatal(err)
	}
	code := k.MAC("csrf", []byte("data"))
	tests := []struct {
		purpose, data, code string
		want                bool
	}{
		{"csrf", "data", code, true},
		{"csrf", "date", code, false},
		{"link", "data", code, false},
		{"csrf", "data", "", false},
		{"csrf", "data", code[:42], false},
		{"csrf", "data", code + "=", false},
	}
	for _, tt := range tests {
		if got := k.CheckMAC(tt.purpose, []byte(tt.data), tt.code); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
