package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestAmbiguousCredentials: what two readers could take for two things is refused, though its
// signature is good.
func TestAmbiguousCredentials(t *testing.T) {
	set := func(name string, v any) func(map[string]any) { return func(m map[string]any) { m[name] = v } }
	for name, tt := range map[string]struct {
		change         func(map[string]any)
		reason, detail string
	}{
		"two subjects": {func(m map[string]any) {
			m["credentialSubject"] = []any{m["credentialSubject"], m["credentialSubject"]}
		}, "bad-type", "credentialSubject"},
		"one subject in a list":  {func(m map[string]any) { m["credentialSubject"] = []any{m["credentialSubject"]} }, "", ""},
		"a list of one issuer":   {func(m map[string]any) { m["issuer"] = []any{m["issuer"]} }, "bad-type", "issuer"},
		"offset without colon":   {set("validFrom", "2026-01-02T03:04:05+0100"), "bad-date", "validFrom"},
		"offset of hours":        {set("validFrom", "2026-01-02T03:04:05+01"), "bad-date", "validFrom"},
		"offset":                 {set("validFrom", "2026-01-02T03:04:05.5+14:00"), "", ""},
		"no seconds":             {set("validUntil", "2030-01-02T03:04Z"), "bad-date", "validUntil"},
		"small letters":          {set("validFrom", "2026-01-02t03:04:05z"), "bad-date", "validFrom"},
		"a date, and no time":    {set("validFrom", "2026-01-02"), "date-zone", "validFrom"},
		"seconds since 1970":     {set("validFrom", 1767322800), "bad-date", "validFrom"},
		"a list of dates":        {set("validFrom", []any{"2026-01-02T03:04:05Z"}), "bad-date", "validFrom"},
		"a day that is not":      {set("validFrom", "2026-02-29T03:04:05Z"), "bad-date", "validFrom"},
		"awarded without a zone": {set("awardedDate", "2026-01-02T03:04:05"), "date-zone", "awardedDate"},
	} {
		t.Run(name, func(t *testing.T) {
			w := didWorld(t, "2.0")
			doc := decode(t, w.payload)
			delete(doc, "proof")
			tt.change(doc)
			w.embed(t, doc)
			r := w.check(t)
			if s := step(r, verify.CheckFormat); s.Reason != tt.reason || s.Detail != tt.detail || (r.Verdict == verify.Valid) != (tt.reason == "") {
				t.Errorf("%s: %+v", r.Verdict, s)
			}
		})
	}
}
