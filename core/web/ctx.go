package web

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/i18n"
)

// Ctx is one request and its answer. It is used by the goroutine of its handler
// and dies with it: services get plain values, never the Ctx.
type Ctx struct {
	app     *App
	f       *fiber.Ctx
	ctx     context.Context //nolint:containedctx // a Ctx lives as long as this context does; nil until somebody asks
	end     context.CancelFunc
	id      string // "" until somebody asks
	started time.Time
	viewer  Viewer
	lang    string
	form    *Form
	formErr error
	flash   []flashed
	drawing *drawing // of a page that may be kept
}

// ctxKey is where the Ctx of a request is kept.
type ctxKey struct{}

// ctxOf gives the Ctx that the gate made for this request.
func (a *App) ctxOf(f *fiber.Ctx) *Ctx {
	if c, ok := f.Locals(ctxKey{}).(*Ctx); ok {
		return c
	}
	c := &Ctx{app: a, f: f, started: time.Now()}
	f.Locals(ctxKey{}, c)
	return c
}

// Context ends when the request has taken 30 seconds or is answered.
func (c *Ctx) Context() context.Context {
	if c.ctx == nil {
		c.ctx, c.end = context.WithDeadline(context.Background(), c.started.Add(workTimeout))
	}
	return c.ctx
}

// answered ends the context.
func (c *Ctx) answered() {
	if c.end != nil {
		c.end()
	}
}

// ID names the request in the log and on error pages.
func (c *Ctx) ID() string {
	if c.id == "" {
		c.id = requestID()
	}
	return c.id
}

// Log writes lines that name the request.
func (c *Ctx) Log() *slog.Logger { return c.app.log.With("request", c.ID()) }

// Now is the clock of the passport.
func (c *Ctx) Now() time.Time { return c.app.now() }

// LocalNow is the clock of the passport in the time zone of who asks. A date that
// they write is a day there.
func (c *Ctx) LocalNow() time.Time { return c.Now().In(place(c.viewer.Zone)) }

// Local is a time as pages show it to who asks: in their zone, but for a date.
func (c *Ctx) Local(at time.Time) time.Time {
	if isDate(at) {
		return at
	}
	return at.In(place(c.viewer.Zone))
}

// Viewer is who asks; the zero Viewer is nobody in particular.
func (c *Ctx) Viewer() Viewer { return c.viewer }

// Method is the HTTP method, in capitals.
func (c *Ctx) Method() string { return c.f.Method() }

// Path is the path that was asked for, as it was written.
func (c *Ctx) Path() string { return c.f.Path() }

// Param is the part of the path that the route calls name, decoded. It is ""
// when it cannot be decoded or holds a control character.
func (c *Ctx) Param(name string) string {
	s, err := url.PathUnescape(c.f.Params(name))
	if err != nil || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return strings.Clone(s)
}

// Query is the first value of name in the query: "" when it is not UTF-8, and
// with spaces in place of control characters.
func (c *Ctx) Query(name string) string {
	s := strings.Clone(c.f.Query(name))
	if !utf8.ValidString(s) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// UserAgent is what the browser calls itself, at most 200 printable characters.
func (c *Ctx) UserAgent() string { return printable(c.f.Get(fiber.HeaderUserAgent), 200) }

// URL is the absolute form of a local path.
func (c *Ctx) URL(path string) string { return c.app.URL(path) }

// T gives a message in the language of the request.
func (c *Ctx) T(key string, args ...any) string { return c.app.o.Catalogue.T(c.Lang(), key, args...) }

// Catalogue is the messages, for what is written in another language than the
// request's.
func (c *Ctx) Catalogue() *i18n.Catalogue { return c.app.o.Catalogue }

// WantsJSON reports whether the client asks for JSON rather than a page, by its
// Accept header or by ?format=json.
func (c *Ctx) WantsJSON() bool {
	if c.f.Query("format") == "json" {
		return true
	}
	accept := c.f.Get(fiber.HeaderAccept)
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// printable is s without control characters, cut to max characters.
func printable(s string, maxRunes int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if r := []rune(s); len(r) > maxRunes {
		s = string(r[:maxRunes])
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
