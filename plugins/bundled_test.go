package plugins

import (
	"testing"
)

func TestBundled(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Bundled() {
		d, err := p.Descriptor()
		if err != nil {
			t.Fatal(err)
		}
		if seen[d.ID] {
			t.Errorf("%s is there twice", d.ID)
		}
		seen[d.ID] = true
	}
	if err := Serve("nowhere"); err == nil {
		t.Error("a plugin that does not exist was served")
	}
}
