package ld

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

const (
	vc1 = "https://www.w3.org/2018/credentials/v1"
	vc2 = "https://www.w3.org/ns/credentials/v2"
	ob3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
)

// typical is a credential as an issuer makes it: image, criteria, alignments,
// results with a rubric, status.
const typical = `{
"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json","https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"],
"id":"https://issuer.example/credentials/1","type":["VerifiableCredential","OpenBadgeCredential"],
"name":"River keeper","description":"Awarded for a season of work at the river",
"issuer":{"id":"https://issuer.example/profile","type":["Profile"],"name":"River School","url":"https://issuer.example/","email":"office@issuer.example","image":{"id":"https://issuer.example/logo.png","type":"Image"}},
"validFrom":"2026-03-01T09:00:00Z","validUntil":"2030-03-01T09:00:00Z",
"credentialSubject":{"id":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK","type":["AchievementSubject"],
 "identifier":[{"type":"IdentityObject","identityHash":"ana@example.org","identityType":"emailAddress","hashed":false}],
 "achievement":{"id":"https://issuer.example/badges/river","type":["Achievement"],"achievementType":"Badge","name":"River keeper","description":"Keeps the river",
  "criteria":{"narrative":"Ten days of work.\nA \"diary\"."},"image":{"id":"https://issuer.example/river.png","type":"Image","caption":"A willow"},
  "tag":["river","willow","care"],"creditsAvailable":2.5,
  "alignment":[{"type":["Alignment"],"targetName":"Ecology","targetUrl":"https://frameworks.example/e/1","targetFramework":"Green skills","targetType":"ceasn:Competency","targetCode":"E.1"}],
  "resultDescription":[{"id":"urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c","type":["ResultDescription"],"name":"Grade","resultType":"LetterGrade","allowedValue":["A","B","C"]}]},
 "result":[{"type":["Result"],"resultDescription":"urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c","value":"A"}]},
"credentialStatus":{"id":"https://issuer.example/status/1#7","type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"7","statusListCredential":"https://issuer.example/status/1"}}`

func decode(t testing.TB, text string) map[string]any {
	t.Helper()
	v, err := strictjson.Decode([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	obj, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("not an object: %s", text)
	}
	return obj
}

// minimal is a small credential with further members.
func minimal(contexts, more string) string {
	return fmt.Sprintf(`{"@context":[%s],"type":["VerifiableCredential"],"issuer":"https://i.example/","credentialSubject":{"id":"urn:s"}%s}`, contexts, more)
}

const minimalForm = `_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://www.w3.org/2018/credentials#VerifiableCredential> .
_:c14n0 <https://www.w3.org/2018/credentials#credentialSubject> <urn:s> .
_:c14n0 <https://www.w3.org/2018/credentials#issuer> <https://i.example/> .
`

func TestCanonical(t *testing.T) {
	const cred, schema, xsd = "https://www.w3.org/2018/credentials#", "https://schema.org/", "http://www.w3.org/2001/XMLSchema#"
	cases := []struct{ name, doc, want string }{
		{"minimal", minimal(`"`+vc2+`"`, ``), minimalForm},
		{"null and empty arrays state nothing", minimal(`"`+vc2+`"`, `,"name":null,"evidence":[],"description":[null]`), minimalForm},
		{"repeated values are one", minimal(`"`+vc2+`"`, `,"name":["a","a"]`), minimalForm + `_:c14n0 <` + schema + "name> \"a\" .\n"},
		{"date", minimal(`"`+vc2+`"`, `,"validFrom":"2026-01-01T00:00:00Z"`), minimalForm + `_:c14n0 <` + cred + `validFrom> "2026-01-01T00:00:00Z"^^<` + xsd + "dateTime> .\n"},
		{"language", minimal(`"`+vc2+`"`, `,"name":{"@value":"a","@language":"fr-CH"}`), minimalForm + `_:c14n0 <` + schema + "name> \"a\"@fr-ch .\n"},
		{
			"numbers", minimal(`"`+vc2+`",{"n":"urn:n"}`, `,"n":[1,1.0,-0.0,2.5,1e21,12345678901234567890,1e-7,true]`),
			minimalForm + `_:c14n0 <urn:n> "0"^^<` + xsd + "integer> .\n" +
				`_:c14n0 <urn:n> "1"^^<` + xsd + "integer> .\n" +
				`_:c14n0 <urn:n> "1.0E-7"^^<` + xsd + "double> .\n" +
				`_:c14n0 <urn:n> "1.0E21"^^<` + xsd + "double> .\n" +
				`_:c14n0 <urn:n> "12345678901234567168"^^<` + xsd + "integer> .\n" +
				`_:c14n0 <urn:n> "2.5E0"^^<` + xsd + "double> .\n" +
				`_:c14n0 <urn:n> "true"^^<` + xsd + "boolean> .\n",
		},
		{
			"list", minimal(`"`+vc2+`",{"l":{"@id":"urn:l","@container":"@list"}}`, `,"l":["a","b"]`),
			strings.ReplaceAll(minimalForm, "c14n0", "c14n2") + "_:c14n2 <urn:l> _:c14n1 .\n" +
				"_:c14n0 " + rdfFirst + " \"b\" .\n_:c14n0 " + rdfRest + " " + rdfNil + " .\n" +
				"_:c14n1 " + rdfFirst + " \"a\" .\n_:c14n1 " + rdfRest + " _:c14n0 .\n",
		},
		{"empty list", minimal(`"`+vc2+`",{"l":{"@id":"urn:l","@container":"@list"}}`, `,"l":[]`), minimalForm + "_:c14n0 <urn:l> " + rdfNil + " .\n"},
		{"language of a context", minimal(`"`+vc2+`",{"@language":"FR"}`, `,"name":"a"`), minimalForm + `_:c14n0 <` + schema + "name> \"a\"@fr .\n"},
		{
			"languages of terms", minimal(`"`+vc2+`",{"@language":"fr","it":{"@id":"urn:it","@language":"it"},"none":{"@id":"urn:none","@language":null},"typed":{"@id":"urn:typed","@type":"urn:t"}}`, `,"it":"a","none":"b","typed":"c"`),
			minimalForm + "_:c14n0 <urn:it> \"a\"@it .\n_:c14n0 <urn:none> \"b\" .\n_:c14n0 <urn:typed> \"c\"^^<urn:t> .\n",
		},
		{
			"JSON and sets of an issuer's own", minimal(`"`+vc2+`",{"raw":{"@id":"urn:raw","@type":"@json"},"some":{"@id":"urn:some","@container":["@set"],"@type":"@none"}}`, `,"raw":{"id":7,"@value":null},"some":["a"]`),
			minimalForm + "_:c14n0 <urn:raw> \"{\\\"@value\\\":null,\\\"id\\\":7}\"^^<" + rdfJSON + "> .\n_:c14n0 <urn:some> \"a\" .\n",
		},
		{
			"JSON literal", `{"@context":"` + vc2 + `","id":"urn:x","type":"JsonSchema","jsonSchema":{"b":[1.50,null],"a":"é"}}`,
			"<urn:x> " + rdfType + " <" + cred + "JsonSchema> .\n<urn:x> <" + cred + `jsonSchema> "{\"a\":\"é\",\"b\":[1.5,null]}"^^<` + rdfJSON + "> .\n",
		},
		{
			"graph", `{"@context":"` + vc1 + `","id":"urn:x","proof":{"type":"VerifiableCredential","issuer":"urn:i"}}`,
			"<urn:x> <https://w3id.org/security#proof> _:c14n0 .\n" +
				"_:c14n1 " + rdfType + " <" + cred + "VerifiableCredential> _:c14n0 .\n" +
				"_:c14n1 <" + cred + "issuer> <urn:i> _:c14n0 .\n",
		},
		{
			"type-scoped terms end with their object", `{"@context":["` + vc2 + `","` + ob3 + `"],"id":"urn:x","type":"OpenBadgeCredential","issuer":{"id":"urn:i","type":"Profile","image":{"id":"urn:p","type":"Image","caption":"c"}}}`,
			"REFUSE undefined-term",
		}, // issuer is a term of VerifiableCredential alone
		{
			"property-scoped terms", `{"@context":["` + vc2 + `","https://w3id.org/security/data-integrity/v2"],"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","proofPurpose":"assertionMethod"}`,
			"_:c14n0 " + rdfType + " <https://w3id.org/security#DataIntegrityProof> .\n" +
				`_:c14n0 <https://w3id.org/security#cryptosuite> "eddsa-rdfc-2022"^^<https://w3id.org/security#cryptosuiteString> .` + "\n" +
				"_:c14n0 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> .\n",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Canonical(t.Context(), decode(t, c.doc), crypto.SHA256)
			if reason, refused := strings.CutPrefix(c.want, "REFUSE "); refused {
				if reasonOf(err) != reason {
					t.Errorf("got %v, want %s", err, reason)
				}
				return
			}
			if err != nil || sorted(string(got)) != sorted(c.want) {
				t.Errorf("got\n%s%v\nwant\n%s", got, err, c.want)
			}
		})
	}
}

func sorted(lines string) string {
	out, err := CanonicalNQuads(context.Background(), []byte(lines), crypto.SHA256)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// TestCanonicalRefuses lists what would leave a part of the document unsigned
// or let it read differently from what was signed.
func TestCanonicalRefuses(t *testing.T) {
	v2 := `"` + vc2 + `"`
	cases := []struct{ name, doc, reason string }{
		{"no context", `{"id":"urn:x","type":"VerifiableCredential"}`, "undefined-term"},
		{"no context, property", `{"id":"urn:x","name":"a"}`, "undefined-term"},
		{"only an id", `{"@context":` + v2 + `,"id":"urn:x"}`, "dropped-value"},
		{"unknown context", minimal(v2+`,"https://elsewhere.example/v1"`, ``), "unknown-context"},
		{"context by http", minimal(`"http://www.w3.org/ns/credentials/v2"`, ``), "unknown-context"},
		{"context look-alike", minimal(`"https://www.w3.org/ns/credentials/v2/"`, ``), "unknown-context"},
		{"relative context", minimal(v2+`,"v1"`, ``), "unknown-context"},
		{"context of another kind", minimal(v2+`,7`, ``), "json-ld"},
		{"nested context array", minimal(v2+`,["`+ob3+`"]`, ``), "json-ld"},
		{"null context", minimal(v2+`,null`, ``), "context-forbidden"},
		{"null context inside", minimal(v2, `,"evidence":{"@context":null,"id":"urn:e"}`), "context-forbidden"},
		{"@vocab", minimal(v2+`,{"@vocab":"urn:v#"}`, ``), "context-forbidden"},
		{"@base", minimal(v2+`,{"@base":"urn:v#"}`, ``), "context-forbidden"},
		{"@import", minimal(v2+`,{"@import":"`+ob3+`"}`, ``), "context-forbidden"},
		{"@propagate", minimal(v2+`,{"@propagate":false}`, ``), "context-forbidden"},
		{"@language of another kind", minimal(v2+`,{"@language":7}`, ``), "json-ld"},
		{"@language that is none", minimal(v2+`,{"@language":"not a tag"}`, ``), "json-ld"},
		{"@direction", minimal(v2+`,{"@direction":"rtl"}`, ``), "context-forbidden"},
		{"language container", minimal(v2+`,{"extra":{"@id":"urn:e","@container":"@language"}}`, ``), "context-forbidden"},
		{"@version 2", minimal(v2+`,{"@version":2}`, ``), "context-forbidden"},
		{"protected term", minimal(v2+`,{"issuer":"https://evil.example/ns#notIssuer"}`, ``), "context-forbidden"},
		{"unprotected term", minimal(`"`+vc1+`","https://purl.imsglobal.org/spec/ob/v3p0/context.json",{"achievementType":"urn:other"}`, ``), "context-forbidden"},
		{"swapped terms", minimal(`"`+vc1+`",{"name":"https://schema.org/description","description":"https://schema.org/name"}`, ``), "context-forbidden"},
		{"alias of a known property", minimal(v2+`,{"later":"https://www.w3.org/2018/credentials#validUntil"}`, `,"later":"2020-01-01T00:00:00Z"`), "context-forbidden"},
		{"alias by prefix", minimal(v2+`,{"c":"https://www.w3.org/2018/credentials#","later":"c:validUntil"}`, ``), "context-forbidden"},
		{"alias of @id", minimal(v2+`,{"uri":"@id"}`, ``), "context-forbidden"},
		{"alias of @type", minimal(v2+`,{"is":"@type"}`, ``), "context-forbidden"},
		{"redefined id", minimal(v2+`,{"id":"urn:other"}`, ``), "context-forbidden"},
		{"redefined type", minimal(v2+`,{"@protected":true,"type":"urn:t"}`, ``), "context-forbidden"},
		{"nest", minimal(v2+`,{"hidden":"@nest"}`, ``), "context-forbidden"},
		{"reverse", minimal(v2+`,{"issued":{"@reverse":"urn:r"}}`, ``), "context-forbidden"},
		{"switched off", minimal(v2+`,{"extra":null}`, `,"extra":"a"`), "context-forbidden"},
		{"JSON type of a known name", minimal(v2+`,{"achievementType":{"@id":"urn:achievementType","@type":"@json"}}`, ``), "context-forbidden"},
		{"JSON type of a known IRI", minimal(v2+`,{"credentialStatus":{"@id":"https://www.w3.org/2018/credentials#credentialStatus","@type":"@json"}}`, ``), "context-forbidden"},
		{"index container", minimal(v2+`,{"extra":{"@id":"urn:e","@container":"@index"}}`, ``), "context-forbidden"},
		{"remote scoped context", minimal(v2+`,{"T":{"@id":"urn:t","@context":"http://127.0.0.1:9/x"}}`, ``), "context-forbidden"},
		{"scoped redefinition", minimal(v2+`,{"extra":{"@id":"urn:e","@context":{"issuer":"urn:other"}}}`, `,"extra":{"issuer":"a"}`), "context-forbidden"},
		{"scoped null", minimal(v2+`,{"extra":{"@id":"urn:e","@context":null}}`, ``), "context-forbidden"},
		{"term with colon", minimal(v2+`,{"urn:a":"urn:b"}`, ``), "context-forbidden"},
		{"term without IRI", minimal(v2+`,{"extra":{"@type":"@id"}}`, ``), "context-forbidden"},
		{"relative term", minimal(v2+`,{"extra":"other"}`, ``), "context-forbidden"},
		{"undefined term", minimal(v2, `,"surprise":"a"`), "undefined-term"},
		{"undefined term with null", minimal(v2, `,"surprise":null`), "undefined-term"},
		{"undefined term below", minimal(v2, `,"evidence":{"id":"urn:e","surprise":"a"}`), "undefined-term"},
		{"keyword-like term", minimal(v2, `,"@surprise":"a"`), "undefined-term"},
		{"blank term", minimal(v2, `,"_:b":"a"`), "undefined-term"},
		{"IRI as term", minimal(v2, `,"https://www.w3.org/2018/credentials#validUntil":"2020"`), "undefined-term"},
		{"@id in place of id", minimal(v2, `,"@id":"urn:x"`), "json-ld"},
		{"@graph", minimal(v2, `,"@graph":[]`), "json-ld"},
		{"@included", minimal(v2, `,"@included":[]`), "json-ld"},
		{"@reverse", minimal(v2, `,"@reverse":{}`), "json-ld"},
		{"@set", minimal(v2, `,"name":{"@set":["a"]}`), "json-ld"},
		{"@index", minimal(v2, `,"evidence":{"id":"urn:e","@index":"a"}`), "json-ld"},
		{"value object", minimal(v2, `,"name":{"@value":"a"}`), "dropped-value"},
		{"typed value object", minimal(v2, `,"validUntil":{"@value":"2020-01-01T00:00:00Z","@type":"http://www.w3.org/2001/XMLSchema#dateTime"}`), "dropped-value"},
		{"direction", minimal(v2, `,"name":{"@value":"a","@language":"ar","@direction":"rtl"}`), "dropped-value"},
		{"null value", minimal(v2, `,"name":{"@value":null,"@language":"ar"}`), "dropped-value"},
		{"bad language", minimal(v2, `,"name":{"@value":"a","@language":"not a tag"}`), "dropped-value"},
		{"array in array", minimal(v2, `,"name":[["a"]]`), "json-ld"},
		{"relative type", `{"@context":` + v2 + `,"type":["VerifiableCredential","Surprise"],"issuer":"urn:i"}`, "relative-iri"},
		{"type of another kind", `{"@context":` + v2 + `,"type":7,"issuer":"urn:i"}`, "json-ld"},
		{"keyword-like type", `{"@context":` + v2 + `,"type":["VerifiableCredential","@x"],"issuer":"urn:i"}`, "relative-iri"},
		{"relative id", `{"@context":` + v2 + `,"id":"credentials/1","type":"VerifiableCredential"}`, "relative-iri"},
		{"empty id", `{"@context":` + v2 + `,"id":"","type":"VerifiableCredential"}`, "relative-iri"},
		{"blank id", `{"@context":` + v2 + `,"id":"_:b","type":"VerifiableCredential"}`, "relative-iri"},
		{"id with a space", `{"@context":` + v2 + `,"id":"urn:a b","type":"VerifiableCredential"}`, "relative-iri"},
		{"id that breaks out", `{"@context":` + v2 + `,"id":"urn:a>\u0020<urn:b","type":"VerifiableCredential"}`, "relative-iri"},
		{"id of another kind", `{"@context":` + v2 + `,"id":7,"type":"VerifiableCredential"}`, "json-ld"},
		{"null id", `{"@context":` + v2 + `,"id":null,"type":"VerifiableCredential"}`, "json-ld"},
		{"relative issuer", `{"@context":` + v2 + `,"type":"VerifiableCredential","issuer":"issuer"}`, "relative-iri"},
		{"relative issuer id", `{"@context":` + v2 + `,"type":"VerifiableCredential","issuer":{"id":"issuer"}}`, "relative-iri"},
		{"subject id no IRI", `{"@context":` + v2 + `,"type":"VerifiableCredential","credentialSubject":{"id":"ana@example.org","name":"a"}}`, "relative-iri"},
		{"compact id", `{"@context":[` + v2 + `,{"mailto":"did:key:"}],"type":"VerifiableCredential","credentialSubject":"mailto:z6Mk"}`, "relative-iri"},
		{"literal in a graph", `{"@context":"` + vc1 + `","id":"urn:x","proof":"urn:p"}`, "dropped-value"},
		{"bare reference in a graph", `{"@context":"` + vc1 + `","id":"urn:x","proof":{"id":"urn:p"}}`, "dropped-value"},
		{"second object of the document", `{"@context":` + v2 + `,"id":"urn:x","type":"VerifiableCredential","evidence":{"id":"urn:x","name":"moved"}}`, "json-ld"},
		{"reverse term of an embedded context", `{"@context":["` + vc1 + `","https://w3id.org/dcc/v1"],"type":["VerifiableCredential","LearningCredential"],"credentialSubject":{"type":"Person","awardedOnCompletionOf":"urn:x"}}`, "json-ld"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Canonical(t.Context(), decode(t, c.doc), crypto.SHA256)
			if reasonOf(err) != c.reason {
				t.Errorf("got %v, want %s\n%s", err, c.reason, got)
			}
		})
	}
	for _, v := range []any{nil, "a", []any{}, json.Number("1")} {
		if _, err := Canonical(t.Context(), v, crypto.SHA256); reasonOf(err) != "json-ld" {
			t.Errorf("%v: %v", v, err)
		}
	}
}

// TestEveryChangeShows changes each leaf of a credential in turn: the
// canonical form must differ, so that no part of it is unsigned.
func TestEveryChangeShows(t *testing.T) {
	for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384} {
		doc := decode(t, typical)
		want, err := Canonical(t.Context(), doc, h)
		if err != nil {
			t.Fatal(err)
		}
		leaves := 0
		eachLeaf(doc, func(path string, set func(any), old any) {
			leaves++
			for _, v := range []any{"urn:changed", nil} {
				if strings.HasPrefix(path, "/@context") {
					continue
				}
				set(v)
				got, err := Canonical(t.Context(), doc, h)
				set(old)
				if err == nil && bytes.Equal(got, want) {
					t.Errorf("%s = %v does not show", path, v)
				}
			}
		})
		if leaves < 40 {
			t.Errorf("only %d leaves", leaves)
		}
	}
}

// eachLeaf calls f for every scalar with a way to replace it.
func eachLeaf(v any, f func(path string, set func(any), old any)) {
	var walk func(path string, v any, set func(any))
	walk = func(path string, v any, set func(any)) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(path+"/"+k, x, func(y any) { v[k] = y })
			}
		case []any:
			for i, x := range v {
				walk(fmt.Sprintf("%s/%d", path, i), x, func(y any) { v[i] = y })
			}
		default:
			f(path, set, v)
		}
	}
	walk("", v, nil)
}

func TestCanonicalIsBounded(t *testing.T) {
	v2 := `"` + vc2 + `"`
	inline := `{"t":"urn:t"}`
	deep := strings.Repeat(`{"@context":`+inline+`,"name":"a","evidence":`, 1)
	cases := []struct{ name, doc, reason string }{
		{"inline contexts", minimal(v2, `,"evidence":[`+strings.Repeat(`{"@context":`+inline+`},`, 60_000)+`{}]`), "too-complex"},
		{"many contexts", minimal(v2+strings.Repeat(`,`+v2, 60), ``), "context-forbidden"},
		{"many statements", minimal(v2, `,"name":["a"`+numbered(120_000)+`]`), "too-complex"},
		{"equal objects", minimal(v2, `,"evidence":[`+strings.Repeat(`{},`, 20_000)+`{}]`), ""},
		{"stars", minimal(v2, `,"evidence":[`+strings.Repeat(`{"evidence":[{},{},{},{},{},{},{},{},{},{},{}]},`, 3)+`{}]`), "undefined-term"},
		{"equal trees", minimal(v2, `,"relatedResource":[`+strings.Repeat(`{"type":"VerifiableCredential","evidence":[{},{},{},{},{},{},{},{},{},{},{}]},`, 3)+`{}]`), "too-complex"},
		{"deep", minimal(v2, `,"evidence":`+strings.Repeat(deep, 20)+`1`+strings.Repeat(`}`, 20)), "undefined-term"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, err := Canonical(t.Context(), decode(t, c.doc), crypto.SHA256)
			if got := reasonOf(err); got != c.reason {
				t.Errorf("got %q (%v), want %q", got, err, c.reason)
			}
			t.Log(time.Since(start))
		})
	}
	nested := any("a")
	for range 200 {
		nested = map[string]any{"type": "VerifiableCredential", "evidence": nested}
	}
	nested = map[string]any{"@context": vc2, "type": "VerifiableCredential", "evidence": nested}
	if _, err := Canonical(t.Context(), nested, crypto.SHA256); reasonOf(err) != "too-complex" {
		t.Errorf("deep: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Canonical(ctx, decode(t, typical), crypto.SHA256); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%d"`, i)
	}
	return b.String()
}

func TestKnownContext(t *testing.T) {
	for url, want := range map[string]bool{vc1: true, vc2: true, ob3: true, "": false, "http" + vc2[5:]: false} {
		if got := KnownContext(url); got != want {
			t.Errorf("%q: got %v", url, got)
		}
	}
}

// TestConcurrent uses the shared contexts from several goroutines at once.
func TestConcurrent(t *testing.T) {
	want, err := Canonical(t.Context(), decode(t, typical), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 8)
	for i := range 8 {
		go func() {
			doc := strings.Replace(typical, `"https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"`, fmt.Sprintf(`{"t%d":"urn:t"}`, i), 1)
			v, err := strictjson.Decode([]byte(doc), strictjson.Limits{})
			if err == nil {
				var got []byte
				if got, err = Canonical(t.Context(), v, crypto.SHA256); err == nil && !bytes.Equal(got, want) {
					err = errors.New("differs")
				}
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte(typical))
	f.Add([]byte(minimal(`"`+vc2+`",{"@protected":true,"a":{"@id":"urn:a","@context":{"b":"urn:b"}}}`, `,"a":{"b":[1,2.5,null]}`)))
	f.Add([]byte(`{"@context":["` + vc1 + `","https://w3id.org/dcc/v1"],"type":"VerifiableCredential","proof":{"type":"VerifiableCredential"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := strictjson.Decode(b, strictjson.Limits{})
		if err != nil {
			return
		}
		once, err := Canonical(t.Context(), v, crypto.SHA256)
		if err != nil {
			if reasonOf(err) == "" {
				t.Fatal(err)
			}
			return
		}
		again, err := CanonicalNQuads(t.Context(), once, crypto.SHA256)
		if err != nil || !bytes.Equal(once, again) {
			t.Fatalf("not canonical: %q, %q, %v", once, again, err)
		}
	})
}

func BenchmarkCanonical(b *testing.B) {
	doc := decode(b, typical)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Canonical(b.Context(), doc, crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}
