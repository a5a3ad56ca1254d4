package web

import (
	"errors"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
)

// Handler answers a request or returns why not. An error that is a fault
// becomes the page for its kind, any other a 500 with an id.
type Handler func(*Ctx) error

// Guard lets a request through by calling next, or returns why not.
type Guard func(next Handler) Handler

// Router mounts handlers on paths. A path is compared with its case and its
// slashes; ":name" in it is a parameter. GET handlers answer HEAD too and write
// nothing; POST handlers run after the check against forged requests.
type Router struct {
	app    *App
	guards []Guard
}

// Router gives the routes that everybody may ask for.
func (a *App) Router() Router { return Router{app: a} }

// Get mounts a handler that reads.
func (r Router) Get(path string, h Handler) { r.app.fiber.Get(path, r.adapt(h)) }

// Post mounts a handler that writes.
func (r Router) Post(path string, h Handler) {
	r.app.fiber.Post(path, r.adapt(func(c *Ctx) error {
		if err := c.checkForgery(); err != nil {
			return err
		}
		return h(c)
	}))
}

// Receive mounts a handler of POST for messages of other servers, which carry
// their own proof. Nobody is signed in for it: whatever a browser adds of its own
// accord has no effect, so there is nothing to forge.
func (r Router) Receive(path string, h Handler) {
	r.app.fiber.Post(path, func(f *fiber.Ctx) error { return h(r.app.ctxOf(f)) })
}

// Ask mounts a handler of POST that keeps nothing. Pages are guarded as by Post; a
// program that asks for JSON needs no token of ours and is nobody, whatever a
// browser adds of its own accord.
func (r Router) Ask(path string, h Handler) {
	page := r.adapt(func(c *Ctx) error {
		if err := c.checkForgery(); err != nil {
			return err
		}
		return h(c)
	})
	r.app.fiber.Post(path, func(f *fiber.Ctx) error {
		if c := r.app.ctxOf(f); c.WantsJSON() {
			return h(c)
		}
		return page(f)
	})
}

// Group gives a Router whose handlers stand behind the guards, the first
// outermost.
func (r Router) Group(guards ...Guard) Router {
	all := make([]Guard, 0, len(r.guards)+len(guards))
	return Router{app: r.app, guards: append(append(all, r.guards...), guards...)}
}

func (r Router) adapt(h Handler) fiber.Handler {
	for _, guard := range slices.Backward(r.guards) {
		h = guard(h)
	}
	return func(f *fiber.Ctx) error {
		c := r.app.ctxOf(f)
		if err := c.loadViewer(); err != nil {
			return err
		}
		if err := c.first(); err != nil {
			if to, ok := errors.AsType[errFirst](err); ok {
				return c.Redirect(to.to)
			}
			return err
		}
		return h(c)
	}
}

// Routes lists "METHOD path" of every mounted route, for tests that walk them.
func (a *App) Routes() []string {
	var list []string
	for _, r := range a.fiber.GetRoutes(true) {
		if r.Method != fiber.MethodHead {
			list = append(list, r.Method+" "+r.Path)
		}
	}
	return list
}

// SignedIn lets people with an account through. A visitor who reads is sent to
// the sign-in page and comes back after it; any other request gets 401.
func SignedIn(next Handler) Handler {
	return func(c *Ctx) error {
		if c.viewer.SignedIn() {
			return next(c)
		}
		if c.Method() != fiber.MethodGet || c.WantsJSON() {
			return fault.New(fault.Unauthorized, "error.text.401").At("/login")
		}
		return c.Redirect("/login?next=" + url.QueryEscape(c.f.OriginalURL()))
	}
}

// Admin lets administrators through.
func Admin(next Handler) Handler {
	return SignedIn(func(c *Ctx) error {
		if !c.viewer.Admin() {
			return fault.New(fault.Forbidden, "error.text.403")
		}
		return next(c)
	})
}
