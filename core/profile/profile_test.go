package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseField(t *testing.T) {
	for _, c := range []struct {
		kind, in, want string
		ok             bool
	}{
		{"mastodon", " @Ada@Social.Example ", "Ada@social.example", true},
		{"mastodon", "https://social.example/@ada", "ada@social.example", true},
		{"mastodon", "ada@localhost", "", false},
		{"mastodon", "https://social.example/@ada/123", "", false},
		{"mastodon", "ada@social.example/evil", "", false},
		{"bluesky", "https://bsky.app/profile/Ada.bsky.social", "ada.bsky.social", true},
		{"bluesky", "@ada.example", "ada.example", true},
		{"bluesky", "ada", "", false},
		{"github", "https://github.com/ada-l/", "ada-l", true},
		{"github", "ada/repo", "", false},
		{"github", "-ada", "", false},
		{"orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097", true},
		{"orcid", "0000000218250097", "0000-0002-1825-0097", true},
		{"orcid", "0000-0002-1694-233x", "0000-0002-1694-233X", true},
		{"orcid", "0000-0002-1825-0098", "", false},
		{"matrix", "https://matrix.to/#/@ada:server.example", "@ada:server.example", true},
		{"matrix", "ada", "", false},
		{"email", "ada@example.org", "ada@example.org", true},
		{"email", "Ada <ada@example.org>", "", false},
		{"phone", "+44 20 7946 0000", "+44 20 7946 0000", true},
		{"phone", "javascript:alert(1)", "", false},
		{"phone", "", "", true},
		{"linkedin", "https://www.linkedin.com/in/ada-lovelace/", "ada-lovelace", true},
		{"linkedin", "ada/evil", "", false},
		{"x", "@ada_l", "ada_l", true},
		{"x", "https://x.com/ada/status/1", "", false},
		{"instagram", "https://www.instagram.com/ada.l/", "ada.l", true},
		{"facebook", "ada?x=1", "", false},
		{"address", " 12 Willow Lane,  Leeds ", "12 Willow Lane, Leeds", true},
		{"address", "12\x00Willow", "", false},
		{"fax", "1", "", false},
	} {
		got, ok := ParseField(c.kind, c.in)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s %q: %q, %t, want %q, %t", c.kind, c.in, got, ok, c.want, c.ok)
		}
	}
}

func TestMeLinks(t *testing.T) {
	const page = `<!doctype html><head><link href="/@one" rel="me"><link rel=stylesheet href="/x.css"></head>
		<a rel="nofollow ME noopener" href=" https://here.test/@two ">x</a><a href="https://here.test/@three">no rel</a>
		<a rel="meme" href="/@four">x</a><a rel=me>nowhere</a><!-- <a rel=me href="/@five"> --><script>"<a rel=me href='/@six'>"</script>`
	got := meLinks([]byte(page), "https://there.test/about")
	if diff := cmp.Diff([]string{"https://there.test/@one", "https://here.test/@two"}, got); diff != "" {
		t.Error(diff)
	}
}
