package text

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

const urlLimit = 8000

// SafeURL gives the normal form of an absolute http or https URL and true, or
// "" and false. It is stricter than browsers are (WHATWG URL §4.4): what a
// browser would repair into another address is refused, as are names with a
// user or password.
func SafeURL(s string) (string, bool) {
	s = strings.Trim(s, " \t\r\n")
	if len(s) > urlLimit || strings.ContainsFunc(s, notInURL) {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || u.User != nil {
		return "", false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	host, ok := safeHost(u)
	if !ok {
		return "", false
	}
	u.Host = host
	return u.String(), true
}

// notInURL names what a browser drops or rewrites inside of a URL.
func notInURL(r rune) bool {
	return r == '\\' || r == '<' || r == '>' || r == '"' || r == '`' || r == '^' || r == '{' || r == '}' || r == '|' ||
		r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

func safeHost(u *url.URL) (string, bool) {
	name, port := u.Hostname(), u.Port()
	if name == "" || strings.HasSuffix(u.Host, ":") {
		return "", false
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", false
		}
		port = ":" + port
	}
	if strings.HasPrefix(u.Host, "[") {
		ip, err := netip.ParseAddr(name)
		if err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", false
		}
		return "[" + ip.String() + "]" + port, true
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil || ascii == "" || strings.Contains(ascii, "..") || strings.HasPrefix(ascii, ".") {
		return "", false
	}
	// A name that is read in another way the second time, as one of bytes that are
	// no UTF-8, is no name.
	if again, err := idna.Lookup.ToASCII(ascii); err != nil || again != ascii {
		return "", false
	}
	return ascii + port, true
}
