package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// keys are those that people use who have no mouse: code, number and text.
var keys = map[string]struct {
	code, text string
	number     int64
}{"Tab": {"Tab", "", 9}, "Enter": {"Enter", "\r", 13}, "Escape": {"Escape", "", 27}, " ": {"Space", " ", 32}}

// Key presses a key: Tab, Enter, Escape or " ".
func (b *Tab) Key(key string) {
	b.T.Helper()
	k := keys[key]
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Code: k.code, Text: k.text, WindowsVirtualKeyCode: k.number}
	if k.text == "" {
		down.Type = input.DispatchKeyEventTypeRawKeyDown
	}
	up := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: key, Code: k.code, WindowsVirtualKeyCode: k.number}
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, e := range []input.DispatchKeyEventParams{down, up} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, e); err != nil {
				return err
			}
		}
		return nil
	}), "press "+key)
}

// mostTabs is how far somebody goes by Tab before they give up.
const mostTabs = 150

// TabTo goes on by Tab until what has the focus fits the selector. What has it on
// the way must be seen to.
func (b *Tab) TabTo(selector string) {
	b.T.Helper()
	here := "document.activeElement?.matches(" + quote(selector) + ")"
	for range mostTabs {
		if Eval[bool](b, "!!"+here) {
			return
		}
		b.Key("Tab")
		if unseen := Eval[string](b, unseenFocus); unseen != "" {
			b.fail("nobody sees that this has the focus: %s", unseen)
		}
	}
	b.fail("no way by Tab to %s", selector)
}

// unseenFocus gives what has the focus when neither outline nor shadow shows it.
const unseenFocus = `(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const seen = [e, ...(e.labels ?? []), e.parentElement].some((n) => { const s = getComputedStyle(n); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none"; });
  return seen ? "" : e.outerHTML.slice(0, 200);
})()`

// Names gives what a screen reader says of all that can be used on the page, role
// and name: "button Copy". What has no name is "button ".
func (b *Tab) Names() []string {
	b.T.Helper()
	var list []string
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		tree, err := cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			return err
		}
		for _, n := range tree.Nodes {
			role, err := said(n.Role)
			if err != nil {
				return err
			}
			name, err := said(n.Name)
			if err != nil {
				return err
			}
			if !n.Ignored && usable[role] {
				list = append(list, fmt.Sprintf("%s %s", role, strings.Join(strings.Fields(name), " ")))
			}
		}
		return nil
	}), "read the names")
	return list
}

// usable are the roles of what one can do something with.
var usable = map[string]bool{"button": true, "link": true, "textbox": true, "checkbox": true, "radio": true, "combobox": true, "DisclosureTriangle": true}

func said(v *accessibility.Value) (string, error) {
	if v == nil || len(v.Value) == 0 {
		return "", nil
	}
	var text string
	err := json.Unmarshal(v.Value, &text)
	return text, err
}
