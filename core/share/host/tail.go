package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

// Bounds of a plugin's log.
const (
	keptLines      = 50
	linesPerSecond = 100
	maxLine        = 1000    // characters
	bytesPerSecond = 1 << 20 // read; a plugin that writes more waits
)

// tail is the log of one plugin: it reads what its processes print, passes a
// bounded part of it on to the log of the passport, as debug lines or warnings,
// and keeps the last lines for the administrator.
type tail struct {
	log    *slog.Logger
	clock  func() time.Time
	redact func(string) string // nil: nothing is secret

	mu      sync.Mutex
	kept    []string
	taken   int   // lines so far
	second  int64 // that lines were counted in
	count   int
	dropped int
}

func newTail(log *slog.Logger, clock func() time.Time) *tail {
	return &tail{log: log, clock: clock}
}

// lines gives a copy of the kept lines, oldest first.
func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.kept)
}

// lastAfter gives the last line that came after the first n, "" for none.
func (t *tail) lastAfter(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken <= n || len(t.kept) == 0 {
		return ""
	}
	return t.kept[len(t.kept)-1]
}

// soFar is how many lines have come.
func (t *tail) soFar() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.taken
}

// drain reads r to its end.
func (t *tail) drain(r io.Reader) {
	w := t.writer()
	if _, err := io.Copy(struct{ io.Writer }{w}, r); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, os.ErrClosed) {
		t.log.Debug("plugin's output cannot be read", "error", err)
	}
	w.flush()
}

func (t *tail) writer() *lineWriter { return &lineWriter{tail: t} }

// line takes one line of output.
func (t *tail) line(raw string) {
	if t.redact != nil {
		raw = t.redact(raw)
	}
	text, loud := understand(raw)
	text = sdk.Clip(sdk.Plain(text), maxLine, nil)
	if text == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.clock().Unix(); now != t.second {
		if t.dropped > 0 {
			t.log.Warn("plugin prints too much", "lines_dropped", t.dropped)
		}
		t.second, t.count, t.dropped = now, 0, 0
	}
	if t.count++; t.count > linesPerSecond {
		t.dropped++
		return
	}
	if len(t.kept) == keptLines {
		t.kept = slices.Delete(t.kept, 0, 1)
	}
	t.kept = append(t.kept, text)
	t.taken++
	if loud {
		t.log.Warn("plugin says", "line", text)
	} else {
		t.log.Debug("plugin says", "line", text)
	}
}

// understand reads a line of a JSON logger (hclog or slog) and tells whether it
// is a warning or worse. Any other line is taken as it is.
func understand(raw string) (text string, loud bool) {
	loud = strings.HasPrefix(raw, "panic: ") || strings.HasPrefix(raw, "fatal error: ")
	if !strings.HasPrefix(raw, "{") {
		return raw, loud
	}
	var hclog struct {
		Level   string `json:"@level"`
		Message string `json:"@message"`
	}
	var slogged struct {
		Level   string `json:"level"`
		Message string `json:"msg"`
	}
	var level string
	switch {
	case json.Unmarshal([]byte(raw), &hclog) == nil && hclog.Message != "":
		level, text = hclog.Level, hclog.Message
	case json.Unmarshal([]byte(raw), &slogged) == nil && slogged.Message != "":
		level, text = slogged.Level, slogged.Message
	default:
		return raw, loud
	}
	level = strings.ToLower(level)
	return text, strings.HasPrefix(level, "warn") || strings.HasPrefix(level, "err")
}

// lineWriter cuts one stream of output into lines. What follows the first
// 4*maxLine bytes of a line is dropped, and a stream that is too fast waits.
type lineWriter struct {
	tail   *tail
	line   []byte
	window time.Time
	read   int
}

// Write takes a part of the stream. It never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.pace(len(p))
	for rest := p; len(rest) > 0; {
		part, after, ended := bytes.Cut(rest, []byte{'\n'})
		w.line = append(w.line, part[:min(len(part), 4*maxLine-len(w.line))]...)
		if ended {
			w.flush()
		}
		rest = after
	}
	return len(p), nil
}

func (w *lineWriter) flush() {
	w.tail.line(string(w.line))
	w.line = w.line[:0]
}

// pace waits out the second when more than bytesPerSecond came in it, so that
// the pipe fills and the plugin, not the passport, bears the cost.
func (w *lineWriter) pace(n int) {
	now := time.Now()
	if now.Sub(w.window) >= time.Second {
		w.window, w.read = now, 0
	}
	if w.read += n; w.read > bytesPerSecond {
		<-time.After(time.Second - now.Sub(w.window))
	}
}
