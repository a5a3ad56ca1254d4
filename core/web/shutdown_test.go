package web_test

import (
	"net"
	"testing"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

// TestAShutdownEndsAServerThatHasNotBegun: neither order leaves a server running.
func TestAShutdownEndsAServerThatHasNotBegun(t *testing.T) {
	s := webtest.Start(t, dbtest.SQLite(t), webtest.Options{Themes: plainTheme()})
	for i := range 20 {
		app, err := web.New(web.Options{Config: config.Default(), Base: s.Base, Keys: s.Keys, Theme: s.Theme, Catalogue: s.Catalogue})
		if err != nil {
			t.Fatal(err)
		}
		ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		if i%2 == 0 { // at the same time, and before
			go func() { done <- app.Serve(ln) }()
		}
		if err := app.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			go func() { done <- app.Serve(ln) }()
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", ln.Addr().String()); err == nil {
			c.Close()
			t.Error("somebody still listens")
		}
	}
}
