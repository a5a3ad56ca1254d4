package verify

import (
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// formatAssertion checks an OB 0.5 to 2.1 document (OB2 §Assertion; OB 1.0 and 0.5 by their
// own tables). It is unknown when a context is not known.
func formatAssertion(e *openbadge.Envelope) finding {
	doc, v := e.Doc(), e.Version
	if v == openbadge.V05 {
		return formatLegacy(doc)
	}
	typed := v != openbadge.V10
	contexts := pass()
	if !typed && needsContext(e.Root) {
		return fail("missing-context", "")
	}
	if typed {
		if contexts = checkOBContext(doc["@context"]); contexts.Result == Fail {
			return contexts
		}
		if f := checkTerms("type", e.Root, e.Root.Get("@context")); !f.ok() {
			return f
		}
	}
	if f := formatByKind(e, typed); !f.ok() {
		return f
	}
	return contexts
}

// formatByKind checks an assertion or an endorsement.
func formatByKind(e *openbadge.Envelope, typed bool) finding {
	doc := e.Doc()
	if f := assertionKind(doc, typed); !f.ok() {
		return f
	}
	revoked, f := saysRevoked(doc)
	if !f.ok() || revoked {
		return f // OB2 §Assertion: then id and revoked are all that must be there
	}
	if hasType(doc, "Endorsement") {
		return formatEndorsement(doc)
	}
	for _, step := range []func(map[string]any) finding{assertionFields, assertionDates, checkRecipientObject, checkVerification} {
		if f := step(doc); !f.ok() {
			return f
		}
	}
	if typed && !saysHashed(doc) {
		return fail("missing", "recipient.hashed")
	}
	if f := worst(checkLanguage("@language", e.Root), checkExtensions("", e.Root)); !f.ok() {
		return f
	}
	if class := e.Root.Get("badge").First(); class.IsObject() {
		if class.Get("@context").Present() || !typed {
			return formatClass(class, typed)
		}
		return worst(formatClass(class, typed), checkTerms("badge.type", class, e.Root.Get("@context")))
	}
	return pass()
}

// saysRevoked reads "revoked" (OB2 §Assertion: a Boolean). Issuers write it as a text too; a
// value of another kind is no badge to rely on.
func saysRevoked(doc map[string]any) (bool, finding) {
	switch v := doc["revoked"].(type) {
	case nil:
		return false, pass()
	case bool:
		return v, pass()
	case string:
		if text := strings.ToLower(v); text == "true" || text == "false" {
			return text == "true", pass()
		}
	}
	return false, fail("bad-type", "revoked")
}

// saysHashed reports whether each recipient says if its identity is a hash (OB2
// §IdentityObject "hashed": required, a Boolean; issuers write it as a text too).
func saysHashed(doc map[string]any) bool {
	for _, v := range asList(doc["recipient"]) {
		switch v := asObject(v)["hashed"].(type) {
		case bool:
		case string:
			if v != "true" && v != "false" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func assertionKind(doc map[string]any, typed bool) finding {
	if hasType(doc, "Assertion", "Endorsement", "obi:Assertion") {
		return pass()
	}
	shaped := doc["badge"] != nil || doc["recipient"] != nil || doc["revoked"] != nil
	if !typed && len(typesOf(doc)) == 0 && shaped {
		return pass()
	}
	return fail("not-a-badge", strings.Join(typesOf(doc), ", "))
}

func assertionFields(doc map[string]any) finding {
	id := asString(doc["id"])
	if id == "" {
		id = asString(doc["@id"])
	}
	if id == "" && doc["uid"] == nil {
		return fail("missing", "id")
	}
	if id != "" && !isIRI(id) {
		return fail("bad-address", "id")
	}
	badge := doc["badge"]
	if len(asList(badge)) != 1 {
		return fail("missing", "badge")
	}
	if s, ok := firstOfList(badge).(string); ok && !isIRI(s) {
		return fail("bad-address", "badge")
	}
	if len(asList(doc["recipient"])) == 0 {
		return fail("missing", "recipient")
	}
	for _, name := range []string{"image", "evidence"} {
		for _, v := range asList(doc[name]) {
			s, isText := v.(string)
			if isDangerous(idOf(v)) || isText && s != "" && !isIRI(s) {
				return fail("bad-address", name)
			}
		}
	}
	return pass()
}

// assertionDates wants ISO 8601; OB 1.0 also allows Unix seconds and dates without time, and
// issuers kept doing so.
func assertionDates(doc map[string]any) finding {
	if doc["issuedOn"] == nil {
		return fail("missing", "issuedOn")
	}
	legacy := doc["@context"] == nil || checkOBContext1(doc["@context"])
	for _, name := range []string{"issuedOn", "expires"} {
		if doc[name] == nil {
			continue
		}
		_, zoned, ok := openbadge.ParseTime(doc[name])
		if !ok {
			return fail("bad-date", name)
		}
		if !zoned && !legacy {
			return fail("date-zone", name)
		}
	}
	from, until := firstTime(doc, "issuedOn"), firstTime(doc, "expires")
	if !until.IsZero() && until.Before(from) {
		return fail("dates-order", "")
	}
	return pass()
}

func checkOBContext1(v any) bool {
	return slices.ContainsFunc(asList(v), func(c any) bool { return slices.Contains(obContexts(true), asString(c)) })
}

// checkRecipientObject checks the IdentityObject (OB2 §IdentityObject).
func checkRecipientObject(doc map[string]any) finding {
	for _, v := range asList(doc["recipient"]) {
		m := asObject(v)
		if m == nil {
			return fail("bad-type", "recipient")
		}
		if len(typesOf(m)) == 0 {
			return fail("missing", "recipient.type")
		}
		value, ok := m["identity"].(string)
		if !ok {
			return fail("missing", "recipient.identity")
		}
		hashed := m["hashed"] == true || m["hashed"] == "true"
		if (m["hashed"] == false || m["hashed"] == "false") && (openbadge.Identity{Value: value, Hashed: true}).WellFormed() {
			return fail("identity-plain", "recipient.identity")
		}
		if !(openbadge.Identity{Value: value, Hashed: hashed}).WellFormed() {
			return fail("identity", "recipient.identity")
		}
	}
	return pass()
}

// checkVerification wants the VerificationObject to say hosted or signed (OB2
// §VerificationObject; OB 1.x calls it verify).
func checkVerification(doc map[string]any) finding {
	m := verificationOf(doc)
	if m == nil {
		return fail("missing", "verification")
	}
	if !isHosted(m) && !isSigned(m) {
		return fail("wrong-type", "verification.type")
	}
	if s := asString(m["url"]); s != "" && !isWeb(s) {
		return fail("bad-address", "verification.url")
	}
	return pass()
}

func verificationOf(doc map[string]any) map[string]any {
	if m := asObject(firstOfList(doc["verification"])); m != nil {
		return m
	}
	return asObject(firstOfList(doc["verify"]))
}

func isHosted(v map[string]any) bool { return hasType(v, "hosted", "HostedBadge", "obi:HostedBadge") }

func isSigned(v map[string]any) bool { return hasType(v, "signed", "SignedBadge", "obi:SignedBadge") }

func formatEndorsement(doc map[string]any) finding {
	if id := asString(doc["id"]); !isIRI(id) {
		return fail("missing", "id")
	}
	claim := asObject(firstOfList(doc["claim"]))
	if !isIRI(asString(claim["id"])) {
		return fail("missing", "claim.id")
	}
	if idOf(doc["issuer"]) == "" {
		return fail("missing", "issuer")
	}
	if f := assertionDates(doc); !f.ok() {
		return f
	}
	return checkVerification(doc)
}

// formatClass checks a BadgeClass (OB2 §BadgeClass).
func formatClass(class strictjson.Value, withType bool) finding {
	if withType && !typed(class, "BadgeClass", "obi:BadgeClass") {
		return fail("wrong-type", "badge.type")
	}
	for _, name := range []string{"name", "description", "criteria", "issuer"} {
		if !class.Get(name).Present() {
			return fail("missing", "badge."+name)
		}
	}
	for _, name := range []string{"name", "description"} {
		if f := checkText("badge."+name, class.Get(name)); f != nil {
			return *f
		}
	}
	if withType {
		if f := worst(checkOwnTerms("badge.type", class), checkCriteria(class), checkAlignments(class), checkTags(class),
			checkLanguage("badge.@language", class), checkExtensions("badge", class)); !f.ok() {
			return f
		}
	}
	for _, name := range []string{"image", "criteria"} {
		for v := range class.Get(name).All() {
			if s := idIn(v); isDangerous(s) || withType && s != "" && !isIRI(s) {
				return fail("bad-address", "badge."+name)
			}
		}
	}
	return pass()
}

// formatProfile checks an issuer (OB2 §Profile).
func formatProfile(p strictjson.Value, withType bool) finding {
	if withType && !typed(p, "Issuer", "Profile", "IssuerOrg", "obi:Issuer", "obi:Profile") {
		return fail("wrong-type", "issuer.type")
	}
	if !p.Get("name").Present() {
		return fail("missing", "issuer.name")
	}
	if f := checkText("issuer.name", p.Get("name")); f != nil {
		return *f
	}
	if withType {
		if f := worst(checkOwnTerms("issuer.type", p), checkContacts(p), checkLanguage("issuer.@language", p), checkExtensions("issuer", p)); !f.ok() {
			return f
		}
	}
	if isDangerous(idIn(p.Get("url"))) || isDangerous(idIn(p.Get("image"))) {
		return fail("bad-address", "issuer.url")
	}
	return pass()
}

// formatLegacy checks OB 0.5: one object with everything inside.
func formatLegacy(doc map[string]any) finding {
	if asString(doc["recipient"]) == "" {
		return fail("missing", "recipient")
	}
	badge := asObject(doc["badge"])
	for _, name := range []string{"name", "description", "image", "criteria", "issuer"} {
		if badge[name] == nil {
			return fail("missing", "badge."+name)
		}
	}
	issuer := asObject(badge["issuer"])
	for _, name := range []string{"origin", "name"} {
		if asString(issuer[name]) == "" {
			return fail("missing", "badge.issuer."+name)
		}
	}
	for _, name := range []string{"issued_on", "expires"} {
		if doc[name] == nil {
			continue
		}
		if _, _, ok := openbadge.ParseTime(doc[name]); !ok {
			return fail("bad-date", name)
		}
	}
	id := openbadge.Identity{Value: asString(doc["recipient"]), Hashed: strings.Contains(asString(doc["recipient"]), "$")}
	if !id.WellFormed() {
		return fail("identity", "recipient")
	}
	return pass()
}

// origin returns scheme and authority of an address in lower case.
func origin(address string) (scheme, host string) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return "", ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end >= 0 {
		rest = rest[:end]
	}
	host = strings.ToLower(rest)
	scheme = strings.ToLower(scheme)
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
	return scheme, host
}

// sameHostPort compares the authorities of two addresses, whatever their schemes.
func sameHostPort(a, b string) bool {
	_, ha := origin(a)
	_, hb := origin(b)
	return ha != "" && ha == hb
}

// sameOrigin compares origins; https in place of http is as good.
func sameOrigin(address, of string) bool {
	s1, h1 := origin(address)
	s2, h2 := origin(of)
	return h1 != "" && h1 == h2 && slices.Contains([]string{s2, "https"}, s1)
}
