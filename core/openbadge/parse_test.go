package openbadge_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge"
)

const vc2 = `"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"type":["VerifiableCredential","OpenBadgeCredential"]`

func parse(t *testing.T, text string) *openbadge.Credential {
	t.Helper()
	c, err := openbadge.Parse([]byte(text))
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return c
}

func TestParseVersions(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		version    openbadge.Version
		kind       openbadge.Kind
		form       openbadge.Form
		id, title  string
	}{
		{"0.5", `{"recipient":"a@b.example","badge":{"name":"N","issuer":{"origin":"http://i.example","name":"I"}}}`, openbadge.V05, openbadge.Badge, openbadge.Hosted, "", "N"},
		{"1.0", `{"uid":"1","recipient":{"identity":"x"},"badge":"http://i.example/c","verify":{"type":"hosted","url":"http://i.example/1"}}`, openbadge.V10, openbadge.Badge, openbadge.Hosted, "http://i.example/1", ""},
		{"1.1", `{"@context":"https://w3id.org/openbadges/v1","type":"Assertion","id":"http://i.example/1"}`, openbadge.V11, openbadge.Badge, openbadge.Hosted, "http://i.example/1", ""},
		{"2.0", `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"http://i.example/1","badge":{"name":"N"}}`, openbadge.V20, openbadge.Badge, openbadge.Hosted, "http://i.example/1", "N"},
		{"2.0 class", `{"@context":"https://w3id.org/openbadges/v2","type":"BadgeClass","id":"http://i.example/c","name":"N"}`, openbadge.V20, "", openbadge.Hosted, "http://i.example/c", "N"},
		{"2.0 endorsement", `{"@context":"https://w3id.org/openbadges/v2","type":"Endorsement","id":"http://i.example/e","claim":{"id":"http://i.example/c"}}`, openbadge.V20, openbadge.Endorsement, openbadge.Hosted, "http://i.example/e", ""},
		{"2.1", `{"@context":"https://purl.imsglobal.org/spec/ob/v2p1/ob_v2p1.jsonld","type":"Assertion","id":"http://i.example/1"}`, openbadge.V21, openbadge.Badge, openbadge.Hosted, "http://i.example/1", ""},
		{"3.0 unsigned", `{` + vc2 + `,"id":"urn:1","credentialSubject":{"achievement":{"name":"N"}}}`, openbadge.V30, openbadge.Badge, openbadge.Unsigned, "urn:1", "N"},
		{"3.0 embedded", `{` + vc2 + `,"id":"urn:1","proof":{},"credentialSubject":{"achievement":[{"name":"N"}]}}`, openbadge.V30, openbadge.Badge, openbadge.Embedded, "urn:1", "N"},
		{"3.0 token", token(`{` + vc2 + `,"id":"urn:1","name":"N"}`), openbadge.V30, openbadge.Badge, openbadge.VCJWT, "urn:1", "N"},
		{"3.0 token with vc", token(`{"jti":"urn:1","vc":{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential","OpenBadgeCredential"],"name":"N"}}`), openbadge.V30, openbadge.Badge, openbadge.VCJWT, "urn:1", "N"},
		{"2.0 token", token(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"http://i.example/1"}`), openbadge.V20, openbadge.Badge, openbadge.JWS, "http://i.example/1", ""},
		{"CLR", `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","ClrCredential"],"name":"N"}`, openbadge.CLR20, openbadge.CLR, openbadge.Unsigned, "", "N"},
		{"address", `https://i.example/1`, "", "", openbadge.Hosted, "https://i.example/1", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := parse(t, tt.text)
			got := []any{c.Version, c.Kind, c.Form, c.ID, c.Name, string(c.Raw)}
			want := []any{tt.version, tt.kind, tt.form, tt.id, tt.title, tt.text}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func token(payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(`{"alg":"RS256"}`)) + "." + b64([]byte(payload)) + "." + b64([]byte("x"))
}

func TestParseFields(t *testing.T) {
	c := parse(t, `{`+vc2+`,"id":"urn:1","validFrom":"2026-01-02T03:04:05+02:00","validUntil":"2027-01-02T03:04Z",
		"issuer":{"id":"https://i.example","type":["Profile"],"name":"I","url":"https://i.example/","email":"o@i.example","image":{"id":"https://i.example/i.png","type":"Image"}},
		"evidence":["https://i.example/e",{"id":"https://i.example/e2","name":"E","narrative":"n","genre":"g","description":"d"}],
		"credentialSubject":{"id":"did:example:a","identifier":{"identityHash":"a@b.example","identityType":"emailAddress","hashed":false},
		"achievement":{"id":"urn:a","achievementType":"Badge","inLanguage":"fr","name":{"en":"Basket","fr":"Panier"},"description":[{"@value":"Wove","@language":"en"},{"@value":"Tressé","@language":"fr"}],
		"criteria":{"id":"https://i.example/c","narrative":"do"},"tag":["x","y"],"image":"https://i.example/b.png",
		"alignment":{"type":"Alignment","targetName":"T","targetUrl":"https://f.example","targetFramework":"F","targetCode":"C"}}}}`)
	want := &openbadge.Credential{
		Version: openbadge.V30, Kind: openbadge.Badge, VCVersion: "2.0", Form: openbadge.Unsigned,
		ID: "urn:1", Name: "Panier", Description: "Tressé", Language: "fr",
		AchievementID: "urn:a", AchievementType: "Badge", CriteriaID: "https://i.example/c", CriteriaText: "do",
		Image:    "https://i.example/b.png",
		Issuer:   openbadge.Issuer{ID: "https://i.example", Name: "I", URL: "https://i.example/", Email: "o@i.example", Image: "https://i.example/i.png"},
		IssuedOn: time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC), Expires: time.Date(2027, 1, 2, 3, 4, 0, 0, time.UTC),
		Recipient:  openbadge.Recipient{SubjectID: "did:example:a", Identities: []openbadge.Identity{{Type: "emailAddress", Value: "a@b.example"}}},
		Tags:       []string{"x", "y"},
		Alignments: []openbadge.Alignment{{Name: "T", URL: "https://f.example", Framework: "F", Code: "C"}},
		Evidence:   []openbadge.Evidence{{ID: "https://i.example/e"}, {ID: "https://i.example/e2", Name: "E", Narrative: "n", Genre: "g", Description: "d"}},
	}
	c.Raw = nil
	if d := cmp.Diff(want, c); d != "" {
		t.Error(d)
	}
}

func TestParseErrors(t *testing.T) {
	vc := func(rest string) string { return `{` + vc2 + `,` + rest + `}` }
	for _, tt := range []struct{ text, want string }{
		{"", "empty"},
		{"{", "json-syntax: 1"},
		{`[]`, "not-a-credential"},
		{`"x"`, "not-a-credential"},
		{`{}`, "not-a-credential"},
		{`{"a":1,"a":2}`, "json-duplicate-key: a"},
		{"a.b", "not-a-credential"},
		{"a.b.c", "jws-base64: header"},
		{token(`{"vc":1}`), "bad-type: vc"},
		{vc(`"name":1`), "bad-type: name"},
		{vc(`"name":[{"x":1}]`), "bad-type: name[0]"},
		{vc(`"id":{}`), "bad-type: id"},
		{vc(`"issuer":7`), "bad-type: issuer"},
		{vc(`"issuer":{"name":true}`), "bad-type: issuer.name"},
		{vc(`"credentialSubject":"x"`), "bad-type: credentialSubject"},
		{vc(`"credentialSubject":{"achievement":{"tag":[1]}}`), "bad-type: credentialSubject.achievement.tag[0]"},
		{vc(`"credentialSubject":{"identifier":[{"hashed":3}]}`), "bad-type: credentialSubject.identifier[0].hashed"},
		{vc(`"validFrom":"yesterday"`), "bad-date: validFrom"},
		{vc(`"validFrom":"2026-02-30T00:00:00Z"`), "bad-date: validFrom"},
		{`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","badge":7}`, "bad-type: badge"},
		{`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","issuedOn":"2015-04-31"}`, "bad-date: issuedOn"},
	} {
		_, err := openbadge.Parse([]byte(tt.text))
		var oe *openbadge.Error
		if !errors.As(err, &oe) || oe.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestParseTime(t *testing.T) {
	for _, tt := range []struct {
		text      string
		zoned, ok bool
	}{
		{"2026-01-02T03:04:05Z", true, true},
		{"2026-01-02T03:04:05.123456Z", true, true},
		{"2026-01-02T03:04:05+01:00", true, true},
		{"2026-01-02T03:04:05+0100", true, true},
		{"2026-01-02T03:04Z", true, true},
		{"2026-01-02T03:04:05", false, true},
		{"2026-01-02", false, true},
		{"2026-13-02", false, false},
		{"2026-01-02T25:00:00Z", false, false},
		{"2026-01-02T03:04:05,5Z", false, false},
		{"", false, false},
		{"now", false, false},
	} {
		if _, zoned, ok := openbadge.ParseTime(tt.text); zoned != tt.zoned || ok != tt.ok {
			t.Errorf("%q: zoned %v, ok %v", tt.text, zoned, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{` + vc2 + `,"credentialSubject":{"achievement":{"name":{"en":"x"}}}}`))
	f.Add([]byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","recipient":[{}],"badge":[{"issuer":[]}]}`))
	f.Add([]byte(token(`{"vc":{}}`)))
	f.Add([]byte("https://x.example"))
	f.Add([]byte(`"` + token(`{"vc":{}}`) + `"`))
	f.Add([]byte(`{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt;base64,ZTMwLmUzMC5BQQ=="}`))
	f.Add([]byte(`{"type":["VerifiableCredential","ClrCredential"],"credentialSubject":[{"verifiableCredential":[{"a":1},"e30.e30.AA"]}]}`))
	f.Add([]byte("eyJhbGciOiJFUzI1NiJ9.eyJ0eXBlIjpbIlZlcmlmaWFibGVDcmVkZW50aWFsIiwiQ2xyQ3JlZGVudGlhbCJdfQ.AA"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := openbadge.Parse(b)
		var oe *openbadge.Error
		if err != nil && !errors.As(err, &oe) || err == nil && c == nil {
			t.Errorf("%v %v", c, err)
		}
		if c != nil {
			c.Recipient.Match([]string{"a@b.example"})
			c.Recipient.Masked()
		}
		list, err := openbadge.Contained(b)
		if err != nil && !errors.As(err, &oe) {
			t.Errorf("%T: %v", err, err)
		}
		for _, one := range list {
			_, _ = openbadge.Open(one) // anything may stand there; it must not panic
		}
	})
}
