package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Download clicks on what leads to a file and gives the file.
func (b *Tab) Download(selector string) []byte {
	b.T.Helper()
	dir, err := os.MkdirTemp("", "osier-download-")
	if err != nil {
		b.T.Fatal(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err = chromedp.CallBrowser(ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
		BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
	})
	if err != nil {
		b.T.Fatalf("allow downloads: %v", err)
	}
	b.Click(selector)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		list, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(list) != 1 || strings.HasSuffix(list[0], ".crdownload") {
			continue
		}
		data, err := os.ReadFile(list[0])
		if err != nil {
			b.T.Fatal(err)
		}
		return data
	}
	b.fail("no file came from %s", selector)
	return nil
}
