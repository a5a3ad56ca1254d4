package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// A page with everything that the other tests look for.
const badPage = `<!doctype html><html><head><title>Bad</title><link rel=icon href="data:,"></head>
<body><main><img src="/missing.png"><div style="width: 3000px; background: red">wide</div> site.demo.ribbon
<script>console.error("inline")</script><script src="/script.js"></script></main></body></html>`

// TestEyes makes sure that the tests see what they are there to see.
func TestEyes(t *testing.T) {
	b := browser.Start(t, shots())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Security-Policy", "script-src 'self'; img-src 'self'")
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, badPage) //nolint:errcheck // a browser that went away
		case "/script.js":
			w.Header().Set("Content-Type", "text/javascript")
			io.WriteString(w, `console.error("planted"); missing.call();`) //nolint:errcheck // as above
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	tab := b.Person(t, s.URL)
	tab.Viewport(360, 800)
	tab.Open("/")
	axe := readAxe(t)
	wide := browser.Eval[[]string](tab, overflow)
	if len(wide) == 0 {
		t.Error("a page that is too wide is not seen")
	}
	if keys := browser.Eval[[]string](tab, rawKeys); len(keys) != 1 {
		t.Errorf("the key of a message is not seen: %q", keys)
	}
	if axe != "" && !strings.Contains(fmt.Sprint(violations(tab, axe, allRules)), "image-alt") {
		t.Error("a picture without words is not seen")
	}
	seen := strings.Join(tab.Complaints(), "\n")
	for _, want := range []string{"script-src", "planted", "missing is not defined", "404"} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not seen in the console:\n%s", want, seen)
		}
	}
}
