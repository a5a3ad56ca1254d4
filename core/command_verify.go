package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// maxInput is how many bytes of one input are read.
const maxInput = 10 << 20

type verifyCommand struct {
	JSON      bool     `help:"Print one JSON object a line."`
	At        string   `placeholder:"RFC3339" help:"Judge as of this time instead of now."`
	Documents string   `placeholder:"FILE" help:"JSON object of URL to file, used in place of the network."`
	Offline   bool     `help:"Use no network."`
	Recipient []string `placeholder:"ADDRESS" help:"Check that the badge was issued to this address. Repeatable."`
	Input     []string `arg:"" name:"file|-|url" help:"What to verify."`
}

// Run verifies each input. It fails when one of them is not valid.
func (c verifyCommand) Run(ctx context.Context, s Streams) error {
	o := verify.Options{At: time.Now(), Recipients: c.Recipient}
	if c.At != "" {
		at, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			fmt.Fprintf(s.Err, "osier: --at wants a time such as 2026-11-23T00:00:00Z, not %q\n", c.At)
			return exitError(exitUsage)
		}
		o.At = at
	}
	f, err := c.fetcher()
	if err != nil {
		fmt.Fprintln(s.Err, "osier:", err)
		return exitError(exitUsage)
	}
	o.Fetcher = f
	write, err := c.printer(s.Out)
	if err != nil {
		return err
	}
	allValid := true
	for _, name := range c.Input {
		r := verifyInput(ctx, name, s.In, o)
		allValid = allValid && r.Verdict == verify.Valid
		if err := write(name, r); err != nil {
			return err
		}
	}
	if !allValid {
		return exitError(exitFail)
	}
	return nil
}

// fetcher is where documents come from: the given files, nowhere, or the network.
func (c verifyCommand) fetcher() (verify.Fetcher, error) {
	switch {
	case c.Documents != "":
		return verify.LoadDocuments(c.Documents)
	case c.Offline:
		return nil, nil //nolint:nilnil // verify takes no fetcher for "offline"
	}
	return badge.Fetcher(fetch.New(fetch.Options{Log: slog.New(slog.DiscardHandler)})), nil
}

// verifyInput reads one input and verifies what is in it.
func verifyInput(ctx context.Context, name string, in io.Reader, o verify.Options) verify.Report {
	data, err := readInput(ctx, name, in, o.Fetcher)
	if err != nil {
		return unreadable(o.At, err)
	}
	found, err := bake.Extract(data)
	if err != nil {
		return unreadable(o.At, err)
	}
	return verify.Check(ctx, found.Payload, o)
}

// unreadable is the report of an input that holds no credential.
func unreadable(at time.Time, err error) verify.Report {
	step := verify.Step{Name: verify.CheckFormat, Result: verify.Fail, Reason: "not-readable", Detail: err.Error()}
	if e, ok := errors.AsType[*bake.Error](err); ok {
		step.Reason, step.Detail = e.Reason, e.Detail
	} else if e, ok := errors.AsType[*openbadge.Error](err); ok {
		step.Reason, step.Detail = e.Reason, e.Detail
	}
	return verify.Report{Verdict: verify.Invalid, Checks: []verify.Step{step}, At: at}
}

func readInput(ctx context.Context, name string, in io.Reader, f verify.Fetcher) ([]byte, error) {
	switch {
	case name == "-":
		return io.ReadAll(io.LimitReader(in, maxInput+1))
	case strings.HasPrefix(name, "https://"), strings.HasPrefix(name, "http://"):
		return readAddress(ctx, name, f)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, &openbadge.Error{Reason: "not-readable", Detail: err.Error()}
	}
	data, err := io.ReadAll(io.LimitReader(file, maxInput+1))
	return data, errors.Join(err, file.Close())
}

// readAddress gets a badge file. A hosted badge answers its own assertion, whose
// id verify fetches again.
func readAddress(ctx context.Context, address string, f verify.Fetcher) ([]byte, error) {
	if f == nil {
		return nil, &openbadge.Error{Reason: "offline", Detail: address}
	}
	d, err := f.Fetch(ctx, address)
	if err != nil {
		return nil, &openbadge.Error{Reason: "unavailable", Detail: address}
	}
	if d.Status >= 400 && d.Status != 410 {
		return nil, &openbadge.Error{Reason: "http-status", Detail: fmt.Sprint(d.Status, " ", address)}
	}
	if len(d.Body) == 0 || d.Status == 410 {
		return []byte(address), nil
	}
	return d.Body, nil
}

// printer writes reports as JSON lines or as text for people.
func (c verifyCommand) printer(w io.Writer) (func(string, verify.Report) error, error) {
	if c.JSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return func(file string, r verify.Report) error { return e.Encode(r.Line(file)) }, nil
	}
	words, err := i18n.Load(nil)
	if err != nil {
		return nil, err
	}
	return func(file string, r verify.Report) error { return printReport(w, words, file, r) }, nil
}

var marks = map[verify.Result]string{verify.Pass: "✓", verify.Fail: "✗", verify.Unknown: "?", verify.Skipped: "–"}

func printReport(w io.Writer, words *i18n.Catalogue, file string, r verify.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", file, words.T("en", "verify.verdict."+string(r.Verdict)))
	if c := r.Credential; c != nil && c.Name != "" {
		fmt.Fprintf(&b, "  %s — %s\n", oneLine(c.Name), oneLine(c.Issuer.Name))
	}
	for _, step := range r.Checks {
		fmt.Fprintf(&b, "  %s %s", marks[step.Result], words.T("en", "verify.check."+step.Name))
		if step.Reason != "" {
			fmt.Fprintf(&b, ": %s", oneLine(words.T("en", "verify.reason."+step.Reason, "detail", step.Detail)))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// oneLine keeps text of strangers from moving the cursor of a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, s)
}
