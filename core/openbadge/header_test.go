package openbadge

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func encodedHeader(kid string) []byte {
	return []byte(base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":"EdDSA","kid":%q}`, kid)))
}

// TestHeadersAtOnce: many readers at once get the header of their token while the
// cache fills and begins anew.
func TestHeadersAtOnce(t *testing.T) {
	const names = mostHeaders + 50
	var c headerCache
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range names * 2 {
				kid := fmt.Sprintf("key-%d", (i+worker*names/4)%names)
				h, err := c.read(encodedHeader(kid))
				if err != nil || h.Get("kid").Text() != kid || h.Get("alg").Text() != "EdDSA" {
					t.Errorf("%s: %v, %v", kid, h.Any(), err)
				}
			}
		})
	}
	all.Wait()
	if len(c.kept) == 0 || len(c.kept) > mostHeaders {
		t.Errorf("%d headers are kept", len(c.kept))
	}
}

// TestHeadersThatAreNotKept: what is wrong is told each time, and a long header read each time.
func TestHeadersThatAreNotKept(t *testing.T) {
	var c headerCache
	long := strings.Repeat("k", mostHeaderText)
	for range 2 {
		if h, err := c.read(encodedHeader(long)); err != nil || h.Get("kid").Text() != long {
			t.Errorf("a long header: %v", err)
		}
		for part, reason := range map[string]string{
			"eyJ!": "jws-base64",
			base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"a","alg":"b"}`)): "json-duplicate-key",
			base64.RawURLEncoding.EncodeToString([]byte(`"alg"`)):                 "not-a-credential",
		} {
			if _, err := c.read([]byte(part)); err == nil || err.(*Error).Reason != reason { //nolint:errorlint,forcetypeassert // as documented
				t.Errorf("%s: %v, want %s", part, err, reason)
			}
		}
	}
	if len(c.kept) != 0 {
		t.Errorf("%d headers are kept", len(c.kept))
	}
}

// TestHeaderOutlivesItsToken: what a kept header says does not change when the text that it
// was read from does, nor when the document around it is given back.
func TestHeaderOutlivesItsToken(t *testing.T) {
	var c headerCache
	part := encodedHeader("key-1")
	want := string(part)
	first, err := c.read(part)
	if err != nil {
		t.Fatal(err)
	}
	clear(part)
	again, err := c.read([]byte(want))
	if err != nil || first.Get("kid").Text() != "key-1" || again.Get("kid").Text() != "key-1" {
		t.Errorf("%v and %v, %v", first.Any(), again.Any(), err)
	}
}
