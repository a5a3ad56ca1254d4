package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take.
const patience = 30 * time.Second

// Tab is what one person sees. Its methods end the test when they fail.
type Tab struct {
	T      testing.TB // the test it works for now; set it in subtests
	Base   string     // address of the site
	Clicks int        // since it was last set to 0

	browser *Browser
	ctx     context.Context

	mu         sync.Mutex
	complaints []string
	allowed    map[string]bool // statuses that are no complaint
	status     int             // of the last document
}

// must runs an action.
func (b *Tab) must(a chromedp.Action[chromedp.Void], what string) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, a); err != nil {
		b.fail("%s: %v", what, err)
	}
}

// fail ends the test with a picture and the words of the page.
func (b *Tab) fail(format string, args ...any) {
	b.T.Helper()
	name := "failed-" + strings.NewReplacer("/", "-", " ", "-").Replace(b.T.Name())
	where, _ := evaluate[string](b, `location.href + " (" + document.readyState + ", " + document.visibilityState + ")\n" + (document.querySelector("main") ?? document.body).innerText.slice(0, 1500)
		+ Array.from(document.images).filter((i) => !i.complete).map((i) => "\nnot here yet: " + i.src).join("")`)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		if b.browser.shot(name, png) == nil {
			where += "\n(see " + name + ".png)"
		}
	}
	b.CheckConsole()
	b.T.Fatalf("%s\nat %s", fmt.Sprintf(format, args...), where)
}

func evaluate[T any](b *Tab, script string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// Eval gives the value of a script in the page.
func Eval[T any](b *Tab, script string) T {
	b.T.Helper()
	v, err := evaluate[T](b, script)
	if err != nil {
		b.fail("evaluate %.80s: %v", script, err)
	}
	return v
}

// quote makes a JavaScript string.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

// Until waits for a script to be true. A page that is just being replaced is
// asked again.
func (b *Tab) Until(script, what string) {
	b.T.Helper()
	if !b.soon(script, patience) {
		b.fail("waited in vain for %s", what)
	}
}

// Eventually waits longer than a page may take: for what happens by itself.
func (b *Tab) Eventually(wait time.Duration, script, what string) {
	b.T.Helper()
	if !b.soon(script, wait) {
		b.fail("waited in vain for %s", what)
	}
}

// question is how long an answer is waited for before it is asked for again: one that
// is asked while a page goes away may never come.
const question = 10 * time.Second

func (b *Tab) soon(script string, wait time.Duration) bool {
	for end := time.Now().Add(wait); ; {
		ctx, cancel := context.WithTimeout(b.ctx, question)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+script+")", chromedp.EvalAwaitPromise))
		cancel()
		if err == nil && ok {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
}

const loaded = `document.readyState === "complete"`

// Open goes to an address or a local path, as if it was typed.
func (b *Tab) Open(address string) {
	b.T.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.Base + address
	}
	b.must(chromedp.Navigate(address), "open "+address)
	b.Until(loaded, "the page "+address)
}

// mark is gone once another page has come.
const mark = "window.__before"

// Go does something that leads to another page and waits for that.
func (b *Tab) Go(do func()) {
	b.T.Helper()
	Eval[bool](b, mark+" = true")
	do()
	b.Until(mark+" === undefined && "+loaded, "the next page")
}

// Press clicks on something that leads to another page.
func (b *Tab) Press(selector string, texts ...string) {
	b.T.Helper()
	b.Go(func() { b.Click(selector, texts...) })
}

// locate gives the middle of the first visible element that fits, once nothing
// lies over it.
const locate = `(() => {
  const texts = %s;
  for (const e of document.querySelectorAll(%s)) {
    if (!e.checkVisibility({visibilityProperty: true}) || !texts.every((t) => e.textContent.includes(t))) continue;
    e.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
    const r = e.getClientRects()[0];
    if (!r || !r.width || !r.height) continue;
    const x = r.left + r.width / 2, y = r.top + r.height / 2;
    const top = document.elementFromPoint(x, y);
    if (!top) continue;
    if (!e.contains(top) && !top.contains(e) && !(e.labels && Array.from(e.labels).some((l) => l.contains(top)))) continue;
    return [x, y];
  }
  return [];
})()`

// Click clicks with the mouse on the first visible element that fits the
// selector and holds the texts.
func (b *Tab) Click(selector string, texts ...string) {
	b.T.Helper()
	if texts == nil {
		texts = []string{}
	}
	list, err := json.Marshal(texts)
	if err != nil {
		b.T.Fatal(err)
	}
	script := fmt.Sprintf(locate, list, quote(selector))
	var at []float64
	for end := time.Now().Add(patience); len(at) != 2; {
		if at, err = evaluate[[]float64](b, script); err == nil && len(at) == 2 {
			break
		}
		if time.Now().After(end) {
			b.fail("nothing to click on: %s %q (%v)", selector, texts, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Clicks++
	b.must(chromedp.MouseClickXY(at[0], at[1]), "click on "+selector)
}

// Fill types into the field of the name.
func (b *Tab) Fill(name, value string) {
	b.T.Helper()
	b.Type(fmt.Sprintf(`main :is(input, textarea)[name=%q]:not([type=hidden])`, name), value)
}

// Type types into the first element that fits, in place of what is there.
func (b *Tab) Type(selector, value string) {
	b.T.Helper()
	b.Until("document.querySelector("+quote(selector)+")", "the field "+selector)
	Eval[bool](b, "(() => { const e = document.querySelector("+quote(selector)+"); e.focus(); e.select(); return document.activeElement === e })()")
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: value})
		return err
	}), "type into "+selector)
}

// Choose gives a file to the file field that fits.
func (b *Tab) Choose(selector, file string) {
	b.T.Helper()
	b.must(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}, chromedp.NodeReady), "choose "+file)
}

// Text gives what the first element that fits reads, "" when there is none.
func (b *Tab) Text(selector string) string {
	b.T.Helper()
	return Eval[string](b, "document.querySelector("+quote(selector)+")?.innerText ?? ''")
}

// Value gives an attribute or property of the first element that fits.
func (b *Tab) Value(selector, property string) string {
	b.T.Helper()
	return Eval[string](b, "String(document.querySelector("+quote(selector)+")?.["+quote(property)+"] ?? '')")
}

// Count counts the elements that fit.
func (b *Tab) Count(selector string) int {
	b.T.Helper()
	return Eval[int](b, "document.querySelectorAll("+quote(selector)+").length")
}

// Reads waits until the page reads all of the texts.
func (b *Tab) Reads(texts ...string) {
	b.T.Helper()
	for _, text := range texts {
		b.Until("document.body.textContent.replace(/\\s+/g, ' ').includes("+quote(text)+")", fmt.Sprintf("the words %q", text))
	}
}

// Finds opens a page until it reads all of the texts: what is done behind it, such as
// sending a mail, takes its time, and no page but those that say so is drawn anew.
func (b *Tab) Finds(path string, texts ...string) {
	b.T.Helper()
	list, err := json.Marshal(texts)
	if err != nil {
		b.T.Fatal(err)
	}
	script := fmt.Sprintf(`((page) => %s.every((t) => page.includes(t)))(document.body.textContent.replace(/\s+/g, " "))`, list)
	b.OpenUntil(path, script, fmt.Sprintf("the words %q at %s", texts, path))
}

// OpenUntil opens a page until a script is true there.
func (b *Tab) OpenUntil(path, script, what string) {
	b.T.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		b.Open(path)
		if Eval[bool](b, "!!("+script+")") {
			return
		}
		if time.Now().After(end) {
			b.fail("waited in vain for %s", what)
		}
	}
}

// Lacks fails when the page reads the text.
func (b *Tab) Lacks(text string) {
	b.T.Helper()
	if Eval[bool](b, "document.body.textContent.includes("+quote(text)+")") {
		b.fail("the page reads %q", text)
	}
}

// At waits until the path of the page begins with prefix.
func (b *Tab) At(prefix string) {
	b.T.Helper()
	b.Until("location.pathname.startsWith("+quote(prefix)+") && "+loaded, "the page "+prefix)
}

// Path gives the path of the page.
func (b *Tab) Path() string { return Eval[string](b, "location.pathname") }

// Location gives the address of the page.
func (b *Tab) Location() string { return Eval[string](b, "location.href") }

// Status gives the status of the last document.
func (b *Tab) Status() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// Viewport sets the size of the window in CSS pixels.
func (b *Tab) Viewport(width, height int64) {
	b.T.Helper()
	b.must(chromedp.EmulateViewport(width, height), "set the window's size")
}

// Dark asks pages to be dark, or light.
func (b *Tab) Dark(on bool) {
	b.T.Helper()
	value := "light"
	if on {
		value = "dark"
	}
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: value}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	}), "set the colour scheme")
}

// NoScript switches JavaScript off.
func (b *Tab) NoScript() {
	b.T.Helper()
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}), "switch JavaScript off")
}

// Languages sets what the browser asks for.
func (b *Tab) Languages(list string) {
	b.T.Helper()
	agent := Eval[string](b, "navigator.userAgent")
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: list})
		return err
	}), "set the language")
}

// Shot takes a picture of the whole page for people to look at, where OSIER_SHOTS asks
// for that: it costs as much as what the test looks at. A browser that is busy may miss
// the frame to draw and wait for ever: then it is asked again.
func (b *Tab) Shot(name string) {
	b.T.Helper()
	if os.Getenv("OSIER_SHOTS") == "" {
		return
	}
	png, err := b.picture()
	for range 2 {
		if errors.Is(err, context.DeadlineExceeded) {
			png, err = b.picture()
		}
	}
	if err == nil {
		err = b.browser.shot(name, png)
	}
	if err != nil {
		b.T.Errorf("picture %s: %v", name, err)
	}
}

func (b *Tab) picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	yes := true
	return chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		r, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes})
		return r.Data, err
	})
}

// Get asks for a path with the person's cookies, outside of the page.
func (b *Tab) Get(path string) (int, []byte) {
	b.T.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.Base + path
	}
	r, err := http.NewRequestWithContext(b.T.Context(), http.MethodGet, path, nil)
	if err != nil {
		b.T.Fatal(err)
	}
	for _, c := range b.cookies() {
		r.AddCookie(c)
	}
	client := &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		b.T.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	return answer.StatusCode, body
}

func (b *Tab) cookies() []*http.Cookie {
	b.T.Helper()
	u, err := url.Parse(b.Base)
	if err != nil {
		b.T.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	list, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]*http.Cookie, error) {
		r, err := cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{u.String() + "/"}})
		var out []*http.Cookie
		for _, c := range r.Cookies {
			out = append(out, &http.Cookie{Name: c.Name, Value: c.Value})
		}
		return out, err
	})
	if err != nil {
		b.T.Fatal(errors.Join(errors.New("read cookies"), err))
	}
	return list
}
