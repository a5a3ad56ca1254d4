package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestTheIndexIsMadeAnew by a command, from what is shown and nothing else.
func TestTheIndexIsMadeAnew(t *testing.T) {
	p := startPassport(t, options{})
	explored(t, p)
	p.write(`UPDATE search_doc SET object = 1, public = 99 WHERE kind = 'class'`)
	p.write(`INSERT INTO search_word (word, public, members) VALUES ('phantom', 1, 1)`)
	p.stop()
	conf := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(conf, []byte("data = "+strconv.Quote(p.dir)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, wrong strings.Builder
	if code := run(t.Context(), []string{"search", "rebuild", "--config", conf}, Streams{Out: &out, Err: &wrong}); code != exitOK {
		t.Fatalf("exit %d: %s", code, wrong.String())
	}
	if got, want := out.String(), "indexed: 1 badges, 1 people, 0 pages, 1 issuers, 2 skills\n"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
