package control

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCallReachesThePassportThatRuns(t *testing.T) {
	for _, name := range []string{"short", strings.Repeat("a-long-name-", 10)} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := Call(t.Context(), dir, "double", 2, nil); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: before it runs: %v", name, err)
		}
		s, err := Listen(t.Context(), dir, map[string]Handler{
			"double": func(_ context.Context, in json.RawMessage) (any, error) {
				var n int
				err := json.Unmarshal(in, &n)
				return 2 * n, err
			},
			"refuse": func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("not today") },
		}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		var got int
		if err := Call(t.Context(), dir, "double", 21, &got); err != nil || got != 42 {
			t.Errorf("%s: %d, %v", name, got, err)
		}
		if err := Call(t.Context(), dir, "refuse", nil, nil); err == nil || err.Error() != "not today" {
			t.Errorf("%s: refusal: %v", name, err)
		}
		if err := Call(t.Context(), dir, "fly", nil, nil); err == nil || !strings.Contains(err.Error(), "another version") {
			t.Errorf("%s: unknown: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, keyFile), []byte("guessed"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Call(t.Context(), dir, "double", 2, nil); err == nil || !strings.Contains(err.Error(), "the key") {
			t.Errorf("%s: without the key: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := Call(t.Context(), dir, "double", 2, nil); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: after it ended: %v", name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "control.*")); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

// A passport that was killed leaves its socket; the next one takes its place.
func TestListenReplacesWhatWasLeft(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "control.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Call(t.Context(), dir, "x", nil, nil); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a dead socket: %v", err)
	}
	s, err := Listen(t.Context(), dir, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "control.sock"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
