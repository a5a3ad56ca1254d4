package remote_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/sharetest/remote"
)

// TestMain lets the test binary be a process that is led by its environment alone.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "get" {
		resp, err := http.Get(os.Args[2])
		if err != nil {
			os.Exit(1)
		}
		_, err = io.Copy(os.Stdout, resp.Body)
		if errors.Join(err, resp.Body.Close()) != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func start(t *testing.T) *remote.World {
	t.Helper()
	w, err := remote.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	w.Add("social.example", http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(out, "social "+r.URL.Path)
	}))
	return w
}

// A process gets to a fake under its real name by its environment, and to no other host.
func TestByEnvironment(t *testing.T) {
	w := start(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	get := func(address string) string {
		cmd := exec.CommandContext(t.Context(), self, "get", address)
		cmd.Env = w.Env()
		out, err := cmd.Output()
		if err != nil {
			return "no answer"
		}
		return string(out)
	}
	if got := get("https://social.example/a"); got != "social /a" {
		t.Errorf("got %q", got)
	}
	if got := get("https://elsewhere.example/"); got != "no answer" {
		t.Errorf("got %q of a host that is not there", got)
	}
	if got := get("http://social.example/"); got == "social /" {
		t.Error("an address without protection was answered")
	}
	if got := w.Dialled(); !slices.Equal(got, []string{"social.example:443", "elsewhere.example:443"}) {
		t.Errorf("dialled %v", got)
	}
	w.Rest(http.NotFoundHandler())
	if got := get("https://elsewhere.example/"); got != "404 page not found\n" {
		t.Errorf("got %q of the rest", got)
	}
}

// A client of this process gets there, by itself and by the proxy.
func TestClient(t *testing.T) {
	w := start(t)
	byProxy := w.Client()
	address, err := url.Parse(w.ProxyURL())
	if err != nil {
		t.Fatal(err)
	}
	proxied := w.Client().Transport.(*http.Transport).Clone()
	proxied.Proxy, proxied.DialContext = http.ProxyURL(address), nil
	byProxy.Transport = proxied
	for _, c := range []*http.Client{w.Client(), byProxy} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://social.example/b", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "social /b" {
			t.Errorf("got %q, %v", body, err)
		}
		_ = resp.Body.Close()
	}
}
