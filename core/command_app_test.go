package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestAppsByCommand: an app is set up, listed and removed while the passport runs, and
// while it does not.
func TestAppsByCommand(t *testing.T) {
	p := startPassport(t, options{})
	conf := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(conf, []byte("data = "+strconv.Quote(p.dir)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	app := func(want int, args ...string) string {
		t.Helper()
		var out, wrong strings.Builder
		if code := run(t.Context(), append(append([]string{"app"}, args...), "--config", conf), Streams{In: strings.NewReader(""), Out: &out, Err: &wrong}); code != want {
			t.Errorf("%q: exit %d, want %d\n%s%s", args, code, want, out.String(), wrong.String())
		}
		return out.String() + wrong.String()
	}
	ada := p.member("ada")
	made := strings.Fields(app(exitOK, "add", "--name", "Phone app", "--redirect", appAddress, "--redirect", "org.example.app:/cb", "--confidential"))
	if len(made) != 4 {
		t.Fatalf("printed: %q", made)
	}
	a := p.oauth(made[1], made[3])
	if token := a.enter(ada); !p.opens(token) {
		t.Error("the app is not known")
	}
	if said := app(exitFail, "add", "--name", "Phone app", "--redirect", "http://app.example/"); !strings.Contains(said, "https://") {
		t.Errorf("it does not say what to write: %s", said)
	}
	p.stop()
	if list := app(exitOK, "list"); !strings.Contains(list, made[1]) || !strings.Contains(list, "org.example.app:/cb") {
		t.Errorf("listed: %s", list)
	}
	app(exitOK, "remove", made[1])
	app(exitFail, "remove", made[1])
	if list := app(exitOK, "list"); list != "" {
		t.Errorf("listed: %s", list)
	}
}
