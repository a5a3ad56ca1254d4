// Package web is the frame around every page: one Fiber application with
// sessions, forms, errors, limits and headers that features cannot forget.
//
// It owns the table rate and no event. It knows a Viewer (who asks), which
// account fills in through SessionStore. Features get a Router and write
// Handlers: decode, call the service, render. They return errors, and only this
// package answers them. What a template gets is View.
//
// Requests are refused before any handler when their body is compressed (415),
// their length is stated twice (400) or their host is not ours (421). Links are
// made from the configured public URL, never from a request.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/theme"
)

// Times and sizes of a connection.
const (
	readTimeout  = 15 * time.Second // of a whole request
	writeTimeout = 60 * time.Second
	idleTimeout  = 60 * time.Second
	workTimeout  = 30 * time.Second // of Ctx.Context
	connections  = 4096             // at once
	headerBytes  = 16 << 10
	// hardFactor times the limit is where reading stops and the connection is
	// cut. Up to there a body is read, so that a person sees the page that says
	// what the limit is.
	hardFactor = 2
	// BodyLimit is the size in bytes of the largest request body by default.
	BodyLimit = 10 << 20
)

// Options are what an App is made of. Config, Theme, Catalogue, Base and Keys
// are required.
type Options struct {
	Config    config.Config
	Theme     *theme.Theme
	Catalogue *i18n.Catalogue
	Base      *db.Base
	Keys      *secret.Keys
	Log       *slog.Logger // nil: discard
	Sessions  SessionStore // nil: nobody is signed in
	// Site gives what the administrators have set; nil: a site named Osier.
	Site func(ctx context.Context) (Site, error)
	// SetLanguage keeps the language a signed-in person chose; may be nil.
	SetLanguage func(ctx context.Context, person int64, lang string) error
	BodyLimit   int // bytes; 0: BodyLimit
	Demo        bool
	Version     string
	// ReadTimeout overrides how long a request may take to arrive; 0: 15 s.
	ReadTimeout time.Duration
}

// App is the web application. It is safe for use by several goroutines once
// routes are mounted.
type App struct {
	o       Options
	log     *slog.Logger
	fiber   *fiber.App
	base    atomic.Pointer[url.URL]
	fixed   bool // public_url is configured
	proxies []netip.Prefix
	kept    kept

	mu       sync.Mutex
	listener net.Listener
	ended    bool
}

// New makes an App with the routes of the frame itself: /assets/…, /healthz,
// /robots.txt, POST /language. It returns an error for a configuration that
// cannot be used.
func New(o Options) (*App, error) {
	a := &App{o: o, log: o.Log}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.o.BodyLimit == 0 {
		a.o.BodyLimit = BodyLimit
	}
	if a.o.ReadTimeout == 0 {
		a.o.ReadTimeout = readTimeout
	}
	if err := a.setBase(o.Config.PublicURL); err != nil {
		return nil, err
	}
	proxies, err := prefixes(o.Config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	a.proxies = proxies
	a.fiber = a.newFiber()
	a.mountFrame()
	return a, nil
}

func (a *App) newFiber() *fiber.App {
	f := fiber.New(fiber.Config{
		DisableStartupMessage:        true,
		ServerHeader:                 "",
		StrictRouting:                true,
		CaseSensitive:                true,
		Immutable:                    true,
		BodyLimit:                    hardFactor * a.o.BodyLimit,
		Concurrency:                  connections,
		ReadTimeout:                  a.o.ReadTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ReadBufferSize:               headerBytes,
		StreamRequestBody:            false,
		DisablePreParseMultipartForm: true,
		DisableDefaultContentType:    true,
		EnableTrustedProxyCheck:      true, // with no proxy listed: Fiber believes no forwarded header
		ErrorHandler:                 a.fiberError,
	})
	server := f.Server()
	server.CloseOnShutdown = true
	server.Handler = a.outermost(server.Handler)
	f.Use(a.gate)
	return f
}

func (a *App) setBase(publicURL string) error {
	if publicURL == "" {
		a.base.Store(&url.URL{Scheme: "http", Host: "localhost"})
		return nil
	}
	u, err := url.Parse(publicURL)
	if err != nil {
		return fmt.Errorf("public_url: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return fmt.Errorf("public_url %q: want https://host without a path", publicURL)
	}
	a.base.Store(&url.URL{Scheme: u.Scheme, Host: canonicalHost(u.Scheme, u.Host)})
	a.fixed = true
	return nil
}

// URL is the absolute form of a local path, for mails, feeds and tags.
func (a *App) URL(path string) string {
	b := a.base.Load()
	return b.Scheme + "://" + b.Host + path
}

// Secure reports whether people reach this site by HTTPS.
func (a *App) Secure() bool { return a.base.Load().Scheme == "https" }

// Serve answers requests from ln until Shutdown. Without a configured public
// URL the site is http://localhost with the port of ln.
func (a *App) Serve(ln net.Listener) error {
	a.Bind(ln.Addr())
	if ended := a.listens(ln); ended {
		return ln.Close()
	}
	if err := a.fiber.Listener(ln); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// listens keeps what Shutdown closes, and reports whether that came first.
func (a *App) listens(ln net.Listener) (ended bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listener = ln
	return a.ended
}

// Bind tells the App its address before Serve, so that URL is right at once.
func (a *App) Bind(addr net.Addr) {
	if tcp, ok := addr.(*net.TCPAddr); ok && !a.fixed {
		a.base.Store(&url.URL{Scheme: "http", Host: canonicalHost("http", net.JoinHostPort("localhost", fmt.Sprint(tcp.Port)))})
	}
}

// Shutdown stops taking connections and waits for the requests at work, at most
// until ctx ends. A Serve that has just begun, or has yet to, ends too.
func (a *App) Shutdown(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	if a.listener != nil {
		defer a.listener.Close() // closed already, unless the server had not begun
	}
	if err := a.fiber.ShutdownWithContext(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

// now is the time by the database's clock.
func (a *App) now() time.Time { return a.o.Base.Now() }
