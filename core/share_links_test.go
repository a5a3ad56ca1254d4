package core

import (
	"strings"
	"testing"
)

// TestTargetsWrittenDown: a target that is a line in plugin.yaml shares as the
// others do; one that is off waits for an administrator; one with servers asks
// for a server and remembers it.
func TestTargetsWrittenDown(t *testing.T) {
	p := startPassport(t, options{})
	p.share.Settle()
	v := p.member("writer")
	issuer := newSigner(t, "Post office")
	id := v.take(t, issuer, issuer.badge("Letters", "writer@people.test"))
	v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	leads := func(target, prefix string, form ...string) {
		t.Helper()
		if to := v.post("/share/"+target+"/"+id, form...).is(t, 200).header.Get("Refresh"); !strings.HasPrefix(to, "0; url="+prefix) || !strings.Contains(to, id) {
			t.Errorf("%s leads to %q", target, to)
		}
	}
	leads("bluesky.post", "https://bsky.app/intent/compose?text=Letters%20")
	leads("links.whatsapp", "https://wa.me/?text=")
	leads("links.mail", "mailto:?subject=Letters&body=")

	v.post("/share/links.xing/"+id).is(t, 404)
	admin := p.administrator("keeper")
	admin.post("/admin/plugins/links.xing", "action", "enable").is(t, 303)
	leads("links.xing", "https://www.xing.com/spi/shares/new?url=")
	admin.post("/admin/plugins/links.whatsapp", "action", "disable").is(t, 303)
	v.post("/share/links.whatsapp/"+id).is(t, 404)
	for _, unknown := range []string{"links.nowhere", "nowhere", "nowhere.post"} {
		admin.post("/admin/plugins/"+unknown, "action", "enable").is(t, 404)
	}
	sheet := string(v.get("/b/"+id+"/share").is(t, 200).body)
	if strings.Contains(sheet, "links.whatsapp") || !strings.Contains(sheet, "links.xing") {
		t.Error("the sheet does not follow the switches")
	}

	for _, typed := range []string{"@ada@Tooting.Example", "https://tooting.example/@ada", " tooting.example "} {
		leads("mastodon.post", "https://tooting.example/share?text=Letters%20", "instance", typed)
	}
	for _, bad := range []string{"", "localhost", "127.0.0.1", "tooting.example:8443", "a b", "evil.example?x=", "[::1]", "<script>"} {
		a := v.post("/share/mastodon.post/"+id, "instance", bad).is(t, 303)
		if a.location() != "/b/"+id+"/share" {
			t.Errorf("%q leads to %s", bad, a.location())
		}
	}
	if sheet := string(v.get("/b/"+id+"/share").is(t, 200).body); !strings.Contains(sheet, `name="instance" value="tooting.example"`) {
		t.Error("the server is not remembered")
	}
}
