package server

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
)

// Log collects what a server writes. Lines of JSON are its log.
type Log struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines []Line
	rest  []byte
	more  chan struct{}
}

// Line is one line of the log.
type Line struct {
	raw    string
	fields map[string]any
}

// Text gives a field, "" where it is none.
func (l Line) Text(name string) string {
	s, _ := l.fields[name].(string)
	return s
}

func (l Line) String() string { return l.raw }

func newLog() *Log { return &Log{more: make(chan struct{}, 1)} }

// Write takes what the process writes.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			break
		}
		parsed := Line{raw: string(line)}
		if json.Unmarshal(line, &parsed.fields) != nil {
			parsed.fields = nil
		}
		l.lines = append(l.lines, parsed)
		l.rest = rest
	}
	select {
	case l.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

// More tells that something was written since it was last asked.
func (l *Log) More() <-chan struct{} { return l.more }

// Find gives the first line whose message begins with the words.
func (l *Log) Find(message string) (Line, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.HasPrefix(line.Text("msg"), message) {
			return line, true
		}
	}
	return Line{}, false
}

// Bad gives the lines that no run should write: errors, and Go's own words when
// a program dies.
func (l *Log) Bad() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var bad []string
	for _, line := range l.lines {
		if line.Text("level") == "ERROR" || line.fields == nil && (strings.HasPrefix(line.raw, "panic:") || strings.HasPrefix(line.raw, "fatal error:")) {
			bad = append(bad, line.raw)
		}
	}
	return bad
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
