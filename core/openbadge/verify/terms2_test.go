package verify_test

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestTermsOfAssertions holds the words, the recipient and the parts of OB 2.0 documents
// against their tables: what breaks a rule is invalid, what is only unusual gets a warning.
func TestTermsOfAssertions(t *testing.T) {
	type m = map[string]any
	hash := "sha256$" + strings.Repeat("ab", 32)
	who := func(kind any, hashed any, identity string) m {
		return m{"recipient": m{"type": kind, "hashed": hashed, "identity": identity}}
	}
	extension := func(context, kind string) m {
		return m{"extensions:x": m{"@context": context, "type": []any{"Extension", kind}}}
	}
	for name, tt := range map[string]struct {
		assertion, class, issuer m
		reason                   string // of the failure, or of the warning after "!"
	}{
		"more types":             {assertion: m{"type": []any{"Assertion", "https://x.example/T", "schema:Thing"}}},
		"unknown type":           {assertion: m{"type": []any{"Assertion", "Unknown"}}, reason: "wrong-type"},
		"type that is no text":   {assertion: m{"type": []any{"Assertion", 1}}, reason: "bad-type"},
		"type of its context":    {assertion: m{"type": []any{"Assertion", "Mine"}, "@context": []any{"https://w3id.org/openbadges/v2", m{"Mine": "https://x.example/T"}}}},
		"type of an extension":   {assertion: m{"type": []any{"Assertion", "Theirs"}, "@context": []any{"https://w3id.org/openbadges/v2", "https://w3id.org/openbadges/extensions/x/context.json"}}},
		"class, unknown type":    {class: m{"type": []any{"BadgeClass", "Unknown"}}, reason: "wrong-type"},
		"issuer, unknown type":   {issuer: m{"type": []any{"Issuer", "Unknown"}}, reason: "wrong-type"},
		"issuer, extension":      {issuer: m{"type": []any{"Issuer", "Extension", "extensions:X"}}},
		"issuer without address": {issuer: m{"url": nil}, reason: "!issuer-incomplete"},
		"issuer without e-mail":  {issuer: m{"email": nil}, reason: "!issuer-incomplete"},
		"criteria in words":      {class: m{"criteria": m{"narrative": "Row."}}},
		"criteria by address":    {class: m{"criteria": m{"id": "https://x.example/c"}}},
		"criteria of nothing":    {class: m{"criteria": m{"type": "Criteria"}}, reason: "missing"},
		"alignment":              {class: m{"alignment": []any{m{"targetName": "A", "targetUrl": "https://x.example/a"}}}},
		"alignment of OB 1.1":    {class: m{"alignment": m{"name": "A", "url": "https://x.example/a"}}},
		"alignment to nothing":   {class: m{"alignment": m{"targetName": "A"}}, reason: "missing"},
		"alignment to no URL":    {class: m{"alignment": m{"targetName": "A", "targetUrl": "nowhere"}}, reason: "bad-address"},
		"hash said to be plain":  {assertion: who("email", false, hash), reason: "identity-plain"},
		"hash":                   {assertion: who("email", true, hash)},
		"plain":                  {assertion: who("email", false, "ada@example.org")},
		"telephone":              {assertion: who("telephone", false, "+44123456")},
		"another kind":           {assertion: who("https://x.example/crew-number", false, "7"), reason: "!identity-type"},
		"published extension":    {assertion: extension("https://w3id.org/openbadges/extensions/x/context.json", "extensions:X")},
		"other extension":        {assertion: extension("https://x.example/context.json", "x:X"), reason: "!unknown-extension"},
		"criteria of no URL":     {class: m{"criteria": "row well"}, reason: "bad-address"},
		"picture of no URL":      {class: m{"image": "basket"}, reason: "bad-address"},
		"tags":                   {class: m{"tags": []any{"oar", "boat"}}},
		"tags that are no texts": {class: m{"tags": []any{1, 2}}, reason: "bad-type"},
		"issuer of no URL":       {issuer: m{"url": "nowhere"}, reason: "bad-address"},
		"issuer of no e-mail":    {issuer: m{"email": "nobody"}, reason: "bad-address"},
		"issuer of two e-mails":  {issuer: m{"email": []any{"a@x.example", "b@x.example"}}},
		"issuer's telephone":     {issuer: m{"telephone": "+44 (0)20 7946-0000;ext=7"}},
		"issuer of no telephone": {issuer: m{"telephone": "call me"}, reason: "bad-address"},
		"language":               {assertion: m{"@language": "fr-CH"}},
		"no language":            {class: m{"@language": "Swiss French"}, reason: "bad-language"},
		"no context":             {assertion: m{"@context": nil}, reason: "missing-context"},
		"extension of the class": {class: extension("https://x.example/context.json", "x:X"), reason: "!unknown-extension"},
	} {
		t.Run(name, func(t *testing.T) {
			w := hostedWorld(t)
			for address, change := range map[string]m{w.plain.ID: tt.assertion, w.plain.AchievementID: tt.class, w.plain.Issuer.ID: tt.issuer} {
				doc := decode(t, w.docs[address])
				for k, v := range change {
					if doc[k] = v; v == nil {
						delete(doc, k)
					}
				}
				w.docs[address] = must(issue.JSON(doc))
			}
			w.payload = w.docs[w.plain.ID]
			r := w.check(t)
			want, warning := verify.Valid, strings.TrimPrefix(tt.reason, "!")
			if warning == tt.reason && tt.reason != "" {
				want = verify.Invalid
			}
			wantVerdict(t, r, want)
			for _, s := range r.Checks {
				if s.Result == verify.Fail && s.Reason != tt.reason || s.Warning != "" && s.Warning != warning {
					t.Errorf("%+v", s)
				}
				warning = strings.TrimPrefix(warning, s.Warning)
			}
			if want == verify.Valid && warning != "" {
				t.Errorf("no warning: %+v", r.Checks)
			}
		})
	}
}

// TestPublishedExtensions holds extensions against their schemas, in the badge, the class and
// the issuer (OB2 §Extensions).
func TestPublishedExtensions(t *testing.T) {
	type m = map[string]any
	assessment := m{
		"description": "A test", "type": "Exam", "assessmentOutput": "Answers", "hasGroupParticipation": false,
		"hasGroupEvaluation": false, "evaluationMethod": "Points",
	}
	for name, tt := range map[string]struct {
		kind   string
		fields m
		reason string
	}{
		"example":               {"extensions:ExampleExtension", m{"exampleProperty": "text"}, ""},
		"example, spelled out":  {"obi:extensions/#ExampleExtension", m{"http://schema.org/text": "text"}, ""},
		"example, a number":     {"extensions:ExampleExtension", m{"exampleProperty": 1337}, "extension"},
		"example, nothing":      {"https://w3id.org/openbadges/extensions#ExampleExtension", m{}, "missing"},
		"apply link":            {"extensions:ApplyLink", m{"url": "https://x.example/apply"}, ""},
		"apply link to nothing": {"extensions:ApplyLink", m{"url": 7}, "extension"},
		"place":                 {"extensions:GeoCoordinates", m{"description": "Here", "geo": m{"latitude": 46.2, "longitude": 6.1}}, ""},
		"place of words":        {"extensions:GeoCoordinates", m{"description": "Here", "geo": m{"latitude": "north", "longitude": 6.1}}, "extension"},
		"half a place":          {"extensions:GeoCoordinates", m{"description": "Here", "geo": m{"latitude": 46.2}}, "missing"},
		"original creator":      {"extensions:OriginalCreator", m{"url": "https://x.example/"}, ""},
		"assessment":            {"extensions:AssessmentExtension", m{"description": "Two", "assessments": []any{assessment, assessment}}, ""},
		"no assessment":         {"extensions:AssessmentExtension", m{"description": "Two", "assessments": []any{m{"type": "Exam"}}}, "missing"},
		"one of somebody else":  {"extensions:Unheard", m{"url": 7}, ""},
	} {
		w := hostedWorld(t)
		for n, address := range []string{w.plain.ID, w.plain.AchievementID, w.plain.Issuer.ID} {
			before := w.docs[address]
			doc := decode(t, before)
			tt.fields["type"], tt.fields["@context"] = []any{"Extension", tt.kind}, "https://w3id.org/openbadges/extensions/x/context.json"
			doc["extensions:x"] = tt.fields
			w.docs[address] = must(issue.JSON(doc))
			w.payload = w.docs[w.plain.ID]
			r := w.check(t)
			want, check := verify.Valid, verify.CheckFormat
			if tt.reason != "" {
				want = verify.Invalid
			}
			if wantVerdict(t, r, want); step(r, check).Reason != tt.reason {
				t.Errorf("%s at %d: %+v", name, n, r.Checks)
			}
			w.docs[address] = before
		}
	}
}

// TestOneAchievement: a badge is for one achievement (OB3 §B.1.4 "achievement").
func TestOneAchievement(t *testing.T) {
	for n, want := range map[int]verify.Verdict{1: verify.Valid, 2: verify.Invalid} {
		w := didWorld(t, "2.0")
		doc := issue.Credential3(w.plain)
		subject, _ := doc["credentialSubject"].(map[string]any)
		list := make([]any, n)
		for i := range list {
			list[i] = subject["achievement"]
		}
		subject["achievement"] = list
		w.embed(t, doc)
		wantVerdict(t, w.check(t), want)
	}
}
