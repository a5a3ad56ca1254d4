package core

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// What a newcomer meets: a file that is no program, a folder without a passport, a
// release that is not there.
func TestPluginNewcomer(t *testing.T) {
	t.Chdir(t.TempDir())
	osier := func(args ...string) string {
		var out bytes.Buffer
		run(t.Context(), args, Streams{Out: &out, Err: &out})
		return out.String()
	}
	for name, mode := range map[string]os.FileMode{"text": 0o755, "script": 0o644} {
		content := map[string]string{"text": "hello", "script": "#!/bin/sh\n"}[name]
		if err := os.WriteFile(name, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		says string
		args []string
	}{
		{"it is no program at all", []string{"plugin", "test", "text"}},
		{"chmod 755", []string{"plugin", "test", "script"}},
		{"Where go mod tidy does not find that release", []string{"plugin", "new", "--lang", "go", "released"}},
		{"the checkout of Osier at .., as", []string{"plugin", "new", "--lang", "go", "--osier", ".", "beside"}},
		{"Willow Weaving", []string{"plugin", "send", "--dry-run", "webhook", "post"}},
		{"sends to an address that somebody saved", []string{"plugin", "send", "webhook", "post"}},
		{"sends a mail to people", []string{"plugin", "send", "email", "send"}},
		{"posts in somebody's name", []string{"plugin", "send", "mastodon", "auto"}},
		{"there is none here", []string{"plugin", "send", "--badge", "x", "twitter", "post"}},
		{"no passport here", []string{"plugin", "retry"}},
		{"bundled", []string{"plugin", "list"}},
		{"it starts, describes itself", []string{"plugin", "doctor", "twitter"}},
	} {
		if out := osier(c.args...); !strings.Contains(out, c.says) {
			t.Errorf("osier %v says not %q:\n%s", c.args, c.says, out)
		}
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("looking made a data folder")
	}
	mod, err := os.ReadFile("beside/go.mod")
	if err != nil || !strings.Contains(string(mod), "=> ..\n") {
		t.Errorf("%v: %s", err, mod)
	}
}
