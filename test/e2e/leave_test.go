package e2e

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/server"
)

// leave removes Ada's account.
func (p *passport) leave(t *testing.T) {
	p.step(t, "before, the data folder holds all marks", func() {
		if p.engine != "sqlite" {
			return
		}
		for mark, found := range p.marks(p.ada.T) {
			if len(found) == 0 {
				p.ada.T.Errorf("%q is not found: searching for it proves nothing", mark)
			}
		}
	})
	p.step(t, "remove the account in three clicks", func() {
		tab := p.ada
		tab.Open("/settings/data")
		tab.Clicks = 0
		tab.Press(`main a[href="/settings/remove"]`)
		p.shot(tab, "settings-remove")
		tab.Press(`main a[href="/settings/remove?step=2"]`)
		p.shot(tab, "settings-remove-proof")
		tab.Fill("handle", ada.handle)
		tab.Press("main .btn-danger-solid") // she has just signed in, which is proof enough
		tab.Until(`document.readyState === "complete" && location.pathname.startsWith("/removed/") && !document.querySelector("[data-live]")`, "the receipt")
		if tab.Clicks > 3 {
			tab.T.Errorf("removed in %d clicks", tab.Clicks)
		}
		p.shot(tab, "removed")
		tab.Open("/badges")
		tab.At("/login")
	})
	p.step(t, "what she showed is gone", func() {
		for path, want := range map[string]int{"/@" + ada.handle: 410, "/@" + ada.handle + "/feed.atom": 410, p.badge: 404} {
			if got := p.anonymous(p.ada, path, nil); got != want && (path != p.badge || got != 410) {
				p.ada.T.Errorf("%s answers %d, not %d", path, got, want)
			}
		}
		p.bo.Open("/feed")
		p.bo.Lacks(ada.name)
		for _, path := range []string{"/feed", "/explore", "/@bo"} {
			if _, page := p.bo.Get(path); bytes.Contains(page, []byte(ada.name)) || bytes.Contains(page, []byte("Remarkmark")) {
				p.bo.T.Errorf("%s still tells of her", path)
			}
		}
	})
}

// nothingIsLeft searches every byte of the data folder, while the server runs
// and when it has ended.
func (p *passport) nothingIsLeft(t *testing.T) {
	p.step(t, "no byte of her is left while the server runs", func() { p.checkMarks(p.bo.T) })
	p.step(t, "no byte of her is left when it has ended", func() {
		p.Stop(p.bo.T)
		p.CheckLog(p.bo.T)
		p.checkMarks(p.bo.T)
	})
}

func (p *passport) checkMarks(t testing.TB) {
	t.Helper()
	for mark, found := range p.marks(t) {
		for _, f := range found {
			t.Errorf("%q is left behind: %s", mark, f)
		}
	}
}

// marks looks in every file for what belongs to Ada alone: as it is, in any
// case, and as hexadecimal or UTF-16 text.
func (p *passport) marks(t testing.TB) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, mark := range []string{"adamarkone", "lovelacemark", ada.handle, "adamarkmail", "remarkmark", "basket.png", "review.json", stranger} {
		found[mark] = nil
	}
	for _, data := range p.sent {
		if isPacked(data) {
			continue
		}
		found[string(lowerASCII(data[len(data)-40:]))] = nil
	}
	err := filepath.WalkDir(p.Data(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a file that comes and goes
		}
		if err != nil {
			return err
		}
		lower := lowerASCII(data)
		for mark, list := range found {
			if at := indexAny(lower, mark, hex.EncodeToString([]byte(mark)), strings.Join(strings.Split(mark, ""), "\x00")); at >= 0 {
				found[mark] = append(list, strings.TrimPrefix(path, p.Data())+": "+printable(data[max(0, at-60):min(len(data), at+60)]))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// isPacked reports whether a file is its credential and nothing else, JSON or a token:
// such are kept packed, where nothing of them can be read. The tests of core search for
// their packed bytes.
func isPacked(file []byte) bool {
	return bytes.HasPrefix(file, []byte("{")) || bytes.HasPrefix(file, []byte("ey"))
}

func indexAny(data []byte, forms ...string) int {
	for _, f := range forms {
		if at := bytes.Index(data, []byte(f)); at >= 0 {
			return at
		}
	}
	return -1
}

// lowerASCII keeps the length, whatever the bytes are.
func lowerASCII(data []byte) []byte {
	out := bytes.Clone(data)
	for i, b := range out {
		if b >= 'A' && b <= 'Z' {
			out[i] = b + 'a' - 'A'
		}
	}
	return out
}

func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, string(b))
}

// again starts the passport once more: everything is as it was.
func (p *passport) again(t *testing.T) {
	p.step(t, "starting again finds everything as it was", func() {
		tab := p.bo
		p.Stop(tab.T)
		p.CheckLog(tab.T)
		listen := strings.Replace(strings.TrimPrefix(p.URL, "http://"), "localhost", "127.0.0.1", 1)
		config, err := os.ReadFile(p.ConfigFile())
		if err != nil {
			tab.T.Fatal(err)
		}
		next := server.Start(t, server.Options{Dir: p.Dir, Config: string(config), NoData: true, Env: p.issuer.Env(), Listen: listen})
		if next.URL != p.URL || next.Setup != "" {
			tab.T.Errorf("it serves at %s, setup link %q", next.URL, next.Setup)
		}
		tab.Open("/settings/profile")
		tab.Reads(bo.name)
		tab.Open("/explore")
		p.admin.Open("/admin")
		p.admin.Reads("Willow Passport")
		p.shot(p.admin, "admin")
	})
}
