package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// What axe-core is asked for. Its own loading of style sheets is for rules that none of
// these has.
const (
	allRules = `{resultTypes: ["violations"], preload: false}`
	// wcag are the rules of WCAG 2.2 at the levels A and AA, that of the size of
	// targets included, which axe-core leaves out by itself.
	wcag = `{resultTypes: ["violations"], preload: false, runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}`
	// sight are those that depend on colours and sizes: what a page in another scheme
	// or language, whose elements are the same, can break.
	sight = `{resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block", "target-size"]}}`
	// spoken are those and the names that a screen reader says: what another language
	// can break besides.
	spoken = `{resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block", "target-size",
		"button-name", "link-name", "image-alt", "label", "select-name", "summary-name", "input-button-name", "document-title", "html-has-lang", "html-lang-valid", "valid-lang"]}}`
)

// violations gives what axe-core finds in the page that is open. Without axe-core it
// gives nothing.
func violations(tab *browser.Tab, axe, rules string) []string {
	tab.T.Helper()
	if axe == "" {
		return nil
	}
	if !browser.Eval[bool](tab, "!!window.axe") {
		browser.Eval[bool](tab, axe+"; true")
	}
	found := browser.Eval[string](tab, `axe.run(document, `+rules+`).then((r) => JSON.stringify(r.violations.map((v) =>
  v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | "))))`)
	var list []string
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		tab.T.Errorf("read what axe-core found: %v", err)
	}
	return list
}

// readAxe reads axe-core, which test/prepare gets.
func readAxe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(server.Root(), "test", ".axe", "package", "axe.min.js"))
	if err != nil {
		t.Log("axe-core is not there: accessibility is not checked (test/prepare gets it with npm)")
		return ""
	}
	return string(text)
}
