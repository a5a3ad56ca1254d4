package web

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/theme"
)

const (
	keptBytes   = 32 << 20  // of all kept pages, about: at least half of it stays, whatever is asked for
	keptLargest = 256 << 10 // of one
	keptAddress = 512       // bytes of a path with its query
	// keptAge is how long a page stays while nothing changes: pages say how long ago
	// something was, and badges expire.
	keptAge = time.Minute
)

// Kept is a guard for pages that say the same to all visitors. Such a page is drawn once
// and sent again, to those who are not signed in and see it in the same language and
// look, until a transaction changes anything that is shown (db.Base.Changes) or it is
// a minute old. So what is hidden is hidden with the answer to who hid it, and
// within a second where another process of the passport had it. Pages that were found
// by the secret of a link, or that set a cookie of their own, are not kept.
func Kept(next Handler) Handler {
	return func(c *Ctx) error {
		key, ok := c.keptKey()
		if !ok {
			return next(c)
		}
		at, ok := c.app.o.Base.Changes(c.Context())
		if !ok {
			return next(c)
		}
		if p, ok := c.app.kept.get(key, at, c.Now()); ok {
			c.sendKept(p)
			return nil
		}
		c.drawing = &drawing{before: c.headers()}
		if err := next(c); err != nil {
			return err
		}
		if p, ok := c.drawn(); ok {
			c.app.kept.put(key, at, p)
		}
		return nil
	}
}

// Again runs f now, and each time that the page of this request is sent again (Kept):
// for what is counted.
func (c *Ctx) Again(f func(*Ctx)) {
	f(c)
	if c.drawing != nil {
		c.drawing.again = append(c.drawing.again, f)
	}
}

// drawing is a page that may be kept.
type drawing struct {
	before map[string]string
	body   []byte // with the mark in place of the token; nil until it is drawn
	again  []func(*Ctx)
}

// keptPage is a page as it was drawn.
type keptPage struct {
	parts   [][]byte // between the places of the token
	size    int      // bytes of all parts
	headers [][2]string
	drawn   time.Time
	again   []func(*Ctx)
}

// keptKey is what a kept page hangs on. It reports false where pages differ for
// another reason.
func (c *Ctx) keptKey() (string, bool) {
	uri := c.f.Context().URI()
	path, query := uri.PathOriginal(), uri.QueryString()
	switch {
	case c.app.o.Config.Dev, c.Method() != fiber.MethodGet, c.viewer.SignedIn(), c.viewer.IsPreview(), c.WantsJSON(),
		len(path)+len(query) > keptAddress, len(query) > 0 && c.f.Query("key") != "", c.f.Cookies(c.app.cookieName(flashCookie)) != "":
		return "", false
	}
	scheme, contrast := c.look()
	return strings.Join([]string{c.Lang(), scheme, contrast, string(path), string(query)}, "\n"), true
}

// headers are those of the answer so far, but for cookies.
func (c *Ctx) headers() map[string]string {
	h := make(map[string]string)
	for name, value := range c.f.Response().Header.All() {
		if string(name) != fiber.HeaderSetCookie {
			h[string(name)] = string(value)
		}
	}
	return h
}

// drawn is the page that the handler has drawn, if it may be kept.
func (c *Ctx) drawn() (*keptPage, bool) {
	d := c.drawing
	if d.body == nil || len(d.body) > keptLargest || c.f.Response().StatusCode() != fiber.StatusOK || c.viewer.SignedIn() {
		return nil, false
	}
	for name := range c.f.Response().Header.Cookies() {
		if string(name) != c.app.cookieName(csrfCookie) {
			return nil, false
		}
	}
	p := &keptPage{parts: bytes.Split(d.body, []byte(theme.CSRFMark())), size: len(d.body), drawn: c.Now(), again: d.again}
	for name, value := range c.headers() {
		if old, ok := d.before[name]; (!ok || old != value) && name != fiber.HeaderContentLength && name != fiber.HeaderDate {
			p.headers = append(p.headers, [2]string{name, value})
		}
	}
	return p, true
}

func (c *Ctx) sendKept(p *keptPage) {
	for _, f := range p.again {
		f(c)
	}
	for _, h := range p.headers {
		c.f.Set(h[0], h[1])
	}
	token := ""
	if len(p.parts) > 1 {
		token = c.CSRFToken()
	}
	r := c.f.Response()
	for i, part := range p.parts {
		if i > 0 {
			r.AppendBodyString(token)
		}
		r.AppendBody(part)
	}
}

// withToken puts the token of this visitor where the mark is.
func (c *Ctx) withToken(body []byte) []byte {
	mark := []byte(theme.CSRFMark())
	at := bytes.Index(body, mark)
	if at < 0 {
		return body
	}
	token := c.CSRFToken()
	out := make([]byte, 0, len(body)+len(body)/16)
	for ; at >= 0; at = bytes.Index(body, mark) {
		out = append(append(out, body[:at]...), token...)
		body = body[at+len(mark):]
	}
	return append(out, body...)
}

// kept is the pages of one state of the database: with another number all of them are
// forgotten. It has two generations, of which the older one is forgotten when the
// younger is full: what is asked for again moves up.
type kept struct {
	mu         sync.Mutex
	at         int64
	young, old map[string]*keptPage
	bytes      int // of the young ones
}

func (k *kept) get(key string, at int64, now time.Time) (*keptPage, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at != at {
		return nil, false
	}
	p := k.young[key]
	if p == nil {
		if p = k.old[key]; p != nil {
			k.add(key, p)
		}
	}
	if p == nil {
		return nil, false
	}
	age := now.Sub(p.drawn)
	return p, age >= 0 && age < keptAge
}

// put keeps a page that was drawn while the database had a number.
func (k *kept) put(key string, at int64, p *keptPage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if at < k.at {
		return
	}
	if at > k.at || k.young == nil {
		k.at, k.young, k.old, k.bytes = at, make(map[string]*keptPage), nil, 0
	}
	k.add(key, p)
}

func (k *kept) add(key string, p *keptPage) {
	if k.bytes > keptBytes/2 {
		k.old, k.young, k.bytes = k.young, make(map[string]*keptPage), 0
	}
	if before := k.young[key]; before != nil {
		k.bytes -= before.size
	}
	k.young[key] = p
	k.bytes += p.size + len(key)
}
