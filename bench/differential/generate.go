// Package differential holds the canonical form of core/openbadge/ld against that
// of json-gold, an independent implementation, on credentials made at random.
//
// It owns nothing and nothing calls it: its test and its fuzz target are all.
package differential

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes JSON-LD credentials of the words of the embedded contexts: any
// nesting that they allow, arrays and single values, objects with and without an
// identifier, repeated values, blank nodes that only their neighbours tell apart.
type generator struct {
	*rand.Rand

	ids []string // given out so far, to be named again
}

// Credential is the credential of a seed.
func Credential(seed uint64) map[string]any {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 17))}
	contexts := []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}
	doc := map[string]any{
		"type":              []any{"VerifiableCredential", g.pick("OpenBadgeCredential", "AchievementCredential")},
		"issuer":            g.either(func() any { return g.id() }, func() any { return g.profile(2) }),
		"credentialSubject": g.several(g.subject),
		"validFrom":         g.date(),
	}
	if g.half() {
		contexts = append(contexts, map[string]any{
			"mood":  "https://terms.example/mood",
			"grade": map[string]any{"@id": "https://terms.example/grade", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
			"steps": map[string]any{"@id": "https://terms.example/steps", "@container": "@list"},
			"link":  map[string]any{"@id": "https://terms.example/link", "@type": "@id"},
		})
		g.maybe(doc, "mood", func() any { return g.several(g.scalar) })
		g.maybe(doc, "grade", func() any { return g.IntN(9) })
		g.maybe(doc, "steps", func() any { return g.list(g.scalar) })
		g.maybe(doc, "link", func() any { return g.several(func() any { return g.id() }) })
	}
	if g.half() {
		contexts = append(contexts, g.unusual(doc))
	}
	doc["@context"] = contexts
	g.maybe(doc, "id", func() any { return g.id() })
	g.maybe(doc, "name", g.text)
	g.maybe(doc, "description", g.text)
	g.maybe(doc, "validUntil", g.date)
	g.maybe(doc, "evidence", func() any { return g.several(g.evidence) })
	g.maybe(doc, "credentialStatus", g.status)
	g.maybe(doc, "image", g.image)
	g.maybe(doc, "proof", func() any { return g.several(g.proof) })
	return doc
}

// unusual gives doc words of its own that few issuers use, and the context that defines them.
func (g *generator) unusual(doc map[string]any) map[string]any {
	context := map[string]any{
		"own":   "https://own.example/#",
		"tale":  map[string]any{"@id": "own:tale", "@language": "fr"},
		"tell":  map[string]any{"@id": "own:tell", "@language": nil},
		"any":   map[string]any{"@id": "own:any", "@type": "@none"},
		"raw":   map[string]any{"@id": "own:raw", "@type": "@json"},
		"set":   map[string]any{"@id": "own:set", "@container": []any{"@set"}},
		"kind":  map[string]any{"@id": "own:kind", "@type": "@vocab"},
		"inner": map[string]any{"@id": "own:inner", "@context": map[string]any{"deep": "own:deep", "@language": "it"}},
	}
	if g.half() {
		context["@language"] = g.pick("en", "fr", "de-CH")
	}
	g.maybe(doc, "tale", func() any { return g.several(g.scalar) })
	g.maybe(doc, "tell", func() any { return g.several(g.scalar) })
	g.maybe(doc, "any", func() any { return g.several(g.scalar) })
	g.maybe(doc, "raw", func() any { return map[string]any{"in": g.json(3)} }) // json-gold knows objects alone
	g.maybe(doc, "set", func() any { return g.several(g.scalar) })
	g.maybe(doc, "kind", func() any { return g.several(func() any { return g.pick("Achievement", "https://own.example/x") }) })
	g.maybe(doc, "inner", func() any { return map[string]any{"deep": g.several(g.scalar)} })
	return context
}

// json is any JSON, with the words of identifiers and types among its names. Numbers
// that need an exponent are not in it: json-gold writes them otherwise than RFC 8785.
func (g *generator) json(depth int) any {
	if depth == 0 || g.half() {
		return g.either(func() any { return g.words() }, func() any { return float64(g.IntN(4000)-2000) / 8 }, func() any { return nil }, func() any { return []any{} })
	}
	m := map[string]any{}
	for range g.IntN(4) {
		m[g.pick("id", "type", "@value", "a", "é", "name")] = g.json(depth - 1)
	}
	return g.either(func() any { return m }, func() any { return []any{m, g.json(depth - 1)} })
}

func (g *generator) half() bool { return g.IntN(2) == 0 }

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g *generator) either(makes ...func() any) any { return makes[g.IntN(len(makes))]() }

func (g *generator) maybe(m map[string]any, key string, value func() any) {
	if g.IntN(3) > 0 {
		m[key] = value()
	}
}

// several is one value, or an array that may hold one twice.
func (g *generator) several(one func() any) any {
	if g.half() {
		return one()
	}
	return g.list(one)
}

func (g *generator) list(one func() any) []any {
	list := []any{}
	for range g.IntN(4) {
		list = append(list, one())
		if g.IntN(4) == 0 {
			list = append(list, list[0])
		}
	}
	return list
}

// id is new, or one that was given out before.
func (g *generator) id() string {
	if len(g.ids) > 0 && g.IntN(4) == 0 {
		return g.ids[g.IntN(len(g.ids))]
	}
	id := g.pick("urn:uuid:%d", "https://a.example/%d", "https://a.example/%d#x", "did:web:a.example:%d", "mailto:%d@a.example")
	id = strings.Replace(id, "%d", fmt.Sprint(g.IntN(1e6)), 1)
	g.ids = append(g.ids, id)
	return id
}

// words are texts that quoting and sorting could get wrong. Tabs and controls are
// not among them: URDNA2015, which json-gold writes, quotes them otherwise than
// RDFC-1.0.
func (g *generator) words() string {
	list := []string{"", "a", "Birds", `say "no"`, `back\slash`, "line\nbreak", "naïve", "鳥の記録", "🦉", "a b", "<a:b>", "_:c14n0", "null", "1"}
	s := list[g.IntN(len(list))]
	if g.half() {
		s += list[g.IntN(len(list))]
	}
	return s
}

func (g *generator) text() any {
	return g.either(
		func() any { return g.words() },
		func() any { return map[string]any{"@value": g.words(), "@language": g.pick("en", "fr", "de-ch")} },
	)
}

func (g *generator) scalar() any {
	return g.either(
		func() any { return g.words() },
		func() any { return g.half() },
		func() any { return g.IntN(2000) - 1000 },
		g.number,
	)
}

// number is a float of any size, or a whole one.
func (g *generator) number() any {
	return g.either(
		func() any { return float64(g.IntN(100)) / 8 },
		func() any { return g.NormFloat64() * 1e6 },
		func() any { return g.Float64() * 1e-9 },
		func() any { return float64(g.IntN(1000)) },
	)
}

func (g *generator) date() any {
	return fmt.Sprintf("20%02d-0%d-1%dT00:00:0%dZ", g.IntN(40), 1+g.IntN(9), g.IntN(10), g.IntN(10))
}

// node is an object of a type, with an identifier or without.
func (g *generator) node(types ...any) map[string]any {
	m := map[string]any{"type": types}
	if g.half() {
		m["id"] = g.id()
	}
	return m
}

func (g *generator) image() any {
	m := g.node("Image")
	m["id"] = g.id()
	g.maybe(m, "caption", g.text)
	return m
}

func (g *generator) profile(depth int) any {
	m := g.node("Profile")
	m["id"] = g.id()
	g.maybe(m, "name", g.text)
	g.maybe(m, "url", func() any { return g.id() })
	g.maybe(m, "email", func() any { return g.words() })
	g.maybe(m, "image", g.image)
	g.maybe(m, "address", g.address)
	g.maybe(m, "otherIdentifier", func() any { return g.several(g.identifier) })
	if depth > 0 {
		g.maybe(m, "parentOrg", func() any { return g.profile(depth - 1) })
	}
	return m
}

func (g *generator) address() any {
	m := g.node("Address")
	g.maybe(m, "addressCountry", func() any { return g.words() })
	g.maybe(m, "postalCode", func() any { return g.words() })
	g.maybe(m, "geo", func() any {
		return map[string]any{"type": "GeoCoordinates", "latitude": g.number(), "longitude": g.number()}
	})
	return m
}

func (g *generator) identifier() any {
	return map[string]any{"type": "IdentifierEntry", "identifier": g.words(), "identifierType": g.pick("sourcedId", "ext:own", "systemId")}
}

func (g *generator) subject() any {
	m := g.node("AchievementSubject")
	m["achievement"] = g.achievement()
	g.maybe(m, "identifier", func() any {
		return g.several(func() any {
			return map[string]any{"type": "IdentityObject", "hashed": g.half(), "identityHash": g.words(), "identityType": "emailAddress", "salt": g.words()}
		})
	})
	g.maybe(m, "narrative", func() any { return g.words() })
	g.maybe(m, "creditsEarned", g.number)
	g.maybe(m, "source", func() any { return g.profile(0) })
	g.maybe(m, "result", func() any { return g.several(g.result) })
	return m
}

func (g *generator) result() any {
	m := g.node("Result")
	delete(m, "id")
	g.maybe(m, "value", func() any { return g.words() })
	g.maybe(m, "resultDescription", func() any { return g.id() })
	g.maybe(m, "alignment", func() any { return g.several(g.alignment) })
	return m
}

func (g *generator) achievement() any {
	m := g.node("Achievement")
	m["id"], m["name"], m["criteria"] = g.id(), g.text(), map[string]any{"narrative": g.words()}
	g.maybe(m, "description", g.text)
	g.maybe(m, "achievementType", func() any { return g.pick("Badge", "Course", "ext:Own") })
	g.maybe(m, "tag", func() any { return g.several(func() any { return g.words() }) })
	g.maybe(m, "image", g.image)
	g.maybe(m, "creator", func() any { return g.profile(1) })
	g.maybe(m, "alignment", func() any { return g.several(g.alignment) })
	g.maybe(m, "inLanguage", func() any { return "en" })
	g.maybe(m, "creditsAvailable", g.number)
	g.maybe(m, "related", func() any {
		return g.several(func() any { return map[string]any{"type": []any{"Related"}, "id": g.id(), "version": g.words()} })
	})
	g.maybe(m, "resultDescription", func() any { return g.several(g.description) })
	return m
}

func (g *generator) description() any {
	m := g.node("ResultDescription")
	g.maybe(m, "name", g.text)
	m["resultType"] = g.pick("LetterGrade", "RubricCriterionLevel", "ext:Own")
	g.maybe(m, "allowedValue", func() any { return g.list(func() any { return g.pick("A", "B", "C") }) })
	g.maybe(m, "rubricCriterionLevel", func() any {
		return g.list(func() any {
			l := g.node("RubricCriterionLevel")
			g.maybe(l, "name", g.text)
			g.maybe(l, "points", func() any { return g.words() })
			return l
		})
	})
	return m
}

func (g *generator) alignment() any {
	m := g.node("Alignment")
	delete(m, "id")
	m["targetName"], m["targetUrl"] = g.pick("One", "Two"), g.id()
	g.maybe(m, "targetType", func() any { return g.pick("ceasn:Competency", "CFItem", "ext:Own") })
	return m
}

func (g *generator) evidence() any {
	m := g.node("Evidence")
	g.maybe(m, "narrative", func() any { return g.words() })
	g.maybe(m, "genre", func() any { return g.words() })
	return m
}

func (g *generator) status() any {
	m := g.node("BitstringStatusListEntry")
	m["statusPurpose"], m["statusListIndex"], m["statusListCredential"] = "revocation", fmt.Sprint(g.IntN(1e5)), g.id()
	return m
}

func (g *generator) proof() any {
	m := g.node("DataIntegrityProof")
	m["cryptosuite"], m["proofPurpose"], m["verificationMethod"] = "eddsa-rdfc-2022", "assertionMethod", g.id()
	m["created"] = g.date()
	return m
}
