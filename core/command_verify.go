package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// verifyAhead is how many inputs may be done before the output has come to them.
const verifyAhead = 1024

type verifyCommand struct {
	JSON      bool          `help:"Print one JSON object a line."`
	At        string        `placeholder:"RFC3339" help:"Judge as of this time instead of now."`
	Documents string        `placeholder:"FILE" help:"JSON object of URL to file, used in place of the network. A hosted badge whose own address it lacks is taken as what that address answers, with a warning."`
	Offline   bool          `help:"Use no network."`
	Unpack    bool          `help:"With --json: also print a line for each badge inside a record (CLR). The text has them always."`
	Recipient []string      `placeholder:"ADDRESS" help:"Check that the badge was issued to this address. Repeatable."`
	Lang      string        `placeholder:"en|fr" help:"Language of the text (default: of LANG)."`
	Timeout   time.Duration `default:"1m" help:"Time for each badge."`
	Input     []string      `arg:"" name:"file|folder|-|url" help:"What to verify: PNG, SVG, PDF, JSON, JWT, a ZIP of these (a line for each entry), a folder (all badge files below it, sorted), an address, or - for standard input."`
}

// Help is what --help adds to the flags.
func (verifyCommand) Help() string {
	return `Each badge has one verdict: valid, expired, not-yet-valid, suspended, revoked, invalid, or unverifiable when something that decides could not be had.

Exit status: 0 when every badge is valid, 1 when one is not or an input cannot be read, 2 when the arguments are wrong.`
}

// Run verifies each input on all cores and prints in the order of the inputs; of
// several the text ends with how many have which verdict. The
// exit status is 0 when all are valid, 1 when one is not, 2 for wrong arguments.
func (c verifyCommand) Run(ctx context.Context, s Streams) error {
	j, err := c.job(s)
	if err != nil {
		fmt.Fprintln(s.Err, "osier:", err)
		return exitError(exitUsage)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := newProgress(s)
	valid, err := printAll(ctx, j.start(ctx, c.Input, p), s.Out, p)
	if err == nil && !c.JSON {
		_, err = io.WriteString(s.Out, j.summary())
	}
	if err == nil && !valid {
		return exitError(exitFail)
	}
	return err
}

// printAll prints what becomes of the inputs and tells whether all are valid.
func printAll(ctx context.Context, queue <-chan chan verified, w io.Writer, p *progress) (bool, error) {
	defer p.clear()
	valid := true
	for {
		v, more, err := await(ctx, queue)
		if err != nil || !more {
			return valid, err
		}
		p.clear()
		if _, err := io.WriteString(w, v.text); err != nil {
			return false, fmt.Errorf("write: %w", err)
		}
		valid = valid && v.valid
		p.done()
	}
}

// await gives the next result, as soon as it is there; false when there are no more.
func await(ctx context.Context, queue <-chan chan verified) (verified, bool, error) {
	var next chan verified
	select {
	case <-ctx.Done():
		return verified{}, false, ctx.Err()
	case next = <-queue:
	}
	if next == nil {
		return verified{}, false, ctx.Err()
	}
	select {
	case <-ctx.Done():
		return verified{}, false, ctx.Err()
	case v := <-next:
		return v, true, nil
	}
}

// job reads the flags.
func (c verifyCommand) job(s Streams) (*verifyJob, error) {
	o := verify.Options{At: time.Now(), Recipients: c.Recipient, Lists: &verify.Lists{}, OwnCopy: c.Documents != ""}
	if c.At != "" {
		at, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			return nil, fmt.Errorf("--at wants a time such as 2026-11-23T00:00:00Z, not %q", c.At)
		}
		o.At = at
	}
	if c.Timeout <= 0 {
		return nil, fmt.Errorf("--timeout wants a time such as 30s, not %s", c.Timeout)
	}
	f, err := c.fetcher()
	if err != nil {
		return nil, err
	}
	o.Fetcher = f
	write, err := c.printer()
	if err != nil {
		return nil, err
	}
	return &verifyJob{options: o, timeout: c.Timeout, print: write, unpack: c.Unpack || !c.JSON, in: s.In, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}, nil
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

// verifyJob is one run of the command.
type verifyJob struct {
	options verify.Options
	timeout time.Duration
	print   func(name string, r verify.Report) (string, error)
	in      io.Reader
	slots   chan struct{} // one for each core
	unpack  bool          // records too

	mu    sync.Mutex
	count map[verify.Verdict]int // of badges and records
}

// verified is what is printed for one input.
type verified struct {
	text  string
	valid bool
}

// start works on the inputs and gives what becomes of them in their order. All
// of it ends with ctx.
func (j *verifyJob) start(ctx context.Context, names []string, p *progress) <-chan chan verified {
	type work struct {
		input
		done chan verified
	}
	queue, todo := make(chan chan verified, verifyAhead), make(chan work)
	go func() {
		defer close(queue)
		defer close(todo)
		for i := range inputs(names) {
			w := work{i, make(chan verified, 1)}
			p.more()
			select {
			case queue <- w.done:
			case <-ctx.Done():
				return
			}
			select {
			case todo <- w:
			case <-ctx.Done():
				return
			}
		}
	}()
	for range cap(j.slots) {
		go func() {
			for w := range todo {
				w.done <- j.verify(ctx, w.input)
			}
		}()
	}
	return queue
}

// verify reads one input and verifies the badge in it, or each badge of an archive.
func (j *verifyJob) verify(ctx context.Context, i input) verified {
	// What reads addresses has the time of one badge too.
	reading, cancel := context.WithTimeout(ctx, j.timeout)
	defer cancel()
	list, err := i.read(reading, j.in, j.options.Fetcher)
	if i.walked && isNoBadgeFile(err) {
		return verified{valid: true}
	}
	if err != nil {
		return j.report(i.name, unreadable(j.options.At, err))
	}
	parts := make([]verified, len(list))
	var wait sync.WaitGroup
	for n, f := range list {
		wait.Go(func() { parts[n] = j.one(ctx, i.name, f) })
	}
	wait.Wait()
	all := verified{valid: true}
	for _, p := range parts {
		all.text, all.valid = all.text+p.text, all.valid && p.valid
	}
	return all
}

// one verifies one badge as soon as a core is free.
func (j *verifyJob) one(ctx context.Context, name string, f bake.Found) verified {
	if f.Name != "" {
		name += "!" + f.Name
	}
	if f.Err != nil {
		return j.report(name, unreadable(j.options.At, f.Err))
	}
	select {
	case j.slots <- struct{}{}:
		defer func() { <-j.slots }()
	case <-ctx.Done():
		return verified{}
	}
	ctx, cancel := context.WithTimeout(ctx, j.timeout)
	defer cancel()
	r := verify.Check(ctx, f.Payload, j.options)
	out := j.report(name, r)
	if r.Kind == openbadge.CLR && j.unpack {
		inner := j.inside(ctx, name, f.Payload)
		out.text, out.valid = out.text+inner.text, out.valid && inner.valid
	}
	return out
}

// inside verifies each badge in a record (CLR) for itself, by the text that stands
// there.
func (j *verifyJob) inside(ctx context.Context, name string, record []byte) verified {
	all := verified{valid: true}
	list, err := openbadge.Contained(record)
	if err != nil {
		return all // the report of the record says why
	}
	for n, payload := range list {
		one := j.report(fmt.Sprintf("%s!%d", name, n+1), byItself(verify.Check(ctx, payload, j.options)))
		all.text, all.valid = all.text+one.text, all.valid && one.valid
	}
	return all
}

// byItself says of a badge in a record that has no signature of its own that by itself it has
// none: the report of the record says whether that one's covers it.
func byItself(r verify.Report) verify.Report {
	for i, c := range r.Checks {
		if c.Reason == "no-proof" {
			r.Checks[i].Reason = "record-only"
		}
	}
	return r
}

// summary says how many of several badges have which verdict.
func (j *verifyJob) summary() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	total, parts := 0, []string{}
	for _, v := range slices.Sorted(maps.Keys(j.count)) {
		total += j.count[v]
		parts = append(parts, fmt.Sprintf("%d %s", j.count[v], v))
	}
	if total < 2 {
		return ""
	}
	return fmt.Sprintf("%d: %s\n", total, strings.Join(parts, ", "))
}

func (j *verifyJob) report(name string, r verify.Report) verified {
	j.mu.Lock()
	if j.count == nil {
		j.count = map[verify.Verdict]int{}
	}
	j.count[r.Verdict]++
	j.mu.Unlock()
	text, err := j.print(name, r)
	if err != nil {
		text = fmt.Sprintf("%s: %v\n", oneLine(name), err)
	}
	return verified{text: text, valid: err == nil && r.Verdict == verify.Valid}
}

// unreadable is the report of an input that holds no credential. What could not be
// had may well be a good badge, so that is no verdict on it.
func unreadable(at time.Time, err error) verify.Report {
	step := verify.Step{Name: verify.CheckFormat, Result: verify.Fail, Reason: "not-readable", Detail: err.Error()}
	if e, ok := errors.AsType[*bake.Error](err); ok {
		step.Reason, step.Detail = e.Reason, e.Detail
	} else if e, ok := errors.AsType[*openbadge.Error](err); ok {
		step.Reason, step.Detail = e.Reason, e.Detail
	}
	verdict := verify.Invalid
	switch step.Reason {
	case "not-readable", "offline", "unavailable", "http-status":
		verdict, step.Result = verify.Unverifiable, verify.Unknown
	}
	return verify.Report{Verdict: verdict, Checks: []verify.Step{step}, At: at}
}

// language is the one that was asked for, or that of the environment, or English.
func (c verifyCommand) language(words *i18n.Catalogue) (string, error) {
	if c.Lang != "" {
		if !words.Has(c.Lang) {
			return "", fmt.Errorf("--lang %s is not spoken here", c.Lang)
		}
		return c.Lang, nil
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" { // the first that is set decides (POSIX, Base Definitions §8.2)
			code, _, _ := strings.Cut(v, "_")
			if code, _, _ = strings.Cut(code, "."); words.Has(code) {
				return code, nil
			}
			break
		}
	}
	return "en", nil
}
