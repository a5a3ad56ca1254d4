package core

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/openbadge"
)

// verdicts are the titles of the verdicts on a page, in order.
func verdicts(t *testing.T, a answer) []string {
	t.Helper()
	var out []string
	for _, n := range a.all(t, ".check-result .verdict-title") {
		out = append(out, strings.TrimSpace(words(n)))
	}
	return out
}

// TestAProgramMayVerify: no account, no token; a report for each badge, a reason
// for what is none.
func TestAProgramMayVerify(t *testing.T) {
	p := startPassport(t, options{})
	issuer := newSigner(t, "Issuer of the programs")
	credential := issuer.sign(t, issuer.badge("For programs", "ada@people.test"))
	forged := bytes.Replace(credential, []byte("About "), []byte("Above "), 1)
	ask := func(path, accept string, form url.Values) answer {
		return p.visitor().send(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()), "Accept", accept, "Origin", "https://elsewhere.test")
	}
	var got struct {
		Results []struct {
			Verdict string
			Checks  []struct{ Name, Result string }
			Error   struct{ Reason, Message string }
		}
		Error struct{ Reason, Message string }
	}
	for _, c := range []struct {
		name, path, accept, text string
		status                   int
		want                     string
	}{
		{"by its header", "/verify", "application/json", string(credential), 200, "valid"},
		{"by the query", "/verify?format=json", "*/*", string(credential), 200, "valid"},
		{"a forged one", "/verify", "application/json", string(forged), 200, "invalid"},
		{"no badge", "/verify", "application/json", "Dear Ada", 422, ""},
		{"nothing", "/verify?format=json", "*/*", "", 422, ""},
	} {
		got.Results, got.Error.Reason = nil, ""
		a := ask(c.path, c.accept, url.Values{"text": {c.text}})
		if err := json.Unmarshal(a.body, &got); err != nil || a.status != c.status {
			t.Fatalf("%s: %d, %v\n%s", c.name, a.status, err, a.body)
		}
		if c.want == "" {
			if got.Error.Reason == "" || got.Error.Message == "" {
				t.Errorf("%s: no reason: %s", c.name, a.body)
			}
			continue
		}
		if len(got.Results) != 1 || got.Results[0].Verdict != c.want || len(got.Results[0].Checks) < 3 {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
	ask("/verify", "text/html", url.Values{"text": {string(credential)}}).is(t, 403)
}

// TestAnybodyMayVerify: no account, no trace.
func TestAnybodyMayVerify(t *testing.T) {
	p := startPassport(t, options{})
	v := p.visitor()
	m := marker("looked-at")
	issuer := newSigner(t, m+" issuer")
	credential := issuer.sign(t, issuer.badge(m+" name", "ada@people.test"))
	forged := bytes.Replace(credential, []byte("About "), []byte("Above "), 1)
	old := issuer.badge(m+" name", "ada@people.test")
	old.Expires = old.IssuedOn.AddDate(0, 1, 0)
	for _, c := range []struct {
		name string
		ask  func() answer
		want []string
	}{
		{"a picture", func() answer { return v.upload("/verify", "file", "b.png", baked(t, credential)) }, []string{"Verified"}},
		{"a text", func() answer { return v.post("/verify", "text", string(credential)) }, []string{"Verified"}},
		{"a forged one", func() answer { return v.upload("/verify", "file", "b.json", forged) }, []string{"Not valid"}},
		{"an old one", func() answer { return v.upload("/verify", "file", "b.json", issuer.sign(t, old)) }, []string{"Expired"}},
		{"an archive", func() answer {
			return v.upload("/verify", "file", "b.zip", zipped(t, "a.json", credential, "b.txt", []byte("x"), "c.json", forged))
		}, []string{"Verified", "b.txt", "Not valid"}},
	} {
		a := c.ask().is(t, 200)
		if got := verdicts(t, a); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if len(c.want) == 1 && (!strings.Contains(string(a.body), m+" name") || len(a.all(t, ".checks > li")) < 6) {
			t.Errorf("%s: name or checks are not shown: %s", c.name, a)
		}
		inert(t, c.name, a, nil)
	}
	for _, table := range []string{"badge", "badge_import", "badge_class", "issuer", "blob", "verification", "job WHERE kind NOT LIKE 'every/%'"} {
		if n := p.count(`SELECT count(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
}

func zipped(t *testing.T, pairs ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		e, err := w.Create(pairs[i].(string))
		if err == nil {
			_, err = e.Write(pairs[i+1].([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTheArtOfACheckedBadgeIsOurs: in the page itself, and drawn anew.
func TestTheArtOfACheckedBadgeIsOurs(t *testing.T) {
	p := startPassport(t, options{})
	issuer := newSigner(t, "issuer")
	a := p.visitor().upload("/verify", "file", "b.png", baked(t, issuer.sign(t, issuer.badge("n", "ada@people.test")))).is(t, 200)
	src := a.attribute(t, ".check-result .art img", "src")
	if !strings.HasPrefix(src, "data:image/png;base64,") {
		t.Errorf("art %.60q", src)
	}
	if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "img-src 'self' data:;") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %s", csp)
	}
	if csp := p.visitor().get("/about").header.Get("Content-Security-Policy"); strings.Contains(csp, "data:") {
		t.Errorf("policy of another page %s", csp)
	}
}

// TestTheAddressOfACheckedBadge: whom it was issued to is said for the address
// that is asked about, and leaves the verdict.
func TestTheAddressOfACheckedBadge(t *testing.T) {
	p := startPassport(t, options{})
	issuer := newSigner(t, "issuer")
	credential := issuer.sign(t, issuer.badge("n", "ada@people.test"))
	for address, want := range map[string]string{
		"ada@people.test": "Passed", " Ada@people.test ": "Passed", "bob@people.test": "Failed", "+41 44 000 00 00": "Could not check", "": "",
	} {
		a := p.visitor().upload("/verify", "file", "b.json", credential, "address", address).is(t, 200)
		got := ""
		for _, n := range a.all(t, ".checks > li") {
			if strings.Contains(words(n), "Issued to this address") {
				got = strings.TrimSpace(words(n.LastChild))
			}
			if strings.Contains(words(n), "Issued to you") {
				t.Errorf("%q: asks whether it was issued to a visitor", address)
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
		if v := verdicts(t, a); !slices.Equal(v, []string{"Verified"}) {
			t.Errorf("%q: %q", address, v)
		}
	}
}

// TestALinkMakesNoRequest: a GET fills in the form and asks nobody; the POST does.
func TestALinkMakesNoRequest(t *testing.T) {
	asked := 0
	issuer := newSigner(t, "issuer")
	credential := issuer.sign(t, issuer.badge("n", "ada@people.test"))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/ld+json")
		_, _ = w.Write(credential)
	}))
	defer s.Close()
	p := startPassport(t, options{fetch: fetch.Options{Allow: []string{strings.TrimPrefix(s.URL, "http://")}}})
	v := p.visitor()
	a := v.get("/verify?url="+s.URL+"/badge").is(t, 200)
	if asked != 0 || a.attribute(t, "#f-url", "value") != s.URL+"/badge" {
		t.Errorf("%d requests, form %q", asked, a.attribute(t, "#f-url", "value"))
	}
	a = v.post("/verify", "url", s.URL+"/badge").is(t, 200)
	if got := verdicts(t, a); asked == 0 || !slices.Equal(got, []string{"Verified"}) {
		t.Errorf("%d requests, %q", asked, got)
	}
}

// TestWhatCannotBeVerifiedIsNamed: each with its reason, none with an error of ours.
func TestWhatCannotBeVerifiedIsNamed(t *testing.T) {
	v := startPassport(t, options{}).visitor()
	for _, c := range []struct {
		name string
		a    answer
		want string
	}{
		{"nothing", v.post("/verify"), "Choose a file"},
		{"no badge", v.upload("/verify", "file", "x.txt", []byte("hello")), "not a badge file"},
		{"no address", v.post("/verify", "url", "javascript:alert(1)"), "not a web address"},
		{"a private address", v.post("/verify", "url", "http://127.0.0.1/badge"), "not a public address"},
		{"an archive of letters", v.upload("/verify", "file", "x.zip", zipped(t, "a.txt", []byte("a"))), "not a badge file"},
	} {
		if c.a.status < 400 || c.a.status >= 500 || !strings.Contains(string(c.a.body), c.want) {
			t.Errorf("%s: %s", c.name, c.a)
		}
	}
	if a := v.send(http.MethodPost, "/verify", "application/x-www-form-urlencoded", []byte("text=x")); a.status != 403 {
		t.Errorf("without the token of a form: %s", a)
	}
}

// TestOnlyTheFirstBadgesAreVerifiedAtOnce: an archive is no lever.
func TestOnlyTheFirstBadgesAreVerifiedAtOnce(t *testing.T) {
	v := startPassport(t, options{}).visitor()
	issuer := newSigner(t, "issuer")
	var files []any
	for i := range 12 {
		files = append(files, string(rune('a'+i))+".json", issuer.sign(t, issuer.badge("n", "ada@people.test")))
	}
	a := v.upload("/verify", "file", "x.zip", zipped(t, files...)).is(t, 200)
	n := 0
	for _, title := range verdicts(t, a) {
		if title == "Verified" {
			n++
		}
	}
	if n != 10 || len(a.all(t, ".check-result")) != 12 {
		t.Errorf("%d verified of %d", n, len(a.all(t, ".check-result")))
	}
}

// TestANetworkHasAShare: the page is public, so it is limited.
func TestANetworkHasAShare(t *testing.T) {
	v := startPassport(t, options{}).visitor()
	for range 20 {
		v.post("/verify", "text", "x").is(t, 422)
	}
	v.post("/verify", "text", "x").is(t, 429)
	v.get("/verify").is(t, 200)
}

// TestABadgeShownHereIsVerifiedFromHere: by its id or by its address, without a
// request, and only for who may see it.
func TestABadgeShownHereIsVerifiedFromHere(t *testing.T) {
	p := startPassport(t, options{})
	holder, other := p.member("holder"), p.visitor()
	issuer := newSigner(t, "issuer")
	m := marker("shown")
	id := holder.take(t, issuer, issuer.badge(m, "holder@people.test"))
	plain := issuer.badge(m, "")
	plain.Recipient = openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: "holder@people.test"}}}
	named := holder.take(t, issuer, plain)
	for _, ask := range [][]string{{"badge", id}, {"url", p.url + "/b/" + id}, {"badge", named}} {
		other.post("/verify", ask...).is(t, 404)
	}
	other.get("/verify?badge="+id).is(t, 404)
	for _, b := range []string{id, named} {
		holder.post("/b/"+b+"/visibility", "visibility", "public").is(t, 303)
	}
	page := other.get("/b/"+id).is(t, 200)
	if len(page.all(t, `a[href="/verify?badge=`+id+`"]`)) == 0 {
		t.Error("the badge's page does not lead to its verification")
	}
	if a := other.get("/verify?badge="+id).is(t, 200); a.attribute(t, `input[name="badge"]`, "value") != id {
		t.Error("the form does not name the badge")
	}
	for _, ask := range [][]string{{"badge", id}, {"url", p.url + "/b/" + id + "?x=1"}, {"text", p.url + "/b/" + id}} {
		if got := verdicts(t, other.post("/verify", ask...).is(t, 200)); !slices.Equal(got, []string{"Verified"}) {
			t.Errorf("%s: %q", ask, got)
		}
	}
	const mine = "holder@people.test"
	for who, want := range map[*visitor]bool{other: false, holder: true} { // it names its holder's address, which is not for others to try
		a := who.post("/verify", "badge", named, "address", mine).is(t, 200)
		if got := strings.Contains(string(a.body), "Issued to this address"); got != want || len(verdicts(t, a)) != 1 {
			t.Errorf("whom it was issued to is answered: %v, want %v", got, want)
		}
		if body := strings.ReplaceAll(string(a.body), `value="`+mine+`"`, ""); strings.Contains(body, mine) {
			t.Error("the answer names the address")
		}
	}
}

// TestACheckedRecordShowsItsBadges: the record first, then each badge for itself.
func TestACheckedRecordShowsItsBadges(t *testing.T) {
	v := startPassport(t, options{}).visitor()
	issuer := newSigner(t, "issuer")
	a := v.upload("/verify", "file", "clr.json", issuer.record(t, issuer.badge("One", "ada@people.test"), issuer.badge("Two", "ada@people.test"))).is(t, 200)
	if got := verdicts(t, a); !slices.Equal(got, []string{"Verified", "Verified", "Verified"}) {
		t.Errorf("%q", got)
	}
	if n := len(a.all(t, ".check-result-inside")); n != 2 {
		t.Errorf("%d badges inside", n)
	}
}
