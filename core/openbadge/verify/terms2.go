package verify

import (
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// classes2 are the classes that the contexts of OB 1.1 to 2.1 have words for.
var classes2 = []string{
	"Assertion", "BadgeClass", "Issuer", "IssuerOrg", "Profile", "Endorsement", "Extension", "AlignmentObject",
	"CryptographicKey", "Criteria", "Evidence", "IdentityObject", "Image", "RevocationList", "HostedBadge", "hosted",
	"SignedBadge", "signed", "VerificationObject", "TypeValidation", "FrameValidation",
}

// checkTerms wants each type of an object to be a word of its context, an address or a compact
// one (OB2 §Assertion, §BadgeClass, §Profile: "type"). What an extension's context may add is
// not known here and passes.
func checkTerms(path string, m, contexts strictjson.Value) finding {
	list := types(m)
	for t := list.Items(); t.Exists(); t = t.Next() {
		if !t.IsText() {
			return fail("bad-type", path)
		}
		if s := t.Text(); !strings.Contains(s, ":") && !slices.Contains(classes2, s) && !mayDefine(contexts, s) {
			return fail("wrong-type", path+" "+s)
		}
	}
	return pass()
}

// checkOwnTerms is checkTerms of an object that brings its own context.
func checkOwnTerms(path string, m strictjson.Value) finding {
	if contexts := m.Get("@context"); contexts.Present() {
		return checkTerms(path, m, contexts)
	}
	return pass()
}

func mayDefine(contexts strictjson.Value, term string) bool {
	for c := contexts.Items(); c.Exists(); c = c.Next() {
		if isExtensionContext(c.Text()) || c.Get(term).Exists() {
			return true
		}
	}
	return false
}

// checkAlignments wants a name and an address of what a class is aligned to (OB2
// §AlignmentObject; OB 1.1 calls them name and url).
func checkAlignments(class strictjson.Value) finding {
	list := class.Get("alignment")
	for a := list.Items(); a.Exists(); a = a.Next() {
		if !a.IsObject() {
			continue
		}
		for _, names := range [][]string{{"targetName", "name"}, {"targetUrl", "url"}} {
			if !a.Get(names[0]).Present() && !a.Get(names[1]).Present() {
				return fail("missing", "badge.alignment."+names[0])
			}
		}
		for _, name := range []string{"targetUrl", "url"} {
			if s := idIn(a.Get(name)); a.Get(name).Present() && (!isIRI(s) || isDangerous(s)) {
				return fail("bad-address", "badge.alignment."+name)
			}
		}
	}
	return pass()
}

// checkCriteria wants criteria that say something (OB2 §Criteria).
func checkCriteria(class strictjson.Value) finding {
	if c := class.Get("criteria").First(); c.IsObject() && idIn(c) == "" && !c.Get("narrative").Present() {
		return fail("missing", "badge.criteria.narrative")
	}
	return pass()
}

// checkTags wants the tags of a class to be texts (OB2 §BadgeClass "tags").
func checkTags(class strictjson.Value) finding {
	if f := checkText("badge.tags", class.Get("tags")); f != nil {
		return *f
	}
	return pass()
}

// checkContacts wants the ways to reach an issuer to be what they say (OB2 §Profile "url",
// "email", "telephone"; an empty one is one that is left out).
func checkContacts(p strictjson.Value) finding {
	for _, c := range []struct {
		name string
		is   func(string) bool
	}{{"url", isIRI}, {"email", isMailAddress}, {"telephone", isTelephone}} {
		for v := range p.Get(c.name).All() {
			if s := idIn(v); s != "" && !c.is(s) || !v.IsText() && !v.IsObject() {
				return fail("bad-address", "issuer."+c.name)
			}
		}
	}
	return pass()
}

func isMailAddress(s string) bool {
	name, host, ok := strings.Cut(strings.TrimPrefix(s, "mailto:"), "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(s, " \t\r\n") && !strings.Contains(host, "@")
}

// isTelephone takes what people write of a number: digits and what they part them with, and
// an extension.
func isTelephone(s string) bool {
	digits := 0
	number, _, _ := strings.Cut(strings.TrimPrefix(s, "tel:"), ";")
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-.()/ x#\u00a0", r):
			return false
		}
	}
	return digits > 0
}

// checkLanguage wants the language of an object to be a tag (OB2 "@language", BCP 47).
func checkLanguage(path string, m strictjson.Value) finding {
	if v := m.Get("@language"); v.Present() && (!v.IsText() || !ld.IsLanguage(v.Text())) {
		return fail("bad-language", path)
	}
	return pass()
}

// needsContext reports an assertion without a context that has words of OB 2.0, where one is
// required: those of OB 1.0 have neither types nor a verification.
func needsContext(doc strictjson.Value) bool {
	return doc.Get("verification").Present() && !doc.Get("verify").Present() && types(doc).Present()
}

// noticeOfAssertion has a word about what a reader may not understand: a kind of recipient
// that the texts do not name (OB2 §IdentityObject "type"), or an extension that is not among
// the published ones (OB2 §Extensions).
func noticeOfAssertion(doc, class strictjson.Value) finding {
	list := doc.Get("recipient")
	for who := list.Items(); who.Exists(); who = who.Next() {
		if !typed(who, "email", "url", "telephone", "id", "schema:email", "schema:url", "schema:telephone") && types(who).Present() {
			return warn("identity-type", types(who).First().Text())
		}
	}
	for _, v := range []strictjson.Value{doc, class} {
		if name := unknownExtension(v, 0); name != "" {
			return warn("unknown-extension", name)
		}
	}
	return pass()
}

// unknownExtension names the first extension whose context is none of the published ones.
func unknownExtension(v strictjson.Value, depth int) string {
	if depth > maxShapeDepth {
		return ""
	}
	for m := v.Fields(); m.Exists(); m = m.Next() {
		if m.Name() == "@context" {
			continue
		}
		for one := m.Items(); one.Exists(); one = one.Next() {
			if typed(one, "Extension", "obi:Extension") && !hasExtensionContext(one.Get("@context")) {
				return m.Name()
			}
			if name := unknownExtension(one, depth+1); name != "" {
				return name
			}
		}
	}
	return ""
}

func hasExtensionContext(contexts strictjson.Value) bool {
	for c := contexts.Items(); c.Exists(); c = c.Next() {
		if isExtensionContext(c.Text()) {
			return true
		}
	}
	return false
}

// noticeOfIssuer has a word about an issuer of OB 2.0 that leaves out what one must say (OB2
// §Profile "A note on required properties"). Widely used platforms leave out the e-mail
// address; the badge is as true.
func noticeOfIssuer(p strictjson.Value) finding {
	for _, name := range []string{"url", "email"} {
		if !p.Get(name).Present() {
			return warn("issuer-incomplete", name)
		}
	}
	return pass()
}
