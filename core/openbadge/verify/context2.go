package verify

import (
	"slices"
	"strings"
)

// obContexts are the addresses of the Open Badges contexts, by version (OB2 §"JSON-LD
// Context", OB 1.1, OB 2.1). Nothing else is one: an address that merely looks like one of
// these could give the words of the badge any meaning.
func obContexts(version1 bool) []string {
	v1 := []string{
		"https://w3id.org/openbadges/v1", "http://w3id.org/openbadges/v1",
		"https://openbadgespec.org/v1/context.json", "http://openbadgespec.org/v1/context.json",
	}
	if version1 {
		return v1
	}
	return append(v1,
		"https://w3id.org/openbadges/v2", "http://w3id.org/openbadges/v2",
		"https://openbadgespec.org/v2/context.json", "https://w3id.org/openbadges/v2/context.json",
		"https://purl.imsglobal.org/spec/ob/v2p1/ob_v2p1.jsonld", "https://purl.imsglobal.org/ob/v2p1",
		"https://w3id.org/openbadges/v2p1",
	)
}

// extensionContexts begin the addresses of published extensions (OB2 §Extensions).
var extensionContexts = []string{"https://w3id.org/openbadges/extensions/", "https://openbadgespec.org/extensions/"}

// checkOBContext wants an Open Badges context: by name, or written out as old issuers do.
// Other contexts may stand beside it when they are those of extensions, or objects that bring
// terms of their own. One that is not known may give the words another meaning: then the
// badge cannot be read for certain.
func checkOBContext(v any) finding {
	found, out := false, pass()
	for _, c := range asList(v) {
		switch c := c.(type) {
		case string:
			switch {
			case slices.Contains(obContexts(false), c):
				found = true
			case !isExtensionContext(c):
				out = worst(out, missingContext(c))
			}
		case map[string]any:
			if f := checkOwnContext(c); !f.ok() {
				return f
			}
			found = found || c["obi"] != nil
		default:
			return fail("bad-type", "@context")
		}
	}
	if !found && out.ok() {
		return fail("missing-context", "")
	}
	return out
}

func isExtensionContext(address string) bool {
	return slices.ContainsFunc(extensionContexts, func(p string) bool { return strings.HasPrefix(address, p) })
}

// checkOwnContext refuses the settings of a context object that change what all words mean.
func checkOwnContext(m map[string]any) finding {
	for _, key := range sortedKeys(m) {
		if strings.HasPrefix(key, "@") && key != "@version" && key != "@language" && key != "@protected" {
			return fail("context-forbidden", key)
		}
	}
	return pass()
}
