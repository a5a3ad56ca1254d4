package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/control"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/pace"
)

// breath is how long the work in the background waits at a start: who has waited for the
// passport gets the first page before it.
const breath = 100 * time.Millisecond

// grace is how long requests and jobs at work may take to end after SIGTERM.
const grace = 10 * time.Second

// configured is shared by the commands that read the configuration.
type configured struct {
	Config string `placeholder:"FILE" help:"Configuration file (default: config.toml where it exists)."`
}

func (c configured) load() (config.Config, error) { return config.Load(c.Config, os.Environ()) }

type serveCommand struct {
	configured

	Listen string `placeholder:"ADDR" help:"Address to listen on, such as localhost:8080."`
}

// Run serves until SIGTERM and ends cleanly.
func (s serveCommand) Run(ctx context.Context, io Streams) error {
	c, err := s.load()
	if err != nil {
		return err
	}
	if s.Listen != "" {
		c.Listen = s.Listen
		if err := c.Validate(); err != nil {
			return err
		}
	}
	log := newLogger(io.Err, c.LogLevel)
	a, err := open(ctx, c, log, options{configFile: s.Config, pluginEnv: authorities(os.Environ())})
	if err != nil {
		return explainOpen(err, c)
	}
	a.breath = breath
	defer pace.Keep()()
	return errors.Join(a.listen(ctx, a.welcome), a.close(context.WithoutCancel(ctx)))
}

// authorities is what of an environment says whose certificates are believed: what
// the passport itself believes its plugins do too (Go and OpenSSL, Node, Python).
func authorities(env []string) []string {
	var kept []string
	for _, v := range env {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE":
			kept = append(kept, v)
		}
	}
	return kept
}

func explainOpen(err error, c config.Config) error {
	if errors.Is(err, db.ErrInUse) {
		return fmt.Errorf("%w: stop it first, or choose another data folder than %s", err, c.Data)
	}
	return err
}

// newLogger writes JSON lines, in which control characters are escaped.
func newLogger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
}

// listen takes the configured address and serves there.
func (a *app) listen(ctx context.Context, ready func(context.Context) error) error {
	ln, err := listenOn(ctx, a.config.Listen)
	if err != nil {
		return err
	}
	return a.serve(ctx, ln, ready)
}

func listenOn(ctx context.Context, address string) (net.Listener, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: another program does already; choose another address with --listen, such as localhost:8081", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return ln, nil
}

// serve runs the jobs and answers on ln until ctx ends.
func (a *app) serve(ctx context.Context, ln net.Listener, ready func(context.Context) error) (err error) {
	a.web.Bind(ln.Addr())
	if err := a.data.Reconcile(ctx); err != nil {
		return errors.Join(err, ln.Close())
	}
	commands, err := control.Listen(ctx, a.config.Data, a.operations(), a.log)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, commands.Close()) }()
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	worked := make(chan error, 1)
	go func() {
		rest(working, a.breath)
		worked <- a.queue.Run(working)
	}()
	watched := make(chan struct{})
	go func() {
		rest(working, a.breath)
		indexed := make(chan struct{})
		go func() {
			a.gallery.Run(working)
			close(indexed)
		}()
		a.data.Watch(working)
		<-indexed
		close(watched)
	}()
	defer func() {
		stop()
		<-watched
	}()
	served := make(chan error, 1)
	go func() { served <- a.web.Serve(ln) }()
	if err := ready(ctx); err != nil {
		stop()
		return errors.Join(err, ln.Close(), <-worked)
	}
	select {
	case err = <-served:
	case <-ctx.Done():
		a.log.Info("stopping")
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err = a.web.Shutdown(ending)
	}
	stop()
	return errors.Join(err, <-worked)
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, span time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(span):
	}
}

// welcome tells the one-time link of an empty passport, and last where it is: who has
// read that has all there is to know.
func (a *app) welcome(ctx context.Context) error {
	if err := a.accounts.SettleRoles(ctx); err != nil {
		return err
	}
	path, err := a.accounts.SetupPath(ctx)
	if err != nil {
		return err
	}
	if path != "" {
		a.log.Warn("no administrator yet: open this link once to set the passport up", "setup", a.web.URL(path))
	}
	a.log.Info("serving", "url", a.web.URL("/"), "version", Version())
	return nil
}

type migrateCommand struct{ configured }

// Run brings the database up to date.
func (m migrateCommand) Run(ctx context.Context, s Streams) error {
	c, err := m.load()
	if err != nil {
		return err
	}
	b, err := db.Open(ctx, db.Options{URL: c.DatabaseURL()})
	if err != nil {
		return explainOpen(err, c)
	}
	fmt.Fprintf(s.Out, "the %s database is up to date\n", b.Engine())
	return b.Close()
}
