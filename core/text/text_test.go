package text_test

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"github.com/osier-passport/osier/core/text"
)

func TestMarkdown(t *testing.T) {
	const rel = ` rel="nofollow ugc noopener"`
	tests := []struct{ name, in, want string }{
		{"nothing", " \n", ""},
		{"paragraphs", "one\n\ntwo *three*", "<p>one</p>\n<p>two <em>three</em></p>"},
		{"headings start at 3", "# a\n\n#### b", "<h3>a</h3>\n<h6>b</h6>"},
		{"tags are text", "a <b>b</b> <script>c</script>", "<p>a &lt;b&gt;b&lt;/b&gt; &lt;script&gt;c&lt;/script&gt;</p>"},
		{"link", "[a](https://e.example/?a=1&b=2 'title')", `<p><a href="https://e.example/?a=1&amp;b=2"` + rel + `>a</a></p>`},
		{"bare link", "see https://e.example.", `<p>see <a href="https://e.example"` + rel + `>https://e.example</a>.</p>`},
		{"script link is text", "[a *b*](javascript:alert(1))", "<p>a <em>b</em></p>"},
		{"local link is text", "[a](/logout)", "<p>a</p>"},
		{"mail is text", "<a@b.example>", "<p>a@b.example</p>"},
		{"image becomes link", "![alt](https://e.example/i.png)", `<p><a href="https://e.example/i.png"` + rel + `>alt</a></p>`},
		{"data image is text", "![alt](data:image/png;base64,AA)", "<p>alt</p>"},
		{"entities once", "a &amp; b &lt; c", "<p>a &amp; b &lt; c</p>"},
		{"code", "`<b>`", "<p><code>&lt;b&gt;</code></p>"},
		{"list from 3", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"},
	}
	for _, tt := range tests {
		if got := strings.TrimSpace(string(text.Render(tt.in))); got != tt.want {
			t.Errorf("%s: Markdown(%q)\n got %s\nwant %s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestMarkdownIsBounded(t *testing.T) {
	for _, unit := range []string{"[a](", "- ", "> ", "*a", "`", "![", "<a ", "|a", "[", "\\", "_a_ ", "&", "http://a "} {
		start := time.Now()
		out := string(text.Markdown(strings.Repeat(unit, 50_000)))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q x 50,000 takes %s", unit, took)
		}
		check(t, unit, out)
	}
}

func TestMarkdownShowsWhatIsNestedTooFarAsItIs(t *testing.T) {
	for _, mark := range []string{">", "> ", "1. ", "- ", "* "} {
		if in := strings.Repeat(mark, 3) + "deep"; strings.HasPrefix(string(text.Markdown(in)), "<p>") {
			t.Errorf("%q is not formatted", in)
		}
		if out := string(text.Markdown("words\n" + strings.Repeat(mark, 200) + "deep")); !strings.HasPrefix(out, "<p>words\n") || strings.Count(out, "<") != 2 {
			t.Errorf("%q x 200: %.200s", mark, out)
		}
	}
}

// TestMarkdownIsCountedInWork: what is too much work is so on every machine, and what
// people write is not.
func TestMarkdownIsCountedInWork(t *testing.T) {
	for _, mark := range []string{"*a_", "[a](", "[", "_a_ ", "**a*"} {
		if out := string(text.Markdown(strings.Repeat(mark, 10_000))); strings.Count(out, "<") != 2 {
			t.Errorf("%q x 10,000 is formatted: %.100s", mark, out)
		}
	}
	list := strings.Repeat("* An **item** with [a link](https://a.example).\n", 400)
	if out := string(text.Markdown(list)); strings.Count(out, "<strong>") != 400 {
		t.Errorf("a long list is not formatted: %.100s", out)
	}
}

func TestPlain(t *testing.T) {
	tests := []struct {
		in   string
		max  int
		want string
	}{
		{"# Title\n\nSome **bold**, a [link](https://e.example) and `code`.", 100, "Title Some bold, a link and code."},
		{"a &amp;lt; b <i>", 100, "a &lt; b <i>"},
		{"one two three", 8, "one two…"},
		{"", 10, ""},
	}
	for _, tt := range tests {
		if got := text.Shorten(text.Words(text.Render(tt.in)), tt.max); got != tt.want {
			t.Errorf("Plain(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
		}
	}
}

func TestClean(t *testing.T) {
	tests := []struct {
		name     string
		f        func(string, int) (string, bool)
		in, want string
		ok       bool
	}{
		{"line", text.CleanLine, "  Ada \t Lovelace\n", "Ada Lovelace", true},
		{"NFC", text.CleanLine, "E\u0301pe\u0301e", "\u00c9p\u00e9e", true},
		{"direction override", text.CleanLine, "a\u202Egnp.exe\u2066", "agnp.exe", true},
		{"emoji", text.CleanLine, "👩\u200d🚀", "👩\u200d🚀", true},
		{"long", text.CleanLine, "12345678901234567890123456789012345678901", "", false},
		{"NUL", text.CleanLine, "a\x00b", "", false},
		{"escape", text.CleanLine, "a\x1b[31m", "", false},
		{"C1", text.CleanLine, "a\u009b31m", "", false},
		{"not UTF-8", text.CleanLine, "a\xff", "", false},
		{"lines", text.CleanText, "\r\na\r\n\r\nb\rc\td ", "a\n\nb\nc\td", true},
		{"text with NUL", text.CleanText, "a\x00", "", false},
		{"text too long", text.CleanText, strings.Repeat("é", 41), "", false},
		{"text just fits", text.CleanText, strings.Repeat("é", 40), strings.Repeat("é", 40), true},
	}
	for _, tt := range tests {
		if got, ok := tt.f(tt.in, 40); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %q gives %q, %t; want %q, %t", tt.name, tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestSafeURL(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://e.example/a?b=c#d", "https://e.example/a?b=c#d"},
		{"HTTP://E.Example:8080", "http://e.example:8080"},
		{" https://e.example/é ", "https://e.example/%C3%A9"},
		{"https://bücher.example/", "https://xn--bcher-kva.example/"},
		{"https://[2001:DB8::1]/", "https://[2001:db8::1]/"},
		{"https:e.example", ""},
		{"https:/e.example", ""},
		{"https:///e.example", ""},
		{"//e.example", ""},
		{"/local", ""},
		{"e.example", ""},
		{"https://user@e.example/", ""},
		{"https://e.example:99999/", ""},
		{"https://e.example:/", ""},
		{"https://", ""},
		{"https://e..example/", ""},
		{"https://e.example\\@evil.example/", ""},
		{"https://e.example/\u202Egpj", ""},
		{"ht\ntps://e.example/", ""},
		{"javascript://e.example/%0aalert(1)", ""},
		{"data:text/html,x", ""},
		{"ftp://e.example", ""},
		{"https://e.example/" + strings.Repeat("a", 8000), ""},
	}
	for _, tt := range tests {
		got, ok := text.SafeURL(tt.in)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("SafeURL(%q) = %q, %t; want %q", tt.in, got, ok, tt.want)
		}
	}
}

type hostileCase struct {
	Surface, Name string
	Input         any    `json:"value"`
	Value         string `json:"-"`
}

// hostile gives the cases of one surface, or skips the test where the shared
// folder is absent.
func hostile(t *testing.T, surface string) []hostileCase {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		t.Skip("no hostile cases here")
	}
	defer f.Close()
	var list []hostileCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c hostileCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if s, ok := c.Input.(string); ok && c.Surface == surface {
			c.Value = s
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		t.Fatalf("no cases of %s", surface)
	}
	return list
}

// allowed is what rendered text may consist of.
var allowed = map[string][]string{
	"p": nil, "br": nil, "strong": nil, "em": nil, "del": nil, "code": nil, "pre": nil, "blockquote": nil, "hr": nil,
	"ul": nil, "ol": {"start"}, "li": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil,
	"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": nil, "td": nil, "a": {"href", "rel"},
}

// check parses what was rendered as a browser would and looks at every element.
func check(t *testing.T, name, out string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader("<!doctype html><body><div id=x>" + out + "</div>"))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("%s: a comment in %s", name, out)
		}
		if n.Type != html.ElementNode || slices.Contains([]string{"html", "head", "body", "div"}, n.Data) {
			continue
		}
		attrs, ok := allowed[n.Data]
		if !ok {
			t.Errorf("%s: element %s in %s", name, n.Data, out)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attrs, a.Key) {
				t.Errorf("%s: attribute %s of %s in %s", name, a.Key, n.Data, out)
			}
			if u, err := url.Parse(a.Val); a.Key == "href" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
				t.Errorf("%s: link to %q", name, a.Val)
			}
		}
	}
}

func TestHostileHTML(t *testing.T) {
	for _, surface := range []string{"html", "text"} {
		t.Run(surface, func(t *testing.T) {
			for _, c := range hostile(t, surface) {
				for _, form := range []string{c.Value, "[x](" + c.Value + ")", "![x](<" + c.Value + ">)", "<" + c.Value + ">", "# " + c.Value, "- " + c.Value, "`" + c.Value} {
					check(t, c.Name, string(text.Markdown(form)))
				}
			}
		})
	}
}

func TestHostileURL(t *testing.T) {
	for _, surface := range []string{"url", "redirect", "ssrf"} {
		t.Run(surface, func(t *testing.T) {
			for _, c := range hostile(t, surface) {
				got, ok := text.SafeURL(c.Value)
				u, err := url.Parse(got)
				if ok && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Host == "" || strings.ContainsAny(got, "\\ \t\r\n<>\"`")) {
					t.Errorf("%s: SafeURL(%q) = %q", c.Name, c.Value, got)
				}
				check(t, c.Name, string(text.Markdown("[x]("+c.Value+") "+c.Value)))
			}
		})
	}
}

func TestHostileText(t *testing.T) {
	for _, surface := range []string{"text", "username", "search", "html"} {
		t.Run(surface, func(t *testing.T) {
			for _, c := range hostile(t, surface) {
				line, ok := text.CleanLine(c.Value, 200)
				if ok && (!norm.NFC.IsNormalString(line) || strings.ContainsAny(line, "\n\r\x00\u202e") || utf8.RuneCountInString(line) > 200) {
					t.Errorf("%s: CleanLine(%q) = %q", c.Name, c.Value, line)
				}
				kept, ok := text.CleanText(c.Value, 10_000)
				if again, ok2 := text.CleanText(kept, 10_000); ok && (!ok2 || again != kept) {
					t.Errorf("%s: CleanText is not stable: %q, then %q", c.Name, kept, again)
				}
			}
		})
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"# a\n- b\n> c", "[a](b)", "<a>", "![a](http://b)", "|a|\n|-|\n|b|", "```\nx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s, string(text.Markdown(s))) })
}

func FuzzSafeURL(f *testing.F) {
	for _, s := range []string{"https://a.example/?b#c", "javascript:x", "http://[::1]:80/", "//a", "http://a\\b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := text.SafeURL(s)
		if !ok {
			return
		}
		again, ok := text.SafeURL(got)
		if !ok || again != got {
			t.Errorf("SafeURL(%q) = %q, then %q, %t", s, got, again, ok)
		}
		if !strings.HasPrefix(got, "http://") && !strings.HasPrefix(got, "https://") {
			t.Errorf("SafeURL(%q) = %q", s, got)
		}
	})
}
