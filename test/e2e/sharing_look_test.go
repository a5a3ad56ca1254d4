package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// TestSharingPages looks at the pages of sharing in all ways, goes through them by
// keyboard alone and without scripts, and hears what a screen reader says of them.
func TestSharingPages(t *testing.T) {
	b := browser.Start(t, shots())
	s := server.Start(t, server.Options{Command: []string{"demo"}, NoData: true, Env: []string{"TMPDIR=" + t.TempDir()}})
	me, badge, profile := shareInDemo(b, t, s)
	v := &settings{tab: me, axe: readAxe(t)}
	pages := []string{
		badge + "/share", badge + "/share/email.send", profile + "/share", profile + "/share/email.send", "/settings/sharing",
		"/connect/bluesky.auto", "/embed" + profile, "/admin/plugins?open=linkedin", "/admin/plugins/bluesky",
	}
	me.Allow("404")
	v.walk(pages)
	t.Run("names", func(t *testing.T) {
		me.T = t
		hear(me, pages)
	})
	t.Run("keyboard", func(t *testing.T) {
		me.T = t
		byKeyboard(me, badge, profile)
	})
	t.Run("no script", func(t *testing.T) {
		me.T = t
		noScript(me, badge)
	})
	me.T = t
}

// shareInDemo signs somebody in who has a public badge, and switches a target on.
func shareInDemo(b *browser.Browser, t *testing.T, s *server.Server) (me *browser.Tab, badge, profile string) {
	t.Helper()
	me = b.Person(t, s.URL)
	me.Open("/demo")
	me.Press(".cast button")
	me.At("/feed")
	me.Open("/admin/plugins/bluesky")
	me.Press(`main form[action$="/bluesky.auto"] button[value=enable]`)
	profile = "/@" + strings.TrimPrefix(me.Value(`.menu-list a[href^="/@"]`, "pathname"), "/@")
	me.Open(profile)
	badge = me.Value(".badge-card a", "pathname")
	me.Open(badge)
	if me.Count("main button[name=visibility][value=public][aria-pressed=true]") == 0 {
		browser.Eval[bool](me, `document.querySelector(".badge-page-tools details.disclosure").open = true`)
		me.Press(`main button[name=visibility][value=public]`)
	}
	return me, badge, profile
}

// hear wants a name for all that can be used, and for each its own where they do
// different things.
func hear(me *browser.Tab, pages []string) {
	for _, page := range pages {
		me.Open(page)
		names := me.Names()
		seen := map[string]int{}
		for _, name := range names {
			if strings.HasSuffix(name, " ") {
				me.T.Errorf("%s: %q has no name", page, name)
			}
			if seen[name]++; seen[name] == 2 && strings.HasPrefix(name, "button ") && !slices.Contains([]string{"button Copy"}, name) {
				me.T.Errorf("%s: two are called %q", page, name)
			}
		}
	}
}

// byKeyboard shares a badge by mail and a profile by a link, and puts a place higher.
func byKeyboard(me *browser.Tab, badge, profile string) {
	me.Open(badge)
	me.TabTo(`a[href$="/share"][data-sheet]`)
	me.Key("Enter")
	me.Until(`document.querySelector("dialog.sheet")?.open && document.activeElement.id === "sheet-title"`, "the dialog of sharing, with the focus in it")
	me.TabTo(`dialog a[href$="/share/email.send"]`)
	me.Key("Enter")
	me.Until(`document.querySelector("dialog #compose")`, "the form in the dialog")
	me.Key("Escape")
	me.Until(`!document.querySelector("dialog.sheet[open]") && document.activeElement.matches("a[data-sheet]")`, "the dialog to close, and the focus where it was")

	me.Open(badge + "/share/email.send")
	me.TabTo(`#f-words`)
	me.TabTo(`[name="option_to"]`)
	me.Type(`[name="option_to"]`, "friend@people.example")
	me.TabTo(`#f-agree`)
	me.Key(" ")
	me.TabTo(`#compose button.btn-primary`)
	me.Go(func() { me.Key("Enter") })
	me.At(badge + "/share")
	me.Until(`document.querySelector("main li.shared .tag-ok")`, "the mail in the history")

	me.Open(profile + "/share")
	me.TabTo(`form[action^="/share/linkedin.post/"] button`)
	me.Key("Enter")
	me.Until(`location.host === "www.linkedin.com"`, "the page of the target")

	me.Open("/settings/sharing")
	second := me.Value(`main ol li:nth-child(2) input[name=target]`, "value")
	me.TabTo(`main ol li:nth-child(2) button[value=up]`)
	me.Go(func() { me.Key("Enter") })
	if first := me.Value(`main ol li:first-child input[name=target]`, "value"); first != second {
		me.T.Errorf("%s is the first place, not %s", first, second)
	}
}

// noScript previews and sends a share, and hides a place, where no script runs.
func noScript(me *browser.Tab, badge string) {
	me.NoScript()
	me.Open(badge + "/share")
	me.Press(`main a[href$="/share/email.send"]`)
	me.Fill("option_to", "another@people.example")
	me.Type("#f-words", "No script here.")
	me.Press(`#compose button[formaction]`)
	me.Reads("No script here.")
	me.Press(`#compose button.btn-primary`)
	me.At(badge + "/share")
	if n := me.Count("main li.shared"); n < 2 {
		me.T.Errorf("%d shares in the history", n)
	}
	me.Open("/settings/sharing")
	hidden := me.Value(`main ol li:nth-child(2) input[name=target]`, "value")
	me.Press(`main ol li:nth-child(2) button[value=hide]`)
	if me.Count(`main ul input[name=target][value="`+hidden+`"]`) != 1 {
		me.T.Errorf("%s is not among the hidden", hidden)
	}
	me.Press(`main ul button[value=show]`)
}
