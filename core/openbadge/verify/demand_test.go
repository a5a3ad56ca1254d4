package verify

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// demandMost is what any hostile input may cost.
const (
	demandTime   = 5 * time.Second
	demandMemory = 256 << 20 // bytes allocated in all, which is more than is ever held at once
)

// TestHostileDemands holds every hostile input of the parsers against its demand, its time and
// its memory, and sees to it that none of them makes a connection.
func TestHostileDemands(t *testing.T) {
	dir := sharedDir(t, "hostile")
	var times []time.Duration
	worstMemory := uint64(0)
	for _, surface := range []string{"json", "jsonld", "rdfc", "vc", "jwt"} {
		for _, c := range hostileCases(t, surface) {
			payload := hostilePayload(t, dir, c)
			took, memory := measured(func() { meetsDemand(t, c, payload) })
			times = append(times, took)
			worstMemory = max(worstMemory, memory)
			strict := c.Surface == "jwt" && (took > time.Second || memory > 32<<20)
			if took > demandTime || memory > demandMemory || strict {
				t.Errorf("%s: %s, %d bytes", c.Name, took, memory)
			}
		}
	}
	slices.Sort(times)
	t.Logf("%d inputs: p50 %s, p99 %s, slowest %s, most memory %d MB", len(times),
		times[len(times)/2], times[len(times)*99/100], times[len(times)-1], worstMemory>>20)
}

// measured runs f and gives its time and all that it allocated.
func measured(f func()) (time.Duration, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	f()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// hostilePayload reads or makes the bytes of a case.
func hostilePayload(t *testing.T, dir string, c hostileCase) []byte {
	t.Helper()
	if c.File != "" {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(c.File)))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var text string
	if json.Unmarshal(c.Value, &text) == nil && text != "" {
		return []byte(text)
	}
	nest := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	switch strings.TrimPrefix(c.Name, "own/") {
	case "deep_object_100000.json":
		return []byte(nest(100_000))
	case "deep_object_1000000.json":
		return []byte(nest(1_000_000))
	case "array_of_assertions_10000.json":
		one := `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://a.example/1"}`
		return []byte("[" + strings.Repeat(one+",", 9_999) + one + "]")
	case "million_dots":
		return []byte(strings.Repeat(".", 1_000_000))
	case "payload_deep":
		return []byte("e30." + base64.RawURLEncoding.EncodeToString([]byte(nest(66_000))) + ".AA")
	}
	return c.Value
}

// meetsDemand runs an input through the parser of its surface and through Check.
func meetsDemand(t *testing.T, c hostileCase, payload []byte) {
	t.Helper()
	fetches := &noFetch{}
	if c.Surface == "rdfc" {
		meetsGraph(t, c, payload)
		return
	}
	_, jsonErr := strictjson.Decode(payload, strictjson.Limits{})
	_, pre := Precheck(t.Context(), payload)
	r := Check(t.Context(), payload, Options{At: vectorClock(), Fetcher: fetches})
	if r.Verdict == Valid || firstReason(r) == "" {
		t.Errorf("%s: verdict %s, reason %q", c.Name, r.Verdict, firstReason(r))
	}
	_, named := errors.AsType[*openbadge.Error](pre)
	switch {
	case strings.HasPrefix(c.Demand, "reject-4xx (not JSON)"):
		if jsonErr == nil {
			t.Errorf("%s: taken for JSON", c.Name)
		}
		fallthrough
	case strings.HasPrefix(c.Demand, "reject-4xx"):
		if !named || fetches.count.Load() > 0 {
			t.Errorf("%s: precheck %v, %d fetches", c.Name, pre, fetches.count.Load())
		}
	case strings.HasPrefix(c.Demand, "accept as JSON"):
		meetsAccepted(t, c, jsonErr, named)
	case strings.HasPrefix(c.Demand, "accept-inert"):
		if pre != nil && !named {
			t.Errorf("%s: precheck without a reason: %v", c.Name, pre)
		}
	case c.Surface == "jwt" && fetches.count.Load() > 0:
		t.Errorf("%s: %d fetches", c.Name, fetches.count.Load())
	}
}

// meetsAccepted: well-formed JSON is read, then refused as no badge. Equal keys are the one
// thing that RFC 8259 §4 leaves to the reader ("should be unique"): they are refused.
func meetsAccepted(t *testing.T, c hostileCase, jsonErr error, named bool) {
	t.Helper()
	if !named {
		t.Errorf("%s: taken for a badge", c.Name)
	}
	se, isRefusal := errors.AsType[*strictjson.Error](jsonErr)
	if jsonErr != nil && (!isRefusal || se.Reason != "json-duplicate-key") {
		t.Errorf("%s: %v", c.Name, jsonErr)
	}
}

// meetsGraph: a canonical form that is its own, or "too complex".
func meetsGraph(t *testing.T, c hostileCase, graph []byte) {
	t.Helper()
	out, err := ld.CanonicalNQuads(t.Context(), graph, crypto.SHA256)
	le, ok := errors.AsType[*ld.Error](err)
	mustEnd := strings.HasPrefix(c.Demand, "must abort")
	switch {
	case err == nil && mustEnd:
		t.Errorf("%s: canonical form of %d bytes", c.Name, len(out))
	case err == nil:
		again, err := ld.CanonicalNQuads(t.Context(), out, crypto.SHA256)
		if err != nil || string(again) != string(out) {
			t.Errorf("%s: the canonical form is not its own: %v", c.Name, err)
		}
	case !ok || le.Reason != "too-complex" || strings.HasPrefix(c.Demand, "canonical form equal"):
		t.Errorf("%s: %v", c.Name, err)
	}
}
