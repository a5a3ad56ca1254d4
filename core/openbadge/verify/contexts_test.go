package verify

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// TestAgreedContextsAreOfTheirListAlone: a list of contexts that was found good says nothing
// of one with a context more, of the credential's own or of a stranger, nor of another order.
func TestAgreedContextsAreOfTheirListAlone(t *testing.T) {
	const vc2, ob3 = `"https://www.w3.org/ns/credentials/v2"`, `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"`
	good := vc2 + "," + ob3
	for range 2 { // the second time it is remembered
		for _, c := range []struct {
			contexts string
			want     bool
		}{
			{good, true},
			{good + `,"https://stranger.example/context"`, false},
			{`"https://stranger.example/context",` + good, false},
			{good + `,{"name":"https://stranger.example/name"}`, false},
			{good + `,[{"name":"https://stranger.example/name"}]`, false},
			{good + `,{"stranger":"https://stranger.example/name"}`, true},
			{good + strings.Repeat(","+ob3, 10), true}, // too long to be remembered
		} {
			v, err := strictjson.ReadText("["+c.contexts+"]", strictjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			spend := allowedWork()
			r := &run{docs: &documents{work: &spend}}
			if got := r.checkPlainContexts(t.Context(), v); got.ok() != c.want {
				t.Errorf("%s: %v", c.contexts, got)
			}
		}
	}
	if v, err := strictjson.ReadText("["+good+"]", strictjson.Limits{}); err != nil {
		t.Fatal(err)
	} else if key, plain := contextKey(make([]byte, 0, mostContextText), v); !plain || !agreed.has(key) {
		t.Errorf("%q is not remembered", key)
	}
	var kept goodContexts
	for i := range 3 * mostContexts {
		kept.keep([]byte(strings.Repeat("a", i)))
	}
	if len(kept.kept) > mostContexts {
		t.Errorf("%d lists are kept", len(kept.kept))
	}
}
