package plugins

import (
	"fmt"
	"os"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/sharetest"
)

// TestMain lets the test binary be each of the plugins.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		if err := Serve(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// Every plugin of the binary meets every demand of the kit.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand calls to each plugin")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Bundled() {
		d, err := p.Descriptor()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(d.ID, func(t *testing.T) { sharetest.Test(t, self, "serve", d.ID) })
	}
}
