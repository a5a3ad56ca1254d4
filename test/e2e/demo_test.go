package e2e

import (
	"os"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// TestDemo looks at the seeded community as a newcomer does.
func TestDemo(t *testing.T) {
	b := browser.Start(t, shots())
	temp := t.TempDir()
	s := server.Start(t, server.Options{Command: []string{"demo"}, NoData: true, Env: []string{"TMPDIR=" + temp}})
	tab := b.Person(t, s.URL)

	tab.Open("/explore")
	if n := tab.Count(".badge-card"); n < 6 {
		t.Errorf("%d badges to explore", n)
	}
	tab.Shot("demo-explore")
	tab.Open("/")
	tab.Shot("demo-landing")
	tab.Open("/demo")
	if n := tab.Count(".cast button"); n < 12 {
		t.Errorf("%d people to be", n)
	}
	tab.Shot("demo-people")
	tab.Clicks = 0
	tab.Press(".cast button")
	tab.At("/feed")
	if tab.Clicks != 1 {
		t.Errorf("signed in with %d clicks", tab.Clicks)
	}
	if n := tab.Count(".event"); n < 5 {
		t.Errorf("%d events in the feed", n)
	}
	for _, key := range browser.Eval[[]string](tab, rawKeys) {
		t.Errorf("the feed reads the key of a message: %s", key)
	}
	tab.Shot("demo-feed")
	tab.Open("/badges")
	if n := tab.Count(".badge-card"); n < 3 {
		t.Errorf("%d badges of one's own", n)
	}
	tab.Shot("demo-badges")
	addSamples(tab)

	s.Stop(t)
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		t.Errorf("the demo left %s behind", f.Name())
	}
}

// addSamples adds each sample file that the demo offers: the good ones are taken
// in, the others are refused with a reason.
func addSamples(tab *browser.Tab) {
	tab.Allow("422")
	tab.Open("/demo")
	files := browser.Eval[[]string](tab, `Array.from(document.querySelectorAll("main a[download]")).map((a) => a.getAttribute("href"))`)
	if len(files) < 4 {
		tab.T.Errorf("%d samples", len(files))
	}
	taken, refused := 0, 0
	for _, file := range files {
		status, data := tab.Get(file)
		if status != 200 {
			tab.T.Errorf("%s answers %d", file, status)
			continue
		}
		path := tab.T.(*testing.T).TempDir() + file[len("/demo/samples"):]
		if err := os.WriteFile(path, data, 0o600); err != nil {
			tab.T.Fatal(err)
		}
		tab.Open("/add")
		tab.Choose("#f-file", path)
		tab.Until(`document.readyState === "complete" && (location.pathname.startsWith("/b/") || document.querySelector("main [role=alert], main form[action$='/keep']"))`, "the answer to "+file)
		if tab.Count("main .flash.welcome") == 1 {
			taken++
		} else {
			refused++
		}
	}
	if taken < 3 || refused < 1 {
		tab.T.Errorf("%d samples were taken in, %d refused", taken, refused)
	}
	tab.Open("/demo")
	address := tab.Value("#demo-address", "value")
	tab.Open("/add")
	tab.Type("#f-url", address)
	tab.Press(".copy button[type=submit]")
	tab.At("/b/")
}
