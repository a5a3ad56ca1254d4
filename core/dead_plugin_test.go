package core

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
)

const deadManifest = `id: dead
version: 0.1.0
hosts: [dead.example]
targets:
  - {id: post, kind: link, items: [badge]}
i18n:
  en: {name: Dead letters, post: Write a letter}
  fr: {name: Lettres mortes, post: Écrire une lettre}
`

// TestADeadPluginGreysItsButton: a plugin that never says a word has its place,
// with a sentence, and the others work on.
func TestADeadPluginGreysItsButton(t *testing.T) {
	p := startPassport(t, options{}, func(c *config.Config) {
		dir := filepath.Join(c.Data, "plugins", "dead")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"plugin.yaml": deadManifest, "dead": "#!/bin/sh\nexit 1\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	})
	p.share.Settle()
	v := p.member("writer")
	issuer := newSigner(t, "Post office")
	id := v.take(t, issuer, issuer.badge("Letters", "writer@people.test"))
	v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)

	sheet := v.get("/b/"+id+"/share").is(t, 200)
	if n := len(sheet.all(t, "button.target[disabled]")); n != 1 {
		t.Errorf("%d grey buttons", n)
	}
	if n := len(sheet.all(t, `form[action^="/share/twitter."] button.target`)); n != 1 {
		t.Errorf("%d buttons of another plugin", n)
	}
	for _, want := range []string{"Dead letters", "Sharing through dead"} {
		if !strings.Contains(string(sheet.body), want) {
			t.Errorf("the sheet lacks %q", want)
		}
	}
	if strings.Contains(string(sheet.body), "{plugin}") {
		t.Error("a sentence without its name")
	}
	v.post("/share/dead.post/"+id).is(t, 404)
	admin := p.administrator("keeper").get("/admin/plugins").is(t, 200)
	if !strings.Contains(string(admin.body), `tag-bad`) {
		t.Errorf("the administrator sees nothing wrong: %s", admin)
	}
}
