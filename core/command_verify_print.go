package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/mattn/go-isatty"

	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// printer writes reports as JSON lines or as text for people.
func (c verifyCommand) printer() (func(string, verify.Report) (string, error), error) {
	words, err := i18n.Load(nil)
	if err != nil {
		return nil, err
	}
	lang, err := c.language(words)
	if err != nil {
		return nil, err
	}
	if c.JSON {
		return jsonLine, nil
	}
	return func(file string, r verify.Report) (string, error) { return reportText(words, lang, file, r), nil }, nil
}

func jsonLine(file string, r verify.Report) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(r.Line(file))
	return b.String(), err
}

var marks = map[verify.Result]string{verify.Pass: "✓", verify.Fail: "✗", verify.Unknown: "?", verify.Skipped: "–"}

func reportText(words *i18n.Catalogue, lang, file string, r verify.Report) string {
	var b strings.Builder
	b.WriteString(words.T(lang, "verify.line.reason", "check", oneLine(file), "reason", words.T(lang, "verify.verdict."+string(r.Verdict))) + "\n")
	if c := r.Credential; c != nil && c.Name != "" {
		fmt.Fprintf(&b, "  %s — %s\n", oneLine(c.Name), oneLine(c.Issuer.Name))
	}
	for _, step := range r.Checks {
		line := words.T(lang, "verify.check."+step.Name)
		if step.By != "" {
			line += " (" + oneLine(step.By) + ")"
		}
		if reason := cmp.Or(step.Reason, step.Warning); reason != "" {
			line = words.T(lang, "verify.line.reason", "check", line, "reason", oneLine(words.T(lang, "verify.reason."+reason, "detail", step.Detail)))
		}
		fmt.Fprintf(&b, "  %s %s\n", marks[step.Result], line)
	}
	return b.String()
}

// oneLine keeps text of strangers from moving the cursor of a terminal or turning its lines around.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}

// progress says on a terminal how far the work is; anywhere else it is silent.
type progress struct {
	mu           sync.Mutex
	w            io.Writer // nil: silent
	known, ended int
	shown        bool
	last         time.Time
}

// progressPause keeps a terminal from being written to for every badge.
const progressPause = 100 * time.Millisecond

func newProgress(s Streams) *progress {
	if f, ok := s.Err.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return &progress{w: f}
	}
	return &progress{}
}

// more counts an input that was found.
func (p *progress) more() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known++
	p.draw()
}

// done counts an input that was printed.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended++
	p.draw()
}

func (p *progress) draw() {
	if p.w == nil || p.known < 2 || time.Since(p.last) < progressPause {
		return
	}
	p.last, p.shown = time.Now(), true
	fmt.Fprintf(p.w, "\r%d/%d\x1b[K", p.ended, p.known)
}

// clear takes the line away before something else is written.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.shown = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
