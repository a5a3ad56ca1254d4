package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/osier-passport/osier/core/fault"
)

// outermost stands around Fiber itself: nothing that panics ends the process,
// and a method that Fiber does not know gets our answer.
func (a *App) outermost(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	known := make(map[string]bool)
	for _, m := range fiber.DefaultMethods {
		known[m] = true
	}
	return func(r *fasthttp.RequestCtx) {
		defer func() {
			if p := recover(); p != nil {
				a.log.Error("panic outside of a handler", "panic", printable(fmt.Sprint(p), errorLimit), "stack", string(debug.Stack()))
				r.Response.Reset()
				r.SetStatusCode(fiber.StatusInternalServerError)
				r.SetConnectionClose()
			}
		}()
		if !known[string(r.Method())] {
			f := a.fiber.AcquireCtx(r)
			defer a.fiber.ReleaseCtx(f)
			_ = a.fiberError(f, fault.New(fault.Malformed, "error.text.400"))
			return
		}
		next(r)
	}
}

// gate is the first in the chain: it makes the Ctx, refuses what no handler may
// see, and turns errors and panics into answers.
func (a *App) gate(f *fiber.Ctx) (err error) {
	c := a.ctxOf(f)
	defer c.answered()
	defer c.logAccess()
	defer func() {
		if p := recover(); p != nil {
			c.Log().Error("panic in a handler", "route", f.Route().Path,
				"panic", printable(fmt.Sprint(p), errorLimit), "stack", string(debug.Stack()))
			c.answerError(fmt.Errorf("panic: %v", p))
			err = nil
		}
	}()
	a.setHeaders(f)
	err = c.admit()
	if err == nil {
		err = f.Next()
	}
	if to, ok := c.withoutSlash(err); ok {
		c.f.Set(fiber.HeaderLocation, to)
		c.f.Status(fiber.StatusPermanentRedirect)
		return nil
	}
	if err != nil {
		c.answerError(err)
	}
	return nil
}

// withoutSlash is where a reader who put a slash behind an address goes.
func (c *Ctx) withoutSlash(err error) (string, bool) {
	var e *fiber.Error
	path := c.f.Path()
	if !errors.As(err, &e) || e.Code != fiber.StatusNotFound || len(path) < 2 || !strings.HasSuffix(path, "/") ||
		(c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead) {
		return "", false
	}
	to := strings.TrimRight(path, "/")
	if query := c.f.Context().URI().QueryString(); len(query) > 0 {
		to += "?" + string(query)
	}
	return to, isLocal(to)
}

// admit refuses requests by their frame alone.
func (c *Ctx) admit() error {
	h := &c.f.Request().Header
	for _, value := range h.PeekAll(fiber.HeaderContentEncoding) {
		if enc := strings.TrimSpace(string(value)); enc != "" && !strings.EqualFold(enc, "identity") {
			return fault.New(fault.Unsupported, "web.encoding")
		}
	}
	if ambiguousLength(h) {
		c.f.Context().SetConnectionClose()
		return fault.New(fault.Malformed, "web.framing")
	}
	if len(c.f.Request().Body()) > c.app.o.BodyLimit {
		return fault.New(fault.TooLarge, "web.body_size").With("max", strconv.Itoa(c.app.o.BodyLimit>>20))
	}
	if c.f.Path() == healthPath {
		return nil
	}
	if err := c.app.checkHost(string(h.Host())); err != nil {
		return err
	}
	// A request line in absolute form names the host too (RFC 9112 §3.2.2).
	if target := string(h.RequestURI()); !strings.HasPrefix(target, "/") && target != "*" {
		u, err := url.Parse(target)
		if err != nil || u.Scheme == "" {
			return fault.New(fault.Malformed, "error.text.400")
		}
		return c.app.checkHost(u.Host)
	}
	return nil
}

// ambiguousLength reports a request that has both Content-Length and
// Transfer-Encoding, which two servers in a row may read as two different
// requests (RFC 9112 §6.3). The parser drops one of them, so the bytes as they
// were received are searched.
func ambiguousLength(h *fasthttp.RequestHeader) bool {
	var length, encoding bool
	for line := range bytes.SplitSeq(h.RawHeaders(), []byte("\n")) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		switch strings.ToLower(string(bytes.TrimSpace(name))) {
		case "content-length":
			length = true
		case "transfer-encoding":
			encoding = true
		}
	}
	return length && encoding
}

const (
	// pagePolicy is the content security policy of everything that does not set
	// its own: scripts, styles, images and forms of this site alone.
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
		"manifest-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
	// FilePolicy is the policy for files that strangers made: nothing runs.
	FilePolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
)

// setHeaders puts the headers that every answer has.
func (a *App) setHeaders(f *fiber.Ctx) {
	f.Set(fiber.HeaderContentSecurityPolicy, pagePolicy)
	f.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	f.Set(fiber.HeaderXFrameOptions, "DENY")
	f.Set(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	f.Set("Cross-Origin-Opener-Policy", "same-origin")
	f.Set(fiber.HeaderPermissionsPolicy, "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
	if a.Secure() {
		f.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// fiberError answers what Fiber and fasthttp refuse before the gate.
func (a *App) fiberError(f *fiber.Ctx, err error) error {
	a.setHeaders(f)
	f.Context().SetConnectionClose()
	c := a.ctxOf(f)
	defer c.answered()
	c.answerError(err)
	return nil
}

// logAccess writes one line a request: ids and numbers, never what was sent.
// The route is named by its pattern, because paths can hold secrets.
func (c *Ctx) logAccess() {
	if !c.app.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	c.app.log.LogAttrs(c.Context(), slog.LevelDebug, "request",
		slog.String("request", c.ID()), slog.String("method", printable(c.f.Method(), 20)), slog.String("route", c.f.Route().Path),
		slog.Int("status", c.f.Response().StatusCode()), slog.Int64("person", c.viewer.Person),
		slog.Int("bytes", len(c.f.Response().Body())), slog.Duration("took", time.Since(c.started)))
}

// requestID is 13 letters and digits that a person can read out.
func requestID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// kindOf translates the errors of Fiber's router and parser into faults.
func kindOf(err error) error {
	var e *fiber.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case fiber.StatusNotFound:
		return fault.New(fault.NotFound, "error.text.404").Wrap(err)
	case fiber.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "error.text.413").Wrap(err)
	case fiber.StatusMethodNotAllowed, fiber.StatusRequestHeaderFieldsTooLarge, fiber.StatusRequestTimeout:
		return err
	}
	return fault.New(fault.Malformed, "error.text.400").Wrap(err)
}

// Go runs f in a goroutine of its own whose panic is logged and ends nothing
// else.
func Go(log *slog.Logger, f func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				log.Error("panic in the background", "panic", printable(fmt.Sprint(p), errorLimit), "stack", string(debug.Stack()))
			}
		}()
		f()
	}()
}
