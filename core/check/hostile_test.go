package check

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

type nobody struct{}

func (nobody) Confirmed(context.Context, db.DB, int64) ([]string, error) { return nil, nil }

func open(t *testing.T) (*Check, *db.Base) {
	t.Helper()
	b, log := dbtest.SQLite(t), slog.New(slog.DiscardHandler)
	badges := badge.New(badge.Deps{
		Base: b, Blobs: blob.Store{}, Bus: event.New(log), Queue: jobs.New(b, log), Fetch: fetch.New(fetch.Options{Log: log}), Addresses: nobody{}, Log: log,
	})
	return New(badges), b
}

// inputs are bytes that were made to hurt: those at hand, and a few of our own.
func inputs(t *testing.T) map[string][]byte {
	t.Helper()
	list := map[string][]byte{
		"nothing": nil, "deep": bytes.Repeat([]byte(`{"a":`), 100_000), "png": []byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"),
		"zip": []byte("PK\x03\x04"), "pdf": []byte("%PDF-1.7\n1 0 obj<</Length 99999999999>>stream"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><!ENTITY x SYSTEM "file:///etc/passwd">`),
	}
	root := filepath.Join("..", "..", "..", "shared", "hostile")
	f, err := os.Open(filepath.Join(root, "cases.jsonl"))
	if err != nil {
		return list
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var c struct {
			Surface, Name, Kind, File string
			Value                     any
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		switch c.Surface {
		case "zip", "json", "jwt", "svg", "png":
			text, _ := c.Value.(string)
			data := []byte(text)
			if c.File != "" {
				if data, err = os.ReadFile(filepath.Join(root, c.File)); err != nil {
					t.Fatal(err)
				}
			}
			if c.Kind == "input" && len(data) > 0 {
				list[c.Surface+" "+c.Name] = data
			}
		}
	}
	return list
}

// TestHostileUploadsAreAnswered: each with a reason or a verdict that is not
// "valid", in time, with nothing stored.
func TestHostileUploadsAreAnswered(t *testing.T) {
	s, base := open(t)
	list := inputs(t)
	for name, data := range list {
		start := time.Now()
		results, err := s.answer(t.Context(), question{upload: badge.Upload{File: data, Text: string(data)}})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if err != nil && fault.Status(err) >= 500 {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range results {
			if r.err != nil && fault.Status(r.err) >= 500 {
				t.Errorf("%s: %v", name, r.err)
			}
			if r.err == nil && r.report.Verdict == verify.Valid {
				t.Errorf("%s is valid", name)
			}
			view(r, "ada@example.org") // what the page shows of it must not panic
		}
	}
	for _, table := range []string{"blob", "badge", "badge_import", "issuer", "job"} {
		var n int
		if err := base.Read().QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows in %s, %v", n, table, err)
		}
	}
	t.Logf("%d inputs", len(list))
}

// TestFewAtOnce: who comes when all places are taken is told to come again.
func TestFewAtOnce(t *testing.T) {
	s, _ := open(t)
	for range atOnce {
		s.slots <- struct{}{}
	}
	if _, err := s.answer(t.Context(), question{upload: badge.Upload{Text: "x"}}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	<-s.slots
	if _, err := s.answer(t.Context(), question{upload: badge.Upload{Text: "x"}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}
