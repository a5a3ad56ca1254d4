package account

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
)

func TestHandles(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"ada", "ada"},
		{"Ada_L-1", "ada_l-1"},
		{"0x", "0x"},
		{strings.Repeat("a", 30), strings.Repeat("a", 30)},
		{"a", ""},
		{"", ""},
		{strings.Repeat("a", 31), ""},
		{"_a", ""},
		{"-a", ""},
		{"a.b", ""},
		{"a b", ""},
		{"a\nb", ""},
		{"é1", ""},
		{"аdmin", ""},
		{"ａｄ", ""},
		{"ﬁx", ""},
		{"ſa", ""},
		{"a\u200b", ""},
		{"a/b", ""},
		{"a%00", ""},
		{"admin", ""},
		{"ADMIN", ""},
		{"adm1n", ""},
		{"ad-min", ""},
		{"supp0rt", ""},
		{"5upport", ""},
		{"adrnin", ""},
		{"login", ""},
		{"log_in", ""},
		{"www", ""},
		{"con", ""},
		{"me", ""},
		{"a__", "a__"},
	} {
		got, err := ParseHandle(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("ParseHandle(%q) = %q, %v, want %q", c.in, got, err, c.want)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseHandle(%q): %v is no fault of the field", c.in, err)
		}
	}
}

func TestSuggestedHandles(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Ada Lovelace", "ada-lovelace"},
		{"ada.l@example.org", "ada-l"},
		{"Jérôme Müller", "jerome-muller"},
		{"admin", ""},
		{"日本", ""},
		{"  ", ""},
		{strings.Repeat("ab", 50), strings.Repeat("ab", 12) + "a"},
	} {
		if got := suggestHandle(c.in); got != c.want {
			t.Errorf("suggestHandle(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"  Ada \t Lovelace\n", "Ada Lovelace"},
		{"e\u0301", "é"},
		{"a\u202eb", "ab"},
		{"a\x00b", "ab"},
		{"👩\u200d🚀", "👩\u200d🚀"},
		{"\u200d\u200d", ""},
		{"\u00ad", ""},
		{"", ""},
		{strings.Repeat("é", 80), strings.Repeat("é", 80)},
		{strings.Repeat("a", 81), ""},
	} {
		if got, err := parseName(c.in); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("parseName(%q) = %q, %v, want %q", c.in, got, err, c.want)
		}
	}
	if got, err := parseAbout("a\r\n\r\nb\x07 "); err != nil || got != "a\n\nb" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := parseAbout(strings.Repeat("a", aboutMax+1)); err == nil {
		t.Error("a long text is accepted")
	}
}

func TestPasswords(t *testing.T) {
	for _, c := range []struct{ in, reason string }{
		{"correct horse", ""},
		{strings.Repeat("é", 10), "common"},
		{"éàùçôîïüûë", ""},
		{strings.Repeat("ab", 64), ""},
		{"short", "short"},
		{"123456789", "short"},
		{strings.Repeat("ab", 65), "long"},
		{"1234567890", "common"},
		{"QwertyUiop", "common"},
		{"aaaaaaaaaaaa", "common"},
		{"Ada Lovelace", "known"},
		{"adalovelace", "known"},
		{"ada.lovelace", "known"},
		{"ADA.LOVELACE@example.org", "known"},
	} {
		err := checkPassword(c.in, "Ada Lovelace", "ada", "ada.lovelace@example.org")
		e, _ := fault.As(err)
		if c.reason == "" && err != nil || c.reason != "" && (e == nil || e.Key != "account.error.password."+c.reason) {
			t.Errorf("%q: got %v, want %q", c.in, err, c.reason)
		}
	}
}

func TestHashes(t *testing.T) {
	h, ctx := newHasher(), t.Context()
	made := 0
	h.count = func() { made++ }
	stored, err := h.hash(ctx, "correct horse")
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("got %s, %v", stored, err)
	}
	again, err := h.hash(ctx, "correct horse")
	if err != nil || again == stored {
		t.Error("two hashes of one password are equal")
	}
	for _, c := range []struct {
		stored, password string
		want             bool
	}{
		{stored, "correct horse", true},
		{stored, "correct horsf", false},
		{stored, "", false},
		{"", "correct horse", false},
		{"", "", false},
		{stored, strings.Repeat("a", 1<<20), false},
	} {
		before := made
		got, err := h.matches(ctx, c.stored, c.password)
		if err != nil || got != c.want {
			t.Errorf("matches(%q, %.20q) = %v, %v", c.stored, c.password, got, err)
		}
		if made != before+1 {
			t.Errorf("matches(%q, %.20q) made %d hashes, want one whatever the answer", c.stored, c.password, made-before)
		}
	}
	if _, err := h.matches(ctx, "$2y$05$abc", "correct horse"); !errors.Is(err, errHash) {
		t.Errorf("a hash of another kind: %v", err)
	}
	composed, err := h.hash(ctx, "pass\u00e9 compos\u00e9")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.matches(ctx, composed, "passe\u0301 compose\u0301"); err != nil || !ok {
		t.Error("two spellings of one password differ")
	}
}

func TestDevices(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"},
		{"<script>alert(1)</script>", ""},
		{"", ""},
		{"curl/8.0", "curl"},
	} {
		if got := deviceOf(c.in); got != c.want {
			t.Errorf("deviceOf(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestOfASharedCollection runs the handles and addresses of the collection of
// hostile cases: all handles are refused, or plain ASCII; addresses are refused
// where the case says so, and otherwise are one plain address.
func TestOfASharedCollection(t *testing.T) {
	f, err := os.Open(filepath.Join(shared(t), "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	handles, addresses, refused := 0, 0, 0
	for lines.Scan() {
		var c struct {
			Surface, Name, Demand string
			Value                 json.RawMessage
		}
		var value string
		if json.Unmarshal(lines.Bytes(), &c) != nil || json.Unmarshal(c.Value, &value) != nil {
			continue
		}
		switch c.Surface {
		case "username":
			handles++
			got, err := ParseHandle(value)
			if err != nil {
				refused++
			}
			if err == nil && (got != strings.ToLower(value) || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "") {
				t.Errorf("%s: handle %q became %q", c.Name, value, got)
			}
		case "email":
			addresses++
			got, _, err := mail.ParseAddress(value)
			if err == nil && (strings.HasPrefix(c.Demand, "reject") || strings.Count(got, "@") != 1 || !strings.EqualFold(got, value)) {
				t.Errorf("%s: address %q became %q", c.Name, value, got)
			}
		}
	}
	t.Logf("%d username cases, %d of them refused; %d e-mail cases", handles, refused, addresses)
	if handles < 40 || addresses < 30 {
		t.Errorf("only %d handles and %d addresses ran", handles, addresses)
	}
}

// shared is the folder of outside test data beside the checkout.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != "/" {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", "hostile")
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		t.Skip("no shared test data")
	}
	return dir
}

func TestGreetingIsNoAdvertisement(t *testing.T) {
	for name, want := range map[string]string{
		"Ada Lovelace": "Ada Lovelace", "J. R. R. Tolkien": "J. R. R. Tolkien", "Zoë": "Zoë",
		"You won! http://evil.test": "ada", "evil.test": "ada", "see evil.test/x now": "ada", "write a@evil.test": "ada", `\\evil`: "ada",
	} {
		if got := greeted(Person{Name: name, Handle: "ada"}); got != want {
			t.Errorf("%q is greeted as %q", name, got)
		}
	}
}
