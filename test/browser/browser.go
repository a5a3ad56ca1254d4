// Package browser drives a real headless Chromium for tests, as people do: by
// clicking and typing. What a page writes to the console as an error, and each
// violation of its content policy, fails the test.
//
// It owns no table. The tests in test/e2e call it.
package browser

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Browser is one Chromium. What lies outside of this machine is played by a
// server of the test's own, which notes what it was asked for.
type Browser struct {
	Shots string // folder for screenshots

	ctx     context.Context
	outside *httptest.Server
	mu      sync.Mutex
	visited []string
	hosts   map[string]http.Handler
}

// Host has a site outside answer by a handler, over https.
func (b *Browser) Host(name string, site http.Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts[name] = site
}

// Start runs Chromium until the test ends. It skips the test where none is installed.
func Start(t testing.TB, shots string) *Browser {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("Chromium is not installed: the tests in a browser are left out (Debian: apt-get install chromium)")
	}
	b := &Browser{Shots: shots, hosts: map[string]http.Handler{}}
	b.outside = httptest.NewUnstartedServer(http.HandlerFunc(b.stranger))
	b.outside.Config.ErrorLog = log.New(io.Discard, "", 0) // Chromium asks for things by itself
	b.outside.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	b.outside.StartTLS()
	t.Cleanup(b.outside.Close)

	profile, err := os.MkdirTemp("", "osier-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("ignore-certificate-errors", true), chromedp.Flag("lang", "en-GB"),
		chromedp.Flag("host-resolver-rules", "MAP * "+b.outside.Listener.Addr().String()+", EXCLUDE localhost, EXCLUDE 127.0.0.1"),
		chromedp.WindowSize(1280, 900),
	)
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	b.ctx = ctx
	t.Cleanup(func() {
		cancel()
		stop()
		removeSoon(profile)
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return b
}

// removeSoon tries for a while: Chromium's processes write until they end.
func removeSoon(dir string) {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		if os.RemoveAll(dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// stranger is every site but ours.
func (b *Browser) stranger(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.visited = append(b.visited, "https://"+r.Host+r.URL.RequestURI())
	site := b.hosts[r.Host]
	b.mu.Unlock()
	if site != nil {
		site.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if strings.HasPrefix(r.URL.Path, "/favicon") {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	io.WriteString(w, "<!doctype html><title>Elsewhere</title><link rel=icon href=data:,><h1>Elsewhere</h1>") //nolint:errcheck // a browser that went away
}

// Visited gives the addresses outside that were asked for.
func (b *Browser) Visited() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.visited...)
}

// Person opens a browser of its own: other cookies, other storage.
func (b *Browser) Person(t testing.TB, base string) *Tab {
	t.Helper()
	tab := &Tab{T: t, Base: base, browser: b, allowed: map[string]bool{}}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.listen))
	tab.ctx = ctx
	t.Cleanup(func() {
		tab.CheckConsole()
		cancel()
	})
	err := chromedp.Do(ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, audits.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	})
	if err != nil { // the tab lives as long as the context of its first action
		t.Fatalf("open a tab: %v", err)
	}
	tab.Viewport(1280, 900)
	return tab
}

// shot writes a screenshot.
func (b *Browser) shot(name string, png []byte) error {
	if err := os.MkdirAll(b.Shots, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.Shots, name+".png"), png, 0o644)
}
