package verify_test

import (
	"strings"
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

// TestPartsOfOldBadges: those of OB 1.0 have neither types nor addresses of their own, so a file
// alone proves nothing; where files stand in place of the network it is what its address answers.
func TestPartsOfOldBadges(t *testing.T) {
	const issuerAt, classAt = "https://old.example/issuer", "https://old.example/class"
	issuer := `{"name":"Old Guild","url":"https://old.example"}`
	class := `{"name":"Rower","description":"Rows","image":"https://old.example/i.png","criteria":"https://old.example/c","issuer":"` + issuerAt + `"}`
	for name, tt := range map[string]struct {
		payload, reason string
		own             bool
		verdict         verify.Verdict
		warning         string // of the proof
	}{
		"issuer":                    {issuer, "no-address", false, verify.Unverifiable, ""},
		"issuer among documents":    {issuer, "", true, verify.Valid, "part-without-address"},
		"class":                     {class, "no-address", false, verify.Unverifiable, ""},
		"class among documents":     {class, "", true, verify.Valid, "part-without-address"},
		"class at its address":      {classAt, "", false, verify.Valid, ""},
		"issuer at its address":     {issuerAt, "", false, verify.Valid, ""},
		"issuer without a name":     {`{"url":"https://old.example","criteria":"x"}`, "not-a-badge", true, verify.Invalid, ""},
		"class without description": {strings.Replace(class, `"description":"Rows",`, "", 1), "missing", true, verify.Invalid, ""},
		"class with a revoked mark": {strings.Replace(class, `"name"`, `"revoked":false,"name"`, 1), "missing", true, verify.Invalid, ""},
		"class of an unknown one":   {strings.Replace(class, issuerAt, "https://old.example/nobody", 1), "unavailable", true, verify.Unverifiable, "part-without-address"},
	} {
		w := &world{docs: web{issuerAt: []byte(issuer), classAt: []byte(class)}, payload: []byte(tt.payload)}
		r := verify.Check(t.Context(), w.payload, verify.Options{At: clock(), Fetcher: w.docs, OwnCopy: tt.own})
		if r.Verdict != tt.verdict || firstProblem(r) != tt.reason || step(r, verify.CheckProof).Warning != tt.warning {
			t.Errorf("%s: %s %q %+v", name, r.Verdict, firstProblem(r), r.Checks)
		}
		if _, err := verify.Precheck(t.Context(), []byte(issuer)); err == nil {
			t.Error("taken for a badge")
		}
	}
}

// TestClassesElsewhere: where a class lies is not the issuer's to say, unless it says it.
func TestClassesElsewhere(t *testing.T) {
	w := hostedWorld(t)
	const at = "https://classes.example/1"
	class := decode(t, w.docs[w.plain.AchievementID])
	class["id"] = at
	w.payload = must(issue.JSON(class))
	w.docs[at] = w.payload
	r := w.check(t)
	wantVerdict(t, r, verify.Valid)
	if f := step(r, verify.CheckKey); f.Warning != "class-elsewhere" || f.Detail != "classes.example" {
		t.Errorf("%+v", f)
	}
	issuer := decode(t, w.docs[w.plain.Issuer.ID])
	issuer["verification"] = map[string]any{"allowedOrigins": "guild.example"}
	w.docs[w.plain.Issuer.ID] = must(issue.JSON(issuer))
	wantVerdict(t, w.check(t), verify.Unverifiable)
}

// TestAlignmentsAlone: an alignment is a part of badges too (OB2 §AlignmentObject).
func TestAlignmentsAlone(t *testing.T) {
	const at = "https://guild.example/alignments/1"
	const text = `{"@context":"https://w3id.org/openbadges/v2","type":"AlignmentObject","id":"` + at + `","targetName":"Rowing","targetUrl":"https://frame.example/1"}`
	for payload, want := range map[string]verify.Verdict{
		text: verify.Valid,
		strings.Replace(text, `"targetName"`, `"name"`, 1):                         verify.Invalid,
		strings.Replace(text, `https://frame.example/1`, "javascript:alert(1)", 1): verify.Invalid,
		strings.Replace(text, `"AlignmentObject"`, `"https://x.example/Thing"`, 1): verify.Invalid,
	} {
		r := verify.Check(t.Context(), []byte(payload), verify.Options{At: clock(), Fetcher: web{at: []byte(payload)}})
		if r.Verdict != want {
			t.Errorf("%s: %s %+v", payload, r.Verdict, r.Checks)
		}
	}
}
