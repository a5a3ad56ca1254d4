package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const yard = `id: yard
version: 1.0.0
hosts: [yard.example]
targets:
  - {id: post, url: "https://yard.example/share?t={text_url}", max: 300}
i18n:
  en: {name: Yard, post: Post in the yard}
`

// A plugin.yaml that has every address is a plugin without any code. It is held
// against plugins.lock as an executable is.
func TestWrittenPlugin(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "plugins")
	file := filepath.Join(folder, "yard", "plugin.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, file, yard, 0o644)
	h := newHost(t, Options{Dir: folder})
	r, err := h.Share(t.Context(), "yard", Request{Target: "post", Item: badge()})
	if err != nil || !strings.HasPrefix(r.URL, "https://yard.example/share?t=") {
		t.Fatalf("got %q, %v", r.URL, err)
	}
	d, err := h.Describe(t.Context(), "yard")
	if err != nil || d.Targets[0].Labels["en"] != "Post in the yard" {
		t.Errorf("got %+v, %v", d, err)
	}

	write(t, file, strings.ReplaceAll(yard, "yard.example", "elsewhere.example"), 0o644)
	h.Scan()
	_, err = h.Share(t.Context(), "yard", Request{Target: "post", Item: badge()})
	wantKey(t, err, "disabled")
	if err := h.Accept("yard"); err != nil {
		t.Fatal(err)
	}
	if r, err = h.Share(t.Context(), "yard", Request{Target: "post", Item: badge()}); err != nil || !strings.HasPrefix(r.URL, "https://elsewhere.example/") {
		t.Errorf("got %q, %v", r.URL, err)
	}

	write(t, file, strings.ReplaceAll(yard, "{text_url}", "{txet}"), 0o644)
	for _, s := range h.List() {
		if s.State != Disabled || s.Reason.Key != "plugin.error.manifest" || !strings.Contains(s.Reason.Args["detail"], "{txet}") {
			t.Errorf("%s: %v %v", s.ID, s.State, s.Reason)
		}
	}
	write(t, file, strings.ReplaceAll(yard, `url: "https://yard.example/share?t={text_url}"`, "kind: link"), 0o644)
	for _, s := range h.List() {
		if s.State != Disabled || s.Reason.Key != "plugin.error.missing" {
			t.Errorf("without an address there has to be a binary: %v %v", s.State, s.Reason)
		}
	}
}
