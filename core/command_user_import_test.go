package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
)

// TestAccountsOfAnotherPassport: a file is looked at, taken in, and taken in again; who
// is in it signs in with the password they had.
func TestAccountsOfAnotherPassport(t *testing.T) {
	dir := t.TempDir()
	conf, file := filepath.Join(dir, "config.toml"), filepath.Join(dir, "accounts.csv")
	rows := "name,email,confirmed,language,password\n" +
		"Ada Lovelace,ada@people.test,yes,fr,pbkdf2+sha256$73616c74$4096$c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a\n" +
		"Bob,bob@people.test,yes,,$2a$12$abcdefghijklmnopqrstuv\n" +
		"Again,ADA@people.test,yes,,\n"
	for path, text := range map[string]string{conf: "data = " + strconv.Quote(dir) + "\n", file: rows} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := func(args ...string) (int, string) {
		var out strings.Builder
		code := run(t.Context(), append([]string{"user", "import", "--config", conf}, args...), Streams{In: strings.NewReader(""), Out: &out, Err: &out})
		return code, out.String()
	}
	for _, step := range []struct {
		args []string
		says []string
	}{
		{[]string{file, "--dry-run"}, []string{"1 ada@people.test: would be created as @ada-lovelace", "2 bob@people.test: not taken: password: This is no hash", "--dry-run"}},
		{[]string{file}, []string{"1 ada@people.test: created as @ada-lovelace", "3 ADA@people.test: is there already, @ada-lovelace", "1 created, 1 there already, 1 not taken"}},
		{[]string{file}, []string{"1 ada@people.test: is there already", "0 created, 2 there already, 1 not taken"}},
		{[]string{conf}, []string{"ends in neither .csv nor .json"}},
	} {
		code, said := command(step.args...)
		if code != exitFail {
			t.Errorf("%v: exit %d", step.args, code)
		}
		for _, want := range step.says {
			if !strings.Contains(said, want) {
				t.Errorf("%v does not say %q: %s", step.args, want, said)
			}
		}
	}
	p := startPassport(t, options{}, func(c *config.Config) { c.Data = dir })
	p.visitor().post("/login", "address", "ada@people.test", "password", "passwords").is(t, 422)
	p.visitor().post("/login", "address", "ada@people.test", "password", "password").is(t, 303)
	if n := p.count(`SELECT count(*) FROM password WHERE old <> ''`); n != 0 {
		t.Errorf("%d old hashes are left", n)
	}
}
