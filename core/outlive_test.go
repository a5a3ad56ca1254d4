package core

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// webIssuer publishes OB 2.0 badges on a server that may fall silent.
type webIssuer struct {
	*httptest.Server
	silent atomic.Bool
	pages  map[string][]byte
	badge  openbadge.Credential
}

func newWebIssuer(t *testing.T, address string) *webIssuer {
	t.Helper()
	i := &webIssuer{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := i.pages[r.URL.Path]
		switch {
		case i.silent.Load():
			panic(http.ErrAbortHandler)
		case !ok:
			http.NotFound(w, r)
		case r.URL.Path == "/knot.png":
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(body)
		case r.URL.Path == "/criteria":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(body)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(body)
		}
	}))
	i.Config.SetKeepAlivesEnabled(false)
	t.Cleanup(i.Close)
	i.badge = newSigner(t, "Harbour School").badge("Knot tying", address)
	i.badge.ID, i.badge.AchievementID, i.badge.CriteriaID, i.badge.Version = i.URL+"/a/1", i.URL+"/class", i.URL+"/criteria", openbadge.V20
	i.badge.Image = i.URL + "/knot.png"
	i.badge.Issuer = openbadge.Issuer{ID: i.URL + "/issuer", Name: "Harbour School", URL: "https://harbour.example"}
	h, err := issue.Hosted2(i.badge)
	if err != nil {
		t.Fatal(err)
	}
	i.pages = map[string][]byte{
		"/a/1": h.Assertion, "/class": h.Class, "/issuer": h.Issuer, "/knot.png": knot(t),
		"/criteria": []byte("<h1>Criteria</h1><p>Tie seven knots &amp; untie them.<script>x()</script>"),
	}
	return i
}

// knot is the picture of the class: all of one colour that no drawing of ours has.
func knot(t *testing.T) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(m, m.Rect, image.NewUniform(color.NRGBA{R: 0x12, G: 0xfe, B: 0xdc, A: 0xff}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// picture is the colour in the middle of the picture on the page of a badge.
func (v *visitor) picture(t *testing.T, path string) string {
	t.Helper()
	list := v.get(path).is(t, 200).all(t, ".art img")
	if len(list) == 0 {
		t.Fatalf("%s shows no picture", path)
	}
	m, err := png.Decode(bytes.NewReader(v.get(attr(list[0], "src")).is(t, 200).body))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	at := m.Bounds()
	c := color.NRGBAModel.Convert(m.At((at.Min.X+at.Max.X)/2, (at.Min.Y+at.Max.Y)/2)).(color.NRGBA)
	return fmt.Sprintf("%02x%02x%02x", c.R, c.G, c.B)
}

// TestABadgeOutlivesItsIssuer walks from a valid badge to one whose issuer is
// gone, and reads what its pages and the holder's mail say.
func TestABadgeOutlivesItsIssuer(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { outlive(t) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		outlive(t, func(c *config.Config) { c.Database = url })
	})
}

func outlive(t *testing.T, configure ...func(*config.Config)) {
	t.Helper()
	issuer := newWebIssuer(t, "ada@people.test")
	var later atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	p := startPassport(t, options{clock: clock, fetch: fetch.Options{Clock: clock, Allow: []string{issuer.Listener.Addr().String()}}}, append(configure, withList(t))...)
	ada := p.member("ada")
	p.write(`UPDATE person SET language = 'fr' WHERE id = $1`, ada.person.ID)
	location := ada.upload("/add", "file", "knot.json", issuer.pages["/a/1"]).is(t, 303).location()
	path, _, _ := strings.Cut(location, "?")
	(&scene{passport: p}).show(&secretBadge{holder: ada, id: strings.TrimPrefix(path, "/b/")}, "public")
	guest := p.visitor()
	says(t, guest.get(path+"/verify").is(t, 200), "Listed in “Schools of the coast”", "since 2019", "the website at harbour.example", "The issuer", "SHA-256")

	later.Store(int64(2 * time.Hour)) // the criteria are copied
	p.until(t, `SELECT count(*) FROM criteria_copy WHERE at > 0`, 1)
	issuer.silent.Store(true)
	for day := range 26 {
		later.Store(int64(11*24*time.Hour + time.Duration(day)*12*time.Hour))
		p.until(t, `SELECT count(*) FROM job WHERE kind = 'every/badge.recheck' AND lease_until > 0`, 0)
	}
	p.until(t, `SELECT count(*) FROM badge WHERE verdict = 'unverifiable' AND valid_at > 0`, 1)
	for _, page := range []string{path, path + "/verify"} {
		says(t, guest.get(page).is(t, 200), "Was valid, cannot be checked now", "It was valid on ", "unreachable since ")
	}
	past(t, guest, path)
	says(t, guest.get(path).is(t, 200), "This is the copy that was made of it on ", "Tie seven knots & untie them.")
	if colour := guest.picture(t, path); colour != "12fedc" {
		t.Errorf("the copy of the picture is %s in its middle", colour)
	}
	says(t, guest.get(p.issuerPage()).is(t, 200), "Listed in “Schools of the coast”", "First seen here on ", "Shown publicly here 1 time")
	p.until(t, `SELECT count(*) FROM mail_outbox WHERE template = 'verdict'`, 1)
	later.Add(int64(5 * 24 * time.Hour))
	p.until(t, `SELECT count(*) FROM job WHERE kind = 'every/badge.recheck'`, 0)
	if n := p.count(`SELECT count(*) FROM mail_outbox WHERE template = 'verdict'`); n != 1 {
		t.Errorf("%d mails about one outage", n)
	}
	if subject := p.texts(`SELECT subject FROM mail_outbox WHERE template = 'verdict'`)[0]; !strings.Contains(subject, "« Knot tying » ne peut plus être vérifié") {
		t.Errorf("the mail says %q", subject)
	}
	if n := p.count(`SELECT count(*) FROM verification WHERE verdict = 'valid'`); n != 1 {
		t.Errorf("the ledger holds %d valid verifications", n)
	}
}

// past reads the report of the first check from the history, as it was then.
func past(t *testing.T, v *visitor, path string) {
	t.Helper()
	now := v.get(path+"/verify").is(t, 200)
	says(t, now, "History of checks", "Could not be checked", "Verified", "1 check")
	links := now.all(t, ".history-checks a")
	then := v.get(attr(links[len(links)-1], "href")).is(t, 200)
	says(t, then, "This is the report of the check on ", "See the last one", "Genuine, in force", "Passed")
	if page := words(then.document(t)); strings.Contains(page, "unreachable since") || strings.Contains(page, "Kept documents") {
		t.Errorf("the earlier report tells of today: %s", page)
	}
	for _, at := range []string{"1", "x", "-1"} {
		v.get(path+"/verify?at="+at).is(t, 404)
	}
}

// withList gives the passport a list of known issuers.
func withList(t *testing.T) func(*config.Config) {
	t.Helper()
	return func(c *config.Config) {
		text := `{"name":"Schools of the coast","url":"https://coast.example","issuers":[{"domain":"127.0.0.1","name":"Harbour School","note":"since 2019"}]}`
		if err := os.WriteFile(filepath.Join(c.Data, "coast.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c.IssuerLists = []string{"coast.json"}
	}
}

func (p *passport) issuerPage() string {
	return "/i/" + p.texts(`SELECT public_id FROM issuer`)[0]
}

// until does what is due until a count is as wanted.
func (p *passport) until(t *testing.T, query string, want int) {
	t.Helper()
	end := time.Now().Add(30 * time.Second)
	for {
		if err := p.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := p.count(query)
		if n == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %d, want %d", query, n, want)
		}
	}
}

// says fails unless a page has these words.
func says(t *testing.T, a answer, texts ...string) {
	t.Helper()
	page := strings.Join(strings.Fields(words(a.document(t))), " ")
	for _, w := range texts {
		if !strings.Contains(page, strings.TrimSpace(w)) {
			t.Errorf("%s does not say %q:\n%.3000s", a.name, w, page)
		}
	}
}
