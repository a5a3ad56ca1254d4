package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"github.com/osier-passport/osier/core/account"
)

// visitor is one browser without scripts, with an address of its own.
type visitor struct {
	p      *passport
	person account.Person // zero for nobody in particular
	http   *http.Client
	jar    http.CookieJar
	from   string

	mu     sync.Mutex
	tokens map[string]string // for forms, by session
}

// visitor gives a new browser without cookies.
func (p *passport) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	n := p.guests.Add(1)
	return &visitor{
		p: p, jar: jar, from: fmt.Sprintf("198.51.%d.%d", n/250, 1+n%250), tokens: map[string]string{},
		http: &http.Client{
			Jar: jar, Timeout: 30 * time.Second, Transport: p.transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// newTransport connects to an address, whatever the name in the URL.
func newTransport(address string) *http.Transport {
	return &http.Transport{
		DisableCompression: true, MaxIdleConnsPerHost: 8,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}
}

func (v *visitor) base() *url.URL {
	u, err := url.Parse(v.p.url)
	if err != nil {
		v.p.t.Fatal(err)
	}
	return u
}

func (v *visitor) setCookie(name, value string) {
	v.jar.SetCookies(v.base(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func (v *visitor) cookie(name string) string {
	for _, k := range v.jar.Cookies(v.base()) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// answer is what came back, as it was sent.
type answer struct {
	name   string // "GET /path"
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

func (a answer) location() string { return a.header.Get("Location") }

func (a answer) String() string {
	return fmt.Sprintf("%s: %d %s\n%.600s", a.name, a.status, a.location(), a.body)
}

// is fails the test unless the status is one of these.
func (a answer) is(t testing.TB, statuses ...int) answer {
	t.Helper()
	if !slices.Contains(statuses, a.status) {
		t.Errorf("want status %v: %s", statuses, a)
	}
	return a
}

func (a answer) document(t testing.TB) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(a.body))
	if err != nil {
		t.Fatalf("%s: %v", a.name, err)
	}
	return doc
}

// all is the elements for a CSS selector.
func (a answer) all(t testing.TB, selector string) []*html.Node {
	t.Helper()
	return cascadia.QueryAll(a.document(t), cascadia.MustCompile(selector))
}

// attribute is one of the first element for a CSS selector, or "".
func (a answer) attribute(t testing.TB, selector, name string) string {
	t.Helper()
	for _, n := range a.all(t, selector) {
		return attr(n, name)
	}
	return ""
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	var s strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			s.WriteString(d.Data)
		}
	}
	return s.String()
}

// maxHead is what a server reads of the head of a request at least.
const maxHead = 4 << 10

// get asks for a path; headers come as pairs.
func (v *visitor) get(path string, headers ...string) answer {
	return v.send(http.MethodGet, path, "", nil, headers...)
}

// post sends fields, given as pairs, as a form of this site.
func (v *visitor) post(path string, pairs ...string) answer {
	return v.send(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(v.form(pairs...)))
}

func (v *visitor) form(pairs ...string) string {
	form := url.Values{"csrf": {v.token()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form.Encode()
}

// upload sends a file, and fields as pairs, as a form of this site.
func (v *visitor) upload(path, field, name string, data []byte, pairs ...string) answer {
	body, kind := multipartForm(field, name, data, append([]string{"csrf", v.token()}, pairs...)...)
	return v.settled(v.send(http.MethodPost, path, kind, body))
}

// settled looks at an import that goes on, as its page does, until it has ended:
// on a busy machine that is after the answer to the upload.
func (v *visitor) settled(a answer) answer {
	page := a.location()
	if !strings.HasPrefix(page, "/add/") {
		return a
	}
	end := time.Now().Add(time.Minute)
	for a = v.get(page); a.status == http.StatusOK && bytes.Contains(a.body, []byte("data-live")) && time.Now().Before(end); a = v.get(page) {
	}
	return a
}

func multipartForm(field, name string, data []byte, pairs ...string) (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1]) // a buffer takes everything
	}
	if field != "" {
		h := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition(field, name)}, "Content-Type": {"application/octet-stream"}}
		part, _ := w.CreatePart(h)
		_, _ = part.Write(data)
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// token is for this browser's forms. It hangs on the session, so it is asked for
// once for each.
func (v *visitor) token() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	session := v.cookie("osier")
	if v.tokens[session] == "" || session == "" && v.cookie("osier-csrf") == "" {
		path := "/settings"
		if session == "" {
			path = "/login"
		}
		token := v.get(path).attribute(v.p.t, `input[name="csrf"]`, "value")
		if token == "" {
			v.p.t.Errorf("%s has no token for forms", path)
		}
		v.tokens[session] = token
	}
	return v.tokens[session]
}

// send sends any request. Requests that write say that they come from this site,
// unless the headers say otherwise.
func (v *visitor) send(method, path, kind string, body []byte, headers ...string) answer {
	v.p.t.Helper()
	a := answer{name: method + " " + path}
	req, err := http.NewRequestWithContext(context.Background(), method, v.p.url+path, bytes.NewReader(body))
	if err != nil {
		v.p.t.Errorf("%s: %v", a.name, err)
		return a
	}
	req.Header.Set("X-Forwarded-For", v.from)
	req.Header.Set("Accept", "text/html")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if method != http.MethodGet && method != http.MethodHead {
		req.Header.Set("Origin", v.p.url)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	start := time.Now()
	res, err := v.http.Do(req)
	// A head that is too long is answered while the rest of it is on its way, which makes TCP
	// drop the answer now and then.
	for try := 0; try < 4 && len(path) > maxHead && (errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)); try++ {
		res, err = v.http.Do(req)
	}
	if err != nil {
		v.p.t.Errorf("%s: %v", a.name, err)
		return a
	}
	defer res.Body.Close()
	a.body, err = io.ReadAll(res.Body)
	if err != nil {
		v.p.t.Errorf("%s: %v", a.name, err)
	}
	a.status, a.header, a.took = res.StatusCode, res.Header, time.Since(start)
	return a
}
