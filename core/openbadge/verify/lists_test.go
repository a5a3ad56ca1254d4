package verify_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// counting counts what is asked of a web.
type counting struct {
	web
	asked map[string]int
}

func (c counting) Fetch(ctx context.Context, address string) (verify.Document, error) {
	c.asked[address]++
	return c.web.Fetch(ctx, address)
}

// TestListsAreKept for as long as their issuer says, and not beyond their own end.
func TestListsAreKept(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ttl   any
		until string
		kept  time.Duration // the last moment at which the first copy is used
	}{
		{"an hour", 3_600_000, "", time.Hour - time.Second},
		{"by default", nil, "", 5*time.Minute - time.Second},
		{"a list that ends before", 3_600_000, "2026-11-23T00:10:00Z", 10*time.Minute - time.Second},
		{"longer than a day", 1e12, "", 24*time.Hour - time.Second},
		{"never", 0, "", -1},
		{"a time before the first", -5, "", -1},
		{"in words", "an hour", "", -1},
	} {
		w := withStatus(t, "revocation")
		w.list(t, "revocation", nil, func(m map[string]any) {
			if tt.ttl != nil {
				m["credentialSubject"].(map[string]any)["ttl"] = tt.ttl
			}
			if tt.until != "" {
				m["validUntil"] = tt.until
			}
		})
		lists, net := &verify.Lists{}, counting{w.docs, map[string]int{}}
		at := func(later time.Duration) verify.Report {
			return w.check(t, func(o *verify.Options) { o.Fetcher, o.Lists, o.At = net, lists, clock().Add(later) })
		}
		first := at(0)
		wantVerdict(t, first, verify.Valid)
		w.list(t, "revocation", []int{77}, nil) // the issuer takes the badge back
		if tt.kept > 0 {
			wantVerdict(t, at(tt.kept), verify.Valid)
			again := at(tt.kept)
			if net.asked[listAddress] != 1 || len(again.Documents) != 1 || again.Documents[0].SHA256 != first.Documents[0].SHA256 {
				t.Errorf("%s: asked %d times, %+v", tt.name, net.asked[listAddress], again.Documents)
			}
			wantVerdict(t, at(-time.Second), verify.Revoked) // a clock before the copy
		}
		wantVerdict(t, at(tt.kept+time.Second), verify.Revoked)
		if net.asked[listAddress] < 2 {
			t.Errorf("%s: asked %d times", tt.name, net.asked[listAddress])
		}
	}
}

// TestBadListsAreNotKept: one whose proof is wrong is asked for again.
func TestBadListsAreNotKept(t *testing.T) {
	w := withStatus(t, "revocation")
	good := w.docs[listAddress]
	w.docs[listAddress] = bytes.Replace(good, []byte("2026-01-02"), []byte("2026-01-01"), 1)
	lists := &verify.Lists{}
	wantStep(t, w.check(t, func(o *verify.Options) { o.Lists = lists }), verify.CheckRevoked, verify.Fail, "status-list-proof")
	w.docs[listAddress] = good
	wantVerdict(t, w.check(t, func(o *verify.Options) { o.Lists = lists }), verify.Valid)
}

// TestSizesAndPurposesOfStatus: entries of several bits, the most significant first, at the
// index times the size (Bitstring Status List §3.2); only revocation and suspension bear on
// the verdict.
func TestSizesAndPurposesOfStatus(t *testing.T) {
	for _, tt := range []struct {
		purpose string
		size    int
		value   uint64
		verdict verify.Verdict
		detail  string
	}{
		{"message", 1, 0, verify.Valid, ""},
		{"message", 2, 2, verify.Valid, "under review"},
		{"message", 8, 0xA5, verify.Valid, "under review"},
		{"message", 32, 0xDEADBEEF, verify.Valid, "under review"},
		{"refresh", 1, 1, verify.Valid, ""},
		{"revocation", 4, 8, verify.Revoked, ""},
		{"suspension", 4, 1, verify.Suspended, ""},
		{"revocation", 4, 0, verify.Valid, ""},
	} {
		const index = 77
		bits := make([]byte, 131_072*tt.size/8)
		for i := range tt.size {
			if tt.value>>(tt.size-1-i)&1 == 1 {
				at := index*tt.size + i
				bits[at/8] |= 1 << (7 - at%8)
			}
		}
		for i := range bits { // everybody else has all bits
			if i*8+7 < index*tt.size || i*8 >= (index+1)*tt.size {
				bits[i] = 0xFF
			}
		}
		w := didWorld(t, "2.0")
		doc := issue.Credential3(w.plain)
		entry := issue.StatusEntry(listAddress, tt.purpose, index)
		if tt.size > 1 {
			entry["statusSize"] = tt.size
			entry["statusMessage"] = []any{
				map[string]any{"status": "0x0", "message": "fine"},
				map[string]any{"status": fmt.Sprintf("0x%x", max(tt.value, 1)), "message": "under review"},
			}
		}
		doc["credentialStatus"] = entry
		w.embed(t, doc)
		w.list(t, tt.purpose, nil, func(m map[string]any) {
			m["credentialSubject"].(map[string]any)["encodedList"] = "u" + base64.RawURLEncoding.EncodeToString(gzipped(t, bits))
		})
		r := w.check(t)
		if s := step(r, verify.CheckRevoked); r.Verdict != tt.verdict || s.Detail != tt.detail {
			t.Errorf("%s of %d bits, %x: %s %+v", tt.purpose, tt.size, tt.value, r.Verdict, s)
		}
	}
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	if _, err := zw.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
