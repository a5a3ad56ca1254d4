package web

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

const (
	flashCookie  = "flash"
	flashPurpose = "web/flash"
	flashAge     = time.Minute
	flashLimit   = 2000 // bytes of the cookie
)

// Kinds of flash messages.
const (
	Done    = "ok"
	Notice  = "info"
	Warning = "warn"
	Problem = "bad"
)

// Flash is one message at the top of the next page.
type Flash struct {
	Kind string // Done, Notice, Warning or Problem
	Text string // translated
}

// flashed is a Flash on its way, in a signed cookie.
type flashed struct {
	Kind string            `json:"k"`
	Key  string            `json:"m"`
	Args map[string]string `json:"a,omitempty"`
}

// Flash shows a message on the next page: a kind, a message key and its values
// as pairs of strings.
func (c *Ctx) Flash(kind, key string, args ...string) {
	m := flashed{Kind: kind, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if m.Args == nil {
			m.Args = make(map[string]string)
		}
		m.Args[args[i]] = args[i+1]
	}
	c.flash = append(c.flash, m)
}

// saveFlash puts the messages into the cookie, for an answer that is no page.
func (c *Ctx) saveFlash() {
	if len(c.flash) == 0 {
		return
	}
	body, err := json.Marshal(c.flash)
	if err != nil {
		return
	}
	value := base64.RawURLEncoding.EncodeToString(body)
	if len(value) > flashLimit {
		return
	}
	c.SetCookie(flashCookie, value+"."+c.app.o.Keys.MAC(flashPurpose, body), flashAge)
}

// takeFlash gives the messages of the last answer and of this one, once.
func (c *Ctx) takeFlash() []Flash {
	if c.viewer.IsPreview() { // they are the person's own
		return nil
	}
	all := append(c.readFlash(), c.flash...)
	c.flash = nil
	out := make([]Flash, 0, len(all))
	for _, m := range all {
		args := make([]any, 0, 2*len(m.Args))
		for name, value := range m.Args {
			args = append(args, name, value)
		}
		out = append(out, Flash{Kind: m.Kind, Text: c.T(m.Key, args...)})
	}
	return out
}

func (c *Ctx) readFlash() []flashed {
	cookie := c.Cookie(flashCookie)
	if cookie == "" {
		return nil
	}
	c.ClearCookie(flashCookie)
	value, mac, _ := strings.Cut(cookie, ".")
	body, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || !c.app.o.Keys.CheckMAC(flashPurpose, body, mac) {
		return nil
	}
	var list []flashed
	if json.Unmarshal(body, &list) != nil {
		return nil
	}
	return list
}
