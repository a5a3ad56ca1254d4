package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPage(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "<p>a</p><p>b": "a\n\nb", "a<br>b": "a\nb", "<b>a</b>\n\n<i>b</i>": "a b",
		"<title>t</title><style>s</style><script>alert(1)</script><nav>menu</nav>x": "x",
		"<ul><li>one<li>two</ul>": "• one\n• two", "&lt;script&gt;&amp;amp;": "<script>&amp;",
		"a\x00b\u202ec\u200b": "abc\u200b", "\xff": "\uFFFD", "<script>never closed": "",
		"<svg><text>no</text></svg>yes": "yes", "<!-- no -->yes": "yes", "<p": "",
	} {
		if got := Page([]byte(in), 100); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := Page([]byte(strings.Repeat("<p>word</p>", 1<<16)), 50); utf8.RuneCountInString(got) != 50 || !strings.HasSuffix(got, "…") {
		t.Errorf("a long page: %q", got)
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range []string{"<p>a", "<script><", "a&#x202e;b", "<li>\x00", "<textarea></textarea>b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := Page(b, 1000)
		if utf8.RuneCountInString(got) > 1000 || !utf8.ValidString(got) || strings.ContainsFunc(got, forbidden) || strings.ContainsRune(got, 0x202e) {
			t.Fatalf("%q gives %q", b, got)
		}
		if again := Lines(got, 1000); again != got {
			t.Fatalf("%q gives %q, then %q", b, got, again)
		}
	})
}
