package kill9

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// client is one person at the passport, as a program that speaks HTTP.
type client struct {
	handle, address string

	base string
	http *http.Client
	csrf string

	badges, comments int      // how many were sent
	class            string   // path of the badge class that is talked about
	ackBadges        [][]byte // uploads that were acknowledged
	ackComments      []string
}

func newClient(t testing.TB, base, handle, address string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{
		handle: handle, address: address, base: base,
		http: &http.Client{
			Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

type answer struct {
	status   int
	location string
	body     []byte
}

func (c *client) do(ctx context.Context, method, path, accept, kind string, body io.Reader) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Accept", accept)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	got, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	data, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header.Get("Location"), data}, err
}

func (c *client) get(ctx context.Context, path string) (answer, error) {
	return c.do(ctx, http.MethodGet, path, "text/html", "", nil)
}

func (c *client) post(ctx context.Context, path string, form url.Values) (answer, error) {
	form.Set("csrf", c.csrf)
	return c.do(ctx, http.MethodPost, path, "text/html", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// signIn opens a session that outlives the server.
func (c *client) signIn(ctx context.Context, password string) error {
	if err := c.token(ctx, "/login"); err != nil {
		return err
	}
	a, err := c.post(ctx, "/login", url.Values{"address": {c.address}, "password": {password}})
	if err != nil {
		return err
	}
	if a.status != http.StatusSeeOther {
		return fmt.Errorf("sign in: status %d", a.status)
	}
	return c.token(ctx, "/add")
}

// token reads the token that forms carry.
func (c *client) token(ctx context.Context, path string) error {
	a, err := c.get(ctx, path)
	if err != nil {
		return err
	}
	found := csrf.FindSubmatch(a.body)
	if a.status != http.StatusOK || found == nil {
		return fmt.Errorf("%s: status %d, no form", path, a.status)
	}
	c.csrf = string(found[1])
	return nil
}

// add uploads badges together. It reports whether the server acknowledged them.
func (c *client) add(ctx context.Context, name string, script bool, files ...[]byte) (bool, answer, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, data := range files {
		part, err := w.CreateFormFile("file", name)
		if err == nil {
			_, err = part.Write(data)
		}
		if err != nil {
			return false, answer{}, err
		}
	}
	if err := errors.Join(w.WriteField("csrf", c.csrf), w.Close()); err != nil {
		return false, answer{}, err
	}
	accept := "text/html"
	if script {
		accept = "application/json"
	}
	a, err := c.do(ctx, http.MethodPost, "/add", accept, w.FormDataContentType(), &body)
	if err != nil {
		return false, a, err
	}
	if a.status != http.StatusSeeOther && a.status != http.StatusAccepted {
		return false, a, fmt.Errorf("upload %s: status %d: %.300s", name, a.status, a.body)
	}
	c.ackBadges = append(c.ackBadges, files...)
	return true, a, nil
}

// comment says something. It reports whether the server acknowledged it.
func (c *client) comment(ctx context.Context, text string) (bool, error) {
	a, err := c.post(ctx, c.class+"/comments", url.Values{"text": {text}})
	if err != nil {
		return false, err
	}
	if a.status != http.StatusSeeOther {
		return false, fmt.Errorf("comment: status %d: %.300s", a.status, a.body)
	}
	c.ackComments = append(c.ackComments, text)
	return true, nil
}

// settled waits until no import of the person is under way.
func (c *client) settled(ctx context.Context) error {
	for {
		a, err := c.get(ctx, "/badges")
		if err != nil {
			return err
		}
		if !bytes.Contains(a.body, []byte(`href="/add/`)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("imports are still under way")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// held gives what the person's export holds: received files with how often each
// is there, and the words of comments.
func (c *client) held(ctx context.Context) (files map[string]int, comments string, err error) {
	a, err := c.export(ctx)
	if err != nil {
		return nil, "", err
	}
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		return nil, "", fmt.Errorf("export: status %d: %w", a.status, err)
	}
	files = map[string]int{}
	for _, f := range z.File {
		data, err := readFile(f)
		if err != nil {
			return nil, "", err
		}
		switch {
		case strings.HasPrefix(f.Name, "badges/received/"):
			files[string(data)]++
		case f.Name == "social/comments.json":
			var list []json.RawMessage
			if err := json.Unmarshal(data, &list); err != nil {
				return nil, "", fmt.Errorf("%s: %w", f.Name, err)
			}
			comments = string(data)
		}
	}
	return files, comments, nil
}

// upload sends an archive that is brought back and gives the page of it.
func (c *client) upload(t *testing.T, archive []byte) string {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "archive.zip")
	if err == nil {
		_, err = part.Write(archive)
	}
	if err = errors.Join(err, w.WriteField("csrf", c.csrf), w.Close()); err != nil {
		t.Fatal(err)
	}
	a, err := c.do(t.Context(), http.MethodPost, "/settings/data/import", "text/html", w.FormDataContentType(), &body)
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("upload the archive: %d, %v: %.300s", a.status, err, a.body)
	}
	return a.location
}

var exportForm = regexp.MustCompile(`action="(/settings/data/export/[0-9A-Za-z]+)"`)

// export has the ZIP made, waits until it is there and fetches it.
func (c *client) export(ctx context.Context) (answer, error) {
	if a, err := c.post(ctx, "/settings/data/export", url.Values{}); err != nil || a.status != http.StatusSeeOther {
		return a, errors.Join(err, fmt.Errorf("prepare the export: status %d", a.status))
	}
	for {
		a, err := c.get(ctx, "/settings/data")
		if err != nil {
			return a, err
		}
		if m := exportForm.FindSubmatch(a.body); m != nil {
			return c.post(ctx, string(m[1]), url.Values{})
		}
		select {
		case <-ctx.Done():
			return a, errors.New("the export is still under way")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func readFile(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
