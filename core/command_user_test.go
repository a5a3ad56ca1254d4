package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/config"
)

// TestPeopleByCommand: a disabled person is nobody's to see and does not get in, until the
// command that lets them in again; a removed one is erased when the server runs.
func TestPeopleByCommand(t *testing.T) {
	const password = "ada and a secret"
	p := startPassport(t, options{})
	if _, err := p.accounts.CreatePerson(t.Context(), account.NewPerson{Name: "Ada", Handle: "ada", Address: "ada@people.test", Password: password}, true); err != nil {
		t.Fatal(err)
	}
	dir := p.dir
	conf := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(conf, []byte("data = "+strconv.Quote(dir)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		command, handle, typed, says string
		exit, profile, login         int
	}{
		{"disable", "ada", "", "locked out", exitOK, 404, 422},
		{"enable", "nobody", "", "nobody", exitFail, 404, 422},
		{"enable", "ada", "", "can sign in again", exitOK, 200, 303},
		{"remove", "ada", "", "nothing was erased", exitFail, 200, 303},
		{"remove", "ada", "yes\n", "nothing was erased", exitFail, 200, 303},
		{"remove", "ADA", "ada\n", "http://localhost:8080/removed/", exitOK, 410, 422},
	} {
		p.stop()
		var out, wrong strings.Builder
		code := run(t.Context(), []string{"user", step.command, step.handle, "--config", conf}, Streams{In: strings.NewReader(step.typed), Out: &out, Err: &wrong})
		if said := out.String() + wrong.String(); code != step.exit || !strings.Contains(strings.ToLower(said), step.says) {
			t.Fatalf("%s %s: exit %d: %s", step.command, step.handle, code, said)
		}
		p = startPassport(t, options{}, func(c *config.Config) { c.Data = dir })
		if got := p.visitor().get("/@ada").status; got != step.profile {
			t.Errorf("%s %s: the profile answers %d", step.command, step.handle, got)
		}
		if got := p.visitor().post("/login", "address", "ada", "password", password).status; got != step.login {
			t.Errorf("%s %s: signing in answers %d", step.command, step.handle, got)
		}
	}
	p.until(t, `SELECT count(*) FROM person`, 0)
	p.until(t, `SELECT count(*) FROM erasure WHERE state = 'done'`, 1)
}
