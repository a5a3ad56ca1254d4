package verify_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// completeProfile has every property of a Profile (OB3 §B.1.20).
func completeProfile(id string, more map[string]any) map[string]any {
	p := map[string]any{
		"id": id, "type": []any{"Profile"}, "name": "Willow school", "url": site, "phone": "+15550100", "description": "A school.",
		"image": map[string]any{"id": site + "/logo.png", "type": "Image", "caption": "A willow"}, "email": "office@issuer.example",
		"address": map[string]any{
			"type": []any{"Address"}, "addressCountry": "France", "addressCountryCode": "FR", "addressRegion": "Anjou", "addressLocality": "Villaines",
			"streetAddress": "1 rue du Saule", "postOfficeBoxNumber": "7", "postalCode": "37190",
			"geo": map[string]any{"type": "GeoCoordinates", "latitude": 47.2, "longitude": 0.5},
		},
		"otherIdentifier": []any{map[string]any{"type": "IdentifierEntry", "identifier": "12345", "identifierType": "sourcedId"}},
		"official":        "Ada", "familyName": "Saule", "givenName": "Ada", "additionalName": "B", "patronymicName": "P",
		"honorificPrefix": "Dr", "honorificSuffix": "PhD", "familyNamePrefix": "de", "dateOfBirth": "1990-01-02",
	}
	maps.Copy(p, more)
	return p
}

// completeAchievement has every property of an Achievement (OB3 §B.1.1).
func completeAchievement() map[string]any {
	alignment := []any{map[string]any{
		"type": []any{"Alignment"}, "targetCode": "W1", "targetDescription": "Weaving", "targetName": "Weaving", "targetFramework": "Crafts",
		"targetType": "ceasn:Competency", "targetUrl": "https://crafts.example/weaving",
	}}
	return map[string]any{
		"id": site + "/classes/basket", "type": []any{"Achievement"}, "achievementType": "Certificate", "alignment": alignment,
		"creator": completeProfile(site+"/creator", nil), "creditsAvailable": 2.5, "criteria": map[string]any{"id": site + "/criteria", "narrative": "Weave."},
		"description": "Wove.", "fieldOfStudy": "Crafts", "humanCode": "B1", "image": map[string]any{"id": site + "/basket.png", "type": "Image"},
		"inLanguage": "en-GB", "name": "Basket", "otherIdentifier": []any{map[string]any{"type": "IdentifierEntry", "identifier": "x", "identifierType": "identifier"}},
		"related": []any{map[string]any{"id": site + "/classes/panier", "type": []any{"Related"}, "inLanguage": "fr", "version": "2"}},
		"resultDescription": []any{map[string]any{
			"id": "urn:uuid:6a1b9f0e-0000-4000-8000-000000000001", "type": []any{"ResultDescription"}, "alignment": alignment,
			"allowedValue": []any{"A", "B"}, "name": "Grade", "requiredLevel": "urn:uuid:6a1b9f0e-0000-4000-8000-000000000002", "requiredValue": "B",
			"resultType": "RubricCriterionLevel", "valueMax": "10", "valueMin": "1",
			"rubricCriterionLevel": []any{map[string]any{
				"id": "urn:uuid:6a1b9f0e-0000-4000-8000-000000000002", "type": []any{"RubricCriterionLevel"}, "alignment": alignment,
				"description": "Good", "level": "Good", "name": "Good", "points": "5",
			}},
		}},
		"specialization": "Willow", "tag": []any{"craft"}, "version": "1",
	}
}

// complete is a credential with every property of the data model.
func complete(w *world, vc, context string) map[string]any {
	c := w.plain
	c.VCVersion = vc
	doc := issue.Credential3(c)
	contexts := doc["@context"].([]any)
	contexts[1] = context
	doc["@context"] = contexts
	doc["description"], doc["awardedDate"] = "What she did.", "2026-01-01T00:00:00Z"
	doc["image"] = map[string]any{"id": site + "/baked.png", "type": "Image", "caption": "Baked"}
	doc["issuer"] = completeProfile(c.Issuer.ID, map[string]any{"parentOrg": completeProfile(site+"/parent", nil)})
	doc["credentialSubject"] = map[string]any{
		"id": "did:example:ada", "type": []any{"AchievementSubject"}, "activityEndDate": "2026-01-02T00:00:00Z", "activityStartDate": "2026-01-01T00:00:00Z",
		"creditsEarned": 1.5, "achievement": completeAchievement(),
		"identifier": []any{map[string]any{"type": "IdentityObject", "hashed": false, "identityHash": "ada@example.org", "identityType": "emailAddress", "salt": "s"}},
		"image":      map[string]any{"id": site + "/ada.png", "type": "Image"}, "licenseNumber": "L1", "narrative": "She wove.",
		"result": []any{map[string]any{
			"type": []any{"Result"}, "achievedLevel": "urn:uuid:6a1b9f0e-0000-4000-8000-000000000002", "resultDescription": "urn:uuid:6a1b9f0e-0000-4000-8000-000000000001",
			"status": "Completed", "value": "A",
			"alignment": []any{map[string]any{"type": []any{"Alignment"}, "targetName": "Weaving", "targetUrl": "https://crafts.example/weaving"}},
		}},
		"role": "Weaver", "source": completeProfile(site+"/source", nil), "term": "Spring",
	}
	doc["evidence"] = []any{map[string]any{
		"id": site + "/proof/7", "type": []any{"Evidence"}, "narrative": "It holds.", "name": "The basket", "description": "D", "genre": "Photo", "audience": "All",
	}}
	doc["termsOfUse"] = []any{map[string]any{"id": site + "/terms", "type": "IssuerPolicy"}}
	return doc
}

// TestCompleteCredentials: every property of the data model is known in every context that has
// it, signed, and not refused.
func TestCompleteCredentials(t *testing.T) {
	const base = "https://purl.imsglobal.org/spec/ob/v3p0/context"
	for _, tt := range []struct {
		vc, context, warning string
		lacks                []string // what the context does not define
	}{
		{"1.1", base + ".json", "older-data-model", []string{"awardedDate", "inLanguage"}},
		{"1.1", base + "-3.0.1.json", "older-data-model", []string{"awardedDate", "inLanguage"}},
		{"1.1", base + "-3.0.2.json", "older-data-model", []string{"awardedDate", "inLanguage"}},
		{"1.1", base + "-3.0.3.json", "older-data-model", nil},
		{"2.0", base + "-3.0.2.json", "context-version", []string{"awardedDate", "inLanguage"}},
		{"2.0", base + "-3.0.3.json", "", nil},
	} {
		w := didWorld(t, tt.vc)
		doc := complete(w, tt.vc, tt.context)
		delete(doc, "termsOfUse") // its types come with contexts of their own
		without(doc, tt.lacks)
		b, err := w.key.Embed(t.Context(), doc, issue.Proof{Method: w.method})
		if err != nil {
			t.Errorf("VC %s, %s: %v", tt.vc, tt.context, err)
			continue
		}
		w.payload = b
		r := w.check(t, func(o *verify.Options) { o.Recipients = []string{"ada@example.org"} })
		if s := step(r, verify.CheckFormat); s.Warning != tt.warning {
			t.Errorf("VC %s, %s: warning %q", tt.vc, tt.context, s.Warning)
		}
		if r.Verdict != verify.Valid {
			i := slices.IndexFunc(r.Checks, func(s verify.Step) bool { return s.Result == verify.Fail })
			t.Errorf("VC %s, %s: %s %+v", tt.vc, tt.context, r.Verdict, r.Checks[max(i, 0)])
		}
	}
}

// without takes properties out of an object and of all below it.
func without(v any, names []string) {
	switch v := v.(type) {
	case map[string]any:
		for _, n := range names {
			delete(v, n)
		}
		for _, e := range v {
			without(e, names)
		}
	case []any:
		for _, e := range v {
			without(e, names)
		}
	}
}

// TestCompleteAssertions: the same for the documents of Open Badges 2.0.
func TestCompleteAssertions(t *testing.T) {
	w := hostedWorld(t)
	a, class, profile := issue.Assertion2(w.plain), issue.Class2(w.plain), issue.Profile2(w.plain.Issuer)
	picture := map[string]any{"type": "Image", "id": site + "/basket.svg", "caption": "A basket", "author": site + "/author"}
	maps.Copy(a, map[string]any{
		"type": []any{"Assertion", "Extension"}, "image": picture, "narrative": "She wove.", "verification": map[string]any{"type": "HostedBadge"},
		"evidence": []any{
			site + "/proof/1",
			map[string]any{"type": "Evidence", "id": site + "/proof/2", "narrative": "It holds.", "name": "Basket", "description": "D", "genre": "Photo", "audience": "All"},
		},
		"related": map[string]any{"id": site + "/badges/7-fr", "@language": "fr"}, "@language": "en", "version": 2,
	})
	maps.Copy(class, map[string]any{
		"type": []any{"BadgeClass"}, "image": picture, "criteria": map[string]any{"type": "Criteria", "id": site + "/criteria", "narrative": "Weave."},
		"alignment": map[string]any{"targetName": "Weaving", "targetUrl": "https://crafts.example/weaving", "targetDescription": "D", "targetFramework": "F", "targetCode": "C"},
		"tags":      []any{"craft"}, "related": []any{map[string]any{"id": site + "/classes/panier", "@language": "fr", "version": "1"}}, "@language": "en",
	})
	maps.Copy(profile, map[string]any{
		"type": []any{"Issuer", "Profile"}, "telephone": "+15550100", "image": picture, "description": "A school.", "@language": "en",
		"verification": map[string]any{"type": "VerificationObject", "allowedOrigins": []any{"issuer.example"}, "verificationProperty": "id"},
	})
	w.payload = must(issue.JSON(a))
	w.docs[w.plain.ID], w.docs[w.plain.AchievementID], w.docs[issuerID] = w.payload, must(issue.JSON(class)), must(issue.JSON(profile))
	for _, names := range [][]string{nil, {"ada@example.org"}} {
		r := w.check(t, func(o *verify.Options) { o.Recipients = names })
		wantVerdict(t, r, verify.Valid)
	}
	for kind, who := range map[string]string{"url": "https://people.example/ada", "telephone": "+15550101", "email": "ada@example.org", "id": "did:key:z6MkjoriXdbyWD25YXTed114F8hdJrLXQ567xxPHAUKxpKkS"} {
		a["recipient"] = map[string]any{"type": kind, "identity": who, "hashed": false}
		w.payload = must(issue.JSON(a))
		w.docs[w.plain.ID] = w.payload
		r := w.check(t, func(o *verify.Options) { o.Recipients = []string{who} })
		wantVerdict(t, r, verify.Valid)
	}
}

// TestWrongKindsOfValues: a good signature does not make a value of the wrong kind right.
func TestWrongKindsOfValues(t *testing.T) {
	subject := func(d map[string]any) map[string]any { return d["credentialSubject"].(map[string]any) }
	achievement := func(d map[string]any) map[string]any { return subject(d)["achievement"].(map[string]any) }
	first := func(v any) map[string]any { return v.([]any)[0].(map[string]any) }
	for name, change := range map[string]func(d map[string]any){
		"hashed in words": func(d map[string]any) { first(subject(d)["identifier"])["hashed"] = "yes" },
		"no kind of name": func(d map[string]any) { first(subject(d)["identifier"])["identityType"] = []any{} },
		"two kinds of name": func(d map[string]any) {
			first(subject(d)["identifier"])["identityType"] = []any{"name", "emailAddress"}
		},
		"credits in words":          func(d map[string]any) { subject(d)["creditsEarned"] = "three" },
		"credits to be had":         func(d map[string]any) { achievement(d)["creditsAvailable"] = []any{"3"} },
		"a day that never was":      func(d map[string]any) { subject(d)["activityStartDate"] = "2026-02-30T00:00:00Z" },
		"a day without a zone":      func(d map[string]any) { subject(d)["activityEndDate"] = "2026-02-01T00:00:00" },
		"no name of an achievement": func(d map[string]any) { achievement(d)["name"] = []any{} },
		"no criteria":               func(d map[string]any) { achievement(d)["criteria"] = []any{} },
		"no kind of result":         func(d map[string]any) { first(achievement(d)["resultDescription"])["resultType"] = map[string]any{} },
		"a language in words":       func(d map[string]any) { achievement(d)["inLanguage"] = "Swiss French" },
		"criteria of an address":    func(d map[string]any) { achievement(d)["criteria"] = site + "/criteria" },
		"evidence of no address":    func(d map[string]any) { first(d["evidence"])["id"] = "proof" },
		"aligned to no address":     func(d map[string]any) { first(achievement(d)["alignment"])["targetUrl"] = "weaving" },
		"an issuer of no address":   func(d map[string]any) { d["issuer"].(map[string]any)["url"] = "nowhere" },
		"a result that is a number": func(d map[string]any) { first(subject(d)["result"])["value"] = 5 },
		"a zone beyond the world":   func(d map[string]any) { d["validFrom"] = "2026-01-02T03:04:05+14:30" },
		"a type of nobody":          func(d map[string]any) { d["type"] = append(d["type"].([]any), "Unheard") },
		"no kind of identifier":     func(d map[string]any) { first(achievement(d)["otherIdentifier"])["identifierType"] = 7 },
	} {
		w := didWorld(t, "2.0")
		doc := complete(w, "2.0", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
		delete(doc, "termsOfUse")
		change(doc)
		k := issue.Ed25519FromSeed("x") // as a token, whose signature covers any text
		w.docs[site+"/.well-known/jwks.json"] = must(issue.KeySet(issuerID, map[string]issue.Key{"k1": k}))
		doc["issuer"].(map[string]any)["id"] = issuerID
		w.payload = must(k.Token(doc, map[string]any{"kid": "k1"}))
		r := w.check(t)
		wantVerdict(t, r, verify.Invalid)
		if s := step(r, verify.CheckFormat); s.Result != verify.Fail || s.Detail == "" {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestWordsOfEnumerations: a word that the standard does not have, and that is no extension of
// its list, is told and changes nothing (OB3 §B "Enumerations").
func TestWordsOfEnumerations(t *testing.T) {
	for word, warning := range map[string]string{"Badge": "", "ext:Knot": "", "ext:": "unknown-word", "Knot": "unknown-word", "badge": "unknown-word"} {
		w := didWorld(t, "2.0")
		doc := issue.Credential3(w.plain)
		doc["credentialSubject"].(map[string]any)["achievement"].(map[string]any)["achievementType"] = word
		w.embed(t, doc)
		r := w.check(t)
		wantVerdict(t, r, verify.Valid)
		if s := step(r, verify.CheckFormat); s.Warning != warning {
			t.Errorf("%q: %+v", word, s)
		}
	}
}
