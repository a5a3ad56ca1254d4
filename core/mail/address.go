package mail

import (
	"strings"

	"golang.org/x/net/idna"

	"github.com/osier-passport/osier/core/fault"
)

const (
	maxAddress = 254 // RFC 5321 §4.5.3.1.3, without the angle brackets
	maxLocal   = 64  // RFC 5321 §4.5.3.1.1
	maxDomain  = 253

	lowers = "abcdefghijklmnopqrstuvwxyz"
	uppers = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
	// localMarks are the marks that people have in addresses. RFC 5322 §3.2.3
	// knows more; they mean routes, pipes and quoting to one mail system or another.
	localMarks = "._+-'&~#$*"
)

var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.BidiRule())

// ParseAddress reads one plain e-mail address: no name, comment, quotes, list or
// space around it. addr is the form to send to and to show, its domain in
// lower-case ASCII. key is equal for addresses that count as the same: addr in
// lower case. The error is a fault with the reason in words.
func ParseAddress(s string) (addr, key string, err error) {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > maxAddress || !isLocal(local) {
		return "", "", fault.New(fault.Invalid, "mail.bad_address")
	}
	domain, ok = asciiDomain(domain)
	if !ok || len(local)+1+len(domain) > maxAddress {
		return "", "", fault.New(fault.Invalid, "mail.bad_address")
	}
	addr = local + "@" + domain
	return addr, strings.ToLower(addr), nil
}

// isLocal reports whether s is a dot-atom (RFC 5321 §4.1.2) of what we take.
func isLocal(s string) bool {
	strange := func(r rune) bool { return !strings.ContainsRune(lowers+uppers+digits+localMarks, r) }
	if s == "" || len(s) > maxLocal || strings.ContainsFunc(s, strange) {
		return false
	}
	return s[0] != '.' && s[0] != '-' && s[len(s)-1] != '.' && !strings.Contains(s, "..")
}

// asciiDomain takes a domain with two labels at least. A name that IDNA would
// change for another, such as one in full-width letters, is refused: it may not
// pass for the address that it becomes.
func asciiDomain(s string) (string, bool) {
	ascii, err := domains.ToASCII(s)
	if err != nil || len(ascii) > maxDomain {
		return "", false
	}
	lower := strings.ToLower(s)
	shown, err := domains.ToUnicode(ascii)
	if err != nil || lower != ascii && lower != shown {
		return "", false
	}
	labels := strings.Split(ascii, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return "", false
		}
	}
	last := labels[len(labels)-1]
	return ascii, len(labels) > 1 && len(last) > 1 && strings.Trim(last, digits) != ""
}

// mask shortens an address for the log: "a…@example.org".
func mask(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	return local[:min(1, len(local))] + "…@" + domain
}
