package ld

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func reasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ""
}

// shared returns a folder of outside test data beside the checkout.
func shared(t testing.TB, sub string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", sub)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no outside test data here")
	}
	return dir
}

func TestCanonicalNQuads(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"comments and repeated lines", "# a\n<urn:s> <urn:p> <urn:o> . # b\n\n<urn:s> <urn:p> <urn:o>.\r\n", "<urn:s> <urn:p> <urn:o> .\n"},
		{
			"escapes", `<urn:s> <urn:p> "\u00e9\t\b\f\'\"\\\u007f\u0001\U0001F600"^^<http://www.w3.org/2001/XMLSchema#string> .`,
			"<urn:s> <urn:p> \"é\\t\\b\\f'\\\"\\\\\\u007F\\u0001😀\" .\n",
		},
		{
			"literals and graphs", "<urn:s> <urn:p> \"a\"@fr-CH <urn:g> .\n<urn:s> <urn:p> \"1\"^^<urn:t> _:g .",
			"<urn:s> <urn:p> \"1\"^^<urn:t> _:c14n0 .\n<urn:s> <urn:p> \"a\"@fr-CH <urn:g> .\n",
		},
		{"one blank node", "_:x <urn:p> _:x .", "_:c14n0 <urn:p> _:c14n0 .\n"},
		{"chain", "_:x <urn:p> _:y .\n_:y <urn:p> \"end\" .", "_:c14n0 <urn:p> \"end\" .\n_:c14n1 <urn:p> _:c14n0 .\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := CanonicalNQuads(t.Context(), []byte(c.in), crypto.SHA256)
			if err != nil || string(got) != c.want {
				t.Errorf("got %q, %v\nwant %q", got, err, c.want)
			}
		})
	}
}

func TestCanonicalNQuadsRefuses(t *testing.T) {
	for _, in := range []string{
		"<urn:s> <urn:p> .", "<urn:s> <urn:p> <urn:o>", "<urn:s> _:p <urn:o> .", "<urn:s> <urn:p> \"a .",
		"<s> <urn:p> <urn:o> .", "<urn:s> <urn:p> <urn:o o> .", "<urn:s> <urn:p> \"\\x\" .", "<urn:s> <urn:p> \"\\ud800\" .",
		"<urn:s> <urn:p> \"a\"^^x .", "<urn:s> <urn:p> \"a\"@1 .", "<urn:s> <urn:p> <urn:o> . x", "_: <urn:p> <urn:o> .",
		"<urn:s> <urn:p> \"a\\", "\xff", "<urn:s> <urn:p> \"a\"^^_:b .", "<urn:s\\u0020> <urn:p> <urn:o> .",
	} {
		if _, err := CanonicalNQuads(t.Context(), []byte(in), crypto.SHA256); reasonOf(err) != "n-quads" {
			t.Errorf("%q: %v", in, err)
		}
	}
	if _, err := CanonicalNQuads(t.Context(), nil, crypto.MD5); reasonOf(err) != "json-ld" {
		t.Errorf("md5: %v", err)
	}
}

// clique links each of n blank nodes with all others.
func clique(n int) string {
	var b strings.Builder
	for i := range n {
		for j := range n {
			if i != j {
				fmt.Fprintf(&b, "_:n%d <urn:p> _:n%d .\n", i, j)
			}
		}
	}
	return b.String()
}

// bipartite links each of n blank nodes with each of n others.
func bipartite(n int) string {
	var b strings.Builder
	for i := range n {
		for j := range n {
			fmt.Fprintf(&b, "_:a%d <urn:p> _:b%d .\n", i, j)
		}
	}
	return b.String()
}

func ring(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "_:n%d <urn:p> _:n%d .\n", i, (i+1)%n)
	}
	return b.String()
}

// TestPoisonGraphs bounds the work on graphs that were made to cost most by what it is made
// of: steps, of which each takes one hash or copies one identifier, and bytes. The steps that
// may be spent take some 35 ms on the machine of docs/performance.md.
func TestPoisonGraphs(t *testing.T) {
	const most = 64 << 20 // bytes
	cases := []struct {
		name, graph, reason string
	}{
		{"clique of 4", clique(4), ""},
		{"clique of 10", clique(10), "too-complex"},
		{"clique of 30", clique(30), "too-complex"},
		{"bipartite of 10", bipartite(10), "too-complex"},
		{"ring of 20", ring(20), ""},
		{"ring of 2000", ring(2000), "too-complex"},
		{"ring of 60000", ring(60000), "too-complex"},
		{"two rings of 10", ring(10) + strings.ReplaceAll(ring(10), "_:n", "_:m"), ""},
		{"many statements", strings.Repeat("<urn:s> <urn:p> _:x .\n", maxQuads+1), "too-complex"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := NewBudget()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := b.CanonicalNQuads(t.Context(), []byte(c.graph), crypto.SHA256)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if got := reasonOf(err); got != c.reason {
				t.Errorf("got %q (%v), want %q", got, err, c.reason)
			}
			spent := maxWork - b.Steps
			if over := spent - maxWork; over > 1+2*strings.Count(c.graph, "\n") { // one order of all nodes
				t.Errorf("%d steps over the limit of %d", over, maxWork)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("%d bytes", n)
			}
			t.Logf("%d steps, %d bytes in %v", spent, after.TotalAlloc-before.TotalAlloc, took)
		})
	}
}

func TestCanonicalEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := CanonicalNQuads(ctx, []byte(clique(10)), crypto.SHA256); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestCanonicalIgnoresLabels relabels and shuffles datasets with repeated
// structures: the canonical form must not change.
func TestCanonicalIgnoresLabels(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, graph := range []string{clique(5), ring(12), bipartite(3), ring(3) + strings.ReplaceAll(ring(4), "_:n", "_:m")} {
		want, err := CanonicalNQuads(t.Context(), []byte(graph), crypto.SHA384)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			lines := strings.SplitAfter(strings.TrimSpace(graph)+"\n", "\n")
			rnd.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			shuffled := strings.ReplaceAll(strings.Join(lines, ""), "_:n1", "_:zz1")
			got, err := CanonicalNQuads(t.Context(), []byte(shuffled), crypto.SHA384)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("got %s, %v\nwant %s", got, err, want)
			}
		}
	}
}

// TestSuiteRDFC runs the W3C tests: the canonical form, or "too-complex" for
// the poison graph.
func TestSuiteRDFC(t *testing.T) {
	inputs, err := filepath.Glob(filepath.Join(shared(t, "vectors/w3c+rdf-canon/tests/rdfc10"), "*-in.nq"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("%d files, %v", len(inputs), err)
	}
	more, err := filepath.Glob(filepath.Join(shared(t, "hostile/rdfc"), "*", "*.nq"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Concat(inputs, more) {
		if !strings.HasSuffix(file, "-rdfc10.nq") {
			t.Run(filepath.Base(file), func(t *testing.T) { suiteCase(t, file) })
		}
	}
}

func suiteCase(t *testing.T, file string) {
	in, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h := crypto.SHA256
	if strings.Contains(file, "test075") {
		h = crypto.SHA384
	}
	start := time.Now()
	got, err := CanonicalNQuads(t.Context(), in, h)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if err != nil {
		poison := strings.Contains(file, "test074") || strings.Contains(file, "own")
		if reasonOf(err) != "too-complex" || !poison {
			t.Error(err)
		}
		return
	}
	if again, err := CanonicalNQuads(t.Context(), got, h); err != nil || !bytes.Equal(again, got) {
		t.Errorf("the canonical form is not its own: %v", err)
	}
	name := strings.Replace(filepath.Base(file), "-in.nq", "-rdfc10.nq", 1)
	want, err := os.ReadFile(filepath.Join(shared(t, "vectors/w3c+rdf-canon/tests/rdfc10"), name))
	if err != nil || !strings.HasSuffix(file, "-in.nq") {
		t.Logf("no expected form, %d bytes", len(got))
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestSuiteMaps holds the identifiers that blank nodes get against those of the W3C.
func TestSuiteMaps(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "vectors/w3c+rdf-canon/tests/rdfc10"), "*-rdfc10map.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, err := os.ReadFile(strings.Replace(file, "-rdfc10map.json", "-in.nq", 1))
			if err != nil {
				t.Fatal(err)
			}
			r, err := readNQuads(string(in), &dataset{})
			if err != nil {
				t.Fatal(err)
			}
			c := &canon{}
			if _, err := c.run(t.Context(), r.data, crypto.SHA256, NewBudget()); err != nil {
				t.Fatal(err)
			}
			got := map[string]any{}
			for label, n := range r.labels {
				got[strings.TrimPrefix(label, "_:")] = strings.TrimPrefix(string(c.label(int(n.blank))), "_:")
			}
			if want := readJSON(t, file); !reflect.DeepEqual(any(got), want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func FuzzCanonicalNQuads(f *testing.F) {
	for _, s := range []string{clique(3), ring(4), `_:a <urn:p> "x\u00e9"@en _:g .`, `<urn:s> <urn:p> "1"^^<urn:t> .`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		once, err := CanonicalNQuads(t.Context(), b, crypto.SHA256)
		if err != nil {
			if reasonOf(err) == "" {
				t.Fatal(err)
			}
			return
		}
		twice, err := CanonicalNQuads(t.Context(), once, crypto.SHA256)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not stable: %q, %q, %v", once, twice, err)
		}
	})
}
