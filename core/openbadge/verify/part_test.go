package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestPartsOfBadges: a class or an issuer that comes alone is judged by what its own address
// answers, with the warning that it is no badge, and is refused where badges are kept.
func TestPartsOfBadges(t *testing.T) {
	class := func(w *world) string { return w.plain.AchievementID }
	issuer := func(w *world) string { return w.plain.Issuer.ID }
	edit := func(address func(*world) string, change func(map[string]any)) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			doc := decode(t, w.docs[address(w)])
			change(doc)
			w.docs[address(w)] = must(issue.JSON(doc))
		}
	}
	without := func(name string) func(map[string]any) { return func(m map[string]any) { delete(m, name) } }
	set := func(name string, v any) func(map[string]any) { return func(m map[string]any) { m[name] = v } }
	for name, tt := range map[string]struct {
		part    func(*world) string
		change  func(*testing.T, *world)
		verdict verify.Verdict
		reason  string // of the first check that did not pass
	}{
		"class":                        {class, nil, verify.Valid, ""},
		"issuer":                       {issuer, nil, verify.Valid, ""},
		"class that is gone":           {class, func(_ *testing.T, w *world) { delete(w.docs, class(w)) }, verify.Unverifiable, "unavailable"},
		"class with another name":      {class, edit(class, set("id", site+"/classes/other")), verify.Invalid, "hosted-id"},
		"class that is no class":       {class, edit(class, set("type", "Profile")), verify.Invalid, "wrong-type"},
		"class without description":    {class, edit(class, without("description")), verify.Invalid, "missing"},
		"class without issuer":         {class, func(_ *testing.T, w *world) { delete(w.docs, issuer(w)) }, verify.Unverifiable, "unavailable"},
		"class of a foreign issuer":    {class, edit(issuer, set("verification", map[string]any{"allowedOrigins": "other.example"})), verify.Unverifiable, "scope-origin"},
		"class of something else":      {class, edit(issuer, set("type", "Thing")), verify.Invalid, "wrong-type"},
		"issuer without a name":        {issuer, edit(issuer, without("name")), verify.Invalid, "missing"},
		"issuer that another replaced": {issuer, edit(issuer, set("id", site+"/other")), verify.Invalid, "hosted-id"},
	} {
		t.Run(name, func(t *testing.T) {
			w := hostedWorld(t)
			w.payload = w.docs[tt.part(w)]
			if tt.change != nil {
				tt.change(t, w)
			}
			r := w.check(t)
			wantVerdict(t, r, tt.verdict)
			if got := firstProblem(r); got != tt.reason || r.Kind != "" {
				t.Errorf("%q, kind %q: %+v", got, r.Kind, r.Checks)
			}
			if f := step(r, verify.CheckFormat); f.Warning != "badge-part" {
				t.Errorf("%+v", f)
			}
			if _, err := verify.Precheck(t.Context(), w.payload); err == nil {
				t.Error("taken for a badge")
			}
		})
	}
}

func firstProblem(r verify.Report) string {
	for _, s := range r.Checks {
		if s.Result == verify.Fail || s.Result == verify.Unknown {
			return s.Reason
		}
	}
	return ""
}
