package web

import (
	"errors"
	"html"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// errorLimit is the number of characters of an error that the log takes.
const errorLimit = 4000

// ErrorPage is the page "error".
type ErrorPage struct {
	Status  int
	Title   string // translated
	Message string // translated
	Link    string // local path that helps, may be empty
	ID      string // of the request, for defects of ours; else empty
	Wait    int    // seconds until another try makes sense, 0: not said
}

// Meta keeps error pages out of search engines.
func (p ErrorPage) Meta() Meta { return Meta{Title: p.Title, NoIndex: true} }

// jsonError is the body of an error for programs.
type jsonError struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Link    string `json:"link,omitempty"`
	ID      string `json:"id,omitempty"`
}

// answerError writes the answer for err, in place of anything written before.
func (c *Ctx) answerError(err error) {
	err = c.unlessEnded(kindOf(err))
	page := c.errorPage(err)
	c.dropBody()
	c.f.Set(fiber.HeaderCacheControl, noStore)
	if page.Wait > 0 {
		c.f.Set(fiber.HeaderRetryAfter, strconv.Itoa(page.Wait))
	}
	if page.ID != "" {
		c.Log().Error("request failed", "method", printable(c.f.Method(), 20), "route", c.f.Route().Path,
			"status", page.Status, "error", printable(err.Error(), errorLimit))
	}
	if c.WantsJSON() {
		reason := "internal"
		if e, ok := fault.As(err); ok {
			reason = e.Key
		}
		body := map[string]jsonError{"error": {Reason: reason, Message: page.Message, Link: page.Link, ID: page.ID}}
		if c.JSON(page.Status, body) == nil {
			return
		}
	}
	if err := c.RenderStatus(page.Status, "error", page); err != nil {
		c.Log().Error("error page failed", "error", printable(err.Error(), errorLimit))
		c.plainError(page)
	}
}

// unlessEnded gives a defect the answer of an ended session where the person
// removed the account, or was signed out, while the request was at work: what it
// wrote for is gone.
func (c *Ctx) unlessEnded(err error) error {
	if !c.viewer.SignedIn() || statusOf(err) != fiber.StatusInternalServerError {
		return err
	}
	if _, gone := c.app.o.Sessions.Viewer(c.Context(), c.SessionToken()); !errors.Is(gone, db.ErrNotFound) {
		return err
	}
	c.ClearSession()
	return fault.New(fault.Unauthorized, "error.text.401").At("/login").Wrap(err)
}

// dropBody forgets what a handler wrote, and keeps the cookies it set.
func (c *Ctx) dropBody() {
	r := c.f.Response()
	r.ResetBody()
	for _, h := range []string{
		fiber.HeaderContentType, fiber.HeaderContentDisposition, fiber.HeaderETag, fiber.HeaderLocation, "Refresh",
	} {
		r.Header.Del(h)
	}
	c.f.Set(fiber.HeaderContentSecurityPolicy, pagePolicy)
}

func (c *Ctx) errorPage(err error) ErrorPage {
	p := ErrorPage{Status: statusOf(err)}
	code := strconv.Itoa(p.Status)
	p.Title = c.either("error.title."+code, "error.title.other")
	e, ok := fault.As(err)
	if !ok {
		p.Message = c.either("error.text."+code, "error.text.other")
		if p.Status >= fiber.StatusInternalServerError {
			p.ID = c.ID()
		}
		return p
	}
	p.Message = c.sentence(e)
	if e.Link != "" {
		p.Link = Local(e.Link)
	}
	p.Wait = int(math.Ceil(e.RetryAfter.Seconds()))
	if p.Status >= fiber.StatusInternalServerError {
		p.ID = c.ID()
	}
	if p.Wait == 0 && e.Kind == fault.Unavailable {
		p.Wait = int((5 * time.Second).Seconds())
	}
	return p
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		if _, ok := fault.As(err); !ok {
			return e.Code
		}
	}
	return fault.Status(err)
}

func (c *Ctx) either(key, fallback string) string {
	if !c.app.o.Catalogue.Exists(key) {
		key = fallback
	}
	return c.T(key)
}

// sentence is what a fault says, in the language of the request. A fault without
// a message of its own says what its status means.
func (c *Ctx) sentence(e *fault.Error) string {
	if !c.app.o.Catalogue.Exists(e.Key) {
		return c.either("error.text."+strconv.Itoa(fault.Status(e)), "error.text.other")
	}
	args := make([]any, 0, 2*len(e.Args))
	for name, value := range e.Args {
		args = append(args, name, value)
	}
	return c.T(e.Key, args...)
}

// Sentence is what err says to a person: a fault's message, or that something
// broke. For pages that show an error in place.
func (c *Ctx) Sentence(err error) string { return c.errorPage(err).Message }

// plainError is the page of last resort, when the theme cannot be rendered.
func (c *Ctx) plainError(p ErrorPage) {
	c.f.Status(p.Status)
	c.f.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.f.Response().SetBodyString("<!doctype html><title>" + html.EscapeString(p.Title) + "</title><h1>" + html.EscapeString(p.Title) +
		"</h1><p>" + html.EscapeString(p.Message) + "</p><p>" + html.EscapeString(p.ID) + `</p><p><a href="/">` + html.EscapeString(c.T("error.back")) + "</a></p>")
}
