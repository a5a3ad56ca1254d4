package core

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The way of an author without code: a new plugin, tried at once, and after it was
// broken.
func TestPluginNewAndTest(t *testing.T) {
	t.Chdir(t.TempDir())
	osier := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), args, Streams{Out: &out, Err: &out})
		return code, out.String()
	}
	if code, out := osier("plugin", "new", "orchard"); code != exitOK || !strings.Contains(out, "osier plugin test orchard") {
		t.Fatalf("%d: %s", code, out)
	}
	if code, out := osier("plugin", "new", "orchard"); code == exitOK || !strings.Contains(out, "orchard is there already") {
		t.Errorf("written twice: %s", out)
	}
	if code, out := osier("plugin", "test", "orchard"); code != exitOK || strings.Count(out, "ok    ") < 10 || !strings.Contains(out, "All 14 demands") {
		t.Errorf("%d: %s", code, out)
	}
	text, err := os.ReadFile("orchard/plugin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("orchard/plugin.yaml", bytes.ReplaceAll(text, []byte("{text_url}"), []byte("{text}")), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out := osier("plugin", "test", "--json", "orchard")
	if code == exitOK || !strings.Contains(out, `"demand":"gives addresses on its own hosts that lead back to the badge","met":false`) {
		t.Errorf("%d: %s", code, out)
	}
	if code, out := osier("plugin", "test", "nowhere"); code == exitOK {
		t.Errorf("what is not there was tried: %s", out)
	}
}
