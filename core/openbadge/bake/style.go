package bake

import "strings"

// style is how one family of versions names a badge inside a picture.
type style struct {
	keyword string // of the PNG text chunk
	ns      string // of the SVG element
	element string // its local name
}

// The CLR standard describes no pictures; its names are those of the 1EdTech
// public validator, which reads them.
var (
	style2   = style{"openbadges", "http://openbadges.org", "assertion"}
	style3   = style{"openbadgecredential", "https://purl.imsglobal.org/ob/v3p0", "credential"}
	styleCLR = style{"clrcredential", "https://purl.imsglobal.org/clr/v2p0", "credential"}
)

// styleOf gives the names of a version, written as core/openbadge writes it.
func styleOf(version string) (style, error) {
	switch version {
	case "0.5", "1.0", "1.1", "2.0", "2.1":
		return style2, nil
	case "3.0":
		return style3, nil
	case "clr-2.0":
		return styleCLR, nil
	default:
		return style{}, &Error{Reason: "unknown-version", Detail: version}
	}
}

// isBadgeElement tells the SVG elements that carry a badge. The local names of
// the namespaces are not told apart, nor are their schemes and a slash behind
// them: issuers wrote them in all these ways, and the badge itself says its
// version.
func isBadgeElement(ns, local string) bool {
	if local != style2.element && local != style3.element {
		return false
	}
	_, name, _ := strings.Cut(ns, "://")
	switch strings.TrimSuffix(name, "/") {
	case "openbadges.org", "purl.imsglobal.org/ob/v3p0", "purl.imsglobal.org/spec/ob/v3p0", "purl.imsglobal.org/clr/v2p0":
		return strings.HasPrefix(ns, "http")
	}
	return false
}
