package webtest

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Client is one browser: it keeps cookies and follows no redirect by itself.
type Client struct {
	t      testing.TB
	server *Server
	http   *http.Client
	header http.Header
}

// Client gives a new browser without cookies.
func (s *Server) Client() *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &Client{
		t: s.t, server: s, header: http.Header{},
		http: &http.Client{
			Jar: jar, Timeout: 20 * time.Second,
			Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// With gives the same browser with one more request header.
func (c *Client) With(name, value string) *Client {
	other := *c
	other.header = c.header.Clone()
	other.header.Set(name, value)
	return &other
}

// SetCookie puts a cookie into the browser.
func (c *Client) SetCookie(name, value string) {
	c.http.Jar.SetCookies(c.base(), []*http.Cookie{{Name: name, Value: value, Path: "/"}}) //nolint:gosec // G124: the kit speaks plain HTTP with itself
}

// Cookie is the value of a cookie of the browser, or "".
func (c *Client) Cookie(name string) string {
	for _, k := range c.http.Jar.Cookies(c.base()) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

func (c *Client) base() *url.URL {
	u, err := url.Parse(c.server.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	return u
}

// Get asks for a path.
func (c *Client) Get(path string) *Page {
	c.t.Helper()
	return c.do(http.MethodGet, path, "", nil)
}

// Follow asks for a path and for where it redirects, at most five times.
func (c *Client) Follow(path string) *Page {
	c.t.Helper()
	p := c.Get(path)
	for range 5 {
		if p.Location() == "" {
			return p
		}
		p = c.Get(p.Location())
	}
	c.t.Fatalf("GET %s: redirects without end", path)
	return nil
}

// PostForm sends fields as a form of this site, its token included. Values come
// as pairs of names and values.
func (c *Client) PostForm(path string, pairs ...string) *Page {
	c.t.Helper()
	form := url.Values{"csrf": {c.CSRF()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return c.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// Upload is one file of a form.
type Upload struct {
	Field, Name, Type string
	Data              []byte
}

// Upload sends files, and fields as pairs, as a form of this site.
func (c *Client) Upload(path string, files []Upload, pairs ...string) *Page {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	fields := append([]string{"csrf", c.CSRF()}, pairs...)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", multipart.FileContentDisposition(f.Field, f.Name))
		h.Set("Content-Type", f.Type)
		part, err := w.CreatePart(h)
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := part.Write(f.Data); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.do(http.MethodPost, path, w.FormDataContentType(), &body)
}

// Post sends any body, without a token.
func (c *Client) Post(path, contentType, body string) *Page {
	c.t.Helper()
	return c.do(http.MethodPost, path, contentType, strings.NewReader(body))
}

// CSRF is a token for this browser's forms.
func (c *Client) CSRF() string {
	c.t.Helper()
	var token string
	c.do(http.MethodGet, tokenPath, "", nil).Is(http.StatusOK).JSON(&token)
	return token
}

func (c *Client) do(method, path, contentType string, body io.Reader) *Page {
	c.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = c.server.URL + path
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, address, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept", "text/html")
	if method != http.MethodGet {
		req.Header.Set("Origin", c.server.URL)
	}
	maps.Copy(req.Header, c.header)
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &Page{t: c.t, Name: method + " " + path, Status: res.StatusCode, Header: res.Header, Body: data}
}
