package locate

import "strings"

// platform gives the addresses of the credential behind a page of a platform.
// Each rule says what it rests on.
func platform(host string, path []string) []string {
	switch host {
	case "credly.com", "youracclaim.com":
		return credly(path)
	case "openbadgefactory.com":
		return factory(path)
	case "openbadgepassport.com":
		return passport(path)
	default:
		return badgr(badgrAPI[host], path)
	}
}

// credly: pages are /badges/UUID and /badges/UUID/public_url, linked_in_profile
// and so on, or /earner/earned/badge/UUID for the earner. The hosted assertion
// is documented at https://www.credly.com/docs/obi_specified_endpoints; Acclaim
// is the former name of the platform.
func credly(path []string) []string {
	for i, p := range path[:len(path)-1] {
		if id := strings.ToLower(path[i+1]); (p == "badges" || p == "badge") && isUUID(id) {
			return []string{"https://api.credly.com/v1/obi/v2/badge_assertions/" + id}
		}
	}
	return nil
}

// badgrAPI names the servers that hold what is shown at a host. Regions and
// servers are listed at https://developerdocs.instructure.com/services/credentials
// (Canvas Credentials, formerly Badgr) and .../services/parchment-digital-badges.
// Pages of Parchment show pictures of the badgr.io servers under the same id, so
// both are named.
var badgrAPI = map[string][]string{
	"badgr.com": {"api.badgr.io"}, "badgr.io": {"api.badgr.io"}, "api.badgr.io": {"api.badgr.io"},
	"eu.badgr.com": {"api.eu.badgr.io"}, "eu.badgr.io": {"api.eu.badgr.io"}, "api.eu.badgr.io": {"api.eu.badgr.io"},
	"au.badgr.com": {"api.au.badgr.io"}, "au.badgr.io": {"api.au.badgr.io"}, "api.au.badgr.io": {"api.au.badgr.io"},
	"ca.badgr.com": {"api.ca.badgr.io"}, "ca.badgr.io": {"api.ca.badgr.io"}, "api.ca.badgr.io": {"api.ca.badgr.io"},
	"sg.badgr.com": {"api.sg.badgr.io"}, "sg.badgr.io": {"api.sg.badgr.io"}, "api.sg.badgr.io": {"api.sg.badgr.io"},

	"badges.parchment.com": {"api.badges.parchment.com", "api.badgr.io"}, "api.badges.parchment.com": {"api.badges.parchment.com"},
	"badges.parchment.eu": {"api.badges.parchment.eu", "api.eu.badgr.io"}, "api.badges.parchment.eu": {"api.badges.parchment.eu"},
	"badges.parchment.au": {"api.badges.parchment.au", "api.au.badgr.io"}, "api.badges.parchment.au": {"api.badges.parchment.au"},
	"badges.parchment.ca": {"api.badges.parchment.ca", "api.ca.badgr.io"}, "api.badges.parchment.ca": {"api.badges.parchment.ca"},
	"badges.parchment.sg": {"api.badges.parchment.sg", "api.sg.badgr.io"}, "api.badges.parchment.sg": {"api.badges.parchment.sg"},
}

// badgr: pages are /public/assertions/ID, often with ?identity__email=. The same
// path on the server is the id of the assertion and gives JSON by content
// negotiation; with .json?v=2_0 it gives Open Badges 2.0 in any case, as the
// platform's own open-source pages ask for it (concentricsky/badgr-ui).
func badgr(servers, path []string) []string {
	if len(path) < 3 || path[0] != "public" || path[1] != "assertions" {
		return nil
	}
	id := strings.TrimSuffix(path[2], ".json")
	if !isToken(id, 64) {
		return nil
	}
	var out []string
	for _, s := range servers {
		base := "https://" + s + "/public/assertions/" + id
		out = append(out, base, base+".json?v=2_0")
	}
	return out
}

// factory: the ids of hosted badges are /v1/assertion/HEX (as in the badges that
// it has issued) and /obv3/credentials/HEX; the pages are the same with .html.
func factory(path []string) []string {
	if len(path) < 3 || path[0] != "v1" || path[1] != "assertion" {
		if len(path) < 3 || path[0] != "obv3" || path[1] != "credentials" {
			return nil
		}
	}
	id := strings.TrimSuffix(path[2], ".html")
	if !isHex(id, 8, 64) {
		return nil
	}
	return []string{"https://openbadgefactory.com/" + path[0] + "/" + path[1] + "/" + id}
}

// passport: pages are /app/badge/info/NUMBER (also with /embed). The open source
// of the platform (openbadgefactory/salava) serves public badges as JSON of its
// own at /obpv1/badge/info/NUMBER; InPage finds the assertion's address there.
func passport(path []string) []string {
	if len(path) < 4 || path[0] != "app" || path[1] != "badge" || path[2] != "info" || !isNumber(path[3]) {
		return nil
	}
	return []string{"https://openbadgepassport.com/obpv1/badge/info/" + path[3]}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for _, at := range []int{8, 13, 18, 23} {
		if s[at] != '-' {
			return false
		}
	}
	plain := strings.ReplaceAll(s, "-", "")
	return isHex(plain, 32, 32)
}

func isHex(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

func isNumber(s string) bool {
	return len(s) > 0 && len(s) <= 12 && strings.Trim(s, "0123456789") == ""
}

// isToken tells base64url text, which identifiers of Badgr are.
func isToken(s string, most int) bool {
	return len(s) > 0 && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
