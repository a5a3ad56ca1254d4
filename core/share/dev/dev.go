// Package dev is the workshop of a plugin's author: it builds the plugin, runs it
// under the real host, builds it again when a file of it is saved, and shows on a
// page at localhost what it offers, what it answers and what it asked of the
// outside, where one server of ours (Remote) stands for every host.
//
// It owns no table and no event. The command `osier plugin dev` calls it. Like the
// words of the commands, those of its page are English.
package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/install"
	"github.com/osier-passport/osier/plugins/sdk"
)

// Bounds of what is kept and looked at.
const (
	lookEvery = 250 * time.Millisecond
	maxWatch  = 5000 // files
	maxCalls  = 50
)

// Options of a Workshop.
type Options struct {
	Dir    string // the plugin's folder
	Item   func(lang string) sdk.Item
	Build  func(ctx context.Context) (path string, done func(), err error) // what install.Stage takes
	Words  func(error) string                                              // a sentence for an error of the host
	Out    io.Writer                                                       // the terminal
	Self   string                                                          // see host.Options; empty means the running binary
	Folder string                                                          // for all that is made
}

// Workshop builds and runs one plugin. Make it with New, end it with Close.
type Workshop struct {
	opt     Options
	host    *host.Host
	remote  *Remote
	folder  string // of the plugin that runs
	changed *notice

	mu       sync.Mutex
	id       string
	plugin   sdk.Descriptor
	problem  string // of the last build or start; empty when it went well
	built    time.Time
	calls    []Call
	settings map[string]string
	last     map[string]host.Posted // by target
	pid      int
}

// Call is one thing that the plugin was asked.
type Call struct {
	At      time.Time
	Took    time.Duration
	Target  string
	What    string // preview, share, identify, retract
	Outcome string // posted, open, refused, …
	Text    string
	URL     string
}

// New makes a workshop; nothing is built yet.
func New(o Options) (*Workshop, error) {
	w := &Workshop{opt: o, folder: filepath.Join(o.Folder, "plugins"), changed: newNotice(), settings: map[string]string{}, last: map[string]host.Posted{}}
	if err := os.MkdirAll(w.folder, 0o755); err != nil { //nolint:gosec // G301: as the host demands
		return nil, err
	}
	var err error
	if w.remote, err = newRemote(o.Dir, o.Folder, w.exchanged); err != nil {
		return nil, err
	}
	w.host, err = host.New(host.Options{
		Dir: w.folder, PrivateDir: filepath.Join(o.Folder, "host"), Self: o.Self, Log: slog.New(slog.DiscardHandler),
		Dial: w.remote.dial, Env: w.remote.env(),
	})
	if err != nil {
		return nil, errors.Join(err, w.remote.close())
	}
	return w, nil
}

// Close ends the plugin and the remote.
func (w *Workshop) Close(ctx context.Context) error {
	w.changed.close()
	return errors.Join(w.host.Close(ctx), w.remote.close())
}

// Watch builds now, and again each time that a file of the plugin is saved, until
// ctx ends.
func (w *Workshop) Watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var seen, settled map[string]time.Time
	for {
		now := times(w.opt.Dir)
		switch {
		case settled != nil && same(now, settled):
		case same(now, seen): // and nobody is in the middle of writing
			settled = now
			w.rebuild(ctx)
			w.remote.load()
			w.changed.tell()
		}
		seen = now
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// times gives when each file was last written. Hidden folders and what package
// managers bring are left out.
func times(dir string) map[string]time.Time {
	all := map[string]time.Time{}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // gone since: the next look tells
		case len(all) > maxWatch:
			return filepath.SkipAll
		case d.IsDir() && path != dir && (d.Name()[0] == '.' || d.Name() == "node_modules" || d.Name() == "__pycache__" || d.Name() == "venv"):
			return filepath.SkipDir
		case d.IsDir() || d.Name()[0] == '.':
			return nil
		}
		if info, err := d.Info(); err == nil {
			all[path] = info.ModTime()
		}
		return nil
	})
	return all
}

func same(a, b map[string]time.Time) bool {
	if b == nil || len(a) != len(b) {
		return false
	}
	for path, at := range a {
		if !b[path].Equal(at) {
			return false
		}
	}
	return true
}

// rebuild puts the plugin as it is now in place and starts it.
func (w *Workshop) rebuild(ctx context.Context) {
	begun := time.Now()
	d, err := w.replace(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.built = time.Now()
	if err != nil {
		w.problem = w.opt.Words(err)
		fmt.Fprintf(w.opt.Out, "not built: %s\n", w.problem)
		return
	}
	w.problem, w.plugin, w.id = "", d, d.ID
	w.pid = w.status().PID
	var targets []string
	for _, t := range d.Targets {
		targets = append(targets, d.ID+"."+t.ID)
	}
	fmt.Fprintf(w.opt.Out, "built and started %s %s in %v: %s\n", d.ID, d.Version, time.Since(begun).Round(time.Millisecond), strings.Join(targets, " "))
	if w.pid != 0 {
		fmt.Fprintf(w.opt.Out, "its process, for a debugger: %d\n", w.pid)
	}
}

func (w *Workshop) replace(ctx context.Context) (sdk.Descriptor, error) {
	path, done, err := w.opt.Build(ctx)
	defer done()
	if err != nil {
		return sdk.Descriptor{}, err
	}
	p, err := install.Stage(w.folder, path, "")
	if err != nil {
		return sdk.Descriptor{}, err
	}
	id := p.Manifest.ID
	if id == "" {
		id = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	if err := errors.Join(p.Place(id, true), p.Close()); err != nil {
		return sdk.Descriptor{}, err
	}
	if err := w.host.Accept(id); err != nil {
		return sdk.Descriptor{}, err
	}
	return w.host.Try(ctx, id)
}

// status is what the host knows of the plugin. The caller holds w.mu.
func (w *Workshop) status() host.Status {
	for _, s := range w.host.List() {
		if s.ID == w.id {
			return s
		}
	}
	return host.Status{}
}

func (w *Workshop) note(c Call) {
	w.mu.Lock()
	w.calls = append(w.calls, c)
	if len(w.calls) > maxCalls {
		w.calls = slices.Delete(w.calls, 0, 1)
	}
	w.mu.Unlock()
	fmt.Fprintf(w.opt.Out, "%s %s: %s in %v %s%s\n", c.What, c.Target, c.Outcome, c.Took.Round(time.Millisecond), c.URL, c.Text)
	w.changed.tell()
}

// exchanged is told of each request that the plugin made.
func (w *Workshop) exchanged(e Exchange) {
	fmt.Fprintf(w.opt.Out, "  %s %s -> %s\n", e.Method, e.URL, e.Answer)
	w.changed.tell()
}

// Handler serves the page.
func (w *Workshop) Handler() http.Handler { return w.routes() }

// notice counts changes and tells all who wait of the next one.
type notice struct {
	mu    sync.Mutex
	n     int
	ended bool
	ch    chan struct{}
}

func newNotice() *notice { return &notice{ch: make(chan struct{})} }

// now gives the number of the newest change and what is closed with the next one;
// nil after the end.
func (n *notice) now() (int, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended {
		return n.n, nil
	}
	return n.n, n.ch
}

func (n *notice) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.n++
	close(n.ch)
	n.ch = make(chan struct{})
}

func (n *notice) close() {
	n.mu.Lock()
	n.ended = true
	n.mu.Unlock()
	n.tell()
}
