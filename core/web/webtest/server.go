// Package webtest starts a passport's web frame on a real listener for tests,
// and drives it like a browser without scripts: cookies, forms, selectors.
//
// It owns nothing. Feature tests are scenarios: Start with a mount function, ask
// for pages with a Client, look at what the Page has. Tests alone import it.
package webtest

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/themes"
)

// tokenPath is a route of the kit that answers a token for forms.
const tokenPath = "/webtest/token"

// Options say what to serve. The zero value serves the frame alone with the
// bundled default theme.
type Options struct {
	Themes    fs.FS              // folders of themes; nil: the bundled ones
	Configure func(*web.Options) // changes what the App is made of, for example Sessions
	Mount     func(*Server)      // adds routes before the first request
	Clock     func() time.Time   // of the templates; nil: the database's
}

// Server is a running App and what it was made of.
type Server struct {
	App       *web.App
	Base      *db.Base
	Keys      *secret.Keys
	Catalogue *i18n.Catalogue
	Theme     *theme.Theme
	Log       *Log
	Address   string // host:port
	URL       string // http://localhost:port, without a slash at its end

	t        testing.TB
	sessions *sessions
}

// catalogue reads the bundled messages once.
var catalogue = sync.OnceValues(func() (*i18n.Catalogue, error) { return i18n.Load(nil) })

// Start serves an App on a free port of this machine until the test ends.
// Messages that do not exist fail the pages that ask for them.
func Start(t testing.TB, b *db.Base, o Options) *Server {
	t.Helper()
	s := &Server{Base: b, Log: &Log{}, t: t, sessions: &sessions{m: make(map[string]web.Viewer)}}
	var err error
	if s.Catalogue, err = catalogue(); err != nil {
		t.Fatal(err)
	}
	if s.Keys, err = secret.RandomKeys(); err != nil {
		t.Fatal(err)
	}
	s.openTheme(o)
	wo := web.Options{
		Config: config.Default(), Theme: s.Theme, Catalogue: s.Catalogue, Base: b, Keys: s.Keys,
		Log: slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})), Sessions: s.sessions,
	}
	if o.Configure != nil {
		o.Configure(&wo)
	}
	if s.App, err = web.New(wo); err != nil {
		t.Fatal(err)
	}
	s.listen(o)
	return s
}

func (s *Server) openTheme(o Options) {
	s.t.Helper()
	to := theme.Options{Bundled: o.Themes, Catalogue: s.Catalogue, Clock: o.Clock, Strict: true}
	if to.Bundled == nil {
		to.Bundled = themes.FS
	}
	if to.Clock == nil {
		to.Clock = s.Base.Now
	}
	var err error
	if s.Theme, err = theme.Open(to); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) listen(o Options) {
	s.t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.App.Bind(ln.Addr())
	s.Address = ln.Addr().String()
	s.URL = s.App.URL("")
	s.Router().Get(tokenPath, func(c *web.Ctx) error { return c.JSON(http.StatusOK, c.CSRFToken()) })
	if o.Mount != nil {
		o.Mount(s)
	}
	done := make(chan error, 1)
	go func() { done <- s.App.Serve(ln) }()
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Log(s.Log.Errors())
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.App.Shutdown(ctx); err != nil {
			s.t.Error(err)
		}
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
}

// Router gives the routes of the App.
func (s *Server) Router() web.Router { return s.App.Router() }

// SignIn gives a new client that is signed in as v. It works with the sessions
// of the kit alone, not where Configure sets others.
func (s *Server) SignIn(v web.Viewer) *Client {
	token := secret.Token()
	v.SessionHash = secret.Hash(token)
	s.sessions.put(token, v)
	c := s.Client()
	c.SetCookie("osier", token)
	return c
}

// sessions is a SessionStore in memory.
type sessions struct {
	mu sync.Mutex
	m  map[string]web.Viewer
}

func (s *sessions) put(token string, v web.Viewer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[token] = v
}

// Viewer implements web.SessionStore.
func (s *sessions) Viewer(_ context.Context, token string) (web.Viewer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.m[token]
	if !ok {
		return web.Viewer{}, db.ErrNotFound
	}
	return v, nil
}

// Log keeps what was logged.
type Log struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// String is all that was logged: one JSON object a line.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// Errors is the lines of defects.
func (l *Log) Errors() string {
	var lines []string
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
