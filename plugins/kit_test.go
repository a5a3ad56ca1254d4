package plugins

import (
	"fmt"
	"io"
	"net/http"
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

// suites are of the plugins that do not take just any address or answer.
var suites = map[string]sharetest.Suite{
	"chat": {Fields: map[string]string{
		"slack.webhook": "https://hooks.slack.com/services/T0/B0/x7x7x7", "discord.webhook": "https://discord.com/api/webhooks/4711/x7x7x7",
	}},
	"wordpress": {Remote: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":4711,"name":"Ada","link":"https://`+r.Host+`/4711","status":"publish"}`)
	})},
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
		t.Run(d.ID, func(t *testing.T) {
			s := suites[d.ID]
			s.Command = []string{self, "serve", d.ID}
			s.Test(t)
		})
	}
}
